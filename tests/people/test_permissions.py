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


def test_who_may_do_the_same_has_equal_rights_by_whatever_way():
    alike = rights_of(Role.AGENT, [{Permission.EXPORT: Reach.OWN}])
    other = rights_of(Role.AGENT, [{Permission.EXPORT: Reach.NONE}, {Permission.EXPORT: Reach.OWN}])

    assert (alike, hash(alike)) == (other, hash(other))
    assert alike != rights_of(Role.AGENT)
    assert rights_of(Role.AGENT, [{Permission.CUSTOMERS: Reach.NONE}]) == rights_of(Role.AGENT)


def test_no_group_gives_the_right_to_give_rights():
    rights = rights_of(Role.TEAM_LEAD, [dict.fromkeys(Permission, Reach.ALL)])

    assert not rights.any_of(*NEVER_GIVEN)
    assert rights.may(Permission.COMPANY)


def test_every_address_says_what_it_needs(monkeypatch, tmp_path):
    monkeypatch.setenv("CALLCENTER_HOME", str(tmp_path))

    routes = build(load(ROOT / "config.toml")).router.routes()

    assert [str(route) for route in routes if needed_by(route.handler) is None] == []


# What begins so needs this, said a second time on purpose: a declaration that is too weak would
# agree with itself everywhere else.
GUARDED = {
    "/imports": {Permission.IMPORT},
    "/exports": {Permission.EXPORT},
    "/customers/export": {Permission.EXPORT},
    "/customers/distribute": {Permission.DISTRIBUTE},
    "/customers/transfer": {Permission.DISTRIBUTE},
    "/customers/batches": {Permission.DISTRIBUTE},
    "/customers/bin": {Permission.DELETE},
    "/customers/delete": {Permission.DELETE},
    "/customers/look-up": {Permission.LOOK_UP},
    "/calls": {Permission.CALLS, Permission.EXPORT},
    "/calls/export": {Permission.EXPORT},
    "/recordings": {
        *(Permission.CALLS, Permission.DOWNLOAD, Permission.MASK),
        *(Permission.HOLD, Permission.ERASE),
    },
    "/recordings/erase": {Permission.ERASE},
    "/settings/holds": {Permission.HOLD},
    "/settings/retention": {Permission.COMPANY},
    "/settings/storage": {Permission.COMPANY},
    "/settings/deleted": {Permission.ERASE},
    "/reports": {Permission.REPORTS, Permission.EXPORT},
    "/live": {Permission.LIVE},
    "/team/departments": {Permission.DEPARTMENTS},
    "/team/groups": {Permission.GROUPS},
    "/team": {Permission.EMPLOYEES, Permission.DEPARTMENTS, Permission.GROUPS},
    "/switchboard": {Permission.SWITCHBOARD},
    "/settings/company": {Permission.COMPANY},
    "/settings/parameters": {Permission.COMPANY},
    "/settings/log": {Permission.COMPANY},
    "/settings/required": {Permission.COMPANY},
    "/settings/duplicates": {Permission.COMPANY},
    "/settings/places": {Permission.CATALOGUES},
    "/settings/catalogues": {
        *(Permission.CATALOGUES, Permission.STATUSES, Permission.PROJECTS, Permission.SOURCES)
    },
    "/customers": {
        *(Permission.CUSTOMERS, Permission.DISTRIBUTE, Permission.DELETE, Permission.EXPORT),
        *(Permission.LOOK_UP, Permission.HOLD),
    },
}


@pytest.mark.parametrize("start", GUARDED)
def test_what_is_behind_an_address_needs_no_less_than_it_should(start, monkeypatch, tmp_path):
    monkeypatch.setenv("CALLCENTER_HOME", str(tmp_path))
    needed = set()
    for route in build(load(ROOT / "config.toml")).router.routes():
        info = route.resource.get_info()
        path = info.get("formatter") or info["path"]
        if path == start or path.startswith(f"{start}/"):
            needed.add(needed_by(route.handler))

    assert needed and needed <= GUARDED[start]
