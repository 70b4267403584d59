"""The pages of long work: one's own, and everybody's for the superadmin."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.jobs.models import Job
from callcenter.keys import JOBS
from callcenter.tasks import running
from tests.jobs.house import KINDS, TITLE
from tests.pages.site import IDS

NOW = datetime.now(UTC)


@pytest.fixture
def kinds(site, monkeypatch):
    monkeypatch.setattr(site.app[JOBS], "_kinds", KINDS)


async def a_job(site, whose="mara", kind="count", **values):
    values = {
        "state": "done",
        "title": {"text": TITLE, "values": {"file": "khách <b>.xlsx"}},
        "done": 94812,
        "total": 100000,
        "counts": {"odd": 5188},
        "created_at": NOW,
        "started_at": NOW,
        "finished_at": NOW + timedelta(seconds=7),
        **values,
    }
    return await site.add(Job(kind=kind, user_id=IDS[whose], **values))


async def test_the_list_shows_how_mine_ended_and_where_its_result_is(site, kinds):
    job = await a_job(site)
    page = await (await site.signed_in("mara")).get("/jobs")

    assert page.status == 200
    assert "Import of khách &lt;b&gt;.xlsx: 94,812 of 100,000, 5,188 odd." in page.text
    assert f'href="/x/{job.id}"' in page.text
    assert "0:07" in page.text


async def test_the_list_speaks_vietnamese(site, kinds):
    await a_job(
        site, state="failed", problem={"text": "There is no room left on the disk.", "values": {}}
    )

    page = await (await site.signed_in("mara", "vi")).get("/jobs")

    assert "không thành công. Ổ đĩa đã hết chỗ trống." in page.text


async def test_what_goes_on_is_drawn_by_the_page_itself(site, kinds):
    job = await a_job(site, state="waiting", finished_at=None, started_at=None)

    page = await (await site.signed_in("mara")).get("/jobs")

    assert f'<job-progress job="{job.id}" href="/jobs">' in page.text


async def test_an_empty_list_says_what_would_stand_there(site):
    page = await (await site.signed_in("mara")).get("/jobs")

    assert "You have no background work." in page.text


async def test_others_work_is_not_there_and_not_to_be_stopped(site, kinds):
    job = await a_job(site, "jon", state="waiting", finished_at=None)
    mara = await site.signed_in("mara")

    assert "khách" not in (await mara.get("/jobs")).text
    assert (await mara.get(f"/jobs/{job.id}", Accept="application/json")).status == 404
    assert (await mara.post(f"/jobs/{job.id}/cancel")).status == 404
    async with site.sessions() as session:
        assert (await session.get(Job, job.id)).state == "waiting"


async def test_the_superadmin_sees_everybodys_with_names_and_may_stop_them(site, kinds):
    job = await a_job(site, "jon", state="waiting", finished_at=None)
    root = await site.signed_in("root")

    assert "Trần Jon" in (await root.get("/jobs")).text
    assert (await root.post(f"/jobs/{job.id}/cancel")).headers["Location"] == "/jobs"
    assert json.loads((await root.get(f"/jobs/{job.id}")).text)["state"] == "cancelled"


async def test_a_page_without_events_asks_for_the_same(site, kinds):
    mara = await site.signed_in("mara")
    async with site.sessions.begin() as session:
        job_id = await site.app[JOBS].start(
            session, "count", IDS["mara"], TITLE, {"to": 5}, file="a"
        )
    waiting = json.loads((await mara.get(f"/jobs/{job_id}")).text)

    async with running(site.app[JOBS].run(), "long work"):
        await site.app[JOBS].over(job_id)
        done = json.loads((await mara.get(f"/jobs/{job_id}")).text)

    assert (waiting["state"], waiting["said"]) == ("waiting", {})
    assert (done["state"], done["done"], done["link"]) == ("done", 5, f"/x/{job_id}")


async def test_a_long_list_has_pages(site, kinds):
    for _ in range(51):
        await a_job(site)
    mara = await site.signed_in("mara")

    page = await mara.get("/jobs")

    assert page.text.count('<td class="rest job__cell') == 50
    assert 'rel="next"' in page.text


@pytest.mark.parametrize("path", ["/jobs/999999", "/jobs/none", "/jobs?cursor=nonsense"])
async def test_what_is_not_there_is_a_sentence(site, path):
    assert (await (await site.signed_in("mara")).get(path)).status in (400, 404)
