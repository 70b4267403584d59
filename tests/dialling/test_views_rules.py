"""Who may call where, on a page of the switchboard."""

import re

import pytest

from callcenter.settings import queries
from callcenter.switchboard import versions

PAGE = "/switchboard/dialling"


@pytest.fixture
async def root(site):
    async with site.sessions.begin() as session:
        await queries.save_did(session, "1900 1111", "sales")
    return await site.signed_in("root")


async def rules(site):
    async with site.sessions() as session:
        plan = (await versions.working(session)).plan
    return {each.prefix: (set(each.roles), each.per_hour) for each in plan.dialling}


def mark(page):
    return re.search(r'name="mark" value="([^"]*)"', page.text)[1]


async def test_without_rules_the_page_says_so_and_offers_usual_ones(site, root):
    page = await root.get(PAGE)
    assert "There is no rule yet: everybody may call everywhere" in page.text

    answer = await root.post(PAGE + "/suggested")

    assert (answer.status, answer.headers["Location"]) == (303, PAGE)
    assert await rules(site) == {
        "+": ({"superadmin", "team_lead"}, 10),
        "+84": ({"superadmin", "team_lead", "agent"}, 0),
        "+841900": ({"superadmin", "team_lead"}, 10),
    }
    page = await root.get(PAGE)
    assert "Vietnam: mobile and landline" in page.text and "any other" in page.text
    async with site.sessions() as session:
        assert (await versions.live(session)).plan.dialling == ()


@pytest.mark.parametrize(
    "typed, sentences",
    [
        ("1900 6789", ["expensive service numbers (+841900):", "10 calls an hour"]),
        ("0084 912 345 678", ["Decided by Vietnam: mobile and landline (+84):"]),
        ("+44 20 7946 0958", ["Decided by Abroad (+):"]),
        ("113", ["An emergency number: everybody, always."]),
        ("19001111", ["A number of ours: no rule is asked."]),
        ("12ab", ["is not a phone number"]),
    ],
)
async def test_a_number_is_tried_with_the_rules_that_are_not_live_yet(root, typed, sentences):
    await root.post(PAGE + "/suggested")

    page = await root.get(PAGE + "?number=" + typed.replace("+", "%2B").replace(" ", "%20"))

    assert page.status == (400 if "ab" in typed else 200)
    assert all(sentence in page.text for sentence in sentences)
    assert f'value="{typed}"' in page.text


async def test_a_rule_is_added_changed_and_removed(site, root):
    new = [("prefix", "0084 91"), ("title", "VinaPhone"), ("per_hour", "30"), ("roles", "agent")]
    answer = await root.post(PAGE + "/new", new)
    assert (answer.status, await rules(site)) == (303, {"+8491": ({"agent"}, 30)})

    seen = await root.get(PAGE + "/+8491")
    change = {"prefix": "+8491", "title": "", "per_hour": "", "mark": mark(seen)}
    assert (await root.post(PAGE + "/+8491", change)).status == 303
    assert await rules(site) == {"+8491": (set(), 0)}
    assert "nobody" in (await root.get(PAGE)).text

    assert (await root.post(PAGE + "/+8491", change)).status == 409
    assert (await root.post(PAGE + "/+8491/remove")).status == 303
    assert await rules(site) == {}
    assert (await root.get(PAGE + "/+8491")).status == 404


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ({"prefix": "+84abc"}, "A beginning is digits"),
        ({"prefix": "+841234567890123456"}, "Too long: 15 digits"),
        ({"prefix": "1900"}, "There is a rule for this beginning already."),
        ({"prefix": "09", "per_hour": "-1"}, "A whole number up to"),
        ({"prefix": "09", "title": "x" * 101}, "Too long: 100 letters"),
    ],
)
async def test_what_is_no_rule_is_refused_in_words_and_kept(site, root, typed, sentence):
    await root.post(PAGE + "/suggested")

    answer = await root.post(PAGE + "/new", {**typed, "roles": "agent"})

    assert answer.status == 400 and sentence in answer.text
    assert f'value="{typed["prefix"]}"' in answer.text and 'value="agent" checked' in answer.text
    assert len(await rules(site)) == 3


async def test_an_agent_does_not_see_the_rules(site):
    mara = await site.signed_in("mara")

    assert (await mara.get(PAGE)).status == 403
