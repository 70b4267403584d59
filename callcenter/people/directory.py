"""Who has which extension, which department is below which, which queue is whose: all in memory.

Read at start and again after each change of people, departments or queues. Calls ask it many times
a second.
"""

from dataclasses import dataclass

from sqlalchemy import select

from callcenter.calls.call import Call
from callcenter.db import Sessions
from callcenter.people.models import Department, Role, User
from callcenter.people.rights import Scope
from callcenter.settings.models import Queue


@dataclass(frozen=True, slots=True)
class Person:
    """A user, without the secrets."""

    id: int
    name: str
    username: str
    extension: str | None
    role: Role
    department_id: int | None
    language: str


@dataclass(frozen=True, slots=True)
class DepartmentNode:
    id: int
    name: str
    parent_id: int | None


class Directory:
    """`departments`: id -> DepartmentNode; `queues`: name -> (title, department id or None)."""

    def __init__(self) -> None:
        self.departments: dict[int, DepartmentNode] = {}
        self.queues: dict[str, tuple[str, int | None]] = {}
        self._people: dict[int, Person] = {}
        self._by_extension: dict[str, Person] = {}

    async def load(self, sessions: Sessions) -> None:
        """Read everything again; what was there before is replaced at once, not piece by piece."""
        async with sessions() as session:
            users = (
                await session.scalars(select(User).where(User.active).order_by(User.name))
            ).all()
            departments = (
                await session.scalars(select(Department).order_by(Department.name))
            ).all()
            queues = (await session.scalars(select(Queue).order_by(Queue.title))).all()
        self._people = {user.id: person_of(user) for user in users}
        self._by_extension = {
            person.extension: person for person in self._people.values() if person.extension
        }
        self.departments = {
            each.id: DepartmentNode(each.id, each.name, each.parent_id) for each in departments
        }
        self.queues = {each.name: (each.title, each.department_id) for each in queues}

    def of_extension(self, extension: str) -> Person | None:
        return self._by_extension.get(extension)

    def person(self, user_id: int) -> Person | None:
        """The active user of that id."""
        return self._people.get(user_id)

    def people(self) -> list[Person]:
        """All active users, by name."""
        return list(self._people.values())

    def below(self, department_id: int) -> frozenset[int]:
        """That department and all below it."""
        found = {department_id}
        grew = True
        while grew:
            more = {
                each.id for each in self.departments.values() if each.parent_id in found
            } - found
            found |= more
            grew = bool(more)
        return frozenset(found)

    def scope_of(self, person: Person) -> Scope:
        """What this person may see."""
        leads = person.role is Role.TEAM_LEAD and person.department_id is not None
        return Scope(
            everything=person.role is Role.SUPERADMIN,
            user_id=person.id,
            departments=self.below(person.department_id)
            if leads and person.department_id is not None
            else frozenset(),
            extension=person.extension,
        )

    def within(self, scope: Scope) -> list[Person]:
        """The people whose work this scope may see, by name."""
        return [
            person
            for person in self.people()
            if scope.everything
            or person.id == scope.user_id
            or person.department_id in scope.departments
        ]

    def whose(self, call: Call) -> tuple[int | None, int | None]:
        """Whose call it is in lists and reports: (user id, department id).

        Who talked last, else who placed it, else who was rung last; the department is that user's,
        else the queue's.
        """
        extension = (
            call.agents[-1]
            if call.agents
            else call.placed_by or (call.rung[-1] if call.rung else None)
        )
        person = self._by_extension.get(extension) if extension else None
        _, department_id = self.queues.get(call.queue or "", ("", None))
        if person is None:
            return None, department_id
        return (
            person.id,
            person.department_id if person.department_id is not None else department_id,
        )


def person_of(user: User) -> Person:
    return Person(
        id=user.id,
        name=user.name,
        username=user.username,
        extension=user.extension,
        role=Role(user.role),
        department_id=user.department_id,
        language=user.language,
    )
