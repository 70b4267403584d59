"""Whose number is seen when somebody of a department calls: by the customer, and on their phone."""

from dataclasses import replace

import pytest

from callcenter.people.directory import DepartmentNode, Directory, Person
from callcenter.people.models import Role
from callcenter.switchboard.plan import HANG_UP, Number, Plan, Shown
from callcenter.trunks.shown import shows

COMPANY, SALES = "19006789", "02873001234"
PLAN = Plan(
    numbers=(Number(number=COMPANY, way=HANG_UP),), shown=(Shown(department_id=1, number=SALES),)
)
MARA = Person(1, "Mara", "mara", "201", Role.AGENT, 1, "vi")


@pytest.fixture
def directory():
    directory = Directory()
    nodes = (DepartmentNode(1, "Sales", None), DepartmentNode(2, "North", 1))
    directory.departments = {each.id: each for each in (*nodes, DepartmentNode(3, "Care", None))}
    return directory


@pytest.mark.parametrize(
    "department_id, rings, own, seen",
    [
        (1, "browser", "0912345678", SALES),
        (2, "browser", "0912345678", SALES),  # that of the one above
        (3, "browser", "0912345678", ""),
        (1, "mobile", SALES, SALES),
        (3, "mobile", COMPANY, ""),
    ],
)
def test_customers_see_the_departments_number_and_a_mobile_phone_who_calls_it(
    directory, department_id, rings, own, seen
):
    person = replace(MARA, department_id=department_id, rings=rings)

    assert shows(PLAN, directory, person, "0912345678") == (own, seen)
