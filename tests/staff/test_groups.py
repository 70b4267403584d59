"""Permission groups: a matrix of permission and reach, on top of people's roles."""

import pytest
from sqlalchemy import select

from callcenter.keys import DIRECTORY
from callcenter.people.models import GroupPermission, PermissionGroup
from callcenter.people.permissions import NEVER_GIVEN, Permission, Reach
from tests.pages.site import IDS
from tests.staff.steps import audited, saves


async def gives(site):
    async with site.sessions() as session:
        rows = await session.scalars(select(GroupPermission))
        return {row.permission: row.reach for row in rows}


async def with_exporters(site):
    root = await site.signed_in("root")
    await root.post("/team/groups/new", {"name": "Exporters", "export": "3", "sources": "1"})
    return root


def rights(site, username):
    directory = site.app[DIRECTORY]
    return directory.rights_of(directory.person(IDS[username]))


@pytest.mark.parametrize("who", ["lea", "mara"])
async def test_groups_are_for_superadmins_only(site, who):
    await with_exporters(site)
    visitor = await site.signed_in(who)

    for path in ("/team/groups", "/team/groups/new", "/team/groups/1", "/team/groups/1/delete"):
        assert (await visitor.get(path)).status == 403
        assert path == "/team/groups" or (await visitor.post(path)).status == 403


async def test_a_group_is_made_and_whoever_is_in_it_may_at_once(site):
    root = await with_exporters(site)
    await saves(site, root, "mara", group="1")

    assert await gives(site) == {"export": 3, "sources": 1}
    assert rights(site, "mara").reach(Permission.EXPORT) is Reach.ALL
    assert not rights(site, "jon").may(Permission.EXPORT)
    page = (await root.get("/team/groups")).text
    assert "Exporters" in page and "Export customers (everything)" in page


async def test_the_matrix_shows_what_is_ticked_beside_what_the_roles_may(site):
    root = await with_exporters(site)

    page = (await root.get("/team/groups/1")).text

    assert 'name="export" value="3" checked' in page
    assert page.count('name="export"') == len(Reach)
    for role in ("Superadmin", "Team lead", "Agent"):
        assert f">{role}</th>" in page


async def test_what_no_group_can_give_cannot_be_ticked_nor_sent(site):
    root = await with_exporters(site)
    page = (await root.get("/team/groups/1")).text

    await root.post(
        "/team/groups/1", {"name": "Gods", "groups": "3", "departments": "3", "export": "3"}
    )

    for never in NEVER_GIVEN:
        assert f'name="{never}"' not in page
    assert await gives(site) == {"export": 3}


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"name": ""}, "Enter a name."),
        ({"name": "exporters"}, "There is a group of this name already."),
        ({"name": "x" * 101}, "Too long: 100 letters at most."),
        ({"export": "0"}, "Tick at least one permission"),
        ({"export": "9"}, "There is no such reach."),
        ({"export": "x"}, "There is no such reach."),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_saved(site, fields, sentence):
    root = await with_exporters(site)

    answer = await root.post("/team/groups/new", {"name": "Others", "export": "3"} | fields)

    assert answer.status in (400, 409) and sentence in answer.text
    async with site.sessions() as session:
        assert (await session.scalars(select(PermissionGroup.name))).all() == ["Exporters"]


async def test_a_group_that_changes_changes_for_everybody_in_it(site):
    root = await with_exporters(site)
    await saves(site, root, "mara", group="1")

    await root.post("/team/groups/1", {"name": "Sources", "sources": "3"})

    assert not rights(site, "mara").may(Permission.EXPORT)
    assert rights(site, "mara").reach(Permission.SOURCES) is Reach.ALL
    assert (await audited(site)).count("group-saved") == 2


async def test_before_a_group_is_deleted_the_page_says_who_loses_what(site):
    root = await with_exporters(site)
    await root.post("/team/groups/new", {"name": "Own sources", "sources": "1"})
    await root.post(
        f"/team/{IDS['mara']}",
        [
            ("name", "Nguyễn Mara"),
            ("username", "mara"),
            ("role", "agent"),
            ("department", "1"),
            ("extension", "201"),
            ("language", "en"),
            ("group", "1"),
            ("group", "2"),
        ],
    )

    page = (await root.get("/team/groups/1/delete")).text

    assert "Nguyễn Mara" in page and "Export customers" in page
    assert "Data sources" not in page  # the other group gives as much of them
    assert (await root.post("/team/groups/1/delete")).status == 303
    assert not rights(site, "mara").may(Permission.EXPORT)
    assert rights(site, "mara").may(Permission.SOURCES)
    assert "group-deleted" in await audited(site)


async def test_deleting_a_group_of_nobody_says_that_nobody_loses_anything(site):
    root = await with_exporters(site)

    assert "Nobody loses anything by it." in (await root.get("/team/groups/1/delete")).text


async def test_one_that_is_not_there_is_missing(site):
    root = await site.signed_in("root")

    assert (await root.get("/team/groups/9")).status == 404
    assert (await root.post("/team/groups/9", {"name": "x", "export": "1"})).status == 404
    assert (await root.post("/team/groups/9/delete")).status == 404
