"""Whoever answers the phone finds any customer of the company, and no more is told of them."""

import json
import re
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from callcenter.customers.models import Customer
from callcenter.customers.search import key_of
from callcenter.look_up.queries import Criteria, page
from callcenter.people.models import AuditEntry, Department, User
from tests.assignment.house import NOW


async def kims(site):
    customer = await site.customer("Đặng Văn Ưỡng", "0912345678", owner="kim", company="Minh Ưỡng")
    async with site.sessions.begin() as session:
        row = await session.get(Customer, customer.id)
        row.address, row.address_key = "12 Lê Lợi, Quận 1", key_of("12 Lê Lợi, Quận 1")
        row.registered_address = "Lô C5, Đà Nẵng"
        row.registered_key = key_of("Lô C5, Đà Nẵng")
        row.email, row.note = "secret@phat.vn", "the secret note"
    return customer


def found(page):
    return re.findall(r'data-s="1">(?:<a[^>]*><b>)?([^<]+)<', page)


@pytest.mark.parametrize(
    "criteria",
    [
        {"code": "kh-000001"},
        {"name": "dang uong"},
        {"owner": "pham kim"},
        {"registered": "da nang"},
        {"office": "LE LOI 12"},
        {"name": "uong", "owner": "kim", "office": "quan"},
    ],
)
async def test_an_agent_finds_anybodys_customer_by_any_of_the_five(site, criteria):
    await kims(site)
    await site.customer("Somebody else", "0988777666", owner="jon")
    mara = await site.signed_in("mara")

    page = (await mara.get("/customers/look-up?" + urlencode(criteria))).text

    assert found(page) == ["Đặng Văn Ưỡng"]


@pytest.mark.parametrize(
    "criteria",
    [{"name": "dang", "owner": "jon"}, {"office": "da nang"}, {"registered": "%"}, {"code": "%"}],
)
async def test_all_that_is_asked_must_fit(site, criteria):
    await kims(site)
    mara = await site.signed_in("mara")

    page = (await mara.get("/customers/look-up?" + urlencode(criteria))).text

    assert found(page) == []


async def test_only_code_name_owner_and_addresses_are_told(site):
    customer = await kims(site)
    mara = await site.signed_in("mara")

    page = (await mara.get("/customers/look-up?name=dang")).text

    for told in ("KH-000001", "Phạm Kim", "Lô C5, Đà Nẵng", "12 Lê Lợi, Quận 1"):
        assert told in page
    for secret in ("912 345 678", "0912345678", "secret@phat.vn", "secret note", "Minh Ưỡng"):
        assert secret not in page
    assert f"/customers/{customer.id}" not in page  # she may not open it
    assert (await mara.get(f"/customers/{customer.id}")).status == 404


async def test_ones_own_customer_can_be_opened_from_there(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    mara = await site.signed_in("mara")

    assert f'href="/customers/{customer.id}"' in (await mara.get("/customers/look-up?name=an")).text
    kims = (await (await site.signed_in("kim")).get("/customers/look-up?name=an")).text
    assert f'href="/customers/{customer.id}"' not in kims and "<b>An" not in kims  # not hers: plain


async def test_each_look_up_is_recorded_with_who_what_and_how_many(site):
    await kims(site)
    mara = await site.signed_in("mara")

    await mara.get("/customers/look-up?name=dang&owner=")

    async with site.sessions() as session:
        [entry] = (
            await session.scalars(select(AuditEntry).where(AuditEntry.action == "look-up"))
        ).all()
    assert entry.user_id == 3
    assert json.loads(entry.detail) == {"criteria": {"name": "dang"}, "found": 1}


async def test_who_is_not_found_is_added_with_the_name_that_was_typed(site):
    mara = await site.signed_in("mara")

    page = (await mara.get("/customers/look-up?name=Nguyễn An")).text
    new = re.search(r'href="(/customers/new\?name=[^"]+)"', page)[1]

    assert 'value="Nguyễn An"' in (await mara.get(new)).text


async def test_what_is_in_the_bin_is_not_found(site):
    customer = await kims(site)
    async with site.sessions.begin() as session:
        (await session.get(Customer, customer.id)).deleted_at = NOW
    mara = await site.signed_in("mara")

    assert found((await mara.get("/customers/look-up?name=dang")).text) == []


async def test_each_database_finds_the_same(sessions):
    async with sessions.begin() as session:
        session.add(Department(id=1, name="Sales"))
        await session.flush()
        session.add(
            User(id=1, username="kim", name="Phạm Kim", password="", role="agent", department_id=1)
        )
        await session.flush()
        for n, (name, office, registered) in enumerate(
            [("Đỗ An", "Lê Lợi", "Đà Nẵng"), ("Bùi Ba", "Hai Bà Trưng", ""), ("An Bình", "", "")]
        ):
            session.add(
                Customer(
                    code=f"KH-{n}",
                    name=name,
                    search_key=key_of(name),
                    address=office,
                    registered_address=registered,
                    owner_id=1 if n else None,
                    created_at=NOW,
                    updated_at=NOW,
                )
            )

    async def names(**criteria):
        async with sessions() as session:
            cut, count = await page(session, Criteria(**criteria))
        assert count == len(cut.rows)
        return [customer.name for customer, _ in cut.rows]

    assert await names() == ["An Bình", "Bùi Ba", "Đỗ An"]
    assert await names(name="an") == ["An Bình", "Đỗ An"]
    assert await names(office="le loi") == ["Đỗ An"]
    assert await names(registered="da") == ["Đỗ An"]
    assert await names(owner="kim") == ["An Bình", "Bùi Ba"]
    assert await names(code="kh-1") == ["Bùi Ba"]
