"""Who has which extension, which department is below which, which queue is whose: all in memory.

Read at start and again after each change of people, departments or queues. Calls ask it many times
a second.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.call import Call
from callcenter.calls.endpoints import desk_of, extension_of, mobile_of
from callcenter.db import Sessions
from callcenter.people.models import (
    Department,
    GroupPermission,
    Role,
    User,
    UserGroup,
    UserSkill,
)
from callcenter.people.permissions import Permission, Reach, Rights, rights_of
from callcenter.people.rights import Scope
from callcenter.settings.models import Did, Queue, QueueSkill

Rings = Literal["browser", "desk", "mobile"]  # which of an agent's phones


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
    extension_since: datetime | None = None
    rings: Rings = "browser"
    mobile: str = ""  # as it is dialled; there when it is what rings

    @property
    def endpoint(self) -> str | None:
        """What the exchange rings for them."""
        if self.extension and self.rings == "desk":
            return desk_of(self.extension)
        if self.extension and self.rings == "mobile":
            return mobile_of(self.extension)
        return self.extension


@dataclass(frozen=True, slots=True)
class DepartmentNode:
    id: int
    name: str
    parent_id: int | None
    leader_id: int | None = None
    break_limit: int | None = None


Groups = dict[int, list[dict[Permission, Reach]]]  # user id -> what each of their groups gives


class Directory:
    """`departments`: id -> DepartmentNode; `queues`: name -> (title, department id or None).

    `titles` are those of the switchboard's parts, by the field of its plan and name; whoever makes
    a plan live tells them (switchboard/editing.titles). Those of parts that are gone stay: calls
    came by them.
    """

    def __init__(self) -> None:
        self.departments: dict[int, DepartmentNode] = {}
        self.queues: dict[str, tuple[str, int | None]] = {}
        self.titles: dict[tuple[str, str], str] = {}
        self._people: dict[int, Person] = {}
        self._everybody: dict[int, Person] = {}
        self._by_extension: dict[str, Person] = {}
        self._leads_to: dict[str, str] = {}  # number of ours -> the queue that it leads to first
        self._had: dict[str, int] = {}  # extension -> id of whoever had it last, while we run
        self._groups: Groups = {}
        self._skills: dict[int, frozenset[int]] = {}  # user id -> ids of skills
        self._queues_of_department: dict[int | None, frozenset[str]] = {}
        self._queues_of_skill: dict[int, frozenset[str]] = {}
        self._taken_by: dict[frozenset[int], frozenset[str]] = {}
        self.homeless: frozenset[str] = frozenset()

    async def load(self, sessions: Sessions) -> None:
        """Read everything again; what was there before is replaced at once, not piece by piece."""
        async with sessions() as session:
            users = (await session.scalars(select(User).order_by(User.name))).all()
            by_name = select(Department).order_by(Department.name)
            departments = (await session.scalars(by_name)).all()
            queues = (await session.scalars(select(Queue).order_by(Queue.title))).all()
            self._groups = await _groups(session)
            skills = select(UserSkill.user_id, UserSkill.skill_id)
            self._skills = _sets(await session.execute(skills))
            dids = (await session.scalars(select(Did))).all()
            asking = select(QueueSkill.skill_id, QueueSkill.queue)
            self._queues_of_skill = _sets(await session.execute(asking))
        self._had |= {extension: person.id for extension, person in self._by_extension.items()}
        self._everybody = {user.id: person_of(user) for user in users}
        self._people = {user.id: self._everybody[user.id] for user in users if user.active}
        self._by_extension = {
            person.extension: person for person in self._people.values() if person.extension
        }
        self.departments = {
            each.id: DepartmentNode(
                each.id, each.name, each.parent_id, each.leader_id, each.break_limit
            )
            for each in departments
        }
        self._leads_to = {each.number: each.queue for each in dids}
        self.queues = {each.name: (each.title, each.department_id) for each in queues}
        self.homeless = frozenset(each.name for each in queues if each.department_id is None)
        self._taken_by = {}
        self._queues_of_department = _sets((each.department_id, each.name) for each in queues)

    def of_extension(self, extension: str) -> Person | None:
        """Whoever has it; else whoever had it last: a call goes on when its agent loses it."""
        return self._by_extension.get(extension) or self.known(self._had.get(extension, 0))

    def rung_at(self, endpoint: str) -> Person | None:
        """Whoever has it, and is called there."""
        person = self._by_extension.get(extension_of(endpoint))
        return person if person and person.endpoint == endpoint else None

    def endpoints(self) -> dict[str, int]:
        """All phones of agents, also those that are not rung: endpoint -> user id."""
        return {
            endpoint: person.id
            for extension, person in self._by_extension.items()
            for endpoint in (extension, desk_of(extension), mobile_of(extension))
        }

    def known(self, user_id: int) -> Person | None:
        """The user of that id, also one who has left or was deleted: for the name beside a call."""
        return self._everybody.get(user_id)

    def person(self, user_id: int) -> Person | None:
        """The active user of that id."""
        return self._people.get(user_id)

    def people(self) -> list[Person]:
        """All active users, by name."""
        return list(self._people.values())

    def queues_of(self, person: Person) -> frozenset[str]:
        """The names of the queues whose calls that person takes: their department's, and those
        that ask for a skill of theirs.
        """
        mine = person.department_id
        home = self._queues_of_department.get(mine, frozenset()) if mine else frozenset()
        return home.union(
            *(self._queues_of_skill.get(each, ()) for each in self.skills_of(person.id))
        )

    def skills_of(self, user_id: int) -> frozenset[int]:
        """The ids of that person's skills."""
        return self._skills.get(user_id, frozenset())

    def queues_asking(self, skill_id: int) -> frozenset[str]:
        """The names of the queues that ask for that skill."""
        return self._queues_of_skill.get(skill_id, frozenset())

    def queue_of(self, person: Person) -> str:
        """Who takes a customer of that person's, should they be lost: their first queue, else any;
        "" where there is none.
        """
        return next(iter((*sorted(self.queues_of(person)), *self.queues)), "")

    def title_of(self, queue: str) -> str:
        """What people call the queue of that name; the name of one that is not there any more."""
        return self.queues.get(queue, (queue, None))[0]

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

    def rights_of(self, person: Person) -> Rights:
        """What this person may do: their role, and the groups ticked for them."""
        return rights_of(person.role, self._groups.get(person.id, ()))

    def scope_of(self, person: Person, permission: Permission = Permission.CUSTOMERS) -> Scope:
        """What this person may see, or touch, with that permission."""
        reach = self.rights_of(person).reach(permission)
        leads = reach is Reach.DEPARTMENT and person.department_id is not None
        led = self.below(person.department_id or 0) if leads else frozenset()
        return Scope(
            everything=reach is Reach.ALL,
            user_id=person.id,
            departments=led,
            extension=person.extension,
            extension_since=person.extension_since,
            department_id=person.department_id,
            queues=self.homeless & (self.queues_of(person) | self.taken_by(led)),
        )

    def taken_by(self, departments: frozenset[int]) -> frozenset[str]:
        """The queues of no department (`homeless`) whose calls people of these take."""
        if not departments or not self.homeless:
            return frozenset()
        if departments not in self._taken_by:
            theirs = (p for p in self._people.values() if p.department_id in departments)
            self._taken_by[departments] = self.homeless.intersection(
                frozenset[str]().union(*map(self.queues_of, theirs))
            )
        return self._taken_by[departments]

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
        else that of the queue which it came into, or its number leads to.
        """
        extension = (
            call.agents[-1]
            if call.agents
            else call.placed_by or (call.rung[-1] if call.rung else None)
        )
        person = self.of_extension(extension) if extension else None
        queue = call.queue or self._leads_to.get(call.did or "", "")
        _, department_id = self.queues.get(queue, ("", None))
        if person is None:
            return None, department_id
        own = person.department_id
        return person.id, department_id if own is None else own


def _sets(pairs: Iterable[Any]) -> dict[Any, frozenset[Any]]:
    """(key, value), … as key -> its values."""
    found: defaultdict[Any, set[Any]] = defaultdict(set)
    for key, value in pairs:
        found[key].add(value)
    return {key: frozenset(values) for key, values in found.items()}


async def _groups(session: AsyncSession) -> Groups:
    rows = await session.execute(
        select(
            UserGroup.user_id,
            UserGroup.group_id,
            GroupPermission.permission,
            GroupPermission.reach,
        ).join(GroupPermission, GroupPermission.group_id == UserGroup.group_id)
    )
    known = {each.value for each in Permission}  # a newer version may have had more
    found: dict[int, dict[int, dict[Permission, Reach]]] = {}
    for user_id, group_id, permission, reach in rows:
        if permission in known:
            group = found.setdefault(user_id, {}).setdefault(group_id, {})
            group[Permission(permission)] = Reach(reach)
    return {user_id: list(groups.values()) for user_id, groups in found.items()}


def person_of(user: User) -> Person:
    return Person(
        id=user.id,
        name=user.name,
        username=user.username,
        extension=user.extension,
        role=Role(user.role),
        department_id=user.department_id,
        language=user.language,
        extension_since=user.extension_since,
        rings=_rings(user),
        mobile=user.mobile,
    )


def _rings(user: User) -> Rings:
    if user.rings == "mobile":
        return "mobile" if user.mobile else "browser"
    return "desk" if user.rings == "desk" else "browser"
