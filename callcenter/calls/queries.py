"""Questions about calls that are written down, and what a person adds to them.

`narrow` is what the one who asks may see: people.rights.Scope.calls for lists, Scope.one_call for
one call or the calls of one customer. This room knows nothing of people, so it is handed in.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls import resolved
from callcenter.calls.call import Direction, Result
from callcenter.calls.clock import Clock, shows
from callcenter.calls.counting import SHORT_S
from callcenter.calls.models import CallNote, CallRecord, Outcome
from callcenter.errors import N_, Conflict, Invalid, Missing
from callcenter.keyset import Cut, count, cut

Statement = Select[*tuple[Any, ...]]
Narrow = Callable[[Statement], Statement]

LONGEST_NOTE = 10_000
MISSED = "missed"  # a filter's word: came in, and no agent answered
CURRENT = "current"  # another: has not ended
ENDED = "ended"  # and its opposite, as sums count calls
NONE = "-"  # a queue's or a number's filter: calls without one
ANY = "*"  # a queue's: calls that reached one
# How long callers waited: answered within the seconds that counted as in time then, or not; hung
# up so soon that nobody could have answered, or not.
IN_TIME, LATE, SHORT, LONG = "in-time", "late", "short", "long"
# Whether the caller needed to ring in again: calls.resolved.
RESOLVED, AGAIN = "resolved", "again"
_AT_LEAST = re.compile(r"([0-9]{1,6})-")  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilters:
    """Empty values do not filter. Times are UTC, `until` is excluded.

    `direction`, `result`: words of calls.call, several with commas between; a result may also be
    "missed", "current" or "ended". `outcome`: a code; one with sub-outcomes stands for these too.
    `queue`, `did`: names and numbers, several with commas between, "-" for none, "*" for any queue;
    0 is none among `user_ids` and `department_ids`. `wait`: "in-time", "late", "short", "long", or
    "60-" for a minute at least. `first`: "resolved" or "again", on days of which that is known.
    `clock` is read in `zone`. `digits`: any piece of the number; `number_keys`: exactly those
    numbers, as customers.numbers.key_of writes them, on calls of `customer_id` or of no customer
    yet.
    """

    since: datetime | None = None
    until: datetime | None = None
    direction: str = ""
    result: str = ""
    outcome: str = ""
    user_ids: frozenset[int] = frozenset()
    department_ids: frozenset[int] | None = None
    queue: str = ""
    did: str = ""
    wait: str = ""
    first: str = ""
    clock: Clock | None = None
    zone: tzinfo = UTC
    digits: str = ""
    customer_id: int | None = None
    number_keys: frozenset[str] = frozenset()


async def calls_cut(
    session: AsyncSession,
    narrow: Narrow,
    filters: CallFilters,
    *,
    cursor: str = "",
    limit: int = 50,
) -> Cut[tuple[CallRecord, CallNote | None]]:
    """Calls with their notes, newest first. Raises Invalid for a filter or cursor that is none."""
    statement: Statement = select(CallRecord, CallNote).outerjoin(
        CallNote, CallNote.call_id == CallRecord.call_id
    )
    return await cut(
        session,
        narrow(statement.where(*conditions(filters))),
        (CallRecord.started_at, CallRecord.call_id),
        descending=True,
        cursor=cursor,
        limit=limit,
    )


async def calls_count(session: AsyncSession, narrow: Narrow, filters: CallFilters) -> int:
    """How many calls those are, counted up to keyset.MOST + 1."""
    return await count(session, narrow(select(CallRecord.call_id).where(*conditions(filters))))


async def one_call(session: AsyncSession, narrow: Narrow, call_id: str) -> CallRecord:
    """Raises Missing when there is none, or none that may be seen."""
    found: CallRecord | None = await session.scalar(
        narrow(select(CallRecord).where(CallRecord.call_id == call_id))
    )
    if found is None:
        raise Missing(N_("There is no such call."))
    return found


async def note_of(session: AsyncSession, call_id: str) -> CallNote | None:
    return await session.get(CallNote, call_id)


async def save_note(
    session: AsyncSession,
    call_id: str,
    user_id: int,
    note: str,
    outcome: str | None,
    version: int | None = None,
) -> CallNote:
    """Write or replace what is noted of a call; the caller has checked the rights, and commits.

    `version` is the one that was changed, 0: there was none; None: whatever there is. Raises
    Invalid for a note that is too long or an outcome that is not in the catalogue, Conflict when
    it has been changed meanwhile.
    """
    note, outcome = note.strip().replace("\r\n", "\n").replace("\0", ""), outcome or None
    if len(note) > LONGEST_NOTE:
        raise Invalid(
            N_("The note is too long: {n} letters at most."), field="note", n=LONGEST_NOTE
        )
    if outcome is not None and await session.get(Outcome, outcome) is None:
        raise Invalid(N_("There is no such outcome."), field="outcome")
    row = await session.get(CallNote, call_id)
    if row and (row.note, row.outcome) == (note, outcome):
        return row  # nothing to change, whoever else has been here
    if version is not None and version != (row.version if row else 0):
        raise Conflict(N_("This note has been changed in another window meanwhile."))
    if row is None:
        row = CallNote(call_id=call_id)
        session.add(row)
    row.user_id, row.note, row.outcome = user_id, note, outcome
    row.updated_at = datetime.now(UTC)
    return row


@dataclass(frozen=True, slots=True)
class OutcomeName:
    """An outcome as people read it: a sub-outcome after its parent."""

    code: str
    name_vi: str
    name_en: str


async def outcome_names(session: AsyncSession) -> dict[str, OutcomeName]:
    """Code -> "Interested › Wants a quote", retired ones too."""
    rows = {row.code: row for row in await session.scalars(select(Outcome))}
    found: dict[str, OutcomeName] = {}
    for row in rows.values():
        way = [above] if (above := rows.get(row.parent_code or "")) else []
        way.append(row)
        found[row.code] = OutcomeName(
            row.code,
            " › ".join(each.name_vi for each in way),
            " › ".join(each.name_en for each in way),
        )
    return found


async def by_hour(
    session: AsyncSession, narrow: Narrow, filters: CallFilters, hour: Callable[[datetime], int]
) -> Counter[int]:
    """How many calls began in each hour of a day; `hour` says in which one a time is."""
    starts = narrow(select(CallRecord.started_at).where(*conditions(filters)))
    return Counter(hour(started_at) for started_at in await session.scalars(starts))


def conditions(filters: CallFilters) -> list[ColumnElement[bool]]:
    """`filters` as conditions on CallRecord."""
    wanted: list[ColumnElement[bool]] = []
    if filters.since:
        wanted.append(CallRecord.started_at >= filters.since)
    if filters.until:
        wanted.append(CallRecord.started_at < filters.until)
    if filters.direction:
        directions = filters.direction.split(",")
        for each in directions:
            _check(each, Direction, "direction")
        wanted.append(CallRecord.direction.in_(directions))
    if filters.result:
        wanted.append(_result(filters.result))
    if filters.outcome:
        wanted.append(_ended_in(filters.outcome))
    if filters.user_ids:
        wanted.append(_one_of(CallRecord.user_id, filters.user_ids, 0))
    if filters.department_ids is not None:
        wanted.append(_one_of(CallRecord.department_id, filters.department_ids, 0))
    if filters.queue == ANY:
        wanted.append(CallRecord.queue.is_not(None))
    elif filters.queue:
        wanted.append(_one_of(CallRecord.queue, filters.queue.split(","), NONE))
    if filters.did:
        wanted.append(_one_of(CallRecord.did, filters.did.split(","), NONE))
    if filters.wait:
        wanted.append(_waited(filters.wait))
    if filters.first:
        wanted.append(_resolved(filters.first, filters.zone))
    if filters.clock:
        wanted.append(shows(filters.clock, filters.zone, filters.since, filters.until))
    if filters.digits:
        wanted.append(_piece(filters.digits))
    if filters.customer_id is not None:
        wanted.append(_customers(filters.customer_id, filters.number_keys))
    return wanted


def _one_of(column: Any, values: Collection[Any], none: Any) -> ColumnElement[bool]:
    """`none` among the values stands for calls without one."""
    there: ColumnElement[bool] = column.in_([each for each in values if each != none])
    return or_(column.is_(None), there) if none in values else there


def _waited(word: str) -> ColumnElement[bool]:
    if at_least := _AT_LEAST.fullmatch(word):
        return CallRecord.waited_s >= int(at_least[1])
    within_s = func.coalesce(CallRecord.within_s, -1)
    found = {
        IN_TIME: CallRecord.waited_s <= within_s,
        LATE: CallRecord.waited_s > within_s,
        SHORT: CallRecord.waited_s < SHORT_S,
        LONG: CallRecord.waited_s >= SHORT_S,
    }.get(word)
    if found is None:
        raise Invalid(N_("“{word}” is not a filter here."), field="wait", word=word[:40])
    return found


def _resolved(word: str, zone: tzinfo) -> ColumnElement[bool]:
    if word not in (RESOLVED, AGAIN):
        raise Invalid(N_("“{word}” is not a filter here."), field="first", word=word[:40])
    found = resolved.is_resolved()
    return and_(resolved.counts(), resolved.known(zone), found if word == RESOLVED else ~found)


def _result(word: str) -> ColumnElement[bool]:
    if word == MISSED:
        missed = func.coalesce(CallRecord.result, "") != Result.ANSWERED
        ended = CallRecord.ended_at.is_not(None)
        return and_(CallRecord.direction == Direction.INBOUND, ended, missed)
    if word == CURRENT:
        return CallRecord.ended_at.is_(None)
    if word == ENDED:
        return CallRecord.ended_at.is_not(None)
    results = word.split(",")
    for each in results:
        _check(each, Result, "result")
    return CallRecord.result.in_(results)


def _ended_in(outcome: str) -> ColumnElement[bool]:
    below = select(Outcome.code).where(Outcome.parent_code == outcome)
    chosen = or_(CallNote.outcome == outcome, CallNote.outcome.in_(below))
    return CallRecord.call_id.in_(select(CallNote.call_id).where(chosen))


def _piece(digits: str) -> ColumnElement[bool]:
    """0912… stands in the table as +84912…; and whatever was dialled as it stood."""
    pieces = {digits, *([digits[1:]] if len(digits) > 3 and digits.startswith("0") else [])}
    return or_(
        CallRecord.number.contains(digits, autoescape=True),
        *(CallRecord.number_key.contains(piece, autoescape=True) for piece in sorted(pieces)),
    )


def _customers(customer_id: int, number_keys: Iterable[str]) -> ColumnElement[bool]:
    theirs = CallRecord.customer_id == customer_id
    keys = [key for key in number_keys if key]
    if not keys:
        return theirs
    # a caller may have become a customer after the call
    return or_(theirs, and_(CallRecord.customer_id.is_(None), CallRecord.number_key.in_(keys)))


def _check(word: str, kind: type[Direction] | type[Result], field: str) -> None:
    if word not in set(kind):
        raise Invalid(N_("“{word}” is not a filter here."), field=field, word=word[:40])
