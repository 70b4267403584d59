"""Departments as a tree: who leads which, what is below which, what keeps one from going.

The caller commits, and loads the directory again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers.models import Customer
from callcenter.errors import N_, Conflict, Invalid, Missing
from callcenter.people import audit
from callcenter.people.models import Department, Role, User
from callcenter.settings.models import Queue
from callcenter.staff.queries import having

LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentForm:
    """As typed; `leader_id` is required of a new department [15.5]."""

    name: str
    parent_id: int | None
    leader_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacles:
    """What is still there."""

    people: int
    children: Sequence[str]
    customers: int
    queues: Sequence[str]
    recordings: bool = False  # that are kept longer than the company's

    def __bool__(self) -> bool:
        here = (self.people, self.children, self.customers, self.queues, self.recordings)
        return any(here)


async def all_of_them(session: AsyncSession) -> Sequence[Department]:
    return (await session.scalars(select(Department).order_by(Department.name))).all()


async def department(session: AsyncSession, department_id: int) -> Department:
    """Raises Missing."""
    if (found := await session.get(Department, department_id)) is None:
        raise Missing(N_("There is no such department."))
    return found


def as_tree(departments: Iterable[Department]) -> list[tuple[int, Department]]:
    """(depth from 0, department), parents before their children, in the order given."""
    below: dict[int | None, list[Department]] = {}
    for each in departments:
        below.setdefault(each.parent_id, []).append(each)

    def walk(parent_id: int | None, depth: int) -> Iterable[tuple[int, Department]]:
        for each in below.get(parent_id, ()):
            yield depth, each
            yield from walk(each.id, depth + 1)

    return list(walk(None, 0))


async def team_leads(session: AsyncSession) -> Sequence[User]:
    """Whom a department may be given to, by name."""
    active = select(User).where(User.active, User.role == Role.TEAM_LEAD.value)
    return (await session.scalars(active.order_by(User.name))).all()


async def people_by(session: AsyncSession) -> dict[int, int]:
    """How many work in each department itself."""
    counted = select(User.department_id, func.count()).where(User.active)
    rows = await session.execute(counted.group_by(User.department_id))
    return {department_id: n for department_id, n in rows if department_id is not None}


async def save(
    session: AsyncSession, form: DepartmentForm, by: int, department_id: int | None = None
) -> Department:
    """A new department, or that one changed. Raises Invalid or Conflict, with `field` in it."""
    departments = {each.id: each for each in await all_of_them(session)}
    row = departments[department_id] if department_id else Department()
    _check_name(form, departments.values(), row)
    if form.parent_id is not None and form.parent_id not in departments:
        raise Invalid(N_("The department above it does not exist any more."), "parent")
    if row.id and form.parent_id in _below(departments.values(), row.id):
        raise Conflict(N_("A department cannot be below itself."), field="parent")
    leader = await _leader(session, form, row)
    row.name, row.parent_id = form.name, form.parent_id
    session.add(row)
    await session.flush()
    departments[row.id] = row
    if leader:
        await seat(session, leader, row, departments.values())
    verb = "department-changed" if department_id else "department-added"
    audit.note(session, by, verb, f"{row.name} ({leader.username if leader else 'no leader'})")
    return row


async def seat(
    session: AsyncSession, leader: User, row: Department, departments: Iterable[Department]
) -> None:
    """Make that team lead the leader: what they may see follows from the department they are in.

    They move into it, unless their own is above it. Raises Conflict when they lead another one,
    which they would lose sight of.
    """
    row.leader_id = leader.id
    mine = leader.department_id
    if mine is not None and row.id in _below(departments, mine):
        return
    for other in departments:
        if other.leader_id == leader.id and other.id not in _below(departments, row.id):
            sentence = N_(
                "{name} leads {department} already. A team lead leads one, and those below."
            )
            raise Conflict(sentence, name=leader.name, department=other.name, field="leader")
    leader.department_id = row.id
    await session.flush()


async def obstacles(
    session: AsyncSession, row: Department, *, recordings: bool = False
) -> Obstacles:
    """What stands in the way of deleting it; customers count also when they are in the bin.
    `recordings`: those of its calls would go sooner without it."""
    people = select(func.count()).select_from(User)
    customers = select(func.count()).select_from(Customer)
    children = select(Department.name).where(Department.parent_id == row.id)
    queues = select(Queue.title).where(Queue.department_id == row.id)
    return Obstacles(
        people=await session.scalar(people.where(User.active, User.department_id == row.id)) or 0,
        children=(await session.scalars(children.order_by(Department.name))).all(),
        customers=await session.scalar(customers.where(having(Customer.department_id, row.id)))
        or 0,
        queues=(await session.scalars(queues.order_by(Queue.title))).all(),
        recordings=recordings,
    )


async def delete(
    session: AsyncSession, row: Department, by: int, *, recordings: bool = False
) -> None:
    """Raises Conflict when there are obstacles."""
    if await obstacles(session, row, recordings=recordings):
        raise Conflict(N_("{name} is not empty."), name=row.name)
    # Those who have left stay where they were until there is no such place any more.
    await session.execute(
        update(User).where(User.department_id == row.id).values(department_id=None)
    )
    audit.note(session, by, "department-deleted", row.name)
    await session.delete(row)


def _below(departments: Iterable[Department], department_id: int) -> set[int]:
    """That department and all below it, also in a tree that is being changed."""
    departments = list(departments)
    found = {department_id}
    while more := {each.id for each in departments if each.parent_id in found} - found:
        found |= more
    return found


def _check_name(form: DepartmentForm, others: Iterable[Department], row: Department) -> None:
    if not form.name:
        raise Invalid(N_("Enter a name."), "name")
    if len(form.name) > LONGEST:
        raise Invalid(N_("Too long: {n} letters at most."), "name", n=LONGEST)
    for other in others:
        if other is not row and other.name.casefold() == form.name.casefold():
            raise Conflict(N_("There is a department of this name already."), field="name")


async def _leader(session: AsyncSession, form: DepartmentForm, row: Department) -> User | None:
    """Whoever is meant; an old department without one may go on without."""
    if form.leader_id is None:
        if row.id and row.leader_id is None:
            return None
        raise Invalid(N_("Choose the team lead first."), "leader")
    leader = await session.get(User, form.leader_id)
    if leader is None or not leader.active or leader.role != Role.TEAM_LEAD:
        raise Conflict(N_("This is no active team lead."), field="leader")
    return leader
