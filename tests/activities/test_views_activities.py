"""Activities in the pages: noted in two clicks, seen by whoever sees the customer."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from callcenter.activities.models import Activity
from callcenter.catalogues.models import CatalogueItem
from callcenter.customers.models import CustomerChange
from tests.pages.site import IDS

NOW = datetime.now(UTC)


@pytest.fixture
async def visit(site):
    """A type of activity."""
    return await site.add(CatalogueItem(catalogue="activity_type", name="Gặp mặt", position=0))


@pytest.fixture
async def customer(site):
    return await site.customer("Trần Thị Mỹ Hạnh", "0912345678", owner="mara")


async def noted(site, customer, type_, who="mara", name="Ký hợp đồng", **values):
    row = {"at": NOW - timedelta(hours=1), "created_at": NOW, "description": "", **values}
    return await site.add(
        Activity(customer_id=customer.id, type_id=type_.id, name=name, user_id=IDS[who], **row)
    )


async def all_of(site):
    async with site.sessions() as session:
        return (await session.scalars(select(Activity).order_by(Activity.id))).all()


async def test_the_quick_form_asks_for_name_and_type_and_not_for_the_customer(
    site, visit, customer
):
    mara = await site.signed_in("mara")

    page = await mara.get(f"/customers/{customer.id}/activities/new")

    assert page.status == 200 and "Trần Thị Mỹ Hạnh" in page.text
    required = re.findall(r'name="(\w+)"[^>]* required', page.text)
    assert required == ["name", "type"]
    assert 'name="customer' not in page.text


async def test_an_activity_is_noted_and_one_is_back_where_one_was(site, visit, customer):
    mara = await site.signed_in("mara")
    path = f"/customers/{customer.id}/activities/new"
    host = str(site.server.make_url("/customers?q=hanh"))

    form = await mara.get(path, **{"HX-Request": "true", "HX-Current-URL": host})
    answer = await mara.post(
        path,
        {
            "name": "  Ký   hợp đồng ",
            "type": str(visit.id),
            "description": "Tại nhà\r\nkhách",
            "at": "2026-01-02T10:30",
            "next": "/customers?q=hanh",
        },
    )
    toast = await mara.get("/customers")

    assert 'name="next" value="/customers?q=hanh"' in form.text
    assert (answer.status, answer.headers["Location"]) == (303, "/customers?q=hanh")
    assert "The activity has been added." in toast.text
    [row] = await all_of(site)
    assert (row.name, row.description, row.type_id) == (
        "Ký hợp đồng",
        "Tại nhà\nkhách",
        visit.id,
    )
    assert (row.customer_id, row.user_id) == (customer.id, IDS["mara"])
    assert row.at == datetime(2026, 1, 2, 3, 30, tzinfo=UTC)


async def test_a_mistake_keeps_what_was_typed(site, visit, customer):
    mara = await site.signed_in("mara")

    answer = await mara.post(
        f"/customers/{customer.id}/activities/new",
        {"name": "", "type": "999", "description": "<b>Long story</b>", "at": "soon"},
    )

    assert answer.status == 400
    for words in ("Enter a name.", "Choose a type.", "“soon” is not a time."):
        assert words in answer.text
    assert "&lt;b&gt;Long story&lt;/b&gt;" in answer.text
    assert await all_of(site) == []


async def test_a_type_that_was_put_away_is_no_longer_offered_but_stays_where_it_is(
    site, visit, customer
):
    mara = await site.signed_in("mara")
    old = await site.add(
        CatalogueItem(catalogue="activity_type", name="Fax", position=1, active=False)
    )
    activity = await noted(site, customer, old)
    here = f"/customers/{customer.id}/activities"

    new, edit = await mara.get(f"{here}/new"), await mara.get(f"{here}/{activity.id}/edit")
    saved = await mara.post(
        f"{here}/{activity.id}/edit", {"name": "Ký", "type": str(old.id), "at": ""}
    )
    added = await mara.post(f"{here}/new", {"name": "Ký", "type": str(old.id)})

    assert "Fax" not in new.text and "Fax" in edit.text
    assert (saved.status, added.status) == (303, 400)


async def test_without_any_type_the_form_says_who_makes_them(site, customer):
    mara = await site.signed_in("mara")

    page = await mara.get(f"/customers/{customer.id}/activities/new")

    assert "There are no types of activity yet." in page.text


@pytest.mark.parametrize(
    "where", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "x"]
)
async def test_the_way_back_leads_to_no_other_site(site, visit, customer, where):
    mara = await site.signed_in("mara")

    answer = await mara.post(
        f"/customers/{customer.id}/activities/new",
        {"name": "Ký", "type": str(visit.id), "next": where},
    )

    assert not re.match(r"(https?:)?[/\\]{2}", answer.headers["Location"])


async def test_a_colleagues_customer_and_its_activities_are_not_there(site, visit, customer):
    kim = await site.signed_in("kim")
    activity = await noted(site, customer, visit)
    here = f"/customers/{customer.id}/activities"

    answers = [
        await kim.get(f"{here}/new"),
        await kim.post(f"{here}/new", {"name": "Ký", "type": str(visit.id)}),
        await kim.get(f"{here}/{activity.id}/edit"),
        await kim.post(f"{here}/{activity.id}/edit", {"name": "X", "type": str(visit.id)}),
        await kim.post(f"{here}/{activity.id}/delete"),
    ]

    assert [answer.status for answer in answers] == [404] * 5
    assert "Ký hợp đồng" not in (await kim.get("/activities")).text
    assert len(await all_of(site)) == 1


async def test_one_changes_ones_own_and_a_lead_those_of_their_people(site, visit, customer):
    mara, lea = await site.signed_in("mara"), await site.signed_in("lea")
    of_lea = await noted(site, customer, visit, "lea")
    of_mara = await noted(site, customer, visit, "mara")
    here = f"/customers/{customer.id}/activities"
    typed = {"name": "Đã ký", "type": str(visit.id), "at": ""}

    statuses = [
        (await mara.post(f"{here}/{of_lea.id}/edit", typed)).status,
        (await mara.post(f"{here}/{of_lea.id}/delete")).status,
        (await mara.post(f"{here}/{of_mara.id}/edit", typed)).status,
        (await lea.post(f"{here}/{of_mara.id}/delete")).status,
    ]

    assert statuses == [403, 403, 303, 303]
    async with site.sessions() as session:
        rows = await session.scalars(
            select(CustomerChange)
            .where(CustomerChange.field == "activity")
            .order_by(CustomerChange.id)
        )
        assert [(row.old, row.new) for row in rows] == [
            ("Ký hợp đồng", "Đã ký"),
            ("Đã ký", ""),
        ]


async def test_an_activity_is_not_found_below_another_customer(site, visit, customer):
    mara = await site.signed_in("mara")
    other = await site.customer("Lý Quang Vũ", "0912345679", owner="mara")
    activity = await noted(site, customer, visit)

    answer = await mara.post(f"/customers/{other.id}/activities/{activity.id}/delete")

    assert answer.status == 404


async def test_each_role_sees_the_activities_of_its_customers(site, visit, customer):
    of_tom = await site.customer("Lý Quang Vũ", "0912345679", owner="tom")
    of_kim = await site.customer("Đặng Chi", "0912345670", owner="kim")
    for each, name in ((customer, "AAA"), (of_tom, "BBB"), (of_kim, "CCC")):
        await noted(site, each, visit, name=name)

    for who, seen in (("mara", "AAA"), ("lea", "AAABBB"), ("root", "AAABBBCCC"), ("jon", "")):
        page = await (await site.signed_in(who)).get("/activities")
        shown = sorted(re.findall(r"<b>([ABC]{3})</b>", page.text))
        assert "".join(shown) == seen


async def test_the_list_is_narrowed_by_words_type_person_and_days(site, visit, customer):
    call = await site.add(CatalogueItem(catalogue="activity_type", name="Email", position=1))
    await noted(site, customer, visit, "mara", "Visit of today")
    await noted(site, customer, call, "lea", "Mail of today")
    await noted(site, customer, visit, "lea", "Old visit", at=NOW - timedelta(days=40))
    lea = await site.signed_in("lea")

    async def shown(query):
        return sorted(re.findall(r"<b>([^<]+)</b>", (await lea.part(f"/activities{query}")).text))

    since = (NOW - timedelta(days=7)).date()
    assert await shown("") == ["Mail of today", "Old visit", "Visit of today"]
    assert await shown("?q=visit") == ["Old visit", "Visit of today"]
    assert await shown(f"?type={call.id}") == ["Mail of today"]
    assert await shown(f"?agent={IDS['mara']}") == ["Visit of today"]
    assert await shown(f"?since={since}") == ["Mail of today", "Visit of today"]
    assert await shown("?q=%25") == []
    assert (await lea.get("/activities?since=nonsense")).status == 400


async def test_the_list_is_searched_without_accents_by_activity_customer_and_any_digits(
    site, visit, customer
):
    other = await site.customer("Lê Văn Đạt", "0988777666", owner="mara")
    await noted(site, customer, visit, name="Gọi báo giá")
    await noted(site, other, visit, name="Ký hợp đồng")
    mara = await site.signed_in("mara")

    async def shown(text):
        return re.findall(r"<b>([^<]+)</b>", (await mara.part(f"/activities?q={text}")).text)

    assert await shown("bao gia") == await shown("BÁO GIÁ") == ["Gọi báo giá"]
    assert await shown("hop dong dat") == await shown("van dat") == ["Ký hợp đồng"]
    assert await shown("7776") == await shown("0988 777 666") == ["Ký hợp đồng"]
    assert await shown(other.code) == ["Ký hợp đồng"]
    assert await shown("gia dat") == await shown("%25") == []


async def test_an_activity_that_is_renamed_is_found_by_its_new_name(site, visit, customer):
    activity = await noted(site, customer, visit, name="Gọi điện")
    mara = await site.signed_in("mara")
    form = {"name": "Gặp gỡ", "type": str(visit.id)}

    await mara.post(f"/customers/{customer.id}/activities/{activity.id}/edit", form)

    assert "Gặp gỡ" in (await mara.part("/activities?q=gap")).text
    assert "Gặp gỡ" not in (await mara.part("/activities?q=dien")).text


async def test_a_long_list_has_pages(site, visit, customer):
    for number in range(60):
        await noted(site, customer, visit, name=f"N{number:02}", at=NOW - timedelta(minutes=number))
    mara = await site.signed_in("mara")

    first = await mara.get("/activities")
    following = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    second = await mara.get(following)

    names = [re.findall(r"<b>(N\d\d)</b>", page.text) for page in (first, second)]
    assert names[0] + names[1] == [f"N{number:02}" for number in range(60)]


async def test_there_are_none_yet(site):
    mara = await site.signed_in("mara")

    assert "There are no activities yet." in (await mara.get("/activities")).text
