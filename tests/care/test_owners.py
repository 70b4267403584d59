"""Whose files customers' are is counted right while it is written down, and whenever it is old."""

import asyncio
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import async_sessionmaker

from callcenter.care import owners
from callcenter.care.models import OwnerPart
from callcenter.customers.models import Customer
from callcenter.db import database, engine_for
from callcenter.migrations import migrate
from callcenter.tasks import running
from tests.care.by_hand import assert_all_is_counted
from tests.care.happening import STRANGERS, House, customer_row
from tests.people.whole import whole

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
NUMBERS = (*STRANGERS, "+84988888883")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(owners, "PART", 3)


async def opened(engine):
    house = House(engine, async_sessionmaker(engine, expire_on_commit=False), SAIGON, ({},) * 3)
    await house.open()
    return house


async def test_the_id_of_the_last_customer_may_be_given_anew(engine):
    house = await opened(engine)
    await house.happens("write down", 99)
    await house.happens("destroy", 4)
    await house.happens("write down", 99)

    await house.happens("come", STRANGERS[0])

    await assert_all_is_counted(house)


async def test_customers_who_are_gone_leave_every_part(engine):
    house = await opened(engine)
    for number in NUMBERS:
        await house.happens("come", number)
    await house.happens("write down", 99)

    for customer in (5, 6, 7):
        await house.happens("destroy", customer)
    await assert_all_is_counted(house)
    await house.happens("write down", 99)

    await assert_all_is_counted(house)


async def test_with_many_changes_the_database_counts(engine, monkeypatch):
    house = await opened(engine)
    await house.happens("write down", 99)
    monkeypatch.setattr(owners, "MANY", 1)

    async with house.sessions() as session:
        quiet = await owners.now(session)
    await house.happens("hand over", 1, 2)
    async with house.sessions() as session:
        one = await owners.now(session)
    await house.happens("hand over", 2, 3)
    async with house.sessions() as session:
        many = await owners.now(session)

    assert (quiet is None, one is None, many is None) == (False, False, True)


async def test_where_parts_are_forgotten_meanwhile_the_database_counts(engine):
    house = await opened(engine)
    await house.happens("write down", 99)

    async with engine.begin() as connection:  # after `until` was read
        await connection.execute(delete(OwnerPart))

    await assert_all_is_counted(house)


async def test_what_a_later_migration_loses_is_noted_as_before(sqlite_url):
    engine = engine_for(sqlite_url)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("DROP TRIGGER customers_owner_changed")

    await migrate(engine)

    house = await opened(engine)
    await house.happens("write down", 99)
    await house.happens("hand over", 1, 2)
    await assert_all_is_counted(house)
    await engine.dispose()


@pytest.mark.postgres
async def test_a_file_that_is_given_away_while_its_part_is_written_is_asked_anew(postgres_url):
    async with database(postgres_url) as (engine, _):
        house = await opened(engine)
        await house.happens("write down", 99)
        async with engine.begin() as connection:
            await connection.execute(update(Customer).where(Customer.id == 1).values(owner_id=3))

            await house.happens("hand over", 1, 2)  # so that there is something to write
            await house.happens("write down", 99)

        await assert_all_is_counted(house)


@pytest.mark.postgres
async def test_customers_on_their_way_are_not_passed_by(postgres_url, monkeypatch):
    """With the next number already given to somebody else who is there."""
    rounds, go_on = asyncio.Queue(), asyncio.Queue()

    async def pause(seconds):
        rounds.put_nowait(seconds)
        await go_on.get()

    loop = SimpleNamespace(sleep=pause, to_thread=asyncio.to_thread)
    monkeypatch.setattr(owners, "asyncio", loop)
    async with database(postgres_url) as (engine, _):
        house = await opened(engine)
        async with running(owners.keep(engine), name="owners"):
            await rounds.get()
            async with engine.begin() as slow:
                await slow.execute(insert(Customer).values(customer_row(5)))
                async with engine.begin() as quick:
                    await quick.execute(insert(Customer).values(customer_row(6)))
                go_on.put_nowait(None)
                await rounds.get()
            await assert_all_is_counted(house)

            go_on.put_nowait(None)
            await rounds.get()
            async with house.sessions() as session:
                monkeypatch.setattr(owners, "MANY", 0)
                assert await owners.now(session)  # nothing is left to be read
        monkeypatch.setattr(owners, "MANY", 9)
        await assert_all_is_counted(house)


async def test_the_service_keeps_them_for_as_long_as_it_runs(tmp_path, monkeypatch, password_hash):
    def is_kept():
        return "whose files these are" in {each.get_name() for each in asyncio.all_tasks()}

    async with whole(tmp_path, monkeypatch, password_hash, []):
        assert is_kept()

    assert not is_kept()
