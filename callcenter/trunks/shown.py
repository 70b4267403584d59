"""Which number customers see when somebody of a department calls."""

from typing import NamedTuple

import msgspec

from callcenter.people.directory import DepartmentNode, Directory, Person
from callcenter.switchboard.plan import Plan, Shown
from callcenter.switchboard.questions import caller_id


class Shows(NamedTuple):
    """What the two phones of a call show: `own` of whoever calls, `theirs` outside; "" there is
    the trunk's number, or the company's."""

    own: str
    theirs: str


def shows(plan: Plan, directory: Directory, person: Person, number: str) -> Shows:
    """When `person` calls `number`: their own phone shows whom it will call, a mobile one, which is
    outside too, only who calls it."""
    theirs = shown_for(plan, directory, person.department_id)
    return Shows((theirs or caller_id(plan)) if person.rings == "mobile" else number, theirs)


def shown_for(plan: Plan, directory: Directory, department_id: int | None) -> str:
    """The department's own number, else that of the closest one above; "" for the trunk's or the
    company's."""
    numbers = {each.department_id: each.number for each in plan.shown}
    passed: set[int] = set()
    while department_id is not None and department_id not in passed:
        if number := numbers.get(department_id, ""):
            return number
        passed.add(department_id)
        node = directory.departments.get(department_id)
        department_id = node.parent_id if node else None
    return ""


def tree(directory: Directory) -> list[tuple[int, DepartmentNode]]:
    """All departments with how deep each is, from 0; parents before those below them."""
    found: list[tuple[int, DepartmentNode]] = []

    def walk(parent_id: int | None, depth: int) -> None:
        for each in directory.departments.values():
            if each.parent_id == parent_id:
                found.append((depth, each))
                walk(each.id, depth + 1)

    walk(None, 0)
    return found


def with_shown(plan: Plan, chosen: dict[int, str]) -> Plan:
    """The plan with those numbers; a department with "" has none of its own."""
    shown = tuple(
        Shown(department_id=department_id, number=number)
        for department_id, number in sorted(chosen.items())
        if number
    )
    return msgspec.structs.replace(plan, shown=shown)
