"""Departments as a tree: first the team lead, then the department; none below itself."""

import pytest
from sqlalchemy import select

from callcenter.keys import DIRECTORY
from callcenter.people.models import Department
from tests.pages.site import IDS
from tests.staff.steps import adds, audited, customers_of, saves, user

ADDRESSES = ["/team/departments", "/team/departments/new", "/team/departments/1"]


async def a_lead(site, root, username="hoa"):
    await adds(site, root, username=username, role="team_lead", department="")
    return (await user(site, username)).id


async def department(site, name):
    async with site.sessions() as session:
        return await session.scalar(select(Department).where(Department.name == name))


@pytest.mark.parametrize("who", ["lea", "mara"])
@pytest.mark.parametrize("path", ADDRESSES)
async def test_departments_are_for_superadmins_only(site, who, path):
    visitor = await site.signed_in(who)

    assert (await visitor.get(path)).status == 403
    assert (await visitor.post("/team/departments/new", {"name": "X"})).status == 403
    assert (await visitor.post("/team/departments/1/delete")).status == 403


async def test_the_tree_shows_leaders_people_and_customers(site):
    await customers_of(site, "mara", 2, department_id=1)
    root = await site.signed_in("root")

    page = (await root.get("/team/departments")).text

    assert page.index("Care") < page.index("Sales<") < page.index("Sales north")
    assert "No team lead" in page and 'data-depth="1"' in page
    assert 'href="/team?department=1">3<' in page.replace("</a>", "<")


async def test_a_department_needs_a_team_lead_first(site):
    root = await site.signed_in("root")

    answer = await root.post("/team/departments/new", {"name": "North", "parent": "1"})

    assert answer.status == 400 and "Choose the team lead first." in answer.text
    assert 'value="North"' in answer.text
    assert await department(site, "North") is None


async def test_where_there_is_no_lead_the_page_leads_to_making_one(site):
    root = await site.signed_in("root")
    await saves(site, root, "lea", role="agent")

    page = (await root.get("/team/departments")).text

    assert "A department needs a team lead, and there is none yet." in page
    assert 'href="/team/new?role=team_lead"' in page
    assert 'href="/team/departments/new"' not in page


async def test_a_new_department_takes_its_lead_in_who_sees_it_at_once(site):
    root = await site.signed_in("root")
    hoa = await a_lead(site, root)

    answer = await root.post(
        "/team/departments/new", {"name": "North", "parent": "2", "leader": str(hoa)}
    )

    north = await department(site, "North")
    assert answer.status == 303 and (north.parent_id, north.leader_id) == (2, hoa)
    directory = site.app[DIRECTORY]
    assert directory.scope_of(directory.person(hoa)).departments == {north.id}
    assert "department-added" in await audited(site)


@pytest.mark.parametrize("who", ["mara", "root"])
async def test_only_a_team_lead_leads(site, who):
    root = await site.signed_in("root")

    answer = await root.post("/team/departments/2", {"name": "Care", "leader": str(IDS[who])})

    assert answer.status == 409 and "This is no active team lead." in answer.text


async def test_a_lead_of_one_department_does_not_lead_another_beside_it(site):
    root = await site.signed_in("root")
    await root.post("/team/departments/1", {"name": "Sales", "leader": str(IDS["lea"])})

    beside = await root.post("/team/departments/2", {"name": "Care", "leader": str(IDS["lea"])})
    below = await root.post(
        "/team/departments/3", {"name": "Sales north", "parent": "1", "leader": str(IDS["lea"])}
    )

    assert beside.status == 409 and "leads Sales already" in beside.text
    assert below.status == 303 and (await user(site, "lea")).department_id == 1


async def test_a_department_is_renamed_and_moved_with_all_below_it(site):
    root = await site.signed_in("root")

    answer = await root.post("/team/departments/3", {"name": "The north", "parent": "2"})

    assert answer.status == 303
    assert site.app[DIRECTORY].below(2) == {2, 3} and site.app[DIRECTORY].below(1) == {1}


@pytest.mark.parametrize("parent", ["1", "3"])
async def test_no_department_comes_to_be_below_itself(site, parent):
    root = await site.signed_in("root")

    answer = await root.post("/team/departments/1", {"name": "Sales", "parent": parent})

    assert answer.status == 409 and "A department cannot be below itself." in answer.text
    assert (await department(site, "Sales")).parent_id is None


@pytest.mark.parametrize(
    "name, sentence",
    [
        ("care", "There is a department of this name already."),
        ("", "Enter a name."),
        ("x" * 101, "Too long: 100 letters at most."),
    ],
)
async def test_a_department_has_a_name_of_its_own(site, name, sentence):
    root = await site.signed_in("root")

    answer = await root.post("/team/departments/1", {"name": name})

    assert answer.status in (400, 409) and sentence in answer.text


async def test_a_department_that_is_not_empty_says_what_is_still_there(site):
    await customers_of(site, "kim", 2, department_id=2)
    root = await site.signed_in("root")

    sales = await root.post("/team/departments/1/delete")
    care = await root.get("/team/departments/2/delete")

    assert sales.status == 409
    for still in ("3 people", "departments below: Sales north", "queues: Bán hàng"):
        assert still in sales.text
    assert "2 customers, also those in the bin" in care.text and "1 person" in care.text
    assert "Delete department</button>" not in care.text
    assert await department(site, "Sales") is not None


async def test_an_empty_one_is_deleted_and_forgotten_by_those_who_had_left_it(site):
    root = await site.signed_in("root")
    await root.post(f"/team/{IDS['tom']}/leave", {"successor": "nobody"})

    answer = await root.post("/team/departments/3/delete")

    assert answer.status == 303 and await department(site, "Sales north") is None
    assert (await user(site, "tom")).department_id is None
    assert "department-deleted" in await audited(site)


async def test_one_that_is_not_there_is_missing(site):
    root = await site.signed_in("root")

    assert (await root.get("/team/departments/99")).status == 404
    assert (await root.post("/team/departments/99", {"name": "x"})).status == 404
