"""What a leaver leaves behind, and how it comes to a successor: all in one transaction [15.11].

Each kind of thing that people own is a `Belonging` in BELONGINGS: how many there are, and one
statement that gives all of them away. A room whose things people own adds a line there.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from sqlalchemy import ColumnElement, Integer, Text, delete, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.callbacks.models import Callback, CallbackChange, State
from callcenter.customers.models import Customer, CustomerChange, CustomerShare
from callcenter.db import Utc
from callcenter.errors import N_, Conflict
from callcenter.people import audit
from callcenter.people.models import Department, Role, Token, User
from callcenter.staff.departments import all_of_them, seat
from callcenter.staff.queries import end_sessions, having, leads, some_superadmin


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """`successor` None: what can be unassigned is, the rest ends."""

    leaver: User
    successor: User | None
    by: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """`name` is a message id; `give` says how many it moved, and writes down what has a history."""

    name: str
    count: Callable[[AsyncSession, int], Awaitable[int]]
    give: Callable[[AsyncSession, Handover], Awaitable[int]]


async def count_customers(session: AsyncSession, user_id: int) -> int:
    """Also those in the bin: somebody may bring them back."""
    owned = select(func.count()).select_from(Customer).where(having(Customer.owner_id, user_id))
    return await session.scalar(owned) or 0


async def give_customers(session: AsyncSession, handover: Handover) -> int:
    """Owner, department, version and history of all of them: two statements for any number."""
    leaver, successor = handover.leaver, handover.successor
    theirs = having(Customer.owner_id, leaver.id)
    change = select(
        Customer.id,
        Customer.version + 1,
        literal(handover.by, Integer()),
        literal(handover.at, Utc()),
        literal("owner", Text()),
        literal(leaver.name, Text()),
        literal(successor.name if successor else "", Text()),
    ).where(theirs)
    columns = ["customer_id", "version", "user_id", "at", "field", "old", "new"]
    await session.execute(insert(CustomerChange).from_select(columns, change))
    values = {
        "owner_id": successor.id if successor else None,
        "assigned_at": handover.at if successor else None,
        "updated_at": handover.at,
        "version": Customer.version + 1,
    }
    if successor and successor.department_id is not None:
        values["department_id"] = successor.department_id
    moved = await session.execute(
        update(Customer).where(theirs).values(values),
        execution_options={"synchronize_session": False},
    )
    return int(getattr(moved, "rowcount", 0))


async def count_shares(session: AsyncSession, user_id: int) -> int:
    shared = select(func.count()).select_from(CustomerShare)
    return await session.scalar(shared.where(CustomerShare.user_id == user_id)) or 0


async def end_shares(session: AsyncSession, handover: Handover) -> int:
    """What others shared with the leaver was for them alone."""
    ended = delete(CustomerShare).where(CustomerShare.user_id == handover.leaver.id)
    return int(getattr(await session.execute(ended), "rowcount", 0))


async def count_callbacks(session: AsyncSession, user_id: int) -> int:
    """Those that are still to be made."""
    return await session.scalar(select(func.count()).where(*_planned(user_id))) or 0


async def give_callbacks(session: AsyncSession, handover: Handover) -> int:
    """To the successor, else to anyone of the department; each keeps that in its history."""
    leaver, successor = handover.leaver, handover.successor
    theirs = _planned(leaver.id)
    change = select(
        Callback.id,
        literal(handover.at, Utc()),
        literal(handover.by, Integer()),
        literal("given", Text()),
        literal(leaver.name, Text()),
        literal(successor.name if successor else "*", Text()),
    ).where(*theirs)
    columns = ["callback_id", "at", "user_id", "what", "old", "new"]
    await session.execute(insert(CallbackChange).from_select(columns, change))
    values: dict[str, object] = {"user_id": successor.id if successor else None}
    if successor and successor.department_id is not None:
        values["department_id"] = successor.department_id
    moved = await session.execute(
        update(Callback).where(*theirs).values(values),
        execution_options={"synchronize_session": False},
    )
    return int(getattr(moved, "rowcount", 0))


def _planned(user_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Callback.user_id == user_id, Callback.state == State.OPEN


CUSTOMERS = Belonging(name=N_("Customers"), count=count_customers, give=give_customers)
SHARES = Belonging(name=N_("Customers shared with them"), count=count_shares, give=end_shares)
CALLBACKS = Belonging(name=N_("Callbacks"), count=count_callbacks, give=give_callbacks)
BELONGINGS: list[Belonging] = [CUSTOMERS, SHARES, CALLBACKS]


async def counts(session: AsyncSession, user_id: int) -> list[tuple[Belonging, int]]:
    """What there is to hand over, in the order of BELONGINGS."""
    return [(each, await each.count(session, user_id)) for each in BELONGINGS]


async def hand_over(session: AsyncSession, handover: Handover) -> dict[str, int]:
    """Give everything away; how many of each, by name. The caller commits."""
    moved = {each.name: await each.give(session, handover) for each in BELONGINGS}
    to = handover.successor.username if handover.successor else None
    told = {"of": handover.leaver.username, "to": to, "moved": moved}
    audit.note(session, handover.by, "handed-over", msgspec.json.encode(told).decode())
    return moved


async def deactivate(session: AsyncSession, handover: Handover, leader: User | None) -> None:
    """The leaver's account ends in every respect, and all they have goes to the successor.

    `leader` takes the departments they led; None leaves those without one. Raises Conflict for the
    last superadmin, and for a leader who is no team lead. The caller commits.
    """
    leaver = handover.leaver
    if not leaver.active:
        raise Conflict(N_("{name} has left already."), name=leaver.name)
    leaver.active = False  # first of all: on SQLite this takes the lock that all below needs
    await session.flush()
    if leaver.role == Role.SUPERADMIN:
        await some_superadmin(session, leaver)
    await _give_departments(session, await leads(session, leaver.id), leader)
    leaver.extension, leaver.extension_since = None, handover.at
    await session.execute(delete(Token).where(Token.user_id == leaver.id))
    await end_sessions(session, leaver)
    await hand_over(session, handover)
    audit.note(session, handover.by, "deactivated", leaver.username)


async def _give_departments(
    session: AsyncSession, departments: Sequence[Department], leader: User | None
) -> None:
    if leader and (not leader.active or leader.role != Role.TEAM_LEAD):
        raise Conflict(N_("{name} is no active team lead."), name=leader.name)
    for each in departments:
        each.leader_id = None
    if leader:
        for each in departments:
            await seat(session, leader, each, await all_of_them(session))


def now() -> datetime:
    return datetime.now(UTC)
