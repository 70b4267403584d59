"""The lists of customers, the form, the page of one, and the search box."""

import re

import pytest

from callcenter.customers import queries
from callcenter.keys import DIRECTORY
from tests.pages.site import IDS

GOOD = {"name": "Trần Thị Mỹ Hạnh", "phone": "0912 345 678"}


def names(page):
    return re.findall(r'<div class="who"><a href="/customers/\d+"><b>([^<]+)</b>', page)


async def test_an_agents_new_customer_is_their_own(site):
    visitor = await site.signed_in("mara")

    answer = await visitor.post("/customers/new", GOOD)

    assert answer.status == 303
    page = (await visitor.get(answer.headers["Location"])).text
    assert "Trần Thị Mỹ Hạnh" in page and "0912 345 678" in page and "KH-000001" in page
    assert names((await visitor.get("/customers")).text) == ["Trần Thị Mỹ Hạnh"]


async def test_a_leads_new_customer_waits_for_an_owner_unless_one_is_chosen(site):
    visitor = await site.signed_in("lea")

    await visitor.post("/customers/new", {**GOOD, "owner": str(IDS["jon"])})

    root = await site.signed_in("root")
    await root.post("/customers/new", {"name": "Later", "phone": "0912345679", "owner": ""})
    assert names((await root.get("/customers")).text) == ["Trần Thị Mỹ Hạnh"]
    assert names((await root.get("/customers?tab=unassigned")).text) == ["Later"]


async def test_an_agent_gives_no_customer_away(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    visitor = await site.signed_in("mara")

    for owner in (str(IDS["jon"]), ""):
        form = {"name": "An", "phone": "0912345678", "owner": owner}
        await visitor.post(f"/customers/{customer.id}/edit", form)

    async with site.sessions() as session:
        scope = site.app[DIRECTORY].scope_of(site.app[DIRECTORY].person(IDS["root"]))
        again = await queries.one_customer(session, scope, customer.id)
    assert again.owner_id == IDS["mara"]


async def test_an_unknown_callers_number_is_filled_in(site):
    visitor = await site.signed_in("mara")

    page = (await visitor.get("/customers/new?number=%2B84912345678")).text

    assert 'value="0912 345 678"' in page


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"name": "  "}, "Enter a name."),
        ({"phone": ""}, "Enter a phone number."),
        ({"phone": "12ab"}, "“12ab” is not a phone number."),
        ({"phone": "12"}, "is not complete"),
        ({"email": "nobody"}, "This is not an email address."),
        ({"name": "x" * 201}, "Too long: 200 letters at most."),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    site, change, sentence
):
    visitor = await site.signed_in("mara")

    answer = await visitor.post("/customers/new", {**GOOD, "address": "Lô C5", **change})

    assert answer.status == 400
    assert sentence in answer.text and 'aria-invalid="true"' in answer.text
    assert 'value="Lô C5"' in answer.text


async def test_several_numbers_are_kept_in_their_order(site):
    visitor = await site.signed_in("mara")
    form = [("name", "An"), ("phone", "02873001234"), ("phone", ""), ("phone", "0912345678")]

    answer = await visitor.post("/customers/new", form)

    page = (await visitor.get(answer.headers["Location"])).text
    assert re.findall(r'<span class="tel">([^<]+)<', page) == ["028 7300 1234", "0912 345 678"]


async def test_the_same_number_twice_is_refused(site):
    visitor = await site.signed_in("mara")
    form = [("name", "An"), ("phone", "0912345678"), ("phone", "+84 912 345 678")]

    answer = await visitor.post("/customers/new", form)

    assert answer.status == 400 and "stands here twice" in answer.text


async def test_a_number_somebody_has_is_refused_with_the_customer_and_the_owner(site):
    await site.customer("Lý Quang Vũ", "0912345678", owner="kim")
    visitor = await site.signed_in("mara")

    answer = await visitor.post("/customers/new", {**GOOD, "phone": "+84 912 345 678"})

    assert answer.status == 409
    sentence = "Phone number already exists in customer Lý Quang Vũ owned by Phạm Kim."
    assert sentence in answer.text


async def test_a_number_of_an_unassigned_customer_is_refused_as_well(site):
    await site.customer("Lý Quang Vũ", "0912345678")
    visitor = await site.signed_in("mara")

    answer = await visitor.post("/customers/new", GOOD)

    assert answer.status == 409 and "who has no owner yet" in answer.text


async def test_a_customer_is_changed_in_the_same_form(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    visitor = await site.signed_in("mara")

    form = [("name", "An Nguyễn"), ("phone", "0912345678"), ("phone", "0988777666")]
    answer = await visitor.post(f"/customers/{customer.id}/edit", form)

    assert answer.headers["Location"] == f"/customers/{customer.id}"
    page = (await visitor.get(answer.headers["Location"])).text
    assert "An Nguyễn" in page and "0988 777 666" in page
    assert names((await visitor.get("/customers?q=an nguyen")).text) == ["An Nguyễn"]


async def test_a_change_that_is_wrong_changes_nothing(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    await site.customer("Kim's", "0988777666", owner="kim")
    visitor = await site.signed_in("mara")

    form = {"name": "Changed", "phone": "0988777666"}
    answer = await visitor.post(f"/customers/{customer.id}/edit", form)

    assert answer.status == 409 and "Kim&#39;s" in answer.text and 'value="Changed"' in answer.text
    assert names((await visitor.get("/customers")).text) == ["An"]


@pytest.mark.parametrize(
    "who, status", [("root", 200), ("lea", 200), ("mara", 200), ("jon", 404), ("kim", 404)]
)
async def test_a_customer_is_opened_by_those_who_may(site, who, status):
    customer = await site.customer("An", "0912345678", owner="mara")
    visitor = await site.signed_in(who)

    for path in (f"/customers/{customer.id}", f"/customers/{customer.id}/edit"):
        assert (await visitor.get(path)).status == status
    form = {"name": "Taken", "phone": "0912345678"}
    answer = await visitor.post(f"/customers/{customer.id}/edit", form)
    assert answer.status == (303 if status == 200 else 404)


async def test_a_customers_page_tells_the_calls_with_result_length_note_and_player(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    await site.call("mara", customer_id=customer.id, talked_s=187)
    await site.call("mara", "0912345678", result="abandoned")  # before the number was known
    await site.call("kim", "0977000111")
    visitor = await site.signed_in("mara")
    await visitor.post("/calls/call-1/note", {"note": "Cần 2 máy RO", "outcome": "agreed"})

    page = (await visitor.get(f"/customers/{customer.id}")).text

    assert re.findall(r'href="/calls/(call-\d)"', page) == ["call-2", "call-1"]
    assert "Mara 3:07</span>" in page and "Cần 2 máy RO" in page and "Agreed" in page
    assert "Missed" in page
