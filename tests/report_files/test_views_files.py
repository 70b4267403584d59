"""Taking a report out in the pages: at once, or as long work; who may, and who is told of it."""

import asyncio
import os
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import select, update

from callcenter.audit_log import words
from callcenter.catalogues.models import CatalogueItem
from callcenter.errors import Forbidden
from callcenter.jobs.models import Job, State
from callcenter.jobs.work import Cancelled, Order, Work
from callcenter.keys import DIRECTORY, ENGINE, JOBS, TEMPLATES
from callcenter.people.models import AuditEntry, User
from callcenter.people.permissions import Permission
from callcenter.report_files import paper, views, work
from callcenter.report_files.asking import Printer
from callcenter.reports import registry
from callcenter.reports.asked import Asked
from tests.pages.site import IDS

ASKED = {"asked": "since=2026-11-01&until=2026-11-02"}


async def jobs_of(site):
    async with site.sessions() as session:
        return (await session.scalars(select(Job).order_by(Job.id))).all()


async def entries(site):
    async with site.sessions() as session:
        return (await session.scalars(select(AuditEntry))).all()


async def done(site, job, stop=False):
    """Do that job as its child process would."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    folder = site.app[JOBS].folder(job.id)
    folder.mkdir(parents=True, exist_ok=True)
    doing = Work(Order(job.id, "", job.params, 1, "", str(folder), 1024), site.app[ENGINE], nowhere)
    if stop:
        doing.stop()
    try:
        result = await work.run(doing)
    finally:
        os.close(nowhere)
    async with site.sessions.begin() as session:
        over = {"state": State.DONE, "result": result, "finished_at": datetime.now(UTC)}
        await session.execute(update(Job).where(Job.id == job.id).values(over))
    return result


@pytest.mark.parametrize(
    ("form", "begins"), [("xlsx", "PK"), ("csv", "\ufeffEmployee;Day"), ("pdf", "%PDF-")]
)
async def test_a_small_report_comes_at_once_and_is_noted(site, made, form, begins):
    visitor = await site.signed_in("root")

    answer = await visitor.post("/reports/made/file", ASKED | {"format": form})

    assert answer.status == 200
    assert answer.text.startswith(begins)
    assert (
        f"Call%20report%202026-11-01%202026-11-02.{form}" in answer.headers["Content-Disposition"]
    )
    assert answer.headers["Cache-Control"] == "private, no-store"
    [entry] = await entries(site)
    known = words.Known(items={}, people={}, departments={}, day=str)
    assert words.action(entry, str.format) == "Took a report out"
    assert words.detail(entry, str.format, known) == (
        f"Call report ({form}); rows: 3; since=2026-11-01, until=2026-11-02"
    )
    assert await jobs_of(site) == []


async def test_it_has_what_its_owner_may_see_and_no_more(site, made):
    for who in ("mara", "lea", "root"):
        await (await site.signed_in(who)).post("/reports/made/file", ASKED | {"format": "csv"})

    mara, lea, root = (asker.scope for asker in made["askers"])
    assert mara.is_own and mara.user_id == IDS["mara"]
    assert lea.departments == {1, 3}
    assert root.everything


async def test_a_report_that_lists_customers_is_taken_out_by_whoever_may_export(
    site, made, monkeypatch
):
    closed = replace(registry.REPORTS["made"], files=Permission.EXPORT)
    monkeypatch.setitem(registry.REPORTS, "made", closed)
    lea, root = await site.signed_in("lea"), await site.signed_in("root")

    refused = await lea.post("/reports/made/file", ASKED | {"format": "csv"})

    assert refused.status == 403
    assert "You may look at this report, but not take it out." in refused.text
    assert (await root.post("/reports/made/file", ASKED | {"format": "csv"})).status == 200
    assert len(await entries(site)) == 1


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/reports/nothing/file", ASKED | {"format": "csv"}, 404),
        ("/reports/made/file", ASKED | {"format": "exe"}, 400),
        ("/reports/made/file", {"asked": "since=yesterday", "format": "csv"}, 400),
        (
            "/reports/made/file",
            {"asked": "since=2006-01-01&until=2026-01-01", "format": "csv"},
            400,
        ),
        ("/reports/made/file", {}, 400),
    ],
)
async def test_what_makes_no_sense_is_said_and_nothing_is_made(site, made, path, form, status):
    visitor = await site.signed_in("mara")

    assert (await visitor.post(path, form)).status == status
    assert (await entries(site), await jobs_of(site)) == ([], [])


async def test_a_large_one_is_long_work_that_ends_in_a_download_of_ones_own(site, made):
    made["rows"] = 9000
    visitor, other = await site.signed_in("lea"), await site.signed_in("root")

    answer = await visitor.post("/reports/made/file", ASKED | {"format": "csv"})
    [job] = await jobs_of(site)
    here = f"/reports/files/{job.id}"
    assert (answer.status, answer.headers["Location"]) == (303, here)
    assert "job-progress" in (await visitor.get(here)).text
    assert (await visitor.get(f"{here}/download")).status == 404

    assert (await done(site, job))["rows"] == 9000

    page = (await visitor.get(here)).text
    assert f'href="{here}/download"' in page and "9,000" in page
    file = await visitor.get(f"{here}/download")
    assert file.text.count("\n") == 9002
    assert "Nguyễn Thị Ngọc Ẩn 8999;01/11/2026;8999;152:28:59;25.0%" in file.text
    assert (await other.get(here)).status == 404
    assert (await other.get(f"{here}/download")).status == 404
    assert [entry.user_id for entry in await entries(site)] == [IDS["lea"]]


async def test_a_file_of_last_week_is_gone_and_the_page_says_so(site, made):
    made["rows"] = 9000
    visitor = await site.signed_in("lea")
    await visitor.post("/reports/made/file", ASKED | {"format": "csv"})
    [job] = await jobs_of(site)
    await done(site, job)
    long_ago = datetime.now(UTC) - views.KEPT - timedelta(minutes=1)
    async with site.sessions.begin() as session:
        await session.execute(update(Job).values(finished_at=long_ago))

    assert "files are kept for 7 days" in (await visitor.get(f"/reports/files/{job.id}")).text
    assert (await visitor.get(f"/reports/files/{job.id}/download")).status == 404


async def test_whoever_may_no_longer_gets_nothing_and_a_cancelled_one_leaves_nothing(site, made):
    made["rows"] = 9000
    visitor = await site.signed_in("lea")
    await visitor.post("/reports/made/file", ASKED | {"format": "csv"})
    [job] = await jobs_of(site)

    with pytest.raises(Cancelled):
        await done(site, job, stop=True)
    async with site.sessions.begin() as session:
        await session.execute(update(User).where(User.id == IDS["lea"]).values(active=False))
    with pytest.raises(Forbidden):
        await done(site, job)

    assert list(site.app[JOBS].folder(job.id).iterdir()) == []
    assert await entries(site) == []


async def test_fifty_at_once_are_all_taken_two_of_them_at_once_and_the_rest_one_by_one(
    site, made, monkeypatch
):
    visitor, begun, go_on = await site.signed_in("root"), [], asyncio.Event()

    async def slow(*args):
        begun.append(args)
        if len(begun) == views.AT_ONCE:
            go_on.set()
        await go_on.wait()  # until both hands are full
        return await at_once(*args)

    at_once = views._at_once
    monkeypatch.setattr(views, "_at_once", slow)
    form = ASKED | {"format": "csv"}
    answers = await asyncio.gather(*(visitor.post("/reports/made/file", form) for _ in range(50)))

    statuses = [answer.status for answer in answers]
    assert set(statuses) == {200, 303}
    assert len(await jobs_of(site)) == statuses.count(303)
    assert views._writing == 0
    assert msgspec.convert((await jobs_of(site))[0].params, work.Wish).report == "made"


async def test_a_pdf_that_nobody_could_print_is_refused_in_words(site, made):
    made["rows"] = 20_001
    visitor = await site.signed_in("root")

    answer = await visitor.post("/reports/made/file", ASKED | {"format": "pdf"})

    assert answer.status == 400
    assert "A PDF has 20,000 rows at most" in answer.text or "A PDF has 20000 rows" in answer.text


async def test_whoever_may_no_longer_take_out_gets_no_file_that_was_made_before(
    site, made, monkeypatch
):
    visitor = await site.signed_in("root")
    made["rows"] = 9000
    monkeypatch.setitem(
        registry.REPORTS, "made", replace(registry.REPORTS["made"], files=Permission.EXPORT)
    )
    await visitor.post("/reports/made/file", ASKED | {"format": "csv"})
    await visitor.post("/calls/export", {"format": "csv"})
    files = [f"/reports/files/{job.id}" for job in await jobs_of(site)]
    assert [(await visitor.get(file)).status for file in files] == [200, 200]

    async with site.sessions.begin() as session:
        leads = {"role": "team_lead", "department_id": 1}  # who may see reports, and not export
        await session.execute(update(User).where(User.id == IDS["root"]).values(leads))
    await site.app[DIRECTORY].load(site.sessions)

    for file in files:
        assert (await visitor.get(file)).status == 403
        assert (await visitor.get(f"{file}/download")).status == 403


async def test_the_loop_puts_no_row_in_words_and_sends_what_lies_in_a_file(site, made, monkeypatch):
    visitor, loop, readers, row = (
        await site.signed_in("root"),
        threading.get_ident(),
        [],
        paper._row,
    )

    def noted(*args, **kwargs):
        if args[0].cells[0]:  # not the total
            readers.append(threading.get_ident())
        return row(*args, **kwargs)

    monkeypatch.setattr(paper, "_row", noted)
    for form in ("csv", "xlsx", "pdf"):
        assert (await visitor.post("/reports/made/file", ASKED | {"format": form})).status == 200
    made["rows"] = 9000  # long work: nothing of it is needed here
    assert (await visitor.post("/reports/made/file", ASKED | {"format": "csv"})).status == 303

    assert len(readers) < 100 and loop not in readers


async def test_types_of_activities_that_are_asked_for_stand_among_the_facts(site, made):
    kind = await site.add(CatalogueItem(catalogue="activity_type", name="Gặp mặt", position=0))
    formats = site.app[TEMPLATES].formats
    asked = Asked(since=formats.today(), until=formats.today(), types=(kind.id,))

    async with site.sessions() as session:
        printer = Printer(site.app[DIRECTORY], site.app[TEMPLATES].words, formats)
        person = site.app[DIRECTORY].person(IDS["root"])
        written = await printer.prepare(session, person, registry.REPORTS["made"], asked)

    assert "Gặp mặt" in dict(written.facts).values()
