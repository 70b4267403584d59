"""Missed calls that nobody has called back yet, read from the table of calls.

One line for each customer, or for each number that is nobody's. It is there for as long as nobody
has talked with them since the last missed call: whoever it was, in whichever direction. So what is
filled in after an outage counts as well, and nothing has to be kept in step.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.callbacks.models import MissedMark
from callcenter.calls.call import Direction
from callcenter.calls.models import MISSED, CallRecord
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.recordings.models import Recording

TOGETHER = 1000  # numbers in one question
MOST_MESSAGES = 5  # of one line
LONGEST = timedelta(days=1)  # nothing rings longer before it is answered


@dataclass(frozen=True, slots=True)
class Message:
    """What a caller has said, whom nobody answered."""

    call_id: str
    at: datetime
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Somebody who rang in and was not reached since. Times are UTC, `waited_s` is the last call's.

    `number_keys` are all their numbers, `number` the one of the last missed call; `department_id`
    and `user_id` are that call's. `attempts` are our calls since the first one that reached nobody.
    """

    party: str  # what tells lines apart: "c12" for a customer, else the number's key
    number: str
    number_key: str
    number_keys: frozenset[str]
    caller_name: str
    customer_id: int | None
    name: str
    company: str
    owner_id: int | None
    calls: int
    attempts: int
    first_at: datetime
    last_at: datetime
    call_id: str
    queue: str
    department_id: int | None
    user_id: int | None
    waited_s: float
    claimed_by: int | None = None
    claimed_at: datetime | None = None
    dismissed_by: int | None = None
    dismissed_at: datetime | None = None
    reason: str = ""
    messages: tuple[Message, ...] = ()  # the last first


@dataclass(frozen=True, slots=True)
class _Party:
    id: str
    customer: Any  # a row of _customers, or None
    keys: frozenset[str]


async def missed_lines(
    session: AsyncSession, since: datetime, keys: Collection[str] | None = None
) -> list[Missed]:
    """The lines with a missed call after `since`, dismissed ones too; or only those of `keys`,
    and of whatever else their customers ring from."""
    parties = await _parties(session, await _candidates(session, since, keys))
    every = sorted({key for party in parties for key in party.keys})
    reached = await _reached(session, since, every)
    rows = await _missed(session, since, every)
    tries = await _attempts(session, since, every)
    marks = await _marks(session, every)
    said = await _messages(session, [row.call_id for found in rows.values() for row in found])
    found = []
    for party in parties:
        last = max((reached[key] for key in party.keys if key in reached), default=None)
        calls = [row for key in party.keys for row in rows.get(key, ())]
        calls = sorted(
            (row for row in calls if last is None or row.started_at >= last),
            key=lambda row: (row.started_at, row.call_id),
        )
        if calls:
            attempts = [at for key in party.keys for at in tries.get(key, ())]
            line = _line(party, calls, attempts, [marks.get(key) for key in party.keys])
            messages = tuple(
                Message(row.call_id, row.started_at, said[row.call_id])
                for row in reversed(calls)
                if row.call_id in said
            )
            found.append(replace(line, messages=messages[:MOST_MESSAGES]))
    return found


async def _candidates(
    session: AsyncSession, since: datetime, keys: Collection[str] | None
) -> set[str]:
    """Numbers whose last missed call was not followed by a conversation with that very number."""
    missed = select(CallRecord.number_key, func.max(CallRecord.started_at).label("last"))
    missed = missed.where(MISSED, CallRecord.started_at >= since).group_by(CallRecord.number_key)
    found: set[str] = set()
    for some in [None] if keys is None else pieces(await with_siblings(session, keys)):
        asked = missed if some is None else missed.where(CallRecord.number_key.in_(some))
        last = asked.subquery()
        talk = select(CallRecord.call_id).where(
            CallRecord.number_key == last.c.number_key,
            CallRecord.started_at >= since - LONGEST,
            CallRecord.answered_at > last.c.last,
            CallRecord.direction != Direction.INTERNAL,
        )
        found |= set(await session.scalars(select(last.c.number_key).where(~talk.exists())))
    return found


async def with_siblings(session: AsyncSession, keys: Collection[str]) -> set[str]:
    """These numbers, and the others of whose they are."""
    found = set(keys)
    for some in pieces(keys):
        whose = select(CustomerPhone.customer_id).where(CustomerPhone.number_key.in_(some))
        theirs = select(CustomerPhone.number_key).where(CustomerPhone.customer_id.in_(whose))
        found |= set(await session.scalars(theirs))
    return found - {""}


async def _parties(session: AsyncSession, keys: Collection[str]) -> list[_Party]:
    customers: dict[str, Any] = {}
    for some in pieces(keys):
        rows = await session.execute(
            select(
                CustomerPhone.number_key,
                Customer.id,
                Customer.name,
                Customer.company,
                Customer.owner_id,
            )
            .join(Customer, Customer.id == CustomerPhone.customer_id)
            .where(CustomerPhone.number_key.in_(some), Customer.deleted_at.is_(None))
            .order_by(CustomerPhone.position.desc(), Customer.id.desc())
        )
        customers |= {row.number_key: row for row in rows}
    theirs: defaultdict[int, set[str]] = defaultdict(set)
    for some in pieces({row.id for row in customers.values()}):
        phones = select(CustomerPhone.customer_id, CustomerPhone.number_key)
        for customer_id, key in await session.execute(
            phones.where(CustomerPhone.customer_id.in_(some), CustomerPhone.number_key != "")
        ):
            theirs[customer_id].add(key)
    parties: dict[str, _Party] = {}
    for key in keys:
        row = customers.get(key)
        id = f"c{row.id}" if row else key
        parties[id] = _Party(id, row, frozenset(theirs[row.id] | {key} if row else {key}))
    return list(parties.values())


