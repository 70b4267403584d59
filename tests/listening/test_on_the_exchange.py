"""Leads in calls on the real exchange: who hears whom is shown by a tone at each ear."""

import asyncio
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import update
from sqlalchemy.ext.asyncio import async_sessionmaker

from callcenter.calls.call import Direction, Result, Transfer
from callcenter.calls.endpoints import LeadPhone
from callcenter.carrier import carrier
from callcenter.db import engine_for
from callcenter.listening.listenings import Listenings
from callcenter.listening.log import Log
from callcenter.migrations import migrate
from callcenter.people.directory import Directory
from callcenter.people.models import User
from callcenter.tasks import running
from tests.asterisk.moves_house import on_stage
from tests.asterisk.spectrum import strength
from tests.listening.ears import CUSTOMER, HEARD, JON, LEA, MARA, PHONES, ROOT, can_hear, heard_at
from tests.listening.house import lines_of
from tests.pages.site import IDS, _people
from tests.stage import stage

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_stage(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carrier, "DESKS", PHONES)
        async with stage(tmp_path_factory.mktemp("stage"), desk_extensions="100-106") as one:
            await can_hear(one.carrier)
            yield one


@pytest_asyncio.fixture(loop_scope="module")
async def house(one_stage):
    async with on_stage(one_stage) as house:
        yield house
    await one_stage.cleared()


async def listens(house, call, extension="105"):
    """A lead's phone that listens to 100; its channel."""
    lead = LeadPhone(f"listen-{uuid4()}", extension)
    await house.link.leads.call(lead, call.call_id, house.channel("100"), "100")
    await house.until(lambda call: extension in call.heard_by)
    await spies(house, lead.channel_id, 1)
    return lead.channel_id


async def spies(house, lead, times):
    """Wait until that lead's phone has begun to listen so many times: each way is another one."""
    await house.stage.heard.event("ChanSpyStart", count=times, SpyerUniqueid=lead)


async def recorded(house, call):
    """The tones of what the customer heard, from beginning to end."""
    await house.sound(call)
    path = house.stage.home / "out.wav"
    return {hertz for hertz in (CUSTOMER, MARA, LEA) if strength(path, hertz) > HEARD}


async def test_who_listens_is_heard_by_nobody_who_whispers_by_the_agent_who_joins_by_all(house):
    call, leads = await house.call(Direction.INBOUND), house.link.leads

    lead = await listens(house, call)
    assert await heard_at(house.stage, "", "100", "105") == [{MARA}, {CUSTOMER}, {CUSTOMER, MARA}]
    assert house.told[-1].extensions == {"100", "105"}

    await leads.hear(lead, house.channel("100"), whispers=True)
    await spies(house, lead, 2)
    whispered = [{MARA}, {CUSTOMER, LEA}, {CUSTOMER, MARA}]
    assert await heard_at(house.stage, "", "100", "105") == whispered

    assert not await leads.has_room(call.call_id)
    await leads.open_room(house.channel("customer"), house.channel("100"), "100")
    await leads.join(house.channel("customer"), lead)
    call = await house.until(lambda call: call.conference)
    joined = [{MARA, LEA}, {CUSTOMER, LEA}, {CUSTOMER, MARA}]
    assert await heard_at(house.stage, "", "100", "105") == joined
    assert (call.talking, call.agents, call.heard_by) == ({"100", "105"}, ("100",), frozenset())
    assert await leads.has_room(call.call_id)

    await leads.hear(lead, house.channel("100"), whispers=False)
    call = await house.until(lambda call: call.heard_by == {"105"})
    await spies(house, lead, 3)
    assert await heard_at(house.stage, "", "100", "105") == [{MARA}, {CUSTOMER}, {CUSTOMER, MARA}]
    assert call.talking == {"100"}

    await leads.hang_up(lead)
    call = await house.until(lambda call: call.extensions == {"100"})
    call = await house.ends()
    assert (call.result, call.ended_by) == (Result.ANSWERED, "customer")
    assert (call.agents, call.rung, call.transfers) == (("100",), ("100",), ())
    assert [step.what for step in call.journey if step.kind == "rang"] == ["100"]
    assert await recorded(house, call) == {MARA, LEA}  # joined; and not what was whispered


