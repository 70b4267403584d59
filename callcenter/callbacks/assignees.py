"""Who may be asked to call back: oneself, a colleague, or anyone of a department (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from callcenter.errors import N_, Invalid
from callcenter.people.directory import DepartmentNode, Directory, Person
from callcenter.people.rights import Scope


@dataclass(frozen=True, slots=True)
class Assignees:
    """Oneself is the first of `people`; `departments` begins with one's own."""

    people: Sequence[Person]
    departments: Sequence[DepartmentNode]

    def chosen(self, text: str) -> tuple[int | None, int | None]:
        """("user-7" or "department-2") -> (user id or None, department id). "" is oneself.

        Raises Invalid for anybody who is not on offer.
        """
        kind, _, id = (text or f"user-{self.people[0].id}").partition("-")
        for person in self.people:
            if kind == "user" and id == str(person.id):
                return person.id, person.department_id
        for department in self.departments:
            if kind == "department" and id == str(department.id):
                return None, department.id
        raise Invalid(N_("Choose who is to call back."), field="whose")


def assignees(directory: Directory, me: Person, scope: Scope) -> Assignees:
    """Colleagues of one's own department, and whom one leads."""
    led = {person.id for person in directory.within(scope)}
    people = [
        person
        for person in directory.people()
        if person.id != me.id
        and (
            person.id in led
            or (me.department_id is not None and person.department_id == me.department_id)
        )
    ]
    departments = [
        each
        for each in directory.departments.values()
        if scope.everything or each.id in scope.departments or each.id == me.department_id
    ]
    departments.sort(key=lambda each: (each.id != me.department_id, each.name))
    return Assignees([me, *people], departments)
