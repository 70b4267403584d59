"""Who does not want to be called: asked by number, put on the list, taken off it.

Each change leaves a line that stays. Nothing here commits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.callbacks.models import Callback, State
from callcenter.calls.models import MISSED, CallRecord
from callcenter.customers.numbers import dialable, key_of
from callcenter.dialling.models import LONGEST, DoNotCall, DoNotCallChange, Source, What
from callcenter.dialling.rules import EMERGENCY
from callcenter.errors import N_, Invalid, Missing

RETURNED = timedelta(days=7)  # so long may a missed call be answered by calling back
TOGETHER = 500  # numbers in one question


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants on the list; `until` None: for good."""

    number: str
    reason: str
    until: datetime | None = None
    call_id: str | None = None


def _counts(now: datetime) -> ColumnElement[bool]:
    return or_(DoNotCall.until.is_(None), DoNotCall.until > now)


async def entry(session: AsyncSession, number_key: str, now: datetime) -> DoNotCall | None:
    """What stands in the way of calling that number; our own list's goes first."""
    return (await entries(session, [number_key], now)).get(number_key)


async def entries(
    session: AsyncSession, number_keys: Iterable[str], now: datetime
) -> dict[str, DoNotCall]:
    """The same for many: by key, those that are on a list now."""
    every, found = sorted({key for key in number_keys if key}), {}
    for place in range(0, len(every), TOGETHER):
        asked = select(DoNotCall).where(DoNotCall.number_key.in_(every[place : place + TOGETHER]))
        for row in await session.scalars(asked.where(_counts(now))):
            if row.number_key not in found or row.source == Source.OWN:
                found[row.number_key] = row
    return found


async def wants_call(session: AsyncSession, number_key: str, now: datetime) -> str:
    """Whether they have asked for a call themselves: "callback" planned, "missed" call; or ""."""
    planned = select(Callback.id).where(Callback.number_key == number_key, _is_open())
    if await session.scalar(planned.limit(1)):
        return "callback"
    rang = select(CallRecord.call_id).where(MISSED, CallRecord.number_key == number_key)
    recent = rang.where(CallRecord.started_at >= now - RETURNED)
    return "missed" if await session.scalar(recent.limit(1)) else ""


def _is_open() -> ColumnElement[bool]:
    return Callback.state == State.OPEN.value


async def put(session: AsyncSession, wish: Wish, by: int, now: datetime) -> DoNotCall:
    """Onto our own list, or with another reason and time there. Raises Invalid."""
    key, reason = key_of(dialable(wish.number)), one_line(wish.reason)
    if key in EMERGENCY:
        raise Invalid(N_("Emergency numbers can always be called."), field="number")
    if not reason:
        raise Invalid(N_("Say why: whoever wants to call this number will read it."), "reason")
    if wish.until is not None and wish.until <= now:
        raise Invalid(N_("This day has passed."), field="until")
    row = await session.get(DoNotCall, (key, Source.OWN.value))
    if row is None:
        row = DoNotCall(number_key=key, source=Source.OWN.value)
        session.add(row)
    row.reason, row.until, row.added_by, row.added_at = reason, wish.until, by, now
    note(session, row, What.ADDED, by, now, reason, wish.call_id)
    await session.flush()
    return row


async def remove(
    session: AsyncSession, number_key: str, reason: str, by: int, now: datetime
) -> None:
    """Off our own list. Raises Missing, and Invalid without a reason."""
    row = await session.get(DoNotCall, (number_key, Source.OWN.value))
    if row is None:
        raise Missing(N_("This number is not on our list (any more)."))
    if not (why := one_line(reason)):
        raise Invalid(N_("Say why it may be called again: it is kept."), field="reason")
    note(session, row, What.REMOVED, by, now, why)
    await session.delete(row)
    await session.flush()


def note(
    session: AsyncSession,
    row: DoNotCall,
    what: What,
    by: int | None,
    now: datetime,
    reason: str,
    call_id: str | None = None,
) -> None:
    """A line about it, that stays."""
    session.add(
        DoNotCallChange(
            at=now,
            user_id=by,
            what=what.value,
            number_key=row.number_key,
            source=row.source,
            reason=reason,
            call_id=call_id,
        )
    )


async def changes(
    session: AsyncSession, number_keys: Iterable[str] | None = None, limit: int = 20
) -> Sequence[DoNotCallChange]:
    """What was done, the last first; about all numbers, or those."""
    asked = select(DoNotCallChange)
    if number_keys is not None:
        asked = asked.where(DoNotCallChange.number_key.in_(list(number_keys)))
    newest = asked.order_by(DoNotCallChange.at.desc(), DoNotCallChange.id.desc())
    return (await session.scalars(newest.limit(limit))).all()


def one_line(text: str) -> str:
    """A reason as it is kept. Raises Invalid when it is too long."""
    line = " ".join(text.replace("\0", "").split())
    if len(line) > LONGEST:
        raise Invalid(N_("Too long: {n} letters at most."), field="reason", n=LONGEST)
    return line