async def _reached(
    session: AsyncSession, since: datetime, keys: Sequence[str]
) -> dict[str, datetime]:
    """When we last talked with each number."""
    found: dict[str, datetime] = {}
    for some in pieces(keys):
        talks = (
            select(CallRecord.number_key, func.max(CallRecord.answered_at))
            .where(CallRecord.number_key.in_(some), CallRecord.answered_at.is_not(None))
            .where(CallRecord.started_at >= since - LONGEST)
            .where(CallRecord.direction != Direction.INTERNAL)
            .group_by(CallRecord.number_key)
        )
        found |= {key: at for key, at in await session.execute(talks) if key and at}
    return found


async def _missed(
    session: AsyncSession, since: datetime, keys: Sequence[str]
) -> dict[str, list[Any]]:
    columns = (
        *(CallRecord.call_id, CallRecord.number, CallRecord.number_key, CallRecord.caller_name),
        *(CallRecord.queue, CallRecord.department_id, CallRecord.user_id),
        *(CallRecord.started_at, CallRecord.waited_s),
    )
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for some in pieces(keys):
        wanted = select(*columns).where(MISSED, CallRecord.number_key.in_(some))
        for row in await session.execute(wanted.where(CallRecord.started_at >= since)):
            found[row.number_key].append(row)
    return found


async def _messages(session: AsyncSession, call_ids: Sequence[str]) -> dict[str, float]:
    """How long the messages are that these calls have left, in seconds."""
    found: dict[str, float] = {}
    for some in pieces(call_ids):
        left = select(Recording.call_id, Recording.duration_s).where(
            Recording.call_id.in_(some), Recording.kind == "voicemail", Recording.state == "ready"
        )
        found |= {call_id: seconds for call_id, seconds in await session.execute(left)}
    return found


async def _attempts(
    session: AsyncSession, since: datetime, keys: Sequence[str]
) -> dict[str, list[datetime]]:
    """When we called these numbers for nothing."""
    found: defaultdict[str, list[datetime]] = defaultdict(list)
    for some in pieces(keys):
        tried = (
            select(CallRecord.number_key, CallRecord.started_at)
            .where(CallRecord.number_key.in_(some), CallRecord.started_at >= since)
            .where(CallRecord.direction == Direction.OUTBOUND)
            .where(CallRecord.answered_at.is_(None), CallRecord.ended_at.is_not(None))
        )
        for key, at in await session.execute(tried):
            found[key or ""].append(at)
    return found


async def _marks(session: AsyncSession, keys: Sequence[str]) -> dict[str, MissedMark]:
    found: dict[str, MissedMark] = {}
    for some in pieces(keys):
        marked = select(MissedMark).where(MissedMark.number_key.in_(some))
        found |= {mark.number_key: mark for mark in await session.scalars(marked)}
    return found


def _line(
    party: _Party,
    calls: Sequence[Any],
    attempts: Iterable[datetime],
    marks: Iterable[MissedMark | None],
) -> Missed:
    first, last, who = calls[0], calls[-1], party.customer
    claimed = _newest(marks, "claimed_at", first.started_at)
    dismissed = _newest(marks, "dismissed_at", last.started_at)
    return Missed(
        party=party.id,
        number=last.number or last.number_key,
        number_key=last.number_key,
        number_keys=party.keys,
        caller_name=last.caller_name,
        customer_id=who.id if who else None,
        name=who.name if who else "",
        company=who.company if who else "",
        owner_id=who.owner_id if who else None,
        calls=len(calls),
        attempts=sum(at > first.started_at for at in attempts),
        first_at=first.started_at,
        last_at=last.started_at,
        call_id=last.call_id,
        queue=last.queue or "",
        department_id=last.department_id,
        user_id=last.user_id,
        waited_s=last.waited_s,
        claimed_by=claimed.claimed_by if claimed else None,
        claimed_at=claimed.claimed_at if claimed else None,
        dismissed_by=dismissed.dismissed_by if dismissed else None,
        dismissed_at=dismissed.dismissed_at if dismissed else None,
        reason=dismissed.reason if dismissed else "",
    )


def _newest(marks: Iterable[MissedMark | None], name: str, since: datetime) -> MissedMark | None:
    """The last of them of that kind that is not older than what it was about."""
    there = [mark for mark in marks if mark and (at := getattr(mark, name)) and at >= since]
    return max(there, key=lambda mark: getattr(mark, name), default=None)


def pieces(values: Iterable[Any]) -> Iterator[list[Any]]:
    """As many at once as a question may hold."""
    every = list(values)
    for place in range(0, len(every), TOGETHER):
        yield every[place : place + TOGETHER]
