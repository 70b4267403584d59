"""What a list can be narrowed to, on each database; and what an address says of it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from multidict import MultiDict

from callcenter.calls.models import CallRecord
from callcenter.catalogues.models import CatalogueItem
from callcenter.customers.models import Customer, CustomerGroup, CustomerShare
from callcenter.lists import queries
from callcenter.lists.filters import ListFilters, narrowed, read
from callcenter.lists.selection import selected, selected_again
from callcenter.people.rights import Scope
from tests.assignment.house import CARE, KIM, MARA, SALES, company

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
ME = Scope(everything=True, user_id=MARA, department_id=SALES)


def file(customer_id, name, day=1, **values):
    at = datetime(2026, 11, day, 5, 0, tzinfo=UTC)
    key = {"code": f"KH-{customer_id}", "search_key": name.lower()}
    return Customer(id=customer_id, name=name, created_at=at, updated_at=at, **key, **values)


async def four(sessions):
    await company(sessions)
    async with sessions.begin() as session:
        session.add_all(
            [
                CatalogueItem(id=1, catalogue="status", name="New"),
                CatalogueItem(id=2, catalogue="status", name="Won"),
                CatalogueItem(id=3, catalogue="source", name="Facebook"),
                CatalogueItem(id=4, catalogue="project", name="Water"),
                CatalogueItem(id=5, catalogue="customer_type", name="Region"),
            ]
        )
        await session.flush()
        session.add(CatalogueItem(id=6, catalogue="customer_group", name="South", parent_id=5))
        session.add_all(
            [
                file(1, "An", owner_id=MARA, department_id=SALES, status_id=1, source_id=3),
                file(2, "Ba", 2, owner_id=KIM, department_id=CARE, status_id=2, project_id=4),
                file(3, "Chi", 3, kind="shop", owner_id=MARA),
                file(4, "Do", 4),
            ]
        )
        await session.flush()
        at = datetime(2026, 11, 10, 5, 0, tzinfo=UTC)
        session.add_all(
            [
                CustomerGroup(customer_id=2, group_id=6),
                CustomerShare(customer_id=2, department_id=SALES, at=at),
                CustomerShare(customer_id=4, user_id=KIM, at=at),
                CallRecord(
                    call_id="1",
                    direction="inbound",
                    state="ended",
                    customer_id=1,
                    started_at=at,
                    answered_at=at,
                ),
                CallRecord(  # nobody talked
                    call_id="2", direction="inbound", state="ended", customer_id=2, started_at=at
                ),
            ]
        )


@pytest.mark.parametrize(
    "query, ids",
    [
        ({}, [1, 2, 3, 4]),
        ({"status": "1"}, [1]),
        ({"status": "1,2"}, [1, 2]),
        ({"status": "0"}, [3, 4]),
        ({"status": "2,0"}, [2, 3, 4]),
        ({"owner": str(MARA)}, [1, 3]),
        ({"department": str(SALES)}, [1, 3]),  # an owner's department counts where none is noted
        ({"source": "3"}, [1]),
        ({"project": "4"}, [2]),
        ({"kind": "shop"}, [3]),
        ({"group": "6"}, [2]),
        ({"group": "5"}, [2]),  # a type stands for all its groups
        ({"since": "2026-11-03"}, [3, 4]),
        ({"until": "2026-11-02"}, [1, 2]),
        ({"since": "2026-11-02", "until": "2026-11-03"}, [2, 3]),
        ({"quiet": "2026-11-10"}, [2, 3, 4]),
        ({"quiet": "2026-11-11"}, [1, 2, 3, 4]),
        ({"shared": "1"}, [2]),
        ({"shared": "1", "kind": "shop"}, []),
    ],
)
async def test_each_filter_keeps_those_it_says(sessions, query, ids):
    await four(sessions)
    filters = read(query)

    async with sessions() as session:
        conditions = narrowed(filters, ME, ZONE, lambda department: [department])
        cut = await queries.page(session, ME, conditions)
        count = await queries.count(session, ME, conditions)

    assert ([customer.id for customer, _ in cut.rows], count) == (ids, len(ids))


async def test_the_time_of_a_status_sorts_also_those_that_never_changed(sessions):
    await four(sessions)
    async with sessions.begin() as session:
        (await session.get(Customer, 1)).status_at = datetime(2026, 11, 9, tzinfo=UTC)

    async with sessions() as session:
        walked, cursor = [], ""
        while True:
            cut = await queries.page(
                session, ME, [], sort="status", descending=True, cursor=cursor, limit=2
            )
            walked += [customer.id for customer, _ in cut.rows]
            if not (cursor := cut.after):
                break

    assert walked == [1, 4, 3, 2]


async def test_the_last_contact_is_the_last_conversation(sessions):
    await four(sessions)

    async with sessions() as session:
        found = await queries.last_contacts(session, [1, 2, 3])

    assert found == {1: datetime(2026, 11, 10, 5, 0, tzinfo=UTC)}


@pytest.mark.parametrize(
    "query",
    [
        {"status": "x"},
        {"owner": "-1"},
        {"since": "31/02/2026"},
        {"since": "0001-01-01"},
        {"kind": "'; DROP TABLE customers"},
        {"group": "9" * 30},
        {"shared": "yes"},
        {"nonsense": "1"},
    ],
)
def test_what_makes_no_sense_in_an_address_does_not_filter(query):
    assert read(query) == ListFilters()


def test_filters_come_back_from_their_own_address():
    filters = ListFilters(
        q="an & co",
        status=(3, 0),
        department=1,
        kind="shop",
        since=date(2026, 11, 1),
        shared=True,
    )

    assert read(MultiDict(filters.query())) == filters


def test_ticks_of_one_name_all_count():
    assert read(MultiDict([("status", "1"), ("status", "2")])).status == (1, 2)


@pytest.mark.parametrize(
    "query", ["ids=1,2,3", "ids=4&tab=unassigned", "all=1", "all=1&q=an&status=1,2&tab=unassigned"]
)
def test_a_selection_comes_back_from_a_form_as_it_went_in(query):
    selection = selected_again(query)

    assert selected_again(selection.query) == selection
    assert selected(MultiDict([("all", "1")])).filters == ListFilters()
