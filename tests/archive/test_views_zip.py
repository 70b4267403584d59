"""Taking many recordings away: asked for, made, fetched by whoever asked, as long as they may."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from callcenter.archive import zip_work
from callcenter.exports.errands import forget_exports
from callcenter.jobs.models import Job
from callcenter.keys import DIRECTORY, JOBS, LIBRARY
from callcenter.people.models import AuditEntry, User
from callcenter.recordings.models import Listening, Recording
from callcenter.tasks import running
from tests.archive.shelf import a_recording
from tests.pages.site import IDS


async def recorded(site, whose="mara"):
    record = await site.call(whose)
    await site.add(a_recording(site.app[LIBRARY].folder, record.call_id))
    return record.call_id


async def made(site, visitor, data):
    """The address of the page of a zip that is made."""
    begun = await visitor.post("/recordings/zip", data)
    assert begun.status == 303
    where = begun.headers["Location"]
    async with running(site.app[JOBS].run(), "long work"):
        await site.app[JOBS].over(int(where.rpartition("/")[2]))
    return where


async def file(visitor, where):
    async with visitor.session.get(f"{where}/file") as answer:
        return answer.status, answer.headers, await answer.read()


async def test_the_page_of_a_zip_says_how_many_files_were_not_there(site):
    ids = [await recorded(site), await recorded(site)]
    async with site.sessions() as session:
        row = await session.get_one(Recording, ids[0])
    (site.app[LIBRARY].folder / row.path).unlink()
    lea = await site.signed_in("lea")

    page = (await lea.get(await made(site, lea, {"ids": ids}))).text

    assert "1 recording whose file is not there" in page


async def test_a_lead_takes_the_recordings_of_the_list_away_and_each_is_noted(site):
    ids = [await recorded(site), await recorded(site), await recorded(site, "kim")]
    lea = await site.signed_in("lea")
    asked = await lea.get("/recordings/zip?direction=inbound")
    assert "Make the zip" in asked.text and '<dd class="num">2</dd>' in asked.text

    where = await made(site, lea, {"of": "direction=inbound"})
    assert "/file" in (await lea.get(where)).text
    status, headers, body = await file(lea, where)

    assert (status, headers["Content-Type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        assert len(packed.namelist()) == 3
    async with site.sessions() as session:
        notes = (await session.scalars(select(Listening))).all()
        actions = set(await session.scalars(select(AuditEntry.action)))
    assert {(each.call_id, each.user_id, each.kind) for each in notes} == {
        (each, IDS["lea"], "kept") for each in ids[:2]
    }
    assert "recordings-zipped" in actions


async def test_nobody_else_fetches_it(site):
    await recorded(site)
    lea, root, mara = [await site.signed_in(who) for who in ("lea", "root", "mara")]
    where = await made(site, lea, {"of": ""})

    assert (await file(root, where))[0] == 404
    assert (await file(mara, where))[0] == 403
    assert (await mara.get("/recordings/zip")).status == 403
    assert "/recordings/zip" not in (await mara.get("/calls")).text


async def test_who_may_no_longer_does_not_fetch_what_they_once_asked_for(site):
    await recorded(site)
    lea = await site.signed_in("lea")
    where = await made(site, lea, {"of": ""})
    async with site.sessions.begin() as session:
        await session.execute(update(User).where(User.id == IDS["lea"]).values(department_id=2))
    await site.app[DIRECTORY].load(site.sessions)

    assert (await file(lea, where))[0] == 409


async def test_a_zip_goes_with_a_recording_that_is_deleted(site):
    call_id, root = await recorded(site), await site.signed_in("root")
    where = await made(site, root, [("ids", call_id)])
    await root.post("/recordings/erase", {"ids": call_id, "reason": "Old"})

    assert (await file(root, where))[0] == 404
    assert "The zip has been removed" in (await root.get(where)).text


async def test_it_is_kept_for_a_week(site, tmp_path):
    await recorded(site)
    root = await site.signed_in("root")
    where = await made(site, root, {"of": ""})
    async with site.sessions.begin() as session:
        week = datetime.now(UTC) - timedelta(days=7, minutes=1)
        await session.execute(update(Job).values(finished_at=week))

    await forget_exports(tmp_path / "jobs")(site.sessions)

    assert (await file(root, where))[0] == 404
    assert not list((tmp_path / "jobs").rglob("*.zip"))


@pytest.mark.parametrize("limit", ["MOST", "SPARE"])
async def test_what_is_too_much_is_said_before_it_begins(site, monkeypatch, limit):
    await recorded(site)
    root = await site.signed_in("root")
    monkeypatch.setattr(zip_work, limit, 0 if limit == "MOST" else 10**18)

    refused = await root.post("/recordings/zip", {"of": ""})

    assert refused.status == 409
    assert "Make the zip" not in refused.text


@pytest.mark.parametrize("path", ["/recordings/zip?since=x", "/recordings/zips/999"])
async def test_what_nobody_means_is_refused_in_words(site, path):
    root = await site.signed_in("root")

    assert (await root.get(path)).status in (400, 404)


async def test_ids_that_are_none_do_not_mean_everything(site):
    await recorded(site)
    root = await site.signed_in("root")

    refused = [
        await root.post("/recordings/zip", {"ids": "../x"}),
        await root.get("/recordings/zip?ids=..%2Fx"),
    ]

    assert [each.status for each in refused] == [400, 400]
    async with site.sessions() as session:
        assert await session.scalar(select(Job)) is None


async def test_the_list_offers_it_and_ticks_for_what_is_recorded(site):
    call_id = await recorded(site)
    await site.call("mara", result="abandoned")
    root = await site.signed_in("root")

    page = (await root.get("/calls?direction=inbound")).text

    assert page.count('form="taken"') == 1 and f'value="{call_id}"' in page
    assert '<input type="hidden" name="direction" value="inbound">' in page
    assert (await root.get("/recordings/erase")).status == 400


async def test_more_filters_than_are_read_are_refused_and_not_cut(site):
    ids = [await recorded(site), await recorded(site)]
    lea = await site.signed_in("lea")
    many = "nothing=" + "0" * 5000 + "&direction=outbound"  # of none; cut, it would be of both

    empty = await lea.post("/recordings/zip", {"of": many})
    refused = await lea.post("/recordings/zip", {"of": "did=" + "0" * 8000})

    assert ids and empty.status == 409
    assert refused.status == 400 and "too many filters at once" in refused.text
    async with site.sessions() as session:
        assert (await session.scalars(select(Job))).all() == []
