"""People and departments, as a program of each role gets them."""

import pytest

from tests.api.house import EAST, PEOPLE, SALES

SEES = {"admin": set(PEOPLE), "lead": {"lead", "mara", "jon", "east"}}


@pytest.mark.parametrize("who", SEES)
async def test_people_are_those_within_reach(house, who):
    found = await house.says(who, "GET", "/people")

    assert {each["username"] for each in found} == SEES[who]
    [mara] = [each for each in found if each["username"] == "mara"]
    assert (mara["role"], mara["extension"], mara["active"]) == ("agent", "201", True)
    assert "password" not in mara


@pytest.mark.parametrize("path", ["/people", "/departments"])
async def test_an_agent_is_refused(house, path):
    await house.says("mara", "GET", path, status=403)


async def test_people_are_found_by_word_role_and_department(house):
    assert len(await house.says("admin", "GET", "/people?role=team_lead")) == 1
    assert [each["username"] for each in await house.says("admin", "GET", "/people?q=204")] == [
        "east"
    ]
    below = await house.says("admin", "GET", f"/people?department_id={SALES}")
    assert {each["username"] for each in below} == {"lead", "mara", "jon", "east"}
    assert await house.says("admin", "GET", "/people?left=true") == []


async def test_a_lead_gets_the_own_department_and_those_below(house):
    found = await house.says("lead", "GET", "/departments")

    assert {each["id"]: each["parent_id"] for each in found} == {SALES: None, EAST: SALES}
