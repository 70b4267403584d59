"""Files that agree, and files with gaps, are found among those one may see."""

import re

import pytest
from sqlalchemy import update

from callcenter.check.queries import gaps, groups
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.people.rights import Scope
from tests.assignment.house import NOW

EVERYTHING = Scope(everything=True, user_id=0)


def file(customer_id, name, **values):
    return Customer(
        id=customer_id,
        code=f"KH-{customer_id}",
        name=name,
        search_key=name.lower(),
        created_at=NOW,
        updated_at=NOW,
        **values,
    )


def number(customer_id, key, **values):
    return CustomerPhone(
        customer_id=customer_id, number_key=key, raw=key, reversed_digits=key[::-1], **values
    )


async def put(sessions, *rows):
    async with sessions.begin() as session:
        session.add_all(row for row in rows if isinstance(row, Customer))
        await session.flush()
        session.add_all(row for row in rows if not isinstance(row, Customer))


async def agree(sessions, *criteria, scope=EVERYTHING, after=0):
    async with sessions() as session:
        found, more = await groups(session, scope, criteria, after)
    return [[member.id for member in group.members] for group in found], more


async def test_files_with_the_same_number_are_a_group_whoever_came_first(sessions):
    await put(
        sessions,
        *(file(n, f"C{n}") for n in range(1, 5)),
        number(1, "+84912345678"),
        number(3, "+84912345678"),
        number(2, "+84912345679"),
        number(2, "+84912345679", position=1),  # twice in one file is no duplicate
    )

    assert await agree(sessions, "phone") == ([[1, 3]], 0)


async def test_of_several_criteria_all_must_agree_and_empty_agrees_with_nothing(sessions):
    await put(
        sessions,
        file(1, "An", email="an@phat.vn"),
        file(2, "An", email="AN@phat.vn"),
        file(3, "An"),
        file(4, "An"),
    )

    assert (await agree(sessions, "name"))[0] == [[1, 2, 3, 4]]
    assert (await agree(sessions, "name", "email"))[0] == [[1, 2]]
    assert (await agree(sessions, "tax_code"))[0] == []


async def test_a_file_in_the_bin_or_out_of_sight_is_in_no_group(sessions):
    await put(
        sessions,
        file(1, "An", created_by=1),
        file(2, "An", deleted_at=NOW),
        file(3, "An"),
    )

    assert (await agree(sessions, "name"))[0] == [[1, 3]]
    assert (await agree(sessions, "name", scope=Scope(everything=False, user_id=7)))[0] == []


async def test_groups_come_in_pages(sessions):
    await put(
        sessions,
        *(file(2 * n + side, f"C{n:02}") for n in range(1, 26) for side in (0, 1)),
    )

    first, more = await agree(sessions, "name")
    second, end = await agree(sessions, "name", after=more)

    assert (len(first), len(second), end) == (20, 5, 0)
    assert first[0] == [2, 3] and second[0] == [42, 43]


@pytest.mark.parametrize(
    "field, ids",
    [("email", [2]), ("phone", [1]), ("status", [1, 2]), ("groups", [1, 2]), ("founded_on", [])],
)
async def test_a_gap_is_a_field_with_nothing_in_it_that_the_kind_has(sessions, field, ids):
    await put(sessions, file(1, "An", email="an@phat.vn"), file(2, "Ba"), number(2, "+84912345678"))

    async with sessions() as session:
        cut, count = await gaps(session, EVERYTHING, [field])

    assert ([row[0].id for row in cut.rows], count) == (ids, len(ids))


async def test_it_is_said_what_is_missing_in_each_file(sessions):
    await put(sessions, file(1, "An", email="an@phat.vn"), file(2, "Ba"))

    async with sessions() as session:
        cut, _ = await gaps(session, EVERYTHING, ["email", "tax_code"])

    assert [(row[0].name, *row[2:]) for row in cut.rows] == [("An", 0, 1), ("Ba", 1, 1)]


async def test_the_page_shows_groups_with_ways_to_open_edit_and_merge(site):
    one = await site.customer("An", "0912345678", owner="mara", company="Phát")
    two = await site.customer("An", "0912345679", owner="mara", company="Phát")
    lea, mara = await site.signed_in("lea"), await site.signed_in("mara")

    page = (await lea.get("/customers/check?by=name")).text

    assert "2 files" in page and f"/customers/{one.id}/merge?with={two.id}" in page
    assert f"/customers/{one.id}/edit" in page
    assert "/merge" not in (await mara.get("/customers/check?by=name")).text


async def test_what_files_agree_in_is_told_with_its_accents(site):
    for number in ("0912345678", "0912345679"):
        await site.customer("Nguyễn Thị Yến", number, owner="mara")
    async with site.sessions.begin() as session:
        there = {"address": "12 Lê Lợi, Huế", "address_key": "12 le loi, hue"}
        await session.execute(update(Customer).values(there))
    mara = await site.signed_in("mara")

    page = (await mara.get("/customers/check?by=name&by=address")).text

    assert "Nguyễn Thị Yến · 12 Lê Lợi, Huế</h2>" in page


async def test_another_departments_files_are_not_compared(site):
    await site.customer("An", "0912345678", owner="mara")
    await site.customer("An", "0912345679", owner="kim")
    lea, root = await site.signed_in("lea"), await site.signed_in("root")

    assert "No two files have this in common." in (await lea.get("/customers/check?by=name")).text
    assert "2 files" in (await root.get("/customers/check?by=name")).text


@pytest.mark.parametrize("query", ["by=nonsense", "by=", "after=x", "show=gaps&field=owner", ""])
async def test_what_makes_no_sense_is_left_out(site, query):
    lea = await site.signed_in("lea")

    assert (await lea.get(f"/customers/check?{query}")).status == 200


async def test_the_page_of_gaps_says_what_is_missing(site):
    await site.customer("An", "0912345678", owner="mara")
    lea = await site.signed_in("lea")

    page = (await lea.get("/customers/check?show=gaps&field=email&field=tax_code")).text

    assert re.search(r"<td data-s=\"2\">Email, Tax code</td>", page)
