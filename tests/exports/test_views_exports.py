"""Exports in the pages: who may ask, what is asked, who may download; and the whole way once."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from callcenter.customers.models import Contact
from callcenter.exports.errands import KEPT, forget_exports
from callcenter.jobs.models import Job
from callcenter.keys import DIRECTORY, JOBS
from callcenter.people.models import GroupPermission, PermissionGroup, UserGroup
from callcenter.tasks import running
from tests.pages.site import IDS

FORM = {
    "of": "all=1",
    "subject": "customers",
    "format": "xlsx",
    "delimiter": ";",
    "customers-column": "name",
}


async def jobs_of(site):
    async with site.sessions() as session:
        return (await session.scalars(select(Job).order_by(Job.id))).all()


async def finished(site, visitor, **values):
    """An export that has been done; its id."""
    answer = await visitor.post("/customers/export", FORM | values)
    assert (answer.status, answer.headers["Location"]) == (303, "/jobs")
    job = (await jobs_of(site))[-1]
    async with running(site.app[JOBS].run(), "long work"):
        await site.app[JOBS].over(job.id)
    return job.id


@pytest.mark.parametrize("who", ["lea", "mara"])
async def test_only_whoever_may_export_sees_the_button_and_the_pages(site, who):
    visitor, root = await site.signed_in(who), await site.signed_in("root")

    assert "Export Excel" not in (await visitor.get("/customers")).text
    assert (await visitor.get("/customers/export?all=1")).status == 403
    assert (await visitor.post("/customers/export", FORM)).status == 403
    assert await jobs_of(site) == []
    assert "Export Excel" in (await root.get("/customers")).text


async def test_the_form_says_what_will_be_exported(site):
    root = await site.signed_in("root")

    async def says(query):
        return (await root.part(f"/customers/export{query}")).text

    assert "All assigned customers" in await says("")
    assert "All unassigned customers" in await says("?all=1&tab=unassigned")
    assert "All customers that the list shows with its filters" in await says("?all=1&q=lan")
    assert "2 selected customers" in await says("?ids=4,5")
    assert 'value="all=1&amp;q=lan"' in await says("?all=1&q=lan")
    assert (await root.get("/customers/export?ids=x")).status == 400


@pytest.mark.parametrize(
    "values, words",
    [
        ({"customers-column": None}, "Choose at least one column."),
        ({"customers-column": "password"}, "Choose at least one column."),
        ({"format": "exe"}, "Choose a kind of file."),
        ({"delimiter": "x"}, "Choose a kind of file."),
        ({"subject": "users"}, "Choose what to export."),
    ],
)
async def test_a_mistake_is_said_and_nothing_begins(site, values, words):
    root = await site.signed_in("root")

    answer = await root.post("/customers/export", FORM | values)

    assert answer.status == 400 and words in answer.text
    assert await jobs_of(site) == []


async def test_the_file_is_for_whoever_asked_and_for_nobody_else(site, tmp_path):
    await site.customer("Trần Thị Mỹ Hạnh", "0912345678", owner="mara")
    async with site.sessions() as session:
        session.add(PermissionGroup(id=1, name="Xuất"))
        await session.flush()
        session.add(GroupPermission(group_id=1, permission="export", reach=3))
        session.add(UserGroup(user_id=IDS["lea"], group_id=1))
        await session.commit()
    await site.app[DIRECTORY].load(site.sessions)
    root, lea = await site.signed_in("root"), await site.signed_in("lea")

    job_id = await finished(site, root)
    page = await root.get(f"/exports/{job_id}")
    async with root.session.get(f"/exports/{job_id}/file") as answer:
        headers, content = answer.headers, await answer.read()

    assert f'href="/exports/{job_id}/file"' in page.text
    assert re.match(
        r'attachment; filename="Customers [\d -]+\.xlsx"', headers["Content-Disposition"]
    )
    assert headers["Cache-Control"] == "private, no-store"
    path = tmp_path / "got.xlsx"
    path.write_bytes(content)
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    assert sheet.to_python() == [["Name"], ["Trần Thị Mỹ Hạnh"]]
    for where in (f"/exports/{job_id}", f"/exports/{job_id}/file"):
        assert (await lea.get(where)).status == 404
    assert (await (await site.signed_in("mara")).get(f"/exports/{job_id}/file")).status == 403


async def test_the_list_of_contacts_leads_to_those_of_all_customers(site):
    for place, (name, owner) in enumerate((("Hòa Phát", "mara"), ("Đông Á", None))):
        firm = await site.customer(name, f"091234567{place}", owner=owner)
        async with site.sessions.begin() as session:
            boss = {"customer_id": firm.id, "name": f"Giám đốc {name}", "search_key": "x"}
            session.add(Contact(**boss, created_at=datetime.now(UTC)))
    root = await site.signed_in("root")

    asked = (await root.get("/contacts")).text
    form = (await root.part("/customers/export?all=1&tab=contacts")).text
    wanted = {"subject": "contacts", "format": "csv", "contacts-column": "contact"}
    job_id = await finished(site, root, of="all=1&tab=contacts", **wanted)
    file = (await root.get(f"/exports/{job_id}/file")).text

    assert 'href="/customers/export?all=1&amp;tab=contacts"' in asked
    assert "Export contacts" in form and "All customers, assigned and unassigned" in form
    assert 'value="contacts" checked' in form and 'href="/contacts" data-cancel' in form
    assert "Giám đốc Hòa Phát" in file and "Giám đốc Đông Á" in file
    assert "Export Excel" not in (await (await site.signed_in("mara")).get("/contacts")).text


async def test_an_export_is_kept_for_some_days_and_then_removed(site):
    root = await site.signed_in("root")
    job_id = await finished(site, root)
    folder = site.app[JOBS].folder(job_id)
    async with site.sessions.begin() as session:
        job = await session.get(Job, job_id)
        job.finished_at = datetime.now(UTC) - KEPT - timedelta(minutes=1)

    answer = await root.get(f"/exports/{job_id}/file")
    await forget_exports(folder.parent)(site.sessions)

    assert answer.status == 404 and "kept for 7 days" in answer.text
    assert list(folder.iterdir()) == []


async def test_another_kind_of_job_is_no_export(site):
    root = await site.signed_in("root")
    row = await site.add(
        Job(kind="batch", user_id=IDS["root"], state="done", title={}, created_at=datetime.now(UTC))
    )

    assert (await root.get(f"/exports/{row.id}/file")).status == 404
