"""What the demo's agents did all day: the states in which their past calls found them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from callcenter.agents.models import AgentState, BreakReason
from callcenter.calls.models import CallRecord
from callcenter.staffing.counting import catch_up
from callcenter.staffing.first_calls import count_days

SEED = 2026
BREAKS = (  # reason, when it begins by the clock, minutes
    ("short", time(9, 30), (5, 12)),
    ("lunch", time(12, 0), (42, 63)),
    ("meeting", time(14, 0), (15, 30)),
    ("restroom", time(15, 45), (3, 8)),
)
BEGIN, END = time(7, 55), time(17, 35)
WRAP_UP = (12, 95)  # seconds
MINUTE = timedelta(minutes=1)


class Call(NamedTuple):
    """A past call of an agent, as far as their states follow from it."""

    call_id: str
    user_id: int
    direction: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    wrapped_s: float = 0.0


class Spot(NamedTuple):
    """A change of state."""

    at: datetime
    state: str
    reason: str
    cause: str


def past_states(
    chance: Random,
    calls: Iterable[Call],
    reasons: Sequence[str],
    until: datetime,
    zone: tzinfo,
) -> Iterator[dict[str, Any]]:
    """Rows of agent_states in the order of their times, none after `until`; all are offline in the
    end, whoever is at work has their page open. `reasons` are codes of breaks there are."""
    days: defaultdict[tuple[int, date], list[Call]] = defaultdict(list)
    for call in calls:
        days[call.user_id, call.started_at.astimezone(zone).date()].append(call)
    rows = [
        (spot.at, user_id, spot)
        for (user_id, day), mine in sorted(days.items())
        for spot in _day(chance, sorted(mine, key=lambda call: call.started_at), reasons, day, zone)
        if spot.at < until
    ]
    rows.sort(key=lambda row: row[:2])
    last = {user_id: spot for _, user_id, spot in rows}
    for at, user_id, spot in rows:
        yield {"user_id": user_id, "at": at, "booked": "", **_columns(spot)}
    for user_id, spot in sorted(last.items()):
        if spot.state != "offline":
            gone = Spot(until, "offline", "", "page closed")
            yield {"user_id": user_id, "at": until, "booked": "", **_columns(gone)}


def _columns(spot: Spot) -> dict[str, str]:
    return {"state": spot.state, "reason": spot.reason, "cause": spot.cause}


def _day(
    chance: Random, calls: Sequence[Call], reasons: Sequence[str], day: date, zone: tzinfo
) -> list[Spot]:
    """From signing in to going home, around the calls of that day."""

    def at(clock: time) -> datetime:
        some = timedelta(seconds=chance.randrange(0, 900))
        return datetime.combine(day, clock, zone).astimezone(UTC) + some

    begin = min(at(BEGIN), calls[0].started_at - MINUTE)
    found, free = [Spot(begin, "ready", "", "agent")], begin
    for call, after in pairwise([*calls, None]):
        if call is None or call.started_at < free:
            continue
        found += _call(call)
        free = call.ended_at
        if call.answered_at:
            free += timedelta(seconds=call.wrapped_s or chance.uniform(*WRAP_UP))
            if after:
                free = max(call.ended_at, min(free, after.started_at - timedelta(seconds=1)))
            found.append(Spot(call.ended_at, "wrap_up", "", f"call {call.call_id}"))
        found.append(Spot(free, "ready", "", "wrap-up over"))
    end = max(at(END), free + MINUTE)
    found.append(Spot(end, "offline", "", "agent"))
    for reason, clock, minutes in BREAKS:
        if reason in reasons:
            length = timedelta(minutes=chance.uniform(*minutes))
            found = _with_break(found, at(clock), length, reason)
    return found


def _call(call: Call) -> Iterator[Spot]:
    cause = f"call {call.call_id}"
    if call.direction == "inbound":
        yield Spot(call.started_at, "ringing", "", cause)
        if call.answered_at:
            yield Spot(call.answered_at, "talking", "", cause)
    else:
        yield Spot(call.started_at, "talking", "", cause)


def _with_break(
    spots: Sequence[Spot], wanted: datetime, length: timedelta, reason: str
) -> list[Spot]:
    """A break in the first time from then on in which they were ready for so long, if there is."""
    for place, (one, after) in enumerate(pairwise(spots)):
        start = max(one.at, wanted)
        if one.state == "ready" and start + length < after.at:
            pause = Spot(start, "break", reason, "agent")
            back = Spot(start + length, "ready", "", "agent")
            return [*spots[: place + 1], pause, back, *spots[place + 1 :]]
    return list(spots)


async def put_states(engine: AsyncEngine, zone: tzinfo, now: datetime) -> int:
    """Give the demo's agents a past that follows from the calls there are, before the service has
    begun to write what they do; how many changes it has. Where anybody has a state it is none."""
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    async with sessions.begin() as session:
        if await session.scalar(select(AgentState.id).limit(1)):
            return 0
        codes = await session.scalars(select(BreakReason.code).where(BreakReason.offered))
        columns = (
            *("call_id", "user_id", "direction", "started_at", "answered_at", "ended_at"),
            "wrapped_s",
        )
        calls = select(*(getattr(CallRecord, each) for each in columns)).where(
            CallRecord.user_id.is_not(None), CallRecord.ended_at.is_not(None)
        )
        past = [Call(*row) for row in await session.execute(calls)]
        rows = list(past_states(Random(SEED), past, codes.all(), now, zone))
        if rows:
            await session.execute(insert(AgentState), rows)
    await catch_up(sessions, zone)
    await count_days(sessions, zone, now.astimezone(zone).date())
    return len(rows)
