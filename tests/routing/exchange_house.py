"""A service on the real exchange, as far as routing needs one, and agents at other phones."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

from callcenter.agents.presence import Presence
from callcenter.asterisk.dialplan import USER
from callcenter.asterisk.link import Link
from callcenter.calls.board import Board
from callcenter.customers.cards import Cards
from callcenter.db import database
from callcenter.people.directory import Directory
from callcenter.people.models import User
from callcenter.phone.what_rings import WhatRings
from callcenter.routing.owner_first import OwnerFirst
from callcenter.settings.parameters import Parameters
from callcenter.tasks import running
from tests.routing.house import PEOPLE, furnish

SALES, CARE = "02873001234", "19006789"
OWN = "201"  # has a page, a desk phone and a mobile phone


class Work:
    """A service as far as this needs one; `seen`: what became of the calls, in order."""

    def __init__(self, stage, engine, directory, sessions):
        self.stage, self.directory, self.sessions = stage, directory, sessions
        self.presence = Presence(directory, sessions)
        self.cards = Cards(engine)
        self.seen, self._news = [], asyncio.Event()
        self.board = Board(
            [self.presence.push, lambda change: self.owner_first.push(change), self._see]
        )
        self.owner_first = OwnerFirst(
            self.board,
            self.cards,
            directory,
            engine,
            is_ready=self.presence.roll.is_free,
            rules=lambda: Parameters(owner_rings_s=3, team_rings_s=3),
        )
        self.link = Link(
            host="127.0.0.1",
            port=stage.ports.ami,
            user=USER,
            secret=stage.secrets.ami,
            apply=self.board.hear,
            settle=self.board.settle,
            phone_changed=self.presence.phone_changed,
            ready=self.presence.after_login,
        )
        self.presence.listeners.append(lambda _: self._news.set())
        self.presence.exchange, self.owner_first.exchange = self.link, self.link.moves

    def _see(self, change):
        self.seen.append(change.after)
        self._news.set()

    async def ready(self, *extensions):
        for user_id in (PEOPLE[each][0] for each in extensions):
            await self._until(lambda: self.presence.of(user_id).phone != "unreachable")  # noqa: B023
            await self.presence.want(user_id, "ready")

    async def call(self, true):
        """The call, once it is so."""
        await self._until(lambda: any(map(true, self.seen)))
        return next(filter(true, self.seen))

    async def _until(self, true):
        async with asyncio.timeout(20):
            while not true():
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def service(stage, url, owner):
    """All of it is closed as well when what is done with it fails: a connection that is left open
    would be found while another test runs, and make that one fail."""
    async with AsyncExitStack() as stack:
        engine, sessions = await stack.enter_async_context(database(url))
        directory = Directory()
        await furnish(sessions, owner)
        await directory.load(sessions)
        work = Work(stage, engine, directory, sessions)
        stack.push_async_callback(work.cards.close)
        await stack.enter_async_context(running(work.presence.write(), "diary"))
        await stack.enter_async_context(running(work.link.run(), "link"))
        stack.push_async_callback(work.presence.drain)
        stack.callback(work.link.close)
        stack.push_async_callback(work.presence.close)
        stack.push_async_callback(work.owner_first.close)
        await work.link.wait_connected(10)
        yield work


def rung(house):
    """The phones that have rung, in their order."""
    return [event["Extension"] for event in house.world.found("UserEvent", UserEvent="PhoneRings")]


@asynccontextmanager
async def at_another_phone(house, url, owner, **phone):
    """A service whose agent of 100 has the extension OWN now, and what rings there is `phone`."""
    async with service(house, url, owner) as work:
        async with work.sessions.begin() as session:
            user = await session.get_one(User, PEOPLE["100"][0])
            user.extension = OWN
            for name, value in phone.items():
                setattr(user, name, value)
        await work.directory.load(work.sessions)
        what_rings = WhatRings(work.directory)
        what_rings.exchange = work.link.moves
        try:
            await what_rings.after_login()
            work.presence.people_changed()
            yield work
        finally:
            await what_rings.close()


async def handed_to(work, house, customer):
    """103 has a call with that customer of theirs and hands it over to OWN: the call then."""
    await work.ready("100", "103")
    await house.carrier.call(SALES, customer, then="tone")
    call = await work.call(lambda call: call.agents == ("103",))
    there = work.board.channels(call.call_id)
    await work.link.moves.transfer(there.customer, "103", "colleague", OWN)
    return await work.call(lambda call: call.agents == ("103", OWN))
