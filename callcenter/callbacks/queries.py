"""Questions about callbacks: which one may see, those of a day, a customer's line of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.callbacks.changes import WHAT
from callcenter.callbacks.models import Callback, CallbackChange, State
from callcenter.customers import search
from callcenter.customers.models import Customer
from callcenter.customers.timeline import Entry
from callcenter.errors import N_, Missing
from callcenter.people.models import User
from callcenter.people.rights import Scope

MOST = 500  # of one page: a week of a large team

Line = tuple[Callback, Customer | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Empty values do not filter; `until` is not included. `user_id` 0: those that are anyone's."""

    since: datetime | None = None
    until: datetime | None = None
    state: str = State.OPEN.value  # "" for all
    user_id: int | None = None
    customer_id: int | None = None
    call_id: str = ""
    text: str = ""


def narrow(scope: Scope) -> ColumnElement[bool]:
    """What may be seen: one's own, anyone's of one's department, and those of whom one leads."""
    if scope.everything:
        return Callback.id.is_not(None)
    anyones = Callback.user_id.is_(None)
    ways = [Callback.user_id == scope.user_id]
    if scope.department_id is not None:
        ways.append(anyones & (Callback.department_id == scope.department_id))
    if scope.departments:
        led = select(User.id).where(User.department_id.in_(scope.departments))
        ways += [
            anyones & Callback.department_id.in_(scope.departments),
            Callback.user_id.in_(led),
        ]
    return or_(*ways)


async def one(session: AsyncSession, scope: Scope, callback_id: int) -> Callback:
    """Raises Missing when there is none, or none that may be seen."""
    found: Callback | None = await session.scalar(
        select(Callback).where(Callback.id == callback_id, narrow(scope))
    )
    if found is None:
        raise Missing(N_("There is no such callback."))
    return found


async def lines(
    session: AsyncSession, scope: Scope, wanted: Wanted, limit: int = MOST
) -> Sequence[Line]:
    """Callbacks with their customers, the earliest first."""
    statement = (
        select(Callback, Customer)
        .outerjoin(Customer, Customer.id == Callback.customer_id)
        .where(narrow(scope), *_conditions(wanted))
        .order_by(Callback.at, Callback.id)
        .limit(limit)
    )
    return [(callback, customer) for callback, customer in await session.execute(statement)]


async def by_id(session: AsyncSession, callback_id: int) -> list[Line]:
    """That one with its customer, whoever may see it."""
    found = await session.execute(
        select(Callback, Customer)
        .outerjoin(Customer, Customer.id == Callback.customer_id)
        .where(Callback.id == callback_id)
    )
    return [(callback, customer) for callback, customer in found]


async def join_customer(session: AsyncSession, number_key: str, customer_id: int) -> None:
    """Open callbacks to that number are that customer's, if they were nobody's."""
    await session.execute(
        update(Callback)
        .where(Callback.number_key == number_key, Callback.customer_id.is_(None))
        .values(customer_id=customer_id)
        .execution_options(synchronize_session=False)
    )


async def open_ones(session: AsyncSession, ids: Sequence[int] | None = None) -> list[Line]:
    """All that are open, whosever; or which of these are."""
    statement = select(Callback, Customer).outerjoin(Customer, Customer.id == Callback.customer_id)
    statement = statement.where(Callback.state == State.OPEN)
    if ids is not None:
        statement = statement.where(Callback.id.in_(ids))
    return [(callback, customer) for callback, customer in await session.execute(statement)]


async def changes_of(session: AsyncSession, callback_id: int) -> Sequence[CallbackChange]:
    """What happened to it, the oldest first."""
    found = select(CallbackChange).where(CallbackChange.callback_id == callback_id)
    return (await session.scalars(found.order_by(CallbackChange.id))).all()


async def entries(
    session: AsyncSession, customer_id: int, before: datetime, limit: int
) -> list[Entry]:
    """For the customer's line of time, the newest first."""
    found = await session.execute(
        select(CallbackChange, Callback)
        .join(Callback, Callback.id == CallbackChange.callback_id)
        .where(Callback.customer_id == customer_id, CallbackChange.at < before)
        .where(CallbackChange.what != "later")
        .order_by(CallbackChange.at.desc(), CallbackChange.id.desc())
        .limit(limit)
    )
    return [
        Entry(
            at=change.at,
            key=f"callback-{change.id:012}",
            kind="callback",
            icon="callback",
            template="callbacks/timeline.html",
            by=change.user_id,
            values={"change": change, "callback": callback, "what": WHAT},
        )
        for change, callback in found
    ]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.since:
        found.append(Callback.at >= wanted.since)
    if wanted.until:
        found.append(Callback.at < wanted.until)
    if wanted.state:
        found.append(Callback.state == wanted.state)
    if wanted.user_id is not None:
        found.append(
            Callback.user_id == wanted.user_id if wanted.user_id else Callback.user_id.is_(None)
        )
    if wanted.customer_id is not None:
        found.append(Callback.customer_id == wanted.customer_id)
    if wanted.call_id:
        found.append(Callback.call_id == wanted.call_id)
    for word in wanted.text.split():
        found.append(
            or_(
                Callback.purpose.icontains(word, autoescape=True),
                Customer.search_key.contains(search.key_of(word), autoescape=True),
                Callback.number_key.contains(word.lstrip("0") or word, autoescape=True),
            )
        )
    return found
