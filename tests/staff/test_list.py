"""The list of employees: who is in it for whom, and how one finds somebody."""

import re
from datetime import UTC, datetime

import pytest

from callcenter.people.models import SignInAttempt
from tests.pages.site import CAST, IDS
from tests.staff.steps import customers_of, saves

SEES = {"root": set(CAST), "lea": {"lea", "mara", "jon", "tom"}}


def listed(page):
    names = {name for _, (name, *_) in CAST.items()}
    body = page.text.partition("<tbody>")[2]
    return [name for name in re.findall(r'title="([^"]+)">', body) if name in names]


@pytest.mark.parametrize("who", SEES)
async def test_a_lead_sees_the_own_department_and_those_below_a_superadmin_everybody(site, who):
    visitor = await site.signed_in(who)

    page = await visitor.get("/team")

    assert set(listed(page)) == {CAST[each][0] for each in SEES[who]}


async def test_an_agent_sees_neither_the_page_nor_its_entry_in_the_menu(site):
    visitor = await site.signed_in("mara")

    assert (await visitor.get("/team")).status == 403
    assert 'href="/team"' not in (await visitor.get("/")).text


async def test_whoever_leads_has_the_entry_in_the_menu(site):
    visitor = await site.signed_in("lea")

    page = (await visitor.get("/")).text

    assert 'href="/team"' in page and 'href="/team/departments"' not in page


@pytest.mark.parametrize("typed", ["nguyen mara", "MARA", "201", "nguyễn"])
async def test_somebody_is_found_by_words_without_accents_and_by_extension(site, typed):
    visitor = await site.signed_in("lea")

    page = await visitor.part(f"/team?q={typed}")

    assert listed(page) == ["Nguyễn Mara"]


async def test_what_matches_nobody_says_so_and_leads_back(site):
    visitor = await site.signed_in("lea")

    page = await visitor.part("/team?q=nobody")

    assert "Nobody matches these filters." in page.text and 'href="/team"' in page.text


async def test_the_list_is_filtered_by_role_and_by_department_with_those_below(site):
    visitor = await site.signed_in("root")

    leads = await visitor.part("/team?role=team_lead")
    sales = await visitor.part("/team?department=1&role=agent")

    assert listed(leads) == ["Lê Thị Lea"]
    assert set(listed(sales)) == {"Nguyễn Mara", "Trần Jon", "Vũ Tom"}


async def test_names_are_sorted_as_vietnamese_names_are_by_the_last_word(site):
    visitor = await site.signed_in("lea")

    up, down = await visitor.part("/team"), await visitor.part("/team?sort=-name")

    assert listed(up) == ["Trần Jon", "Lê Thị Lea", "Nguyễn Mara", "Vũ Tom"]
    assert listed(down) == listed(up)[::-1]


async def test_customers_are_counted_without_those_in_the_bin_and_sorted_by(site):
    await customers_of(site, "jon", 2)
    await customers_of(site, "mara", 3, deleted_at=datetime.now(UTC))
    visitor = await site.signed_in("lea")

    page = await visitor.part("/team?sort=-customers")

    assert listed(page)[0] == "Trần Jon"
    assert f'href="/customers?owner={IDS["jon"]}">2<' in page.text
    assert f'href="/customers?owner={IDS["mara"]}"' not in page.text


async def test_one_who_has_left_is_in_the_other_list(site):
    root = await site.signed_in("root")
    await root.post(f"/team/{IDS['jon']}/leave", {"successor": "nobody"})

    working, left = await root.part("/team"), await root.part("/team?state=left")

    assert "Trần Jon" not in listed(working) and listed(left) == ["Trần Jon"]


async def test_a_lead_has_no_actions_for_other_leads_and_none_for_themselves(site):
    root, lea = await site.signed_in("root"), await site.signed_in("lea")
    await saves(site, root, "tom", role="team_lead")

    page = (await lea.part("/team")).text

    assert f'href="/team/{IDS["mara"]}"' in page
    assert f'href="/team/{IDS["tom"]}"' not in page and f'href="/team/{IDS["lea"]}"' not in page


async def test_somebody_who_failed_to_sign_in_too_often_is_marked(site):
    now = datetime.now(UTC)
    await site.add(*(SignInAttempt(username="mara", address="a", at=now) for _ in range(5)))
    lea = await site.signed_in("lea")

    assert "Locked" in (await lea.part("/team?q=mara")).text
    assert "Locked" not in (await lea.part("/team?q=jon")).text


async def test_when_somebody_was_last_seen_outlives_their_session(site):
    mara, lea = await site.signed_in("mara"), await site.signed_in("lea")
    await mara.post("/sign-out")

    page = (await lea.part("/team?q=mara")).text

    assert "never" not in page and "<time datetime=" in page


async def test_a_sort_filter_or_page_that_is_none_shows_the_list_all_the_same(site):
    visitor = await site.signed_in("root")

    for query in ("sort=x", "page=0", "page=999", "department=x", "role=god", "q=%00"):
        assert (await visitor.part(f"/team?{query}")).status == 200, query
