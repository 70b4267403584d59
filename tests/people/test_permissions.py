"""The matrix, the groups on top of it, and that no address forgets to say what it needs."""

import pytest

from callcenter.app import build
from callcenter.config import ROOT, load
from callcenter.people.models import Role
from callcenter.people.permissions import (
    COLUMNS,
    MATRIX,
    NAMES,
    NEVER_GIVEN,
    Permission,
    Reach,
    needed_by,
    rights_of,
)


def test_every_permission_has_a_row_and_a_name():
    assert MATRIX.keys() == NAMES.keys() == set(Permission)


@pytest.mark.parametrize("role", COLUMNS)
def test_a_role_has_what_its_column_says(role):
    rights = rights_of(role)

    assert [rights.reach(each) for each in Permission] == [
        MATRIX[each][COLUMNS.index(role)] for each in Permission
    ]


def test_a_group_adds_and_never_takes_away():
    group = {Permission.EXPORT: Reach.DEPARTMENT, Permission.CUSTOMERS: Reach.NONE}

    rights = rights_of(Role.AGENT, [group, {Permission.EXPORT: Reach.OWN}])

    assert rights.reach(Permission.EXPORT) is Reach.DEPARTMENT
    assert rights.reach(Permission.CUSTOMERS) is Reach.OWN


def test_no_group_gives_the_right_to_give_rights():
    rights = rights_of(Role.TEAM_LEAD, [dict.fromkeys(Permission, Reach.ALL)])

    assert not rights.any_of(*NEVER_GIVEN)
    assert rights.may(Permission.COMPANY)


def test_every_address_says_what_it_needs(monkeypatch, tmp_path):
    monkeypatch.setenv("CALLCENTER_HOME", str(tmp_path))

    routes = build(load(ROOT / "config.toml")).router.routes()

    assert [str(route) for route in routes if needed_by(route.handler) is None] == []
