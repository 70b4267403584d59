"""Alerts of queues: they begin, end, are told once and may be silenced."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.errors import Missing
from callcenter.live.alarm_log import AlarmLog
from callcenter.live.alarms import MOST_PAST, QUIET, Alarms, Failing
from callcenter.live.lines import QueueLine
from callcenter.live.rules import Limits, Rules

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
RULES = Rules(Limits(wait_s=60, nobody_s=15, abandoned_percent=15))
NEVER = Rules(Limits(wait_s=0, nobody_s=0, abandoned_percent=0))


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def sales(**now) -> QueueLine:
    return QueueLine(name="sales", title="Sales", within_s=20, target=80, **now)


def kinds(alarms: Alarms) -> list[str]:
    return [each.kind for each in alarms.now]


def test_a_wait_beyond_the_limit_begins_an_alert_which_ends_with_the_wait():
    alarms, waits = Alarms(), sales(waiting=1, longest=NOW, ready=1)

    assert not alarms.look([waits], RULES, after(60))
    assert alarms.look([waits], RULES, after(61))
    assert kinds(alarms) == ["wait"]
    assert not alarms.look([waits], RULES, after(62))  # told once, not every second
    assert alarms.look([sales(ready=1)], RULES, after(63))
    assert kinds(alarms) == []


def test_nobody_ready_counts_after_a_while_and_only_while_somebody_waits():
    alarms = Alarms()

    alarms.look([sales(waiting=1, longest=NOW)], RULES, NOW)
    alarms.look([sales(waiting=2, longest=NOW)], RULES, after(14))
    assert kinds(alarms) == []
    alarms.look([sales(waiting=1, longest=NOW)], RULES, after(15))
    assert kinds(alarms) == ["nobody"]
    alarms.look([sales(waiting=1, longest=after(15), ready=1)], RULES, after(16))
    assert kinds(alarms) == []
    alarms.look([sales(waiting=1, longest=after(15))], RULES, after(17))
    assert kinds(alarms) == []  # from the beginning


def test_the_share_of_lost_calls_says_nothing_before_there_are_some():
    alarms = Alarms()

    alarms.look([sales(offered=9, abandoned=9)], RULES, NOW)
    assert kinds(alarms) == []
    alarms.look([sales(offered=20, abandoned=3)], RULES, NOW)
    assert kinds(alarms) == []  # 15 %, not more
    alarms.look([sales(offered=20, abandoned=4)], RULES, NOW)
    assert kinds(alarms) == ["abandoned"]
    alarms.look([sales(offered=20, abandoned=4, short=2)], RULES, NOW)  # who hung up at once
    assert kinds(alarms) == []


def test_a_queue_may_have_limits_of_its_own():
    rules = Rules(RULES.company, {"sales": Limits(wait_s=5)})
    alarms, waits = Alarms(), sales(waiting=1, longest=NOW, ready=1)

    alarms.look([waits], rules, after(6))

    assert [(each.kind, each.limit) for each in alarms.now] == [("wait", 5)]


def test_what_begins_again_soon_is_the_same_and_stays_silenced():
    alarms, waits = Alarms(), sales(waiting=1, longest=NOW, ready=1)
    alarms.look([waits], RULES, after(61))
    alarms.silence("sales", "wait", "Lea")
    alarms.look([sales(ready=1)], RULES, after(62))

    alarms.look([waits], RULES, after(70))
    [again] = alarms.now
    assert (again.quiet, again.silenced) == (True, "Lea")

    alarms.look([sales(ready=1)], RULES, after(71))
    later = 71 + QUIET.total_seconds()
    alarms.look([sales(ready=1)], RULES, after(later))
    alarms.look([waits], RULES, after(later + 1))
    [fresh] = alarms.now
    assert (fresh.quiet, fresh.silenced) == (False, "")


def test_what_is_over_cannot_be_silenced():
    with pytest.raises(Missing):
        Alarms().silence("sales", "wait", "Lea")


lines = st.builds(
    lambda waiting, ready, waited, abandoned: sales(
        waiting=waiting,
        ready=ready,
        longest=NOW - timedelta(seconds=waited) if waiting else None,
        offered=20,
        abandoned=abandoned,
    ),
    st.integers(0, 3),
    st.integers(0, 2),
    st.integers(0, 200),
    st.integers(0, 20),
)


@given(st.lists(st.tuples(lines, st.integers(1, 30)), max_size=20))
def test_a_look_says_that_something_changed_exactly_when_it_did(looks):
    alarms, at = Alarms(), 0
    for line, step in looks:
        at += step
        before = set(kinds(alarms))
        changed = alarms.look([line], RULES, after(at))
        assert changed == (set(kinds(alarms)) != before)


@given(st.lists(lines, max_size=10))
def test_a_limit_of_nought_is_never(looks):
    alarms = Alarms()
    for at, line in enumerate(looks):
        assert not alarms.look([line], NEVER, after(at))


VIETTEL = Failing("viettel", "Viettel", "silent")


def test_a_provider_that_fails_is_an_alert_until_it_is_mended():
    alarms = Alarms()

    assert alarms.look([sales()], RULES, NOW, failing=[VIETTEL])
    [alarm] = alarms.now
    assert (alarm.queue, alarm.title, alarm.kind, alarm.why) == (
        *("viettel", "Viettel", "trunk"),
        "silent",
    )
    assert not alarms.look([sales()], RULES, after(10), failing=[VIETTEL])
    refused = replace(VIETTEL, why="refused")
    assert alarms.look([sales()], RULES, after(20), failing=[refused])
    assert [(each.why, each.since) for each in alarms.now] == [("refused", NOW)]

    assert alarms.look([sales()], RULES, after(30))
    assert alarms.now == ()
    [past] = alarms.past
    assert (past.title, past.since, past.until, past.why) == ("Viettel", NOW, after(30), "refused")


def test_what_goes_on_after_a_restart_began_when_it_began_and_ends_only_by_what_is_known():
    before = Alarms()
    before.look([sales(waiting=1, longest=NOW, ready=1)], RULES, after(61), failing=[VIETTEL])
    alarms = Alarms()
    alarms.resume(before.now, before.past)

    alarms.look([sales()], RULES, after(70), failing=None, sure=False)
    assert [(each.kind, each.since) for each in alarms.now] == [
        ("trunk", after(61)),
        ("wait", after(61)),
    ]
    asked = replace(VIETTEL, why="")
    alarms.look([sales()], RULES, after(80), failing=[asked])
    assert kinds(alarms) == ["trunk"]
    alarms.look([sales()], RULES, after(90), failing=())
    assert kinds(alarms) == []
    assert [(each.kind, each.until) for each in alarms.past] == [
        ("trunk", after(90)),
        ("wait", after(80)),
    ]


def test_a_queue_that_nobody_is_ready_for_is_still_left_alone_after_a_restart():
    before = Alarms()
    for seconds in (0, 15):
        before.look([sales(waiting=1, longest=NOW)], RULES, after(seconds))
    alarms = Alarms()
    alarms.resume(before.now, before.past)

    alarms.look([sales()], RULES, after(17), sure=False)  # the exchange has not told yet who waits
    assert not alarms.look([sales(waiting=1, longest=NOW)], RULES, after(18))
    assert [(each.kind, each.since) for each in alarms.now] == [("nobody", after(15))]

    assert alarms.look([sales(waiting=1, longest=NOW, ready=1)], RULES, after(20))
    assert [(each.kind, each.until) for each in alarms.past] == [("nobody", after(20))]


def test_what_begins_again_within_a_minute_is_one_line_of_the_past():
    alarms, waits = Alarms(), sales(waiting=1, longest=NOW, ready=1)
    for begins, ends in ((61, 70), (80, 90), (90 + QUIET.total_seconds(), 200)):
        alarms.look([waits], RULES, after(begins))
        alarms.look([sales()], RULES, after(ends))

    assert [(each.since, each.until) for each in alarms.past] == [
        (after(90 + QUIET.total_seconds()), after(200)),
        (after(61), after(90)),
    ]


async def test_of_more_alerts_that_end_together_than_are_shown_none_stays_open(sessions):
    at, alarms = datetime.now(UTC), Alarms()
    paper = AlarmLog(sessions, alarms)
    many = [
        QueueLine(name=f"q{n}", title=f"Q{n:03}", within_s=20, target=80, waiting=1, ready=1)
        for n in range(MOST_PAST + 5)
    ]
    waits = [msgspec.structs.replace(each, longest=at - timedelta(minutes=2)) for each in many]
    alarms.look(waits, RULES, at)
    await paper.drain()
    alarms.look([], RULES, at + timedelta(seconds=5))
    await paper.drain()

    again = Alarms()
    await AlarmLog(sessions, again).load()
    assert again.now == ()
    assert len(again.past) == MOST_PAST


async def test_alerts_outlive_the_service_and_leave_a_line_that_says_since_when_until_when(
    sessions,
):
    at = datetime.now(UTC)
    first = Alarms()
    paper = AlarmLog(sessions, first)
    first.look([sales(waiting=1, longest=at - timedelta(minutes=2), ready=1)], RULES, at)
    first.silence("sales", "wait", "Lea")
    await paper.drain()

    second = Alarms()
    again = AlarmLog(sessions, second)
    await again.load()
    assert [(each.kind, each.since, each.silenced) for each in second.now] == [("wait", at, "Lea")]
    second.look([sales()], RULES, at + timedelta(seconds=5))
    await again.drain()

    third = Alarms()
    await AlarmLog(sessions, third).load()
    assert third.now == ()
    assert [(each.title, each.since, each.until) for each in third.past] == [
        ("Sales", at, at + timedelta(seconds=5))
    ]
