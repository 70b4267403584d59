"""Questions about holds, proofs and what is to go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import keyset
from callcenter.calls.models import CallRecord
from callcenter.customers.models import Customer
from callcenter.keyset import Cut
from callcenter.people.models import User
from callcenter.people.rights import Scope, Statement
from callcenter.recordings.holds import active
from callcenter.recordings.models import Hold, Proof

HoldLine = tuple[Hold, CallRecord | None, Customer | None]
# With the name of whoever deleted it, and its call.
ProofLine = tuple[Proof, str | None, CallRecord | None]


async def holds(
    session: AsyncSession,
    scope: Scope,
    now: datetime,
    most: int,
    hold_id: int | None = None,
    *,
    over: bool = False,
) -> Sequence[HoldLine]:
    """Those that count, or those that were lifted or ended, of calls and customers that `scope` may
    see, also in the bin; the newest first. Or that one, if it is among them."""
    calls = scope.calls(select(CallRecord.call_id).where(CallRecord.call_id == Hold.call_id))
    customers = scope.each_customer(select(Customer.id).where(Customer.id == Hold.customer_id))
    binned = scope.binned(select(Customer.id).where(Customer.id == Hold.customer_id))
    asked = (
        select(Hold, CallRecord, Customer)
        .outerjoin(CallRecord, CallRecord.call_id == Hold.call_id)
        .outerjoin(Customer, Customer.id == Hold.customer_id)
        .where(not_(active(now)) if over else active(now))
    )
    if not scope.everything:
        asked = asked.where(
            or_(*(each.correlate(Hold).exists() for each in (calls, customers, binned)))
        )
    if hold_id is not None:
        asked = asked.where(Hold.id == hold_id)
    rows = await session.execute(asked.order_by(Hold.id.desc()).limit(most))
    return [(hold, record, customer) for hold, record, customer in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFilters:
    """Empty values do not filter. `since` is included, `until` is not."""

    text: str = ""  # a piece of the call's code, the number, the sum or the reason
    by: str = ""  # "rule": the retention; "people"
    since: datetime | None = None
    until: datetime | None = None


async def proofs_cut(
    session: AsyncSession, scope: Scope, filters: ProofFilters, cursor: str = "", limit: int = 50
) -> Cut[ProofLine]:
    """Of calls that `scope` may see, the newest first."""
    statement = (
        select(Proof, User.name, CallRecord)
        .outerjoin(User, User.id == Proof.user_id)
        .outerjoin(CallRecord, CallRecord.call_id == Proof.call_id)
    )
    columns = (Proof.wanted_at, Proof.call_id)
    return await keyset.cut(
        session,
        scope.calls(_narrowed(statement, filters)),
        columns,
        descending=True,
        cursor=cursor,
        limit=limit,
    )


async def proofs_count(session: AsyncSession, scope: Scope, filters: ProofFilters) -> int:
    """How many those are, counted up to keyset.MOST + 1."""
    statement: Select[str] = select(Proof.call_id)
    if filters.text or not scope.everything:
        statement = statement.outerjoin(CallRecord, CallRecord.call_id == Proof.call_id)
    return await keyset.count(session, scope.calls(_narrowed(statement, filters)))


def _narrowed(statement: Statement, filters: ProofFilters) -> Statement:
    if filters.since:
        statement = statement.where(Proof.wanted_at >= filters.since)
    if filters.until:
        statement = statement.where(Proof.wanted_at < filters.until)
    if filters.by == "rule":
        statement = statement.where(Proof.user_id.is_(None))
    elif filters.by == "people":
        statement = statement.where(Proof.user_id.is_not(None))
    for word in filters.text.split():
        columns = (Proof.call_id, Proof.sha256, Proof.reason, CallRecord.number)
        statement = statement.where(or_(*(c.icontains(word, autoescape=True) for c in columns)))
    return statement
