"""Who hangs up with the key keeps the place: called in turn by an agent who is free, on the real
exchange."""

import asyncio
from contextlib import asynccontextmanager

import msgspec
import pytest
import pytest_asyncio

from callcenter.asterisk.tape import Tape
from callcenter.callbacks import kept
from callcenter.callbacks.kept import KeptPlaces
from callcenter.callbacks.models import KeptPlaceRow
from callcenter.calls.call import State
from callcenter.switchboard.plan import Queue
from callcenter.tasks import running
from tests.routing.exchange_house import service
from tests.stage import plan_of, stage

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]

SALES = "02873001234"
TALKS, BUSY = "0900000111", "0900000101"  # callers, who can be called


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_stage(tmp_path_factory):
    sales, care = (Queue(name=name, title=name, callback_key="1") for name in ("sales", "care"))
    plan = msgspec.structs.replace(plan_of({SALES: "sales"}), queues=(sales, care))
    async with stage(tmp_path_factory.mktemp("kept"), plan=plan) as one:
        yield one


@asynccontextmanager
async def keeping(work):
    """The places, as the application has them."""

    async def call(person, number, queue, call_id):
        await work.link.originate(
            call_id, extension=person.extension, number=number, caller_id=number, queue=queue
        )

    async def hold(user_id):
        work.presence.places.move(user_id)
        await work.presence.places.settled(user_id)

    roll = work.presence.roll
    places = KeptPlaces(
        work.sessions,
        work.directory,
        work.board,
        free=lambda: [user_id for user_id in roll.agents if roll.is_free(user_id)],
        hold=hold,
        call=call,
    )
    work.board._listeners.append(places.push)
    work.presence.calls_back = places.holds
    work.presence.listeners.append(places.agent_changed)
    await places.load()
    async with running(places.run(), "kept places"):
        yield places
    await places.close()
    work.board._listeners.remove(places.push)
    work.presence.listeners.remove(places.agent_changed)


@pytest_asyncio.fixture(loop_scope="module")
async def work(house, sqlite_url):
    async with service(house, sqlite_url, "101") as work, keeping(work) as work.places:
        yield work


async def waits(house, work, number):
    """Somebody with that number waits in the queue; their call."""
    count = len(house.heard.found("QueueCallerJoin")) + 1
    await house.carrier.call(SALES, number, then="silent")
    joined = await house.heard.event("QueueCallerJoin", count=count)
    return await work.call(lambda call: call.call_id == joined["Uniqueid"] and call.queue)


async def keeps(house, work, number):
    """Somebody waits, presses the key and hangs up; their call."""
    call = await waits(house, work, number)
    await house.press("1")
    return await work.call(lambda each: each.call_id == call.call_id and each.state is State.ENDED)


async def row_of(work, call_id, **facts):
    """The row of that place, once it is so."""
    async with asyncio.timeout(10):
        while True:
            async with work.sessions() as session:
                row = await session.get(KeptPlaceRow, call_id)
            if row and all(getattr(row, name) == value for name, value in facts.items()):
                return row
            await asyncio.sleep(0.02)


async def test_everybody_is_served_in_the_order_in_which_they_came(house, work):
    first = await waits(house, work, "0987654321")
    kept_place = await keeps(house, work, TALKS)
    last = await waits(house, work, "0978220415")
    assert work.places.count("sales") == 1

    await work.ready("100")
    await work.call(lambda call: call.call_id == first.call_id and call.agents == ("100",))
    assert kept_place.call_id in work.places._open
    await work.ready("103")
    back = await work.call(lambda call: call.placed_by == "103" and call.agents)

    assert (back.number, back.state) == (TALKS, State.TALKING)
    assert work.board.call(last.call_id).state is State.WAITING
    row = await row_of(work, kept_place.call_id, state="reached")
    assert (row.closing_call_id, row.queue, work.places.count("sales")) == (
        back.call_id,
        "sales",
        0,
    )


async def test_who_is_not_reached_is_called_again_later_and_others_meanwhile(house, work):
    busy = await keeps(house, work, BUSY)
    await work.ready("100")
    await work.call(lambda call: call.number == BUSY and call.result == "busy")

    row = await row_of(work, busy.call_id, tries=1)
    assert row.due - row.asked_at > kept.AGAIN
    await waits(house, work, "0978220415")
    await work.call(lambda call: call.number == "0978220415" and call.agents == ("100",))


async def test_an_agent_who_does_not_answer_is_passed_over(house, work):
    caller = await keeps(house, work, TALKS)
    await work.ready("101")
    await work.call(lambda call: call.placed_by == "101")
    await house.world.event("UserEvent", UserEvent="PhoneRings", Extension="101")
    await work.link.hang_up(next(iter(work.board.calls())).call_id)
    await work.call(lambda call: call.placed_by == "101" and call.state is State.ENDED)
    await work.ready("100")
    back = await work.call(lambda call: call.placed_by == "100" and call.agents)

    assert back.number == TALKS
    assert (await row_of(work, caller.call_id, state="reached")).tries == 0


async def test_the_exchanges_log_tells_of_a_key_that_nobody_was_there_to_hear(house, work):
    caller = await keeps(house, work, TALKS)
    tape = Tape(house.home / "exchange/log/cel-custom/cel.csv", None)
    async with asyncio.timeout(10):
        while caller.call_id not in tape.finished:
            if not await asyncio.to_thread(tape.read):
                await asyncio.sleep(0.02)

    found = tape.finished[caller.call_id].call

    assert (found.number, found.result) == (TALKS, caller.result)
    way = [(step.kind, step.what) for step in found.journey]
    assert [each for each in way if each[0] in ("queue", "callback")] == [
        ("queue", "sales"),
        ("callback", "sales"),
    ]


async def test_who_withholds_the_number_waits_on_where_they_were(house, work):
    await waits(house, work, None)
    await house.press("1")
    again = await house.heard.event("QueueCallerJoin", count=2)

    assert again["Position"] == "1"
    assert work.places.count("sales") == 0


async def test_a_place_outlives_the_service_and_ends_when_they_call_and_are_answered(house, work):
    caller = await keeps(house, work, TALKS)
    await row_of(work, caller.call_id, state="open")
    async with keeping(work) as after:
        async with asyncio.timeout(5):
            while not after.count("sales"):
                await asyncio.sleep(0.01)

        again = await waits(house, work, TALKS)
        await work.ready("100")
        await work.call(lambda call: call.call_id == again.call_id and call.agents)

        assert after.count("sales") == 0
    row = await row_of(work, caller.call_id, state="reached")
    assert row.closing_call_id == again.call_id
