"""Queues on the real exchange: whom they ring, what those who wait hear, where they go on."""

import math
import wave

import pytest
import pytest_asyncio
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import async_sessionmaker

from callcenter.asterisk.layout import own_sounds
from callcenter.asterisk.spoken import prompt_for
from callcenter.catalogues.models import CatalogueItem
from callcenter.db import engine_for
from callcenter.people.models import UserSkill
from callcenter.settings.models import QueueSkill
from callcenter.switchboard.plan import Number, Plan, Queue, Strategy
from tests.asterisk.spectrum import strength
from tests.routing.exchange_house import rung, service
from tests.routing.house import PEOPLE
from tests.stage import stage, to

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]

TOGETHER, IN_TURN, SPOKEN, CARE = (f"0287300120{n}" for n in range(4))
SAYS_HZ, MUSIC_HZ = 700, 600
SKILL = 41
PLAN = Plan(
    numbers=(
        Number(number=TOGETHER, way=to("together")),
        Number(number=IN_TURN, way=to("sales")),
        Number(number=SPOKEN, way=to("spoken")),
        Number(number=CARE, way=to("care")),
    ),
    queues=(
        Queue(name="together", title="Together", strategy=Strategy.RING_ALL),
        Queue(name="sales", title="Sales"),
        Queue(name="spoken", title="Spoken", says_place=True, says_every_s=60, music="jingle"),
        Queue(name="care", title="Care"),
    ),
    default=to("care"),
)


def whistle(path, hertz, seconds):
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        tone = (math.sin(2 * math.pi * hertz * n / 8000) for n in range(int(8000 * seconds)))
        out.writeframes(b"".join(int(9000 * s).to_bytes(2, "little", signed=True) for s in tone))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_stage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("queues")
    own = own_sounds(folder / "exchange")
    own.mkdir(parents=True)
    whistle(own / "jingle.wav", MUSIC_HZ, 1)
    whistle(own / f"{prompt_for('queue-youarenext')}.wav", SAYS_HZ, 2)
    async with stage(folder, plan=PLAN) as one:
        yield one
        for queue in ("together", "spoken"):
            await one.exchange.cli(f"queue remove member PJSIP/101 from {queue}")


async def test_everyone_at_once_rings_all_who_are_ready(house):
    await house.ready("together", "101", "103")

    await house.carrier.call(TOGETHER, "0912345678", then="silent")
    answered = await house.heard.event("AgentConnect", Queue="together")

    assert answered["Interface"] == "PJSIP/103"
    assert {each["Interface"] for each in house.heard.found("AgentCalled")} == {
        "PJSIP/101",
        "PJSIP/103",
    }


async def test_in_turn_each_call_rings_one_and_the_next_call_another(house):
    await house.ready("sales", "100", "103")

    for count in (1, 2):
        await house.carrier.call(IN_TURN, f"091234567{count}", then="silent")
        await house.heard.event("AgentConnect", Queue="sales", count=count)

    assert sorted(rung(house)) == ["100", "103"]


async def test_those_who_wait_hear_their_place_in_the_companys_words_and_its_music(house, tmp_path):
    heard = tmp_path / "heard.wav"
    await house.carrier.call(SPOKEN, "0912345678", then="silent")
    waiting = await house.heard.event("QueueCallerJoin", Queue="spoken")
    await house.exchange.cli(f"mixmonitor start {waiting['Channel']} {tmp_path}/all.wav,t({heard})")

    # The announcement stops the music, which goes on after it; meanwhile nobody may answer.
    again = await house.heard.event("MusicOnHoldStart", Uniqueid=waiting["Uniqueid"], count=2)
    await house.ready("spoken", "104")  # rings for a second
    await house.heard.event("AgentConnect", Queue="spoken")
    await house.over()

    assert again["Class"] == "callcenter-jingle"
    assert strength(heard, SAYS_HZ) > 0.05
    assert strength(heard, MUSIC_HZ) > 0.02
    assert "does not exist in any format" not in house.exchange.log.read_text()  # the rest: English


async def test_whoever_is_given_the_skill_is_rung_by_who_waits_already(house, sqlite_url):
    async with service(house, sqlite_url, owner="101") as work:
        await work.ready("104")  # of care
        await house.carrier.call(IN_TURN, "0912345678", then="silent")
        await house.heard.event("QueueCallerJoin", Queue="sales")
        assert rung(house) == []

        await _give(work, sqlite_url, "104", "sales")
        call = await work.call(lambda call: call.agents == ("104",))

    assert (call.queue, rung(house)) == ("sales", ["104"])


async def test_a_skill_taken_away_takes_its_owner_out_of_the_queue(house, sqlite_url):
    async with service(house, sqlite_url, owner="101") as work:
        await work.ready("104")
        await _give(work, sqlite_url, "104", "sales")
        await house.heard.event("QueueMemberAdded", Queue="sales", Interface="PJSIP/104")

        await _give(work, sqlite_url, "104")
        await house.heard.event("QueueMemberRemoved", Queue="sales", Interface="PJSIP/104")


async def _give(work, url, extension, *queues):
    """The agent has a skill, and these queues alone ask for it."""
    engine = engine_for(url)
    sessions = async_sessionmaker(engine)
    async with sessions.begin() as session:
        await session.merge(CatalogueItem(id=SKILL, catalogue="skill", name="English"))
        await session.flush()
        await session.merge(UserSkill(user_id=PEOPLE[extension][0], skill_id=SKILL))
        await session.execute(delete(QueueSkill))
        session.add_all(QueueSkill(queue=each, skill_id=SKILL) for each in queues)
    await work.directory.load(sessions)
    await engine.dispose()
    work.presence.people_changed()