async def test_an_agent_whom_a_lead_has_left_again_hands_the_customer_over(house):
    await house.call(Direction.INBOUND)
    leads, moves, agent = house.link.leads, house.link.moves, house.channel("100")
    lead = await listens(house, house.told[-1])
    await leads.open_room(house.channel("customer"), agent, "100")
    await leads.join(house.channel("customer"), lead)
    await house.until(lambda call: call.conference)
    await leads.hang_up(lead)
    await house.until(lambda call: not call.conference and call.talking == {"100"})

    await moves.transfer(house.channel("customer"), "100", "colleague", "103")
    await moves.leave(agent)

    await house.until(lambda call: call.talking == {"103"})
    call = await house.ends()
    assert call.agents == ("100", "103")


async def test_a_lead_listens_at_a_mobile_phone_once_1_is_pressed(house):
    call = await house.call(Direction.INBOUND)
    phone = LeadPhone(f"listen-{uuid4()}", "mobile201", "0900000115")

    await house.link.leads.call(phone, call.call_id, house.channel("100"), "100")

    await house.until(lambda call: call.heard_by == {"201"})
    await house.stage.heard.event("ChanSpyStart", SpyerUniqueid=phone.channel_id)
    assert house.stage.heard.found("DTMFEnd", Uniqueid=phone.channel_id, Digit="1")


@pytest.mark.parametrize("before", ["listens", "talks"])
async def test_who_takes_over_has_the_customer_alone_and_the_call_is_theirs(house, before):
    call, leads = await house.call(Direction.OUTBOUND), house.link.leads
    lead, agent = await listens(house, call), house.channel("100")
    customer = house.channel("customer")
    if before == "talks":
        await leads.open_room(customer, agent, "100")
        await leads.join(customer, lead)
        await house.until(lambda call: call.conference)
        await leads.give(customer, "105")
        await leads.hang_up(agent)
    else:
        await leads.open_room(customer, lead, "105")

    call = await house.until(lambda call: call.talking == {"105"} and call.agents[-1:] == ("105",))
    assert await heard_at(house.stage, "", "105") == [{LEA}, {CUSTOMER}]
    call = await house.ends()
    assert (call.agents, call.ended_by) == (("100", "105"), "customer")
    assert call.transfers == (Transfer(kind="blind", source="100", target="105"),)
    assert await recorded(house, call) == {MARA, LEA}


class Leads:
    """The room itself on the exchange; what its leads' pages are told."""

    def __init__(self, house, directory, listenings):
        self.house, self.directory, self.listenings = house, directory, listenings
        self.told, self.news = {}, asyncio.Event()

    def tell(self, user_id, message):
        self.told[user_id] = message
        self.news.set()

    async def want(self, name, way):
        lead, call = self.directory.person(IDS[name]), self.house.told[-1]
        return await self.listenings.want(lead, call.call_id, way)

    async def until(self, name, **shown):
        """That lead's page shows so; the channel of their phone."""
        async with asyncio.timeout(20):
            while not self._shows(name, shown):
                self.news.clear()
                await self.news.wait()
        [visit] = [
            each
            for each in self.listenings.of_call(self.house.told[-1].call_id)
            if each.lead.id == IDS[name]
        ]
        return visit.channel_id

    def _shows(self, name, wanted):
        now = self.listenings.state(IDS[name])["listening"]
        return now is not None and wanted.items() <= now.items()


