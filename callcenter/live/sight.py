"""What one page may see of the team. All that may see the same are told the same bytes."""

from dataclasses import dataclass

from callcenter.people.directory import Directory, Person
from callcenter.people.permissions import Permission
from callcenter.people.rights import Scope


@dataclass(frozen=True, slots=True)
class Sight:
    """People and queues of these departments, or everything. `wall`: without calls and customers.

    `user_id` is of somebody who sees nobody but themselves; else 0.
    """

    everything: bool = False
    departments: frozenset[int] = frozenset()
    user_id: int = 0
    wall: bool = False
    queues: frozenset[str] = frozenset()  # of no department, that their people take calls of

    def person(self, person: Person) -> bool:
        if self.everything or person.id == self.user_id:
            return True
        return person.department_id in self.departments

    def queue(self, name: str, department_id: int | None) -> bool:
        return self.everything or department_id in self.departments or name in self.queues


def sight_of(scope: Scope) -> Sight:
    """What a scope of Permission.LIVE sees."""
    if scope.everything:
        return Sight(everything=True)
    own = 0 if scope.departments else scope.user_id
    return Sight(departments=scope.departments, user_id=own, queues=scope.queues)


def sight_now(directory: Directory, user_id: int) -> Sight | None:
    """What that user sees as things are now; None: they have left, or may not any more."""
    person = directory.person(user_id)
    if person is None or not directory.rights_of(person).may(Permission.LIVE):
        return None
    return sight_of(directory.scope_of(person, Permission.LIVE))


def sight_of_wall(directory: Directory, department_id: int | None) -> Sight | None:
    """What a wallboard of that department shows (None: of the company); None: it is no more."""
    if department_id is None:
        return Sight(everything=True, wall=True)
    if department_id not in directory.departments:
        return None
    below = directory.below(department_id)
    return Sight(departments=below, wall=True, queues=directory.taken_by(below))
