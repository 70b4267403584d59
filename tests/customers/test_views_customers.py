"""The lists of customers, the form, the page of one, and the search box."""

import json
import re
from urllib.parse import quote

import pytest

from callcenter.customers import queries
from callcenter.customers.forms import tidy
from callcenter.customers.queries import CustomerFilters
from callcenter.keys import DIRECTORY
from callcenter.people.rights import Scope
from tests.pages.site import IDS

GOOD = {"name": "Trần Thị Mỹ Hạnh", "phone": "0912 345 678"}


def names(page):
    return re.findall(r'<div class="who"><a href="/customers/\d+"><b>([^<]+)</b>', page)


async def test_assigned_and_unassigned_customers_are_two_lists(site):
    await site.customer("Assigned", "0912345678", owner="mara")
    await site.customer("Unassigned one", "0912345679")
    visitor = await site.signed_in("root")

    assert names((await visitor.get("/customers")).text) == ["Assigned"]
    assert names((await visitor.get("/customers?tab=unassigned")).text) == ["Unassigned one"]


@pytest.mark.parametrize(
    "text",
    [
        "tran thi my",
        "MỸ HẠNH",
        "hanh tran",
        "co khi",
        "0912 345",
        "345678",
        "5678",
        "+84912345678",
        "KH-0",
    ],
)
async def test_a_customer_is_found_by_words_without_accents_any_digits_or_the_code(site, text):
    await site.customer("Trần Thị Mỹ Hạnh", "0912345678", owner="mara", company="Cơ khí Đặng Gia")
    visitor = await site.signed_in("mara")

    assert names((await visitor.get(f"/customers?q={quote(text)}")).text) == ["Trần Thị Mỹ Hạnh"]


@pytest.mark.parametrize("text", ["tran thi lan", "0912 345 679", "99999", "%", "_", "KH-9"])
async def test_what_matches_nobody_says_so(site, text):
    await site.customer("Trần Thị Mỹ Hạnh", "0912345678", owner="mara")
    visitor = await site.signed_in("mara")

    page = (await visitor.get(f"/customers?q={quote(text)}")).text

    assert names(page) == [] and "No customer matches." in page


async def test_the_list_is_paged_there_and_back(site):
    for place in range(60):
        await site.customer(f"Customer {place:02}", f"09123456{place:02}", owner="mara")
    visitor = await site.signed_in("mara")

    first = (await visitor.get("/customers")).text
    second = (await visitor.get(_link(first, "next"))).text
    back = (await visitor.get(_link(second, "prev"))).text

    assert names(first) == [f"Customer {place:02}" for place in range(50)]
    assert names(second) == [f"Customer {place:02}" for place in range(50, 60)]
    assert names(back) == names(first)
    assert 'rel="prev"' not in first and 'rel="next"' not in second


def _link(page, rel):
    return re.search(rf'rel="{rel}" href="([^"]+)"', page)[1].replace("&amp;", "&")


async def test_the_list_is_sorted_by_the_server(site):
    await site.customer("An", "0912345678", owner="mara")
    await site.customer("Đạt", "0912345679", owner="mara")
    await site.customer("Bình", "0912345670", owner="mara")
    visitor = await site.signed_in("mara")

    async def sorted_by(sort):
        return names((await visitor.get(f"/customers?sort={sort}")).text)

    assert await sorted_by("name") == ["An", "Bình", "Đạt"]
    assert await sorted_by("-name") == ["Đạt", "Bình", "An"]
    assert await sorted_by("-created") == ["Bình", "Đạt", "An"]
    assert await sorted_by("nonsense") == ["An", "Bình", "Đạt"]


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMl0", "AAAA", "%F0%9F%98%80"])
async def test_a_broken_cursor_is_refused_in_words(site, cursor):
    visitor = await site.signed_in("mara")

    answer = await visitor.get(f"/customers?cursor={cursor}")

    assert answer.status == 400
    assert "This page of the list does not exist." in answer.text


async def test_each_row_has_a_button_that_calls(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    visitor = await site.signed_in("mara")

    page = (await visitor.get("/customers")).text

    assert f'data-call="0912345678" data-customer="{customer.id}"' in page


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
        ({"email": "nobody"}, "This is not an e-mail address."),
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
    sentence = "0912 345 678 already belongs to customer Lý Quang Vũ, whose owner is Phạm Kim."
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
    assert "talked 3:07" in page and "Cần 2 máy RO" in page and "Agreed" in page
    assert "Missed" in page


async def test_the_search_box_answers_a_few_with_what_it_shows(site):
    for place in range(12):
        await site.customer(f"Hạnh {place:02}", f"09123456{place:02}", owner="mara")
    visitor = await site.signed_in("mara")

    found = json.loads((await visitor.get("/customers/search?q=hanh")).text)["customers"]

    assert len(found) == 8
    assert found[0] | {"id": 0} == {
        "id": 0,
        "name": "Hạnh 00",
        "code": "KH-000001",
        "company": "",
        "owner": "Nguyễn Mara",
        "initials": "H0",
        "number": "+84912345600",
        "shown": "0912 345 600",
    }


async def test_the_search_box_finds_only_what_one_may_see(site):
    await site.customer("Hạnh", "0912345678", owner="kim")
    visitor = await site.signed_in("mara")

    assert json.loads((await visitor.get("/customers/search?q=hanh")).text) == {"customers": []}


async def test_the_same_questions_are_answered_by_each_database(sessions):
    async with sessions() as session:
        everything = Scope(everything=True, user_id=0)
        for place, name in enumerate(["Đỗ An", "Bùi Ba", "An Bình"]):
            await queries.add(session, tidy({"name": name}, [f"09123456{place:02}"], None))
        await session.commit()

        async def found(text, cursor="", limit=10):
            filters = CustomerFilters(text=text, assigned=False)
            cut = await queries.customers_cut(
                session, everything, filters, cursor=cursor, limit=limit
            )
            return [customer.name for customer, _ in cut.rows], cut

        assert (await found("an"))[0] == ["An Bình", "Đỗ An"]
        assert (await found("0912 345 601"))[0] == ["Bùi Ba"]
        first, cut = await found("", limit=2)
        second, after = await found("", cursor=cut.after, limit=2)
        back, _ = await found("", cursor=after.before, limit=2)
        assert (first, second, back) == (["An Bình", "Bùi Ba"], ["Đỗ An"], first)
        assert await queries.customers_count(session, everything, CustomerFilters()) == 3
