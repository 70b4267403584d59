"""Setting how long recordings are kept: first seen, then saved, and taken back in time; and the
page of the room they need."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from callcenter.archive.retention import plan_of, save_plan
from callcenter.archive.retention_views import parents_of
from callcenter.archive.terms import Plan, in_force
from callcenter.keys import DIRECTORY, LIBRARY
from callcenter.people.models import AuditEntry, Department
from tests.archive.shelf import a_recording
from tests.pages.site import IDS

PATH = "/settings/retention"
TERMS = {"term-0": "days", "days-0": "365", "term-1": "days", "days-1": "30", "term-2": "ever"}


async def recorded(site, days, whose="mara"):
    at = datetime.now(UTC) - timedelta(days=days)
    record = await site.call(whose, started_at=at)
    await site.add(a_recording(site.app[LIBRARY].folder, record.call_id, at))


async def plan(site):
    async with site.sessions() as session:
        return await plan_of(session)


def seen(page):
    return re.search(r'name="seen" value="([^"]*)"', page.text)[1].replace("&#34;", '"')


async def test_terms_are_shown_before_they_are_saved_and_may_be_taken_back(site):
    for days in (40, 50, 2):
        await recorded(site, days)
    root = await site.signed_in("root")

    preview = await root.post(PATH, TERMS)

    assert (await plan(site)).wanted == {}
    assert "2 recordings" in preview.text and "department=1&amp;alone=1" in preview.text
    saved = await root.post(PATH, TERMS | {"seen": seen(preview)})
    assert saved.status == 303
    assert (await plan(site)).wanted == {0: 365, 1: 30, 2: 0}
    page = (await root.get(PATH)).text
    assert "Take the change back" in page and page.count("for ever") >= 3  # until the night
    assert (await root.post(f"{PATH}/back")).status == 303
    assert (await plan(site)).wanted == {}
    assert "Take the change back" not in (await root.get(PATH)).text
    async with site.sessions() as session:
        told = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert [each.action for each in told] == ["retention-changed"] * 2
    assert "*: 365, Sales: 30, Care: ∞" in told[0].detail


async def test_what_is_shown_is_what_the_first_night_deletes(site):
    await recorded(site, 30)  # today it is not older than that
    root = await site.signed_in("root")

    preview = await root.post(PATH, TERMS)

    assert "in their first night" in preview.text and "1 recording ·" in preview.text


async def test_a_change_that_was_taken_back_is_not_offered_back_for_ever(site):
    root = await site.signed_in("root")
    async with site.sessions.begin() as session:
        await save_plan(session, Plan(wanted={0: 30, 1: 60}))
    mixed = {"term-0": "days", "days-0": "20", "term-1": "days", "days-1": "90"}
    await root.post(PATH, mixed | {"seen": seen(await root.post(PATH, mixed))})
    assert "Take the change back" in (await root.get(PATH)).text

    await root.post(f"{PATH}/back")

    back = await plan(site)
    assert (back.wanted, back.starts_at is not None) == ({0: 30, 1: 60}, True)  # 90 to 60 waits
    assert "Take the change back" not in (await root.get(PATH)).text
    await root.post(f"{PATH}/back")
    assert await plan(site) == back


async def test_a_department_that_moves_below_a_shorter_term_keeps_its_own_until_a_night(site):
    root = await site.signed_in("root")
    async with site.sessions.begin() as session:
        await save_plan(session, Plan(wanted={0: 30, 1: 365}))  # Sales north is below Sales
        (await session.get_one(Department, 3)).leader_id = None
    form = {"name": "Sales north", "parent": "", "leader": ""}

    answer = await root.post("/team/departments/3", form)

    assert answer.status == 303
    assert "for a shorter time in this place" in (await root.get("/team/departments")).text
    new, parents = await plan(site), parents_of(site.app[DIRECTORY])
    assert new.starts_at is not None and parents[3] is None
    assert in_force(new, datetime.now(UTC), parents)[3] == 365
    assert in_force(new, new.starts_at, parents)[3] == 30
    assert "counts from" in (await root.get(PATH)).text
    form["parent"] = "1"
    await root.post("/team/departments/3", form)
    assert "The department has been saved." in (await root.get("/team/departments")).text


@pytest.mark.parametrize(("own", "status"), [(None, 303), (20, 303), (90, 409), (0, 409)])
async def test_a_department_whose_recordings_would_go_sooner_without_it_stays(site, own, status):
    await recorded(site, 40, "tom")
    root = await site.signed_in("root")
    await root.post(f"/team/{IDS['tom']}/leave", {"successor": "nobody"})
    async with site.sessions.begin() as session:
        await save_plan(session, Plan(wanted={0: 30} | ({} if own is None else {3: own})))

    answer = await root.post("/team/departments/3/delete")

    assert answer.status == status
    assert ("kept longer than the company" in answer.text) is (status == 409)


async def test_a_new_department_is_none_that_was_there_before(site):
    async with site.sessions.begin() as session:
        session.add(last := Department(name="East"))
        await session.flush()
        gone = last.id
        await session.delete(last)
    async with site.sessions.begin() as session:
        session.add(new := Department(name="West"))
        await session.flush()
        assert new.id > gone


async def test_the_list_that_a_preview_opens_has_just_those_recordings(site):
    for days in (40, 50, 2):
        await recorded(site, days)
    await recorded(site, 40, "kim")
    root = await site.signed_in("root")
    preview = await root.post(PATH, TERMS)

    href = re.search(r'href="(/calls\?[^"]*alone=1[^"]*)"', preview.text)[1]
    listed = await root.get(href.replace("&amp;", "&"))

    assert "2 calls" in listed.text


async def test_what_was_seen_is_what_is_saved_and_nothing_else(site):
    root = await site.signed_in("root")
    preview = await root.post(PATH, TERMS)

    again = await root.post(PATH, TERMS | {"days-1": "7", "seen": seen(preview)})

    assert (again.status, (await plan(site)).wanted) == (200, {})


@pytest.mark.parametrize("days", ["", "0", "-1", "x", "1.5", "99999", "٣"])
async def test_what_is_no_number_of_days_is_said_beside_its_field(site, days):
    root = await site.signed_in("root")

    refused = await root.post(PATH, TERMS | {"days-1": days})

    assert (refused.status, "days-1-error" in refused.text) == (400, True)


async def test_the_room_that_is_used_is_told_by_month_and_department(site):
    root = await site.signed_in("root")
    assert "There are no recordings yet" in (await root.get("/settings/storage")).text
    for days in (40, 2):
        await recorded(site, days)

    page = (await root.get("/settings/storage")).text

    assert "Sales" in page and "<svg" in page and "everything is kept for ever" in page
    scale = re.findall(r'text-anchor="end">([^<]*)<', page)
    assert scale and all(step.isdigit() for step in scale)  # "3.0" is no number in Vietnam
