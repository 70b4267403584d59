"""The exchange's log of calls: whole, in pieces, torn, rotated, and with hostile names in it."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcenter.asterisk.cel import Record, Words, records
from callcenter.asterisk.tape import Place, Tape
from tests.draws import cases

SAMPLES = Path(__file__).parent / "cel"
WHISTLES, BUSY, NOBODY = "0900000111", "0900000101", "0900000107"
CUSTOMER, SALES = "0912345678", "02873001234"

# What AMI said of the same calls:
# direction, number, did, queue, result, agents, rung, ended by, waited, talked
TOLD = {
    "inbound_answered_agent_hangs_up": (
        *("inbound", CUSTOMER, SALES, "sales", "answered", ("104",), ("104",), "agent"),
        *(1.03, 3.02),
    ),
    "inbound_second_agent": (
        *("inbound", CUSTOMER, SALES, "sales", "answered", ("100",), ("100",), "customer"),
        *(1.03, 1.97),
    ),
    "inbound_abandoned_ringing": (
        *("inbound", CUSTOMER, SALES, "sales", "abandoned", (), ("101",), "customer"),
        *(3.01, 0.0),
    ),
    "inbound_hidden_abandoned": (
        *("inbound", None, SALES, "sales", "abandoned", (), (), "customer"),
        *(3.0, 0.0),
    ),
    "out_answered": (
        *("outbound", "0900000105", None, None, "answered", ("100",), (), "customer"),
        *(2.02, 3.02),
    ),
    "out_answered_we_hang": (
        *("outbound", WHISTLES, None, None, "answered", ("100",), (), "system"),
        *(2.01, 1.0),
    ),
    "out_busy": ("outbound", BUSY, None, None, "busy", (), (), "customer", 1.01, 0.0),
    "out_unknown": ("outbound", NOBODY, None, None, "unreachable", (), (), "customer", 1.01, 0.0),
}
TIMES = "2026-11-21T22:31:{second:09.6f}+0000"


def played(*paths, place=None):
    """A tape that has read all of the last path, the others beside it."""
    tape = Tape(paths[-1], place)
    while tape.read():
        pass
    return tape


def calls_of(tape):
    return {call_id: each.call for call_id, each in tape.finished.items()}


def line(kind="CHAN_START", second=0.0, channel="1.1", linked="1.1", **fields):
    """A line as Asterisk writes it."""
    names = Record._fields[5:]
    values = [kind, TIMES.format(second=second), linked, channel, fields.pop("ccid", "")]
    values += [fields.pop(name, "") for name in names]
    assert not fields
    return (",".join('"' + each.replace('"', '""') + '"' for each in values) + "\n").encode()


def a_call(number=1, name="", second=0.0, began=b""):
    """A customer who rings in, waits and gives up."""
    channel = {"channel": f"9.{number}", "linked": f"9.{number}", "name": f"PJSIP/carrier-{number}"}
    who = {"number": CUSTOMER, "caller_name": name}
    source = f'{{"hangupcause":16,"hangupsource":"{channel["name"]}","dialstatus":""}}'
    return began + b"".join(
        (
            line("CHAN_START", second, context="from-trunk", exten=SALES, **channel, **who),
            line("ANSWER", second, app="Answer", ccid=channel["channel"], **channel, **who),
            line("APP_START", second, app="Queue", data="sales,b(x^s^1)", **channel, **who),
            line("HANGUP", second + 2, extra=source, **channel, **who),
            line("CHAN_END", second + 2, **channel, **who),
            line("LINKEDID_END", second + 2, **channel, **who),
        )
    )


@pytest.fixture
def log(tmp_path):
    return tmp_path / "cel.csv"


@pytest.mark.parametrize("name", TOLD)
def test_a_real_log_tells_the_call_that_ami_told(name):
    [call] = calls_of(played(SAMPLES / f"{name}.csv")).values()

    assert (
        *(call.direction, call.number, call.did, call.queue, call.result, call.agents, call.rung),
        call.ended_by,
        *(pytest.approx(call.waited_s, abs=0.02), pytest.approx(call.talked_s, abs=0.02)),
    ) == TOLD[name]


def test_every_sample_is_told_of():
    assert {path.stem for path in SAMPLES.glob("*.csv")} == TOLD.keys()


@pytest.mark.parametrize("context", ["callcenter-inbound", "callcenter-go-queue"])
def test_a_call_that_never_came_to_its_queue_counts_for_the_one_it_was_for(tmp_path, context):
    path = tmp_path / "cel.csv"
    text = (SAMPLES / "inbound_hidden_abandoned.csv").read_text()
    text = text.replace('"callcenter-inbound","s"', f'"{context}","for-care"')
    path.write_text("".join(each for each in text.splitlines(True) if '"Queue"' not in each))

    [call] = calls_of(played(path)).values()

    assert (call.queue, call.did, call.result) == ("care", SALES, "abandoned")


def test_a_name_full_of_quotes_commas_and_signs_is_the_name():
    [call] = calls_of(played(SAMPLES / "inbound_answered_agent_hangs_up.csv")).values()

    assert call.caller_name == 'Nguyễn "A", \\x 🙂'


HOSTILE = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40) | (
    st.sampled_from(
        [
            '"',
            '""',
            '","',
            "\\",
            '\\"',
            "a\nb",
            '\n"CHAN_START","2026-11-21T22:31:05.000000+0000","x"',
            line().decode(),
            "🙂" * 30,
        ]
    )
)


@given(HOSTILE)
@settings(max_examples=cases(200))
def test_no_name_breaks_its_line_or_another_one(name):
    data = line(caller_name=name) + line("ANSWER")

    found = [record for _, _, record in records(data)]

    assert [each.kind for each in found] == ["CHAN_START", "ANSWER"]
    assert found[0].caller_name == name


@given(HOSTILE)
@settings(max_examples=cases(50), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_makes_a_call_or_loses_one(tmp_path, name):
    (tmp_path / "cel.csv").write_bytes(a_call(1, name) + a_call(2, "An", 5))

    calls = calls_of(played(tmp_path / "cel.csv"))

    assert calls.keys() == {"9.1", "9.2"}
    assert calls["9.2"].caller_name == "An"


@given(st.binary(max_size=80), st.integers(0, 11))
@settings(max_examples=cases(200), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_garbage_between_lines_costs_no_call(tmp_path, garbage, after):
    lines = (a_call(1) + a_call(2, second=5)).splitlines(keepends=True)
    lines.insert(after, garbage)
    (tmp_path / "cel.csv").write_bytes(b"".join(lines))

    # What is glued to the front of a line may make it another record's end, but never a call.
    assert calls_of(played(tmp_path / "cel.csv")).keys() <= {"9.1", "9.2"}


@pytest.mark.parametrize("garbage", [b"\n", b"\0" * 50, b"half a line\n", b'"', b'"A","B"\n', b","])
def test_what_is_no_line_is_skipped_and_said(log, caplog, garbage):
    log.write_bytes(a_call(1) + garbage + a_call(2, second=5))

    with caplog.at_level(logging.WARNING):
        assert calls_of(played(log)).keys() == {"9.1", "9.2"}

    assert "no line of a log of calls" in caplog.text


def test_a_line_cut_short_anywhere_does_not_cost_the_next_start_its_first_call(log):
    torn = line(second=1, channel="8.1", linked="8.1", name="PJSIP/carrier-8", exten=SALES)
    for length in range(1, len(torn)):
        log.write_bytes(a_call(1) + torn[:length] + a_call(2, second=5))

        assert calls_of(played(log)).keys() == {"9.1", "9.2"}, torn[:length]


def test_half_a_line_at_the_end_is_left_until_the_rest_comes(log):
    whole = a_call(1)
    log.write_bytes(whole[:-20])
    tape = played(log)
    log.write_bytes(whole)
    while tape.read():
        pass

    assert calls_of(tape).keys() == {"9.1"}


def test_after_any_prefix_the_rest_gives_the_same_calls(log):
    whole = b"".join(path.read_bytes() for path in sorted(SAMPLES.glob("*.csv")))
    log.write_bytes(whole)
    expected = calls_of(played(log))
    assert len(expected) == len(TOLD)

    for cut in range(0, len(whole), 211):
        log.write_bytes(whole[:cut])
        first = played(log)
        kept = calls_of(first)
        first.finished.clear()  # they are on paper
        log.write_bytes(whole)
        second = calls_of(played(log, place=first.place))

        assert kept.keys() | second.keys() == expected.keys()
        assert kept | second == expected


def test_what_is_kept_is_not_read_again(log):
    log.write_bytes(a_call(1))
    tape = played(log)
    tape.finished.clear()
    log.write_bytes(a_call(2, second=5, began=a_call(1)))

    assert calls_of(played(log, place=tape.place)).keys() == {"9.2"}


def test_what_is_not_kept_is_read_again(log):
    log.write_bytes(a_call(1))

    assert calls_of(played(log, place=played(log).place)).keys() == {"9.1"}


def test_a_call_that_goes_on_is_read_again_from_its_beginning(log):
    first, second = a_call(1), a_call(2, second=5)
    begun = second.splitlines(keepends=True)
    log.write_bytes(first + b"".join(begun[:2]))
    tape = played(log)
    tape.finished.clear()

    assert tape.place == Place(datetime(2026, 11, 21, 22, 31, tzinfo=UTC), len(first))
    log.write_bytes(first + second)
    assert calls_of(played(log, place=tape.place))["9.2"].waited_s == 2


def test_a_rotated_log_is_finished_before_the_new_one_is_begun(log):
    lines = a_call(2, second=5, began=a_call(1)).splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:8]))
    tape = played(log)
    tape.finished.clear()
    with log.open("ab") as file:
        file.write(b"".join(lines[8:10]))
    log.rename(log.with_name("cel.csv.1"))
    log.write_bytes(b"".join(lines[10:]) + a_call(3, second=9))

    for again in (tape, Tape(log, tape.place)):
        while again.read():
            pass
        assert calls_of(again).keys() == {"9.2", "9.3"}


def test_two_rotations_while_nobody_read_are_read_in_their_order(log):
    for number, name in (1, "cel.csv-20261119"), (2, "cel.csv-20261120"), (3, "cel.csv"):
        log.with_name(name).write_bytes(a_call(number, second=5 * number))

    assert list(calls_of(played(log))) == ["9.1", "9.2", "9.3"]


def test_a_log_that_was_emptied_in_place_is_read_from_its_start(log):
    log.write_bytes(a_call(1))
    tape = played(log)
    log.write_bytes(a_call(2, second=5))
    while tape.read():
        pass

    assert calls_of(tape).keys() == {"9.1", "9.2"}


def test_a_long_log_is_put_aside_once_and_only_when_the_one_before_is_done_with(log):
    log.write_bytes(a_call(1))
    tape = played(log)
    tape.rotate(10_000)
    assert log.exists()
    tape.rotate(100)
    assert not log.exists()

    log.write_bytes(a_call(2, second=5))
    tape.rotate(100)
    assert log.exists()  # what is put aside is not kept yet, nor is this read

    while tape.read():
        pass
    tape.finished.clear()
    tape.rotate(100)
    assert not log.exists()


def test_a_place_comes_back_from_its_text():
    place = Place(datetime(2026, 11, 21, 22, 31, 26, 5, UTC), 4711)

    assert Place.read(str(place)) == place


@pytest.mark.parametrize("text", ["", "x", "2026-13-41T99:00:00.000000+0000 1", "12 13"])
def test_a_place_that_makes_no_sense_is_none(text):
    assert Place.read(text) is None


def test_there_may_be_no_log_yet(log):
    assert (played(log).finished, played(log).place) == ({}, None)


def test_half_a_story_is_none(log):
    """The beginning went with a log that nobody has kept."""
    lines = (SAMPLES / "out_answered.csv").read_bytes().splitlines(keepends=True)
    for skipped in range(1, len(lines)):
        log.write_bytes(b"".join(lines[skipped:]))

        assert (played(log).finished, played(log).alive) == ({}, frozenset())


def killed_in_talk(log):
    """The exchange died while two were talking."""
    text = (SAMPLES / "inbound_second_agent.csv").read_bytes()
    log.write_bytes(text[: text.index(b'"BRIDGE_EXIT"')])
    return played(log)


def test_an_exchange_that_was_killed_leaves_a_call_that_ends_when_it_was_last_heard(log):
    tape = killed_in_talk(log)
    assert (len(tape.alive), tape.finished) == (2, {})
    heard = datetime(2026, 11, 21, 22, 31, 50, tzinfo=UTC)

    tape.lose(tape.alive, lambda call_id: heard if call_id.endswith(".11") else None)

    [(call_id, found)] = tape.finished.items()
    assert (call_id, found.call.result, found.call.ended_by) == (
        *("exchange-1795300000.11", "answered", None),
    )
    assert found.call.ended_at - heard < timedelta(milliseconds=1)
    assert (found.is_sure, tape.alive) == (True, frozenset())
    assert found.call.talked_s == pytest.approx(6.36, abs=0.01)


def test_without_any_other_sign_it_ends_with_its_last_line(log):
    tape = killed_in_talk(log)

    tape.lose(tape.alive, lambda call_id: None)

    [found] = tape.finished.values()
    assert not found.is_sure
    assert found.call.ended_at - found.call.started_at < timedelta(seconds=2)


def test_a_call_that_is_not_lost_goes_on_beside_one_that_is(log):
    tape = killed_in_talk(log)
    lost = tape.alive
    other = a_call(2, second=55).splitlines(keepends=True)
    with log.open("ab") as file:
        file.write(b"".join(other[:3]))
    while tape.read():
        pass

    tape.lose(lost, lambda call_id: None)
    with log.open("ab") as file:
        file.write(b"".join(other[3:]))
    while tape.read():
        pass

    calls = calls_of(tape)
    assert list(calls) == ["exchange-1795300000.11", "9.2"]
    assert (calls["9.2"].ended_by, calls["9.2"].waited_s) == ("customer", 2)


def test_who_came_by_a_menu_and_is_rung_before_the_queue_counts_for_that_queue():
    def line(kind, context, exten, app="", data=""):
        at = datetime(2026, 11, 27, tzinfo=UTC)
        call = "exchange-1", "exchange-1", "", "PJSIP/carrier-00000001"
        return Record(kind, at, *call, context, exten, app, data, CUSTOMER, "", SALES, "", "", "")

    words = Words()
    words.of(line("CHAN_START", "from-trunk", SALES))
    answered = words.of(line("ANSWER", "callcenter-go-menu", "for-main"))
    rung = words.of(line("APP_START", "callcenter-first", "for-care", "Dial", "PJSIP/201,20"))

    assert [each["Event"] for each in answered] == ["Newstate"]
    [told] = rung
    assert (told["UserEvent"], told["Queue"]) == ("CCInbound", "care")


def test_who_pressed_the_key_to_keep_a_place_is_known_by_where_they_heard_goodbye(tmp_path):
    root = {"context": "from-trunk", "exten": SALES, "number": CUSTOMER, "name": "PJSIP/carrier-1"}
    waits = {"context": "callcenter-queue", "exten": "s", "app": "Queue", "data": "sales,cb(x)"}
    keeps = {"context": "callcenter-keep", "exten": "for-sales", "app": "Playback"}
    name = {"name": "PJSIP/carrier-1", "ccid": "1.1", "number": CUSTOMER}
    log = tmp_path / "cel.csv"
    log.write_bytes(
        line(**root)
        + line("ANSWER", 1.0, context="callcenter-go-queue", exten="for-sales", **name)
        + line("APP_START", 1.5, **waits, **name)
        + line("APP_END", 9.0, **waits, **name)
        + line("APP_START", 9.0, data="vm-goodbye", **keeps, **name)
        + line("HANGUP", 10.0, extra='{"hangupcause":16}', **name)
        + line("CHAN_END", 10.0, **name)
        + line("LINKEDID_END", 10.0, **name)
    )

    [call] = calls_of(played(log)).values()

    steps = [(each.kind, each.what, each.at.second) for each in call.journey]
    assert ("queue", "sales", 1) in steps and ("callback", "sales", 9) in steps
    assert (call.number, call.queue, call.answered_at) == (CUSTOMER, "sales", None)
