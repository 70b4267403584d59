"""The pages of the reports about care, and going on from an interaction with a copy of it."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import select, update

from callcenter.activities.models import Activity
from callcenter.calls.models import CallNote
from callcenter.catalogues.models import CatalogueItem
from callcenter.customers.models import Customer
from callcenter.keys import DIRECTORY
from callcenter.people.models import GroupPermission, PermissionGroup, UserGroup
from callcenter.people.permissions import Reach
from callcenter.recordings.models import Recording
from tests.lists.company import customers, statuses
from tests.pages.site import IDS

NOW = datetime.now(UTC)
TODAY = f"?since={(NOW - timedelta(days=1)).date()}&until={(NOW + timedelta(days=1)).date()}"
PAGES = ("customer-interaction", "interacted", "new-customers", "care-time", "interactions")


@pytest.fixture
async def company(site):
    await statuses(site)
    await site.add(CatalogueItem(id=30, catalogue="activity_type", name="Gặp mặt"))
    owned, _ = await customers(site)
    return owned


async def noted(site, customer, who="mara", **values):
    row = {"type_id": 30, "name": "Gặp ở văn phòng", "at": NOW, "created_at": NOW, **values}
    return await site.add(Activity(customer_id=customer.id, user_id=IDS[who], **row))


def rows_of(page):
    """Employee -> the texts of the cells beside."""
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in table.split("<tr>")[1:]]
    texts = [[unescape(re.sub("<[^>]+>", "", cell)) for cell in row] for row in found]
    return {name: cells for name, *cells in texts}


async def test_each_page_says_what_it_counts_in_both_languages(site, company):
    await noted(site, company[0], minutes=30)
    for language, said in (("en", "An interaction is an answered call"), ("vi", "Tương tác là")):
        root = await site.signed_in("root", language)
        pages = {name: await root.get(f"/reports/{name}") for name in PAGES}

        assert {page.status for page in pages.values()} == {200}
        assert said in pages["interactions"].text and said in pages["care-time"].text
        index = (await root.get("/reports")).text
        assert all(f'href="/reports/{name}"' in index for name in PAGES)


async def test_employees_see_themselves_leads_their_people_and_superadmins_all(site, company):
    seen = {}
    for name in ("mara", "lea", "root"):
        visitor = await site.signed_in(name)
        seen[name] = rows_of((await visitor.get("/reports/customer-interaction")).text)

    assert seen["mara"].keys() == {"Nguyễn Mara"}
    assert seen["lea"].keys() == {"Lê Thị Lea", "Nguyễn Mara", "Trần Jon", "Vũ Tom"}
    assert "Phạm Kim" in seen["root"] and "Root" not in seen["root"]
    assert seen["root"]["Nguyễn Mara"][1] == "4"


async def test_a_number_opens_a_list_that_says_why_and_can_be_narrowed_further(site, company):
    lea = await site.signed_in("lea")
    page = (await lea.get("/reports/interacted")).text
    links = [unescape(each) for each in re.findall(r'href="(/customers\?[^"]*)"', page)]

    total = next(each for each in links if "owners=" in each and "untouched" in each)
    found = (await lea.get(total)).text

    assert "Of chosen employees" in found and "Not interacted" in found
    assert 'name="untouched" value="' in found  # kept when another filter is chosen
    assert "Đặng Văn Ưỡng" in found and "Trần Thị Mỹ Hạnh" not in found  # she was called
    assert 'data-quick="' in found and "data-call=" in found  # interact from the list


async def test_an_interaction_can_be_heard_and_gone_on_with(site, company):
    await site.add(
        Recording(call_id="call-1", state="ready", duration_s=45.0, created_at=NOW),
        CallNote(call_id="call-1", user_id=IDS["mara"], note="Muốn báo giá", updated_at=NOW),
    )
    mara = await site.signed_in("mara")

    page = (await mara.get("/reports/interactions" + TODAY)).text
    form = (await mara.get(f"/customers/{company[0].id}/activities/new?call=call-1")).text

    assert 'data-unfold="/calls/call-1/detail" data-then="play"' in page
    assert "Muốn báo giá" in page
    assert f'href="/customers/{company[0].id}/activities/new?call=call-1"' in page
    assert "Muốn báo giá</textarea>" in form


async def test_a_copy_of_an_activity_is_a_new_one_that_happens_now(site, company):
    week = NOW - timedelta(days=7)
    earlier = await noted(site, company[0], at=week, description="Lần đầu", minutes=30)
    mara = await site.signed_in("mara")
    path = f"/customers/{company[0].id}/activities/new"

    form = (await mara.get(f"{path}?copy={earlier.id}")).text
    values = dict(re.findall(r'name="(name|at|minutes)"[^>]*? value="([^"]*)"', form))
    answer = await mara.post(path, values | {"type": "30", "description": "Lần hai"})

    assert values["name"] == "Gặp ở văn phòng" and values.get("minutes", "") == ""
    assert '<option value="30" selected>' in form and "Lần đầu</textarea>" in form
    assert answer.status == 303
    async with site.sessions() as session:
        first, second = (await session.scalars(select(Activity).order_by(Activity.id))).all()
    assert (first.description, second.description) == ("Lần đầu", "Lần hai")
    assert second.at > week + timedelta(days=6)


async def test_what_happened_with_another_customer_cannot_be_copied(site, company):
    mine, other = company[0], company[1]
    earlier = await noted(site, other, description="Riêng tư")
    mara = await site.signed_in("mara")
    path = f"/customers/{mine.id}/activities/new"

    copied = await mara.get(f"{path}?copy={earlier.id}")
    call = await mara.get(f"/customers/{other.id}/activities/new?call=call-1")

    assert (copied.status, call.status) == (404, 404)
    assert "Riêng tư" not in copied.text


async def test_minutes_are_kept_and_nonsense_is_refused_in_words(site, company):
    mara = await site.signed_in("mara")
    path, given = f"/customers/{company[0].id}/activities/new", {"name": "Gặp", "type": "30"}

    refused = [await mara.post(path, given | {"minutes": text}) for text in ("0", "1441", "½")]
    kept = await mara.post(path, given | {"minutes": "45"})

    assert {answer.status for answer in refused} == {400}
    assert "Whole minutes, from 1 to 1440" in refused[2].text and 'value="½"' in refused[2].text
    assert kept.status == 303
    async with site.sessions() as session:
        assert [a.minutes for a in await session.scalars(select(Activity))] == [45]


@pytest.mark.parametrize(
    "query",
    [
        "?since=2000-01-01&until=2026-01-01",
        "?agent=x",
        "?type=" + "9" * 12,
        "?department=1;2",
        "?channel=x'y",
    ],
)
async def test_a_question_that_makes_no_sense_is_answered_in_words(site, query):
    root = await site.signed_in("root")

    answers = [await root.get(f"/reports/{name}{query}") for name in PAGES]

    assert all(answer.status == 400 for answer in answers)
    assert all('<div class="banner banner--bad" role="alert">' in each.text for each in answers)
    if "since" in query:
        assert all('value="01/01/2000"' in each.text for each in answers[1:])  # typed, and kept


async def test_one_channel_is_chosen_from_one_list(site, company):
    await noted(site, company[0], minutes=30)
    root = await site.signed_in("root")

    calls = (await root.get(f"/reports/interactions{TODAY}&channel=inbound")).text
    visits = (await root.get(f"/reports/interactions{TODAY}&channel=30")).text
    anything = (await root.get(f"/reports/interactions{TODAY}&channel=")).text

    assert "Gặp ở văn phòng" not in calls and 'href="/calls/call-1"' in calls
    assert "Gặp ở văn phòng" in visits and 'href="/calls/call-1"' not in visits
    assert '<option value="30" selected>' in visits
    assert "2 interactions" in anything


async def test_the_call_history_can_be_narrowed_to_a_department_by_whoever_sees_several(site):
    await site.call("kim", number="0987654321")
    await site.call("mara", number="0912345678")
    root, mara = await site.signed_in("root"), await site.signed_in("mara")

    care = (await root.get("/calls?department=2")).text
    both = (await root.get("/calls?department=2,1")).text

    assert '<option value="2" selected>Care</option>' in care
    assert "0987 654 321" in care and "0912 345 678" not in care
    assert 'id="calls-department"' not in both  # a chip says it instead
    assert 'name="department" value="2,1"' in both
    assert 'id="calls-department"' not in (await mara.get("/calls")).text


async def test_interactions_go_no_further_than_calls_and_customers_are_seen(site, company):
    await site.add(PermissionGroup(id=9, name="Reports"))
    await site.add(GroupPermission(group_id=9, permission="reports", reach=Reach.ALL))
    await site.add(UserGroup(user_id=IDS["kim"], group_id=9))
    await site.app[DIRECTORY].load(site.sessions)
    await noted(site, company[0])
    kim = await site.signed_in("kim")

    page = (await kim.get("/reports/interactions" + TODAY)).text
    counted = (await kim.get("/reports/care-time" + TODAY)).text

    assert "Gặp ở văn phòng" not in page and "/calls/call-1" not in page
    assert ">2<" in counted.replace("</a>", "<")  # sums name nobody


async def test_a_customer_whose_file_may_not_be_opened_is_a_name_only(site, company):
    binned = company[0]
    await noted(site, binned)
    mara = await site.signed_in("mara")
    path = f"/customers/{binned.id}"
    before = (await mara.get("/reports/interactions" + TODAY)).text

    async with site.sessions.begin() as session:
        await session.execute(
            update(Customer).where(Customer.id == binned.id).values(deleted_at=NOW)
        )
    after = (await mara.get("/reports/interactions" + TODAY)).text

    before, after = (
        page[page.index("<tbody>") : page.index("</tbody>")] for page in (before, after)
    )
    assert f'href="{path}"' in before and 'data-call="' in before
    assert binned.name in after and "Gặp ở văn phòng" in after
    assert path not in after and "data-call" not in after


async def test_a_month_is_written_as_one_on_the_page_and_in_a_file(site, company):
    await noted(site, company[0], at=datetime(2026, 3, 10, tzinfo=UTC), minutes=30)
    root = await site.signed_in("root")

    asked = "since=2026-03-05&until=2026-03-20"

    page = (await root.get(f"/reports/care-time?{asked}")).text
    file = await root.post("/reports/care-time/file", {"asked": asked, "format": "csv"})

    assert list(rows_of(page)) == ["03/2026"]
    assert "03/2026" in file.text
