"""Kept places without an exchange: who is rung for them, once, and what ends them."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError

from callcenter.callbacks import kept
from callcenter.callbacks.kept import KeptPlaces
from callcenter.callbacks.models import KeptPlaceRow, MissedMark
from callcenter.calls.board import Change
from callcenter.calls.call import Call, Direction, Result, State, Step
from callcenter.errors import Conflict, Forbidden
from callcenter.keys import DIRECTORY
from callcenter.tasks import running
from tests.callbacks.nobody import keeps_a_place
from tests.pages.site import IDS

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
AN, BINH = "0912345678", "0987654321"
MARA, JON, KIM = IDS["mara"], IDS["jon"], IDS["kim"]


def at(second):
    return NOW + timedelta(seconds=second)


def call_of(call_id, number, **values):
    """Somebody's call to sales, over since the first minute."""
    ended = {"state": State.ENDED, "ended_at": at(60), "result": Result.ABANDONED}
    values = {"direction": Direction.INBOUND, "queue": "sales", **ended, **values}
    return Call(call_id=call_id, number=number, started_at=NOW, **values)


class Lines:
    """A board on which a test puts calls."""

    def __init__(self):
        self.there = {}

    def calls(self):
        return list(self.there.values())

    def journey(self, call_id):
        return (Step(kind="queue", at=NOW, what="sales"),)


class Agents:
    """The exchange, and who is free; `told` is what becomes of a call that is placed."""

    def __init__(self):
        self.free, self.rung, self.held = [], [], []
        self.told = lambda call: None

    async def hold(self, user_id):
        self.held.append((user_id, self.places.holds(user_id)))

    async def call(self, person, number, queue, call_id):
        placed = call_of(call_id, number, direction=Direction.OUTBOUND, state=State.CALLING_AGENT)
        placed = replace(placed, placed_by=person.extension, queue=queue, result=None)
        self.rung.append((person.id, number))
        self.lines.there[call_id] = placed
        self.places.push(Change(None, placed))
        self.told(placed)

    def ends(self, call, result):
        """The call is over; as the board tells it."""
        self.lines.there.pop(call.call_id)
        after = replace(call, state=State.ENDED, result=result)
        self.places.push(Change(call, after))

    def reached(self, call):
        answered = replace(call, answered_at=at(70), agents=(call.placed_by,))
        self.lines.there[call.call_id] = answered
        self.places.push(Change(call, answered))


class House:
    def __init__(self, site):
        self.site, self.now, self.agents = site, at(61), Agents()
        self.agents.lines = self.lines = Lines()
        self.places = self.agents.places = self.started()

    def started(self):
        """The places of a service that begins."""
        return KeptPlaces(
            self.site.sessions,
            self.site.app[DIRECTORY],
            self.lines,
            free=lambda: [each for each in self.agents.free if not self.in_call(each)],
            hold=self.agents.hold,
            call=self.agents.call,
            now=lambda: self.now,
        )

    def in_call(self, user_id):
        extension = self.site.app[DIRECTORY].person(user_id).extension
        return any(call.placed_by == extension for call in self.lines.calls())

    def keeps(self, call_id, number, queue="sales", since=0):
        """Somebody waited there and has pressed the key."""
        keeps_a_place(self.places, number, queue, at(since), call_id)

    async def quiet(self):
        """Until nobody is on the way to a call."""
        while tasks := list(self.places._group._tasks):
            await asyncio.wait(tasks)

    async def row(self, call_id):
        await self.places.drain()
        async with self.site.sessions() as session:
            return await session.get(KeptPlaceRow, call_id)

    async def settled(self):
        """Once all that was told is done and written down."""
        async with running(self.places.run(), "kept places"), asyncio.timeout(5):
            while not self.places._something._waiters or self.places._something.is_set():
                await asyncio.sleep(0)
        await self.places.drain()


@pytest.fixture
async def house(site):
    house = House(site)
    yield house
    await house.places.close()


async def test_an_agent_whose_call_fails_at_once_is_passed_over_and_the_next_one_rung_once(house):
    """The exchange's refusal is on the board before it is raised: the next agent has it by then."""

    def refused(call):
        if call.placed_by == "201":
            house.agents.ends(call, Result.FAILED)
            raise Conflict("the exchange refuses")

    house.agents.told = refused
    house.agents.free = [MARA, JON, KIM]
    house.keeps("1", AN)
    await house.quiet()

    assert house.agents.rung == [(MARA, AN), (JON, AN)]
    assert house.places.holds(JON) and not house.places.holds(MARA)
    house.agents.reached(next(iter(house.lines.calls())))
    house.keeps("1", AN)  # the back-fill tells of it as well
    assert (await house.row("1")).state == "reached"
    assert house.places.count("sales") == 0


async def test_an_agent_is_let_go_when_the_database_is_away_as_they_are_to_call(house):
    def away(call):
        house.lines.there.clear()
        raise OperationalError("SELECT", {}, OSError("the connection was closed"))

    house.agents.told = away
    house.agents.free = [MARA]
    house.keeps("1", AN)
    await house.quiet()

    assert house.agents.held[-1] == (MARA, False)
    assert house.places.count("sales") == 1
    house.agents.told = lambda call: None
    house.now += kept.PASSED
    house.places.look()
    await house.quiet()
    assert house.agents.rung == [(MARA, AN), (MARA, AN)]


