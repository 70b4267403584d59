"""SQLite's indexes of search, joined again: fewer to read, and nothing lost."""

from sqlalchemy import select, text

from callcenter.customers import box, merging, search
from callcenter.customers.merging import ENOUGH, merge_search
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.migrations.searching import TABLES
from callcenter.people.rights import Scope
from tests.customers.test_finding import customer, phone

EVERYTHING = Scope(everything=True, user_id=1)
WRITES = 12  # one by one; of 16 SQLite would make one by itself


async def parts(sessions, name):
    async with sessions() as session:
        return await session.scalar(text(f"SELECT count(DISTINCT segid) FROM {name}_idx"))


async def found(sessions, typed):
    async with sessions() as session:
        return {each.id for each in await box.best(session, EVERYTHING, typed, 100)}


def is_sqlite(sessions):
    return sessions.kw["bind"].dialect.name == "sqlite"


async def filled(sessions):
    for name in TABLES if is_sqlite(sessions) else ():
        async with sessions.begin() as session:
            alone = f"INSERT INTO {name} ({name}, rank) VALUES ('automerge', 0)"
            await session.execute(text(alone))
    for n in range(1, WRITES + 1):
        async with sessions.begin() as session:
            session.add(customer(n, f"Lan {n}"))
            await session.flush()
            session.add(phone(n, f"09120345{n:02}"))


async def test_joining_them_leaves_one_and_finds_what_was_found(sessions, monkeypatch):
    monkeypatch.setattr(merging, "PAUSE_S", 0)
    await filled(sessions)
    async with sessions.begin() as session:
        renamed = await session.get(Customer, 1)
        renamed.name, renamed.search_key = "Chi", search.key_of("Chi")
        gone = await session.scalar(select(CustomerPhone).where(CustomerPhone.customer_id == 2))
        await session.delete(gone)
    if is_sqlite(sessions):
        assert await parts(sessions, "customer_words") > ENOUGH

    await merge_search(sessions)

    if is_sqlite(sessions):
        assert await parts(sessions, "customer_words") == 1
        assert await parts(sessions, "phone_digits") == 1
    assert await found(sessions, "lan") == set(range(2, WRITES + 1))
    assert await found(sessions, "chi") == {1}
    assert await found(sessions, "20345") == set(range(1, WRITES + 1)) - {2}


async def test_what_is_joined_already_is_left_alone(sessions, monkeypatch):
    monkeypatch.setattr(merging, "PAUSE_S", 0)
    await filled(sessions)
    await merge_search(sessions)
    async with sessions.begin() as session:
        session.add(customer(WRITES + 1, "Hoa"))

    await merge_search(sessions)

    assert await found(sessions, "hoa") == {WRITES + 1}
    if is_sqlite(sessions):
        assert await parts(sessions, "customer_words") == 2
