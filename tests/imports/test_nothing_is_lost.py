"""Accepted + errors = rows, whatever is in the file and wherever a run is cut off."""

import asyncio
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from callcenter.customers.models import Customer, CustomerPhone
from callcenter.imports import check, coming, run
from callcenter.imports.models import Import, ImportRow, State
from tests.draws import cases
from tests.imports.workshop import Workshop

HEADINGS = ["Tên", "Số điện thoại", "Nhân viên"]
MAPPING = ["name", "phone", "owner"]

names = st.sampled_from(["", "Hường", "Lan", "x" * 201, "<b>&'\"", "=1+1", "Minh ; DROP TABLE"])
phones = st.sampled_from(
    ["", "0912345678", "912345678", "0987654321", "09", "abc", "0903118246; 0938771204"]
) | st.integers(0, 40).map(lambda n: f"09120000{n:02}")
owners = st.sampled_from(["", "mara", "Mara", "nobody", "root"])
rows = st.lists(st.tuples(names, phones, owners), max_size=25)
choices = st.sampled_from(
    [
        {},
        {"destination": "file"},
        {"destination": "department", "department_id": 1},
        {"destination": "people", "people": [{"user_id": 2}], "mechanism": "turn"},
        {"destination": "people", "people": [{"user_id": 2}], "mechanism": "random"},
        {
            "destination": "people",
            "people": [{"user_id": 2, "capacity": 3}],
            "mechanism": "priority",
        },
        {"skip_duplicates": True},
    ]
)


@pytest.fixture
async def workshop(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "PIECE", 4)
    monkeypatch.setattr(coming, "PIECE", 4)
    monkeypatch.setattr(check, "PIECE", 4)
    shop = Workshop(engine, tmp_path / "imports")
    await shop.open()
    return shop


async def emptied(shop):
    async with shop.sessions.begin() as session:
        for table in (CustomerPhone, Customer, ImportRow, Import):
            await session.execute(delete(table))
    shutil.rmtree(shop.home, ignore_errors=True)


def relaxed(examples):
    return settings(
        max_examples=cases(examples),
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


async def adds_up(shop, import_id, file):
    made = await shop.made(import_id)
    customers, refused = await shop.customers(import_id), await shop.refused(import_id)
    counts = made.counts
    if not made.place:  # what is counted is the check's
        assert customers == []
        return made
    assert counts.get("accepted", 0) + counts.get("errors", 0) == made.place
    assert len(customers) == counts.get("accepted", 0)
    assert len(refused) == len(set(refused)) == counts.get("errors", 0)
    unassigned = sum(each.owner_id is None for each in customers)
    assert unassigned + sum(each.owner_id is not None for each in customers) == len(customers)
    return made


async def _told(shop, file, chosen, looks):
    """Run it, cut off after so many pieces, then to the end; what is checked at each stop."""
    import_id = await shop.file(HEADINGS, file, MAPPING, **chosen)
    await shop.check(import_id)
    checked = (await shop.made(import_id)).counts
    assert checked["accepted"] + checked["errors"] == checked["rows"] == len(file)
    noted = await shop.refused(import_id)
    assert len(noted) == len(set(noted)) == checked["errors"]
    for stop in looks:
        await shop.run(import_id, stop)
        await adds_up(shop, import_id, file)
    assert await shop.run(import_id)
    made = await adds_up(shop, import_id, file)
    assert (made.state, made.place) == (State.DONE, len(file))
    assert made.counts["accepted"] == checked["accepted"]
    return import_id


@pytest.mark.hypothesis
async def test_no_row_is_lost_however_often_the_run_is_cut_off(workshop):
    @relaxed(15)
    @given(file=rows, chosen=choices, looks=st.lists(st.integers(0, 4), max_size=3))
    def story(file, chosen, looks):
        stories.append((file, chosen, looks))

    stories = []
    story()
    for file, chosen, looks in stories:
        await emptied(workshop)
        await _told(workshop, file, chosen, looks)


async def test_the_dry_run_notes_each_error_of_more_than_a_piece(workshop):
    file = [("", f"09120000{n:02}", "") for n in range(9)]
    import_id = await workshop.file(HEADINGS, file, MAPPING)

    await workshop.check(import_id)

    assert sorted(await workshop.refused(import_id)) == list(range(2, 11))


async def test_a_run_that_was_cut_off_shares_as_if_it_had_not_been(workshop):
    file = [(f"K{n}", f"09120000{n:02}", "") for n in range(20)]
    people = [{"user_id": 2, "capacity": 7}, {"user_id": 1, "capacity": 5}]
    chosen = {"destination": "people", "mechanism": "priority", "people": people}

    import_id = await _told(workshop, file, chosen, [1, 2])

    owners = [each.owner_id for each in await workshop.customers(import_id)]
    assert (owners.count(2), owners.count(1), owners.count(None)) == (7, 5, 8)


async def test_all_or_nothing_that_is_cut_off_leaves_nothing(workshop):
    file = [(f"K{n}", f"09120000{n:02}", "") for n in range(20)]
    import_id = await workshop.file(HEADINGS, file, MAPPING, all_or_nothing=True)
    await workshop.check(import_id)

    assert not await workshop.run(import_id, 9)  # five looks while checking, four while writing
    assert await workshop.count() == 0
    assert await workshop.run(import_id)

    assert await workshop.count() == 20


async def test_what_was_brought_is_taken_back_whole(workshop):
    file = [(f"K{n}", f"09120000{n:02}", "") for n in range(9)]
    import_id = await _told(workshop, file, {}, [])

    await workshop.undo(import_id)

    assert await workshop.count() == 0
    async with workshop.sessions() as session:
        left = await session.scalar(select(func.count()).select_from(CustomerPhone))
    assert left == 0


async def test_two_imports_of_the_same_file_bring_each_customer_once(workshop):
    file = [(f"K{n}", f"09120000{n:02}", "") for n in range(30)]
    first = await workshop.file(HEADINGS, file, MAPPING)
    second = await workshop.file(HEADINGS, file, MAPPING)

    await asyncio.gather(workshop.run(first), workshop.run(second))

    brought = [len(await workshop.customers(each)) for each in (first, second)]
    assert sum(brought) == 30
    refused = [len(await workshop.refused(each)) for each in (first, second)]
    assert sum(refused) == 30
