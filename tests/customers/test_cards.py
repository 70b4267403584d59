"""From a number to a name: once from the database, then from memory."""

import asyncio
import sqlite3
import threading

import pytest
from sqlalchemy import delete, update

from callcenter.customers.cards import KEPT, MISS, Cards
from callcenter.customers.lookup import SqliteLookup
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.customers.numbers import key_of
from callcenter.db import engine_for
from tests.popups.office import HANH, LAN, STRANGER, furnish, phone_of


@pytest.fixture
async def cards(sessions, engine):
    await furnish(sessions)
    cards = Cards(engine)
    yield cards
    await cards.close()


class Counted(Cards):
    """Counts the questions that reach the database; `answering` cleared, none is answered."""

    def __init__(self, engine):
        super().__init__(engine)
        self.questions = []
        self.answering = asyncio.Event()
        self.answering.set()
        self._ask, self._lookup.ask = self._lookup.ask, self._counted

    def _counted(self, keys):
        self.questions.append(sorted(keys))
        return self._answer_to(self._ask(keys))

    async def _answer_to(self, asked):
        await self.answering.wait()
        return await asked


@pytest.fixture
async def counted(sessions, engine):
    await furnish(sessions)
    cards = Counted(engine)
    yield cards
    await cards.close()


async def asked_before_any_answer(counted, numbers):
    counted.answering.clear()
    finds = [asyncio.ensure_future(counted.find([number])) for number in numbers]
    await asyncio.sleep(0)  # each has begun
    counted.answering.set()
    await asyncio.gather(*finds)


async def test_a_known_number_becomes_its_customer(cards):
    found = await cards.find([HANH])

    card = found[HANH]
    assert (card.customer_id, card.name, card.code) == (1, "Trần Thị Mỹ Hạnh", "KH1")
    assert (card.company, card.owner_id, card.owner_name) == (
        "Cơ khí Đặng Gia",
        1,
        "Nguyễn Ngọc Ánh",
    )


async def test_however_the_number_is_written(cards):
    found = await cards.find(["+84912345678", "0912 345 678"])

    assert {card.customer_id for card in found.values()} == {1}


async def test_nobodys_number_is_remembered_as_nobodys(counted):
    await counted.find([STRANGER])

    assert counted.peek(STRANGER) is None
    assert await counted.find([STRANGER]) == {STRANGER: None}
    assert len(counted.questions) == 1


async def test_a_withheld_number_asks_nobody(counted):
    assert await counted.find([None, "", "anonymous"]) == {"anonymous": None}
    assert counted.peek(None) is None
    assert counted.questions == []


async def test_what_is_not_in_memory_is_a_miss_and_not_a_nobody(cards):
    assert cards.peek(HANH) is MISS


async def test_all_misses_of_one_moment_go_together(counted):
    numbers = [HANH, *(f"09000000{i:02}" for i in range(50)), LAN, HANH]

    await asked_before_any_answer(counted, numbers)

    # The first may be asked for at once, alone; everybody else comes in one question.
    assert [len(keys) for keys in counted.questions] in ([52], [1, 51])


async def test_misses_during_a_question_go_together_in_the_next(counted):
    numbers = [f"09000000{i:02}" for i in range(50)]
    counted.answering.clear()
    first = asyncio.ensure_future(counted.find([HANH]))
    while not counted.questions:
        await asyncio.sleep(0)

    await asked_before_any_answer(counted, numbers)
    await first

    assert [len(keys) for keys in counted.questions] == [1, 50]


async def test_more_numbers_than_one_statement_takes_are_all_found(counted):
    numbers = [HANH, *(f"0903{i:06}" for i in range(1200))]

    found = await counted.find(numbers)

    assert len(found) == 1201
    assert found[HANH].customer_id == 1
    assert len(counted.questions) in (3, 4)


async def test_asking_ahead_makes_the_card_be_there_when_the_phone_rings(counted):
    counted.ask_ahead(HANH)
    assert (await counted.find([HANH]))[HANH].customer_id == 1

    assert counted.peek(HANH).customer_id == 1
    assert len(counted.questions) == 1


async def test_a_number_that_two_customers_share_goes_to_who_has_it_first(cards, sessions):
    async with sessions.begin() as session:
        session.add(phone_of(2, HANH, position=1))
        session.add(phone_of(1, LAN, position=1))

    found = await cards.find([HANH, LAN])

    assert (found[HANH].customer_id, found[LAN].customer_id) == (1, 2)


async def test_a_customer_who_changed_is_asked_for_again(cards, sessions):
    await cards.find([HANH])
    async with sessions.begin() as session:
        await session.execute(update(Customer).where(Customer.id == 1).values(name="Mỹ Hạnh"))

    cards.forget(key_of(HANH))

    assert cards.peek(HANH) is MISS
    assert (await cards.find([HANH]))[HANH].name == "Mỹ Hạnh"


async def test_an_answer_that_was_under_way_while_the_customer_changed_is_not_kept(counted):
    asked = asyncio.ensure_future(counted.find([HANH]))
    while not counted.questions:
        await asyncio.sleep(0)

    counted.forget(key_of(HANH))
    await asked

    assert counted.peek(HANH) is MISS


async def test_after_an_import_everything_is_asked_for_again(cards, sessions):
    await cards.find([HANH])
    async with sessions.begin() as session:
        await session.execute(delete(CustomerPhone))

    cards.forget_all()

    assert await cards.find([HANH]) == {HANH: None}


async def test_memory_is_bounded_and_forgets_the_longest_unused(cards, monkeypatch):
    monkeypatch.setattr("callcenter.customers.cards.KEPT", 2)
    assert KEPT > 2
    await cards.find([HANH])
    await cards.find([LAN])
    cards.peek(HANH)

    await cards.find([STRANGER])

    assert cards.peek(LAN) is MISS
    assert cards.peek(HANH).customer_id == 1


async def test_a_database_that_fails_makes_numbers_unknown_for_once(counted, engine, caplog):
    good = counted._lookup._statements
    counted._lookup._statements = {size: "SELECT nonsense FROM nowhere" for size in good}

    assert await counted.find([HANH]) == {HANH: None}
    assert counted.peek(HANH) is MISS
    assert "could not look" in caplog.text

    counted._lookup._statements = good
    assert (await counted.find([HANH]))[HANH].customer_id == 1


async def test_who_waits_when_the_service_ends_is_told_nobody(sessions, engine):
    await furnish(sessions)
    cards = Cards(engine)
    waiting = asyncio.ensure_future(cards.find([HANH]))
    await asyncio.sleep(0)

    await cards.close()

    assert await waiting in ({HANH: None}, {HANH: cards.peek(HANH)})


async def test_nothing_is_left_open_at_the_end(sessions, engine):
    await furnish(sessions)
    cards = Cards(engine)
    await cards.find([HANH])

    await cards.close()

    assert cards._lookup._connection is None
    assert not [thread for thread in threading.enumerate() if "by number" in thread.name]


async def test_looking_up_never_writes(sqlite_url):
    engine = engine_for(sqlite_url)
    lookup = SqliteLookup(engine)
    await lookup.ask(["+84912345678"])

    with pytest.raises(sqlite3.OperationalError):
        await asyncio.get_running_loop().run_in_executor(
            lookup._thread, lookup._connection.execute, "DELETE FROM customers"
        )

    await lookup.close()
    await engine.dispose()