@pytest_asyncio.fixture(loop_scope="module")
async def leads(one_stage, tmp_path):
    """Mara and Jon of sales, Kim of care at 104; Lea leads sales, root everybody."""
    engine = engine_for(f"sqlite+aiosqlite:///{tmp_path / 'callcenter.db'}")
    await migrate(engine)
    sessions, directory = async_sessionmaker(engine, expire_on_commit=False), Directory()
    await _people(sessions, "!")
    phones = {"mara": "100", "jon": "103", "kim": "104", "lea": "105", "root": "106"}
    async with sessions.begin() as session:
        for name, extension in phones.items():
            mine = update(User).where(User.id == IDS[name])
            await session.execute(mine.values(extension=extension))
    await directory.load(sessions)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        stack.push_async_callback(one_stage.cleared)
        house = await stack.enter_async_context(
            on_stage(one_stage, lambda change: found.listenings.push(change))
        )
        found = Leads(house, directory, None)
        found.listenings = Listenings(
            house.board,
            directory,
            Log(sessions),
            may_call=lambda user_id: None,
            tell=found.tell,
            told=lambda: True,
        )
        found.listenings.at.exchange = house.link.leads
        house.link.lead_answered = found.listenings.answered
        await stack.enter_async_context(running(found.listenings.log.write(), "who listened"))
        stack.push_async_callback(found.listenings.close)
        found.lines = lambda: lines_of(found.listenings.log, sessions)
        yield found


async def test_two_leads_with_one_agent_hear_speak_and_only_one_has_the_customer(leads):
    house = leads.house
    await house.call(Direction.INBOUND)
    for name in "lea", "root":
        await leads.want(name, "listen")
        await spies(house, await leads.until(name, where="on"), 1)
    lea = await leads.want("lea", "whisper")
    await spies(house, lea.channel_id, 2)
    whispered = [{MARA}, {CUSTOMER, LEA}]
    assert (await heard_at(house.stage, "", "100", "106"))[:2] == whispered

    await asyncio.gather(leads.want("lea", "join"), leads.want("root", "join"))
    await house.until(lambda call: call.talking == {"100", "105", "106"})
    all_of_them = [{MARA, LEA, ROOT}, {CUSTOMER, LEA, ROOT}, {CUSTOMER, MARA, ROOT}]
    assert await heard_at(house.stage, "", "100", "105") == all_of_them

    await leads.want("lea", "take_over")
    await house.until(lambda call: call.talking == {"105"} and call.heard_by == {"106"})
    root = await leads.until("root", agent="Lê Thị Lea", way="listen")
    await spies(house, root, 2)
    assert await heard_at(house.stage, "", "105", "106") == [{LEA}, {CUSTOMER}, {CUSTOMER, LEA}]

    leads.listenings.ends.lost("106", True, lambda: False)
    await house.until(lambda call: not call.heard_by)
    call = await house.ends()
    assert (call.agents, call.ended_by) == (("100", "105"), "customer")
    assert {(who, agent, way) for who, agent, way, *_ in await leads.lines()} == {
        ("lea", "mara", "listen"),
        ("root", "mara", "listen"),
        ("lea", "mara", "whisper"),
        ("lea", "mara", "join"),
        ("root", "mara", "join"),
        ("lea", "mara", "take_over"),
        ("root", "lea", "listen"),
    }
    assert all(is_over for *_, is_over in await leads.lines())


async def test_a_lead_follows_the_customer_to_a_colleague_and_not_out_of_the_own_team(leads):
    house = leads.house
    await house.call(Direction.OUTBOUND)
    await leads.want("lea", "listen")
    await spies(house, await leads.until("lea", where="on"), 1)

    await house.link.moves.transfer(house.channel("customer"), "100", "colleague", "103")
    lea = await leads.until("lea", where="on", agent="Trần Jon")
    await spies(house, lea, 2)
    assert await heard_at(house.stage, "", "103", "105") == [{JON}, {CUSTOMER}, {CUSTOMER, JON}]

    await house.link.moves.transfer(house.channel("customer"), "103", "colleague", "104")
    await house.until(lambda call: call.talking == {"104"} and not call.heard_by)
    assert leads.told[IDS["lea"]]["why"] == "not-yours"
    await house.stage.cleared()
    assert [(agent, way) for _, agent, way, *_ in await leads.lines()] == [
        ("mara", "listen"),
        ("jon", "listen"),
    ]
