"""Leads and their people, a board that hears what an exchange says, and a fake of our wishes."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import select, update

from callcenter.calls.board import Board
from callcenter.calls.events import HangupAsked, SpyingBegan
from callcenter.errors import Conflict
from callcenter.listening.listenings import Listenings
from callcenter.listening.log import Log
from callcenter.listening.models import Stretch
from callcenter.people.directory import Directory
from callcenter.people.models import User
from callcenter.tasks import running
from tests.calls.exchange import Exchange
from tests.pages.site import IDS, _people

__all__ = ["HangupAsked", "House", "a_house"]
ROOT = "290"  # root's extension


@dataclass
class Wishes:
    """asterisk.leads, as far as it is asked; `refuses`: the next wish is. `meanwhile` happens while
    the next wish is on its way.
    """

    asked: list[tuple[object, ...]] = field(default_factory=list)
    room: bool = False
    refuses: bool = False
    calling: dict[str, str] = field(default_factory=dict)  # channel_id: of whose phone
    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def _ask(self, *wish: object) -> None:
        if meanwhile := self.meanwhile:
            self.meanwhile = None
            await meanwhile()
        if self.refuses:
            self.refuses = False
            raise Conflict("The exchange refused it.")
        self.asked.append(wish)

    async def call(self, phone, call_id, agent, shows):
        await self._ask("call", phone.endpoint, agent)
        self.calling[phone.channel_id] = phone.endpoint

    async def hear(self, lead, agent, *, whispers):
        await self._ask("whisper" if whispers else "hear", self.calling[lead], agent)

    async def has_room(self, call_id):
        return self.room

    async def open_room(self, customer, other, by):
        await self._ask("open", by)

    async def join(self, customer, other):
        await self._ask("join", self.calling[other])

    async def give(self, customer, extension):
        await self._ask("give", extension)

    async def hang_up(self, channel):
        await self._ask("hang up", self.calling.get(channel, channel))


class House:
    def __init__(self, sessions, directory):
        self.sessions, self.directory = sessions, directory
        self.exchange, self.wishes = Exchange(), Wishes()
        self.told: list[tuple[int, dict]] = []
        self.agents_know = True
        self.refused: dict[int, Exception] = {}
        board = Board([self.exchange.changes.append, lambda change: self.listenings.push(change)])
        self.exchange.board = board
        self.listenings = Listenings(
            board,
            directory,
            Log(sessions),
            may_call=self._may_call,
            tell=lambda user_id, message: self.told.append((user_id, message)),
            told=lambda: self.agents_know,
        )
        self.listenings.at.exchange = self.wishes

    def _may_call(self, user_id):
        if error := self.refused.get(user_id):
            raise error

    def who(self, name):
        return self.directory.person(IDS[name])

    def talk(self, extension="201", number="0912345678"):
        """A customer talks with that agent: (customer, agent)."""
        customer = self.exchange.customer_calls(0, number)
        agent = self.exchange.dials(2, extension, customer).rings(3).answers(5)
        self.exchange.talk(5, customer, agent)
        return customer, agent

    async def listens(self, name, customer, second=10):
        """The lead listens to that customer's call; the leg of their phone."""
        await self.listenings.want(self.who(name), customer.ccid, "listen")
        [channel_id] = [i for i, e in self.wishes.calling.items() if e == self.who(name).extension]
        leg = self.exchange.originates(
            second, self.who(name).extension, channel_id, ccid=customer.ccid
        )
        leg.rings(second).answers(second + 1).says(SpyingBegan, second + 1)
        await self.settled()
        return leg

    async def ends(self, customer, agent, second=20):
        """They hang up."""
        agent.asks(second).ends(second)
        customer.ends(second)
        await self.settled()

    def into_room(self, second, *legs):
        """They are in the call's room from then on."""
        for leg in legs:
            leg.enters(second, "room")
        self.wishes.room = True

    def transferred(self, customer, agent, extension, second=20):
        """Somebody else has the customer now."""
        agent.leaves(second).ends(second)
        customer.leaves(second)
        other = self.exchange.dials(second, extension, customer).rings(second).answers(second + 1)
        self.exchange.talk(second + 1, customer, other)
        return other

    async def settled(self):
        """Everything that was begun is done."""
        groups = self.listenings._group, self.listenings.ends.group
        while tasks := [each for group in groups for each in group._tasks]:
            await asyncio.gather(*tasks)

    def shown(self, name):
        """Where that lead's pages say that they listen now."""
        return self.listenings.state(IDS[name])["listening"]

    def news(self, name, kind=""):
        """The last of what that person's pages were told (of that kind)."""
        told = [message for user_id, message in self.told if user_id == IDS[name]]
        return [message for message in told if kind in message["type"]][-1]

    async def lines(self):
        return await lines_of(self.listenings.log, self.sessions)


async def lines_of(log, sessions):
    """(who, agent, way, told, whether it is over) of each stretch that was written down."""
    await log.drain()
    names = {number: name for name, number in IDS.items()}
    async with sessions() as session:
        rows = (await session.scalars(select(Stretch).order_by(Stretch.id))).all()
    return [
        (names[r.user_id], names[r.agent_id], r.way, r.told, r.ended_at is not None) for r in rows
    ]


@asynccontextmanager
async def a_house(sessions):
    await _people(sessions, "!")
    async with sessions.begin() as session:
        await session.execute(update(User).where(User.id == IDS["root"]).values(extension=ROOT))
    directory = Directory()
    await directory.load(sessions)
    house = House(sessions, directory)
    async with running(house.listenings.log.write(), "who listened"):
        yield house
        await house.listenings.close()
