"""A call comes in, and the dialplan is told at once whom it rings before its queue."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from callcenter.calls.board import Board
from callcenter.calls.events import ChannelCreated, ChannelState, InboundAnnounced, QueueJoined
from callcenter.customers.cards import Cards
from callcenter.errors import Conflict
from callcenter.people.directory import Directory
from callcenter.people.models import User
from callcenter.routing import owner_first
from callcenter.routing.owner_first import OwnerFirst
from callcenter.settings.parameters import Parameters
from tests.routing.house import CUSTOMER, NOBODYS, PEOPLE, STRANGER, furnish, talked

AT_ONCE = ("", 15, [], 15)  # the queue's agents


class Exchange:
    """What the dialplan is told, as (channel, owner, seconds, team, seconds)."""

    def __init__(self):
        self.told = asyncio.Queue()
        self.refuses = False

    async def route(self, customer, *how):
        self.told.put_nowait((customer, *how))
        if self.refuses:
            raise Conflict("The other side has hung up already.")

    async def next(self):
        async with asyncio.timeout(5):
            channel, *how = await self.told.get()
        return channel, tuple(how)


class Company:
    def __init__(self, sessions, engine, directory):
        self.sessions, self.exchange = sessions, Exchange()
        self.ready = {user_id for user_id, _ in PEOPLE.values()}
        self.rules, self.now = Parameters(), 0.0
        self.cards = Cards(engine)
        self.board = Board([lambda change: self.owner_first.push(change)])
        self.owner_first = OwnerFirst(
            self.board,
            self.cards,
            directory,
            engine,
            is_ready=self.ready.__contains__,
            rules=lambda: self.rules,
            clock=lambda: self.now,
        )
        self.owner_first.exchange = self.exchange
        self._calls = 0

    def rings(self, number=CUSTOMER, queue="sales"):
        """As the exchange says it; the caller's channel."""
        self._calls += 1
        channel_id, name = f"c{self._calls}", f"PJSIP/carrier-{self._calls}"
        about = {"at": datetime.now(UTC), "channel_id": channel_id, "linked_id": channel_id}
        about |= {"name": name, "ccid": channel_id}
        self.board.apply(ChannelCreated(**about, state=ChannelState.CALLING_IN, number=number))
        self.board.apply(InboundAnnounced(**about, did="1900", queue=queue))
        self.board.apply(QueueJoined(**about, queue=queue))
        return name

    async def asked(self, number=CUSTOMER, queue="sales"):
        """What it is told of a call by that number."""
        channel = self.rings(number, queue)
        about, how = await self.exchange.next()
        assert about == channel
        return how

    async def add(self, *rows):
        async with self.sessions.begin() as session:
            session.add_all(rows)


@asynccontextmanager
async def working(sessions, engine):
    await furnish(sessions)
    directory = Directory()
    await directory.load(sessions)
    built = Company(sessions, engine, directory)
    built.directory = directory
    yield built
    await built.owner_first.close()
    await built.cards.close()


@pytest.fixture
async def company(sessions, engine):
    async with working(sessions, engine) as built:
        yield built


async def test_a_known_customer_rings_whoever_is_in_charge(company):
    assert await company.asked() == ("101", 15, [], 15)


async def test_the_seconds_are_the_companys_own(company):
    company.rules = Parameters(owner_rings_s=7, team_rings_s=9)

    assert await company.asked(queue="care") == ("101", 7, ["100", "103"], 9)


@pytest.mark.parametrize("number", [STRANGER, None])
async def test_a_stranger_goes_to_the_queue_at_once(company, number):
    await company.add(talked("100", STRANGER))

    assert await company.asked(number) == AT_ONCE


async def test_an_agent_who_is_not_ready_is_not_disturbed(company):
    company.ready.discard(PEOPLE["101"][0])

    assert await company.asked() == AT_ONCE


async def test_a_customer_of_nobody_rings_who_talked_with_that_number_last(company):
    await company.add(
        talked("103", NOBODYS, ago_h=50),
        talked("100", NOBODYS, ago_h=5),
        talked("104", NOBODYS, ago_h=2, answered=False),
        talked("104", STRANGER, ago_h=1),
    )

    assert await company.asked(NOBODYS) == ("100", 15, [], 15)


async def test_a_customer_of_somebody_who_has_left_rings_who_talked_with_them_last(company):
    async with company.sessions.begin() as session:
        (await session.get_one(User, PEOPLE["101"][0])).active = False
    await company.directory.load(company.sessions)
    await company.add(talked("103", CUSTOMER))

    assert await company.asked() == ("103", 15, [], 15)


async def test_nobody_is_given_two_calls_at_once(company):
    first, second = company.rings(), company.rings()

    told = dict([await company.exchange.next(), await company.exchange.next()])
    assert told == {first: ("101", 15, [], 15), second: AT_ONCE}

    company.now = 60.0
    assert (await company.asked())[0] == "101"


async def test_a_call_is_answered_once_whatever_becomes_of_it(company):
    await company.asked()

    company.board.apply(
        QueueJoined(
            at=datetime.now(UTC), channel_id="c1", name="PJSIP/carrier-1", ccid="c1", queue="care"
        )
    )

    assert await company.asked(STRANGER) == AT_ONCE
    assert company.exchange.told.empty()


async def test_a_database_that_is_too_slow_costs_nothing_but_the_preference(company, monkeypatch):
    monkeypatch.setattr(owner_first, "PATIENCE", 0.01)
    forever = asyncio.Event()

    async def never(keys):
        await forever.wait()
        return []

    company.cards._lookup.ask = never
    company.cards._lookup.at_once = False

    assert await company.asked() == AT_ONCE
    forever.set()


async def test_a_customer_who_has_hung_up_harms_nobody(company):
    company.exchange.refuses = True
    await company.asked()
    company.exchange.refuses = False

    assert await company.asked(STRANGER) == AT_ONCE
