"""Who has heard a recording and how much of it, and who has taken it away as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import keyset
from callcenter.calls.models import CallRecord
from callcenter.customers.models import Customer
from callcenter.customers.numbers import digits_of
from callcenter.keyset import Cut
from callcenter.people.models import User
from callcenter.people.rights import Statement
from callcenter.recordings.models import Listening, Recording

NOTED_EVERY = timedelta(minutes=10)  # a player asks for one recording many times while it plays

Kind = Literal["heard", "kept"]
# Who listened when, their name, the call, its customer and its recording's length, if known.
Line = tuple[Listening, str | None, CallRecord | None, str | None, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardFilters:
    """Empty values do not filter. `since` is included, `until` is not."""

    text: str = ""  # a piece of the customer's name or number
    user_id: int | None = None  # who listened
    kind: Kind | None = None
    since: datetime | None = None
    until: datetime | None = None


async def note_listening(
    session: AsyncSession, call_id: str, user_id: int, kind: Kind = "heard"
) -> bool:
    """Write down that this user listens, once in ten minutes; the caller commits if True."""
    now = datetime.now(UTC)
    lately = await session.scalar(
        select(Listening.id)
        .where(Listening.call_id == call_id, Listening.at > now - NOTED_EVERY)
        .where(Listening.user_id == user_id, Listening.kind == kind)
        .limit(1)
    )
    if lately is None:
        session.add(Listening(call_id=call_id, user_id=user_id, at=now, kind=kind))
    return lately is None


async def note_length(session: AsyncSession, call_id: str, user_id: int, seconds: float) -> float:
    """How much they have heard the last time they listened; it only grows. The caller commits.

    Who never asked for the sound has heard nothing, whatever their page says: 0.
    """
    latest = await session.scalar(
        select(Listening)
        .where(Listening.call_id == call_id, Listening.user_id == user_id)
        .where(Listening.kind == "heard")
        .order_by(Listening.at.desc())
        .limit(1)
    )
    if latest is None:
        return 0.0
    latest.heard_s = max(latest.heard_s, seconds)
    return latest.heard_s


async def of_call(session: AsyncSession, call_id: str) -> Sequence[Listening]:
    """The newest first; a call that is heard more than two hundred times is cut there."""
    asked = select(Listening).where(Listening.call_id == call_id)
    return (await session.scalars(asked.order_by(Listening.at.desc()).limit(200))).all()


async def heard_cut(session: AsyncSession, filters: HeardFilters, cursor: str = "") -> Cut[Line]:
    """Of all calls, the newest first."""
    statement = (
        select(Listening, User.name, CallRecord, Customer.name, Recording.duration_s)
        .outerjoin(User, User.id == Listening.user_id)
        .outerjoin(CallRecord, CallRecord.call_id == Listening.call_id)
        .outerjoin(Customer, Customer.id == CallRecord.customer_id)
        .outerjoin(Recording, Recording.call_id == Listening.call_id)
    )
    columns = (Listening.at, Listening.id)
    return await keyset.cut(
        session, _narrowed(statement, filters), columns, descending=True, cursor=cursor
    )


async def heard_count(session: AsyncSession, filters: HeardFilters) -> int:
    """How many those are, counted up to keyset.MOST + 1."""
    statement: Select[int] = select(Listening.id)
    if filters.text:
        statement = statement.outerjoin(
            CallRecord, CallRecord.call_id == Listening.call_id
        ).outerjoin(Customer, Customer.id == CallRecord.customer_id)
    return await keyset.count(session, _narrowed(statement, filters))


def _narrowed(statement: Statement, filters: HeardFilters) -> Statement:
    if filters.user_id is not None:
        statement = statement.where(Listening.user_id == filters.user_id)
    if filters.kind:
        statement = statement.where(Listening.kind == filters.kind)
    if filters.since:
        statement = statement.where(Listening.at >= filters.since)
    if filters.until:
        statement = statement.where(Listening.at < filters.until)
    if filters.text:
        named = Customer.name.icontains(filters.text, autoescape=True)
        digits = digits_of(filters.text)
        rung = CallRecord.number.contains(digits, autoescape=True)
        statement = statement.where(or_(named, rung) if digits else named)
    return statement
