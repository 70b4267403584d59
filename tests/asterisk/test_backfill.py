"""What the exchange's log knows reaches the database once, and what nobody knows is closed."""

import asyncio
import logging
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callcenter.asterisk import backfill
from callcenter.calls.board import Change
from callcenter.calls.call import Call, Direction, Result, State, Step
from callcenter.calls.events import CallPlaced
from callcenter.calls.rows import row_of
from callcenter.recordings import library
from callcenter.recordings.queries import put
from tests.asterisk.backfill_house import Paper, service
from tests.recordings.sounds import both

SAMPLES = Path(__file__).parent / "cel"
SECOND_AGENT = "exchange-1795300000.11"  # inbound_second_agent.csv
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def paper(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(backfill, "SETTLE", 0.0)
    monkeypatch.setattr(library, "PATIENCE", 0.0)
    (tmp_path / "log").mkdir()
    (tmp_path / "spool").mkdir(parents=True)
    log = tmp_path / "log/cel.csv"
    return Paper(engine, log, tmp_path / "spool", tmp_path / "recordings")


def sample(name):
    return (SAMPLES / f"{name}.csv").read_bytes()


def a_call(call_id="left", **facts):
    facts = {"direction": Direction.INBOUND, "state": State.WAITING, **facts}
    return Call(call_id=call_id, started_at=NOON, number="0912345678", **facts)


async def noted(paper, *calls):
    """Rows of calls, as an earlier service has written them."""
    async with service(paper) as built:
        for call in calls:
            built.journal.note(Change(None, call))
        await built.journal.drain()


async def filled(paper, log=None, *, login=True):
    """One life of a service: the log as it is then, a login, and everything that follows."""
    if log is not None:
        paper.cel.write_bytes(log)
    async with service(paper) as built:
        done = asyncio.Event()
        catch_up = built.back_fill._catch_up

        async def watched(tape, logged_in, again):
            await catch_up(tape, logged_in, again)
            if logged_in == login:
                done.set()

        built.back_fill._catch_up = watched
        if login:
            built.back_fill.after_login()
        async with asyncio.timeout(10):
            await done.wait()
    return await paper.calls()


async def test_calls_of_the_log_are_on_paper_once_and_add_up(paper):
    log = b"".join(path.read_bytes() for path in sorted(SAMPLES.glob("*.csv")))

    rows = await filled(paper, log)

    assert len(rows) == 8
    assert {row.result for row in rows.values()} == {
        *("answered", "abandoned", "busy", "unreachable"),
    }
    assert sum(values[0] for values in (await paper.days()).values()) == 8
    assert await paper.sums_are_those_of_the_calls()


async def test_reading_everything_again_changes_nothing(paper):
    log = b"".join(path.read_bytes() for path in sorted(SAMPLES.glob("*.csv")))
    await filled(paper, log)
    sums, told = await paper.days(), paper.corrected[:]

    await paper.remember("a place that makes no sense")
    await filled(paper)

    assert (await paper.days(), paper.corrected) == (sums, told)


async def test_it_does_not_wait_for_a_login_with_what_is_over(paper):
    rows = await filled(paper, sample("out_busy"), login=False)

    assert [row.result for row in rows.values()] == ["busy"]


@pytest.mark.parametrize(
    ("held", "talked_s"),
    [
        ([(20, 29)], 31.0),  # in the bridge: the log takes it for talk
        ([(40, 49)], 40.0),  # out of it
        ([(35, 44)], 35.0),
        ([], 31.0),  # nobody knows when
    ],
)
def test_a_hold_that_the_log_does_not_know_is_taken_out_of_the_talk_it_lies_in(held, talked_s):
    def steps(kind, times):
        at = (NOON + timedelta(seconds=each) for pair in times for each in pair)
        return tuple(Step(kind=kind, at=start, until=next(at)) for start in at)

    found = a_call(
        state=State.ENDED,
        answered_at=NOON,
        ended_at=NOON + timedelta(seconds=600),  # they waited in another queue
        talked_s=40.0,
        journey=steps("talked", [(0, 40)]),
    )
    row = row_of(
        replace(found, held_s=9.0, journey=steps("held", held)),
        **{"exchange": "pbx", "number_key": "", "whose": (None, None)},
        **{"customer_id": None, "before": None},
    )

    call = backfill.with_holds(found, row)

    assert (call.talked_s, call.held_s) == (talked_s, 9.0)
    assert [step.kind for step in call.journey] == ["talked", *["held"] * len(held)]


async def test_a_call_that_a_snapshot_has_ended_gets_its_true_end_and_the_sums_follow(paper):
    lost = a_call(
        SECOND_AGENT,
        state=State.ENDED,
        agents=("100",),
        answered_at=NOON,
        ended_at=NOON + timedelta(hours=3),
        result=Result.ANSWERED,
        talked_s=10800.0,
        held_s=0.5,
    )
    await noted(paper, lost)
    assert sum(values[2] for values in (await paper.days()).values()) == 10800

    rows = await filled(paper, sample("inbound_second_agent"))

    row = rows[SECOND_AGENT]
    assert (row.ended_by, row.held_s) == ("customer", 0.5)
    assert row.talked_s == pytest.approx(1.48, abs=0.01)  # the log takes the hold for talk
    assert [values[0] for values in (await paper.days()).values()] == [1]
    assert await paper.sums_are_those_of_the_calls()


async def test_a_call_whose_end_was_heard_is_left_as_it_is(paper):
    heard = a_call(SECOND_AGENT, state=State.ENDED, ended_at=NOON, ended_by="agent", digits="7")
    await noted(paper, replace(heard, result=Result.ANSWERED, talked_s=60.0))

    rows = await filled(paper, sample("inbound_second_agent"))

    assert (rows[SECOND_AGENT].talked_s, rows[SECOND_AGENT].ended_by) == (60.0, "agent")


LEFT = [
    ({"state": State.WAITING}, "abandoned"),
    ({"state": State.RINGING, "rung": ("201",)}, "abandoned"),
    ({"state": State.TALKING, "agents": ("201",), "answered_at": NOON}, "answered"),
    ({"state": State.HELD, "agents": ("201",), "answered_at": NOON}, "answered"),
    ({"state": State.CALLING_AGENT, "direction": Direction.OUTBOUND}, "failed"),
    ({"state": State.CALLING, "direction": Direction.OUTBOUND}, "cancelled"),
    ({"state": State.REMOTE_RINGING, "direction": Direction.OUTBOUND}, "cancelled"),
    ({"state": State.RINGING, "direction": Direction.INTERNAL}, "cancelled"),
]


async def test_what_neither_the_exchange_nor_its_log_knows_is_closed(paper):
    await noted(paper, *(a_call(str(n), **facts) for n, (facts, _) in enumerate(LEFT)))
    assert await paper.days() == {}

    rows = await filled(paper)

    assert [rows[str(n)].result for n in range(len(LEFT))] == [result for _, result in LEFT]
    assert {(row.state, row.ended_by) for row in rows.values()} == {("ended", None)}
    assert {row.ended_at for row in rows.values()} == {NOON}
    assert await paper.sums_are_those_of_the_calls()


async def test_nothing_is_closed_before_a_login(paper):
    await noted(paper, a_call())

    rows = await filled(paper, login=False)

    assert rows["left"].ended_at is None


async def test_a_call_that_the_live_board_knows_is_left_to_it(paper):
    paper.cel.write_bytes(sample("out_busy"))
    call_id = sample("out_busy").split(b'"')[5].decode()

    async with service(paper) as built:
        placed = CallPlaced(call_id=call_id, at=NOON, extension="100", number="0900000101")
        built.board.apply(placed)
        built.back_fill.after_login()
        async with asyncio.timeout(10):
            while not await paper.recall():
                await asyncio.sleep(0.01)
        rows = await paper.calls()

    assert rows[call_id].state == "calling_agent"
    assert (await paper.recall()).endswith(" 0")  # to be read again, should we not hear its end


async def test_a_call_closed_without_a_log_lasts_as_long_as_its_recording(paper):
    call = a_call(state=State.TALKING, agents=("201",), answered_at=NOON, held_s=12.0)
    await noted(paper, call)
    written = (NOON + timedelta(seconds=42)).timestamp()
    both(paper.spool, "left")
    for path in paper.spool.glob("*.wav"):
        os.utime(path, (written, written))

    rows = await filled(paper)

    assert (rows["left"].talked_s, rows["left"].ended_at) == (30.0, NOON + timedelta(seconds=42))


async def test_an_exchange_whose_log_is_out_of_reach_costs_one_sentence(paper, caplog):
    paper.cel = paper.cel.parent / "nowhere/cel.csv"
    await noted(paper, a_call())
    caplog.clear()

    with caplog.at_level(logging.WARNING):
        rows = await filled(paper)

    assert rows["left"].result == "abandoned"
    [said] = [each.message for each in caplog.records if "stays unknown" in each.message]
    assert "nowhere" in said


async def test_a_recording_that_is_kept_already_stays_kept(paper):
    async with paper.sessions.begin() as session:
        await put(session, SECOND_AGENT, state="ready", path="kept.mp3")
    paper.recordings.mkdir()
    (paper.recordings / "kept.mp3").touch()
    paper.cel.write_bytes(sample("inbound_second_agent"))

    async with service(paper) as built:
        await paper.ended(SECOND_AGENT)
        async with asyncio.timeout(10):
            while built.library.waiting:
                await asyncio.sleep(0.01)

    assert (await paper.recording(SECOND_AGENT)).state == "ready"


async def test_a_database_that_is_away_for_a_while_costs_nothing(paper, monkeypatch):
    monkeypatch.setattr(backfill, "RETRY", 0.05)
    recall, failures = paper.recall, [OSError("connection refused"), OSError("connection refused")]

    async def away_at_first():
        if failures:
            raise failures.pop()
        return await recall()

    paper.recall = away_at_first
    rows = await filled(paper, sample("out_busy"))

    assert [row.result for row in rows.values()] == ["busy"]


async def test_an_agents_day_counts_what_was_filled_in(paper):
    await filled(paper, sample("inbound_second_agent"))

    assert paper.corrected == [1]


async def test_it_is_behind_from_a_login_until_what_was_missed_is_on_paper(paper):
    paper.cel.write_bytes(sample("inbound_second_agent"))
    async with service(paper) as built:
        there, done = [], asyncio.Event()

        def caught_up():
            there.append(built.back_fill.is_behind)
            done.set()

        built.back_fill.caught_up.append(caught_up)
        assert built.back_fill.is_behind
        built.back_fill.after_login()
        async with asyncio.timeout(10):
            await done.wait()
        assert SECOND_AGENT in await paper.calls()
        built.back_fill.after_login()
        assert built.back_fill.is_behind

    assert there[0] is False
