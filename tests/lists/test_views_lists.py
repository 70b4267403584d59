"""The lists of customers and the search box."""

import json
import re
from urllib.parse import quote

import pytest

from callcenter.customers import queries, saving
from callcenter.customers.forms import tidy
from callcenter.customers.queries import CustomerFilters
from callcenter.people.rights import Scope


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


async def test_the_search_box_says_where_others_may_be_found(site):
    for place in range(3):
        await site.customer(f"Hạnh {place}", f"0912{place}45678", owner="mara")
    for place in range(6):
        await site.customer(f"Hạnh {place}", f"091245678{place}", owner="mara")
    visitor = await site.signed_in("mara")

    async def found(query):
        answer = json.loads((await visitor.get(f"/customers/search?q={query}")).text)
        return len(answer["customers"]), answer["more"]

    assert await found("45678&quick=1") == (3, "pieces")
    assert await found("45678") == (8, "list")
    assert await found("hanh&quick=1") == (8, "list")
    assert await found("hanh 1&quick=1") == (2, "")
    assert await found("0912145678") == (1, "")


async def test_a_number_that_is_searched_for_stands_first_in_its_row(site):
    customer = await site.customer("An", "0912000111", "0988000222", owner="mara")
    visitor = await site.signed_in("mara")

    usual = (await visitor.get("/customers?q=an")).text
    asked = (await visitor.get("/customers?q=000222")).text

    assert f'data-call="0912000111" data-customer="{customer.id}"' in usual
    assert f'data-call="0988000222" data-customer="{customer.id}"' in asked
    assert 'title="0912 000 111">+1' in asked


async def test_a_list_without_rows_leads_to_the_other_one_that_has_some(site):
    await site.customer("An", "0912345678")
    visitor = await site.signed_in("root")

    empty = (await visitor.get("/customers?q=345678")).text
    nowhere = (await visitor.get("/customers?q=999999")).text

    assert "1 found in “Unassigned”" in empty
    assert 'href="/customers?tab=unassigned&amp;q=345678"' in empty
    assert "found in" not in nowhere


async def test_the_search_box_finds_only_what_one_may_see(site):
    await site.customer("Hạnh", "0912345678", owner="kim")
    visitor = await site.signed_in("mara")

    assert json.loads((await visitor.get("/customers/search?q=hanh")).text)["customers"] == []


async def test_the_same_questions_are_answered_by_each_database(sessions):
    async with sessions() as session:
        everything = Scope(everything=True, user_id=0)
        for place, name in enumerate(["Đỗ An", "Bùi Ba", "An Bình"]):
            await saving.add(session, tidy({"name": name}, [f"09123456{place:02}"], None))
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
