"""Who does not want to be called, on pages: the list, a customer's page, the list of customers."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from callcenter.dialling.models import DoNotCall, DoNotCallChange
from callcenter.keys import DIRECTORY
from callcenter.people.models import GroupPermission, PermissionGroup, UserGroup
from callcenter.people.permissions import Permission, Reach
from tests.pages.site import IDS

PAGE = "/switchboard/do-not-call"
KEY = "+84912345678"


async def rows(site):
    async with site.sessions() as session:
        found = await session.scalars(select(DoNotCall).order_by(DoNotCall.number_key))
        return {(row.number_key, row.source): row for row in found}


async def done(site):
    async with site.sessions() as session:
        found = await session.scalars(select(DoNotCallChange).order_by(DoNotCallChange.id))
        return [(row.what, row.number_key, row.reason, row.user_id) for row in found]


def national(key, **values):
    at = datetime.now(UTC)
    return DoNotCall(number_key=key, source="national", reason="", added_at=at, **values)


async def test_a_number_is_put_on_the_list_found_by_any_digits_and_taken_off_with_a_reason(site):
    root = await site.signed_in("root")
    assert "Nobody has asked us not to be called yet." in (await root.get(PAGE)).text

    new = {"number": "0912.345.678", "reason": " Nói  không ", "until": "31/12/2099"}
    assert (await root.post(PAGE + "/new", new)).status == 303

    [row] = (await rows(site)).values()
    assert (row.number_key, row.reason, row.added_by) == (KEY, "Nói không", 1)
    assert row.until == datetime(2099, 12, 31, 17, tzinfo=UTC)  # the end of that day, here
    for digits in ("0912345678", "234 5", "84912", "0912"):
        page = await root.get(f"{PAGE}?q={digits.replace(' ', '%20')}")
        assert "0912 345 678" in page.text, digits
        assert "31 Dec 2099" in page.text
    assert "it may be called" in (await root.get(PAGE + "?q=0987")).text

    one = f"{PAGE}/{KEY}"
    assert "Nói không" in (await root.get(one)).text
    answer = await root.post(one + "/remove", {"reason": " "})
    assert answer.status == 400 and "Say why it may be called again" in answer.text
    assert (await root.post(one + "/remove", {"reason": "Đổi ý"})).status == 303
    assert await rows(site) == {}
    assert await done(site) == [("added", KEY, "Nói không", 1), ("removed", KEY, "Đổi ý", 1)]
    assert "It is on no list: it may be called." in (await root.get(one)).text
    assert "Đổi ý" in (await root.get(PAGE)).text
    assert (await root.post(one + "/remove", {"reason": "Đổi ý"})).status == 404


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ({"number": "12ab"}, "is not a phone number"),
        ({"number": "113"}, "Emergency numbers can always be called."),
        ({"reason": " "}, "Say why: whoever wants to call"),
        ({"reason": "x" * 301}, "Too long: 300 letters"),
        ({"until": "31/02/2027"}, "This is no day"),
        ({"until": "01/01/2020"}, "This day has passed."),
    ],
)
async def test_what_makes_no_sense_is_refused_in_words_and_kept(site, typed, sentence):
    root = await site.signed_in("root")
    whole = {"number": "0912345678", "reason": "No", "until": "", **typed}

    answer = await root.post(PAGE + "/new", whole)

    assert answer.status == 400 and sentence in answer.text
    assert f'value="{whole["number"]}"' in answer.text
    assert await rows(site) == {} and await done(site) == []


async def test_the_own_list_is_exported_and_no_cell_becomes_a_formula(site):
    root = await site.signed_in("root")
    await root.post(PAGE + "/new", {"number": "+44 20 7946 0958", "reason": "=1+1"})

    answer = await root.get(PAGE + "/own.csv")

    assert answer.text.splitlines()[1].startswith("44 20 7946 0958;'=1+1;")


async def test_a_number_of_the_national_list_is_found_but_not_taken_off(site):
    await site.add(national(KEY))
    root = await site.signed_in("root")

    page = await root.get(f"{PAGE}?q=0912345678")

    assert "National list" in page.text
    assert "Take off the list" not in (await root.get(f"{PAGE}/{KEY}")).text
    assert (await root.post(f"{PAGE}/{KEY}/remove", {"reason": "x"})).status == 404


async def test_an_agent_puts_a_customers_numbers_on_the_list_and_a_lead_takes_one_off(site):
    customer = await site.customer("Hạnh", "0912345678", "0987654321", owner="mara")
    mara, lea = await site.signed_in("mara"), await site.signed_in("lea")
    here = f"/customers/{customer.id}"
    assert "Asked not to be called" in (await mara.get(here)).text

    both = [("numbers", KEY), ("numbers", "+84987654321"), ("reason", "Đừng gọi")]
    assert (await mara.post(here + "/do-not-call", both)).status == 303

    page = (await mara.get(here)).text
    assert "0912 345 678: Đừng gọi" in page and 'data-call="09' not in page
    assert "Do not call: Đừng gọi" in (await mara.get("/customers")).text
    off = {"number": KEY, "reason": "Khách đổi ý"}
    assert (await mara.post(here + "/do-not-call/remove", off)).status == 403
    assert (await lea.post(here + "/do-not-call/remove", {"number": KEY})).status == 400
    assert (await lea.post(here + "/do-not-call/remove", off)).status == 303
    assert set(await rows(site)) == {("+84987654321", "own")}
    assert "Khách đổi ý" in (await mara.get(here + "/do-not-call")).text
    assert 'data-call="0912345678"' in (await mara.get(here)).text


async def test_nobody_bars_a_number_that_is_not_the_customers_or_a_customer_of_others(site):
    customer = await site.customer("Hạnh", "0912345678", owner="mara")
    mara, kim = await site.signed_in("mara"), await site.signed_in("kim")
    there = f"/customers/{customer.id}/do-not-call"

    answer = await mara.post(there, {"numbers": "+84987654321", "reason": "No"})

    assert answer.status == 400 and "Tick a number." in answer.text
    assert (await kim.get(there)).status == 404
    assert (await kim.post(there, {"numbers": KEY, "reason": "No"})).status == 404
    assert await rows(site) == {}
    assert (await mara.get(PAGE)).status == 403


async def test_whoever_sets_the_list_reads_no_names_of_customers_of_others(site):
    await site.customer("Hạnh Nguyễn", "0912345678", owner="kim")
    await site.customer("Bảo Trần", "0987654321", owner="mara")
    await site.add(national(KEY), national("+84987654321"))
    await site.add(PermissionGroup(id=1, name="Office"))
    may = {"group_id": 1, "permission": Permission.SWITCHBOARD, "reach": Reach.ALL}
    await site.add(GroupPermission(**may), UserGroup(user_id=IDS["lea"], group_id=1))
    await site.app[DIRECTORY].load(site.sessions)
    lea = await site.signed_in("lea")

    page = (await lea.get(PAGE + "?q=09")).text + (await lea.get(PAGE + "?q=0912345678")).text
    one = (await lea.get(f"{PAGE}/{KEY}")).text

    assert "0912 345 678" in page and "0912 345 678" in one
    assert "Hạnh Nguyễn" not in page + one
    assert "Bảo Trần" in (await lea.get(f"{PAGE}/+84987654321")).text
    assert "Hạnh Nguyễn" in (await (await site.signed_in("root")).get(f"{PAGE}/{KEY}")).text


async def test_an_entry_that_is_over_is_shown_to_nobody_before_a_call(site):
    customer = await site.customer("Hạnh", "0912345678", owner="mara")
    past = datetime.now(UTC) - timedelta(hours=1)
    await site.add(
        DoNotCall(number_key=KEY, source="own", reason="Once", added_at=past, until=past)
    )
    mara = await site.signed_in("mara")

    assert "Once" not in (await mara.get(f"/customers/{customer.id}")).text
    assert "Once" not in (await mara.get("/customers")).text