async def test_whose_phone_did_not_answer_is_not_rung_for_the_next_place_either(house):
    house.agents.told = lambda call: house.agents.ends(call, Result.FAILED)
    house.agents.free = [MARA]
    house.keeps("1", AN)
    house.keeps("2", BINH, since=1)
    await house.quiet()

    assert house.agents.rung == [(MARA, AN)]
    assert (await house.row("1")).tries == 0


async def test_who_may_not_be_called_is_a_missed_call_like_others(house):
    def forbidden(call):
        house.lines.there.clear()
        raise Forbidden("not from here")

    house.agents.told = forbidden
    house.agents.free = [MARA]
    house.keeps("1", AN)
    await house.quiet()

    assert (await house.row("1")).state == "given_up"
    assert house.agents.held[-1] == (MARA, False)


async def test_who_was_talked_with_from_another_number_while_the_service_was_away_is_not_called(
    house,
):
    await house.site.customer("An", AN, BINH)
    house.keeps("1", AN)
    await house.row("1")
    talk = await house.site.call("mara", BINH, started_at=at(40), answered_at=at(50))
    house.places = house.agents.places = house.started()
    house.agents.free = [MARA]
    await house.places.load()

    await house.settled()

    row = await house.row("1")
    assert (row.state, row.closing_call_id) == ("reached", talk.call_id)
    assert house.agents.rung == []


async def test_what_happens_to_them_otherwise_is_asked_before_they_are_called(house):
    house.keeps("1", AN)
    await house.site.call("jon", AN, started_at=at(40), answered_at=at(50))
    house.agents.free = [MARA]
    house.places.look()
    await house.quiet()

    assert house.agents.rung == []
    assert house.agents.held[-1] == (MARA, False)
    assert (await house.row("1")).state == "reached"


async def test_a_conversation_of_before_the_key_does_not_end_the_place(house):
    await house.site.call("jon", AN, started_at=at(-40), answered_at=at(-20))
    house.keeps("1", AN)
    house.places.lines_changed({"+84912345678"})

    await house.settled()

    assert (await house.row("1")).state == "open"


async def test_whoever_puts_the_missed_call_aside_gives_the_place_up(house):
    house.keeps("1", AN)
    key = "+84912345678"
    await house.site.add(MissedMark(number_key=key, dismissed_at=at(62), dismissed_by=MARA))
    house.places.lines_changed({key})

    await house.settled()

    assert (await house.row("1")).state == "given_up"


async def test_a_place_in_a_queue_that_is_deleted_is_given_up(house):
    house.keeps("1", AN)
    house.keeps("2", BINH, queue="gone")

    await house.settled()

    assert (await house.row("1")).state == "open"
    assert (await house.row("2")).state == "given_up"


async def test_who_asks_again_keeps_the_first_place_in_that_queue_but_brings_it_into_no_other(
    house,
):
    house.keeps("1", AN)
    house.keeps("2", AN, since=20)
    assert (await house.row("1")).closing_call_id == "2"
    assert (await house.row("2")).since == NOW

    house.keeps("3", AN, queue="care", since=40)

    assert (await house.row("2")).state == "given_up"
    assert (await house.row("3")).since == at(40)
    assert (house.places.count("sales"), house.places.count("care")) == (0, 1)


async def test_a_key_that_was_pressed_while_the_service_was_away_counts_from_then(house):
    """The back-fill tells of it like the board, afterwards."""
    house.now = at(1800)
    house.agents.free = [MARA]
    house.keeps("1", AN)
    await house.quiet()

    assert house.agents.rung == [(MARA, AN)]
    assert (await house.row("1")).asked_at == at(30)


@pytest.mark.parametrize("number", ["113", "201", "19006789", "999", None])
async def test_numbers_that_are_nobodys_own_keep_no_place(house, number):
    house.agents.free = [MARA]
    house.keeps("1", number)
    await house.quiet()

    assert house.places.count("sales") == 0
    assert house.agents.rung == []


async def test_a_number_is_called_as_it_is_dialled_however_the_provider_writes_it(house):
    house.agents.free = [MARA]
    house.keeps("1", "84912345678")
    await house.quiet()

    assert house.agents.rung == [(MARA, AN)]


async def test_who_left_the_queue_for_a_moment_is_where_they_were(house):
    again = [Step(kind="queue", at=at(second), what="sales") for second in (0, 5)]
    house.lines.journey = lambda call_id: tuple(again)
    waits = call_of("9", None, state=State.WAITING, result=None)
    house.lines.there["9"] = waits
    house.keeps("1", AN, since=2)
    house.agents.free = [MARA]
    house.places.push(Change(None, waits))
    await house.quiet()

    assert house.agents.rung == []


async def test_who_keeps_a_place_and_how_many_are_before_them_is_known_by_number(house):
    house.keeps("1", AN)
    house.keeps("2", BINH, since=10)

    place, before = house.places.of_number("+84987654321")

    assert (place.since, before) == (at(10), 1)
    assert house.places.of_number("+84900000111") is None
