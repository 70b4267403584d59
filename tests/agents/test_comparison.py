"""What we believe is compared with the exchange, and what differs is put right, with a line."""

import pytest

from callcenter.calls.call import State
from callcenter.calls.events import CallPlaced
from tests.agents.floor import floor
from tests.asterisk.test_link_and_board import CHANNEL
from tests.fakes import fake_asterisk, member
from tests.popups.office import furnish

ANH, BINH, CUONG = 1, 2, 3
ANHS = "PJSIP/201"


@pytest.fixture
async def asterisk():
    async with fake_asterisk() as asterisk:
        asterisk.queues = {"sales": {}, "care": {}}
        asterisk.devices = {f"PJSIP/{number}": "NOT_INUSE" for number in (201, 202, 203)}
        yield asterisk


@pytest.fixture
async def place(sessions, asterisk):
    await furnish(sessions)
    async with floor(sessions, asterisk.port) as place:
        await place.presence.want(ANH, "ready")
        yield place


async def test_when_all_is_well_nothing_is_written(place, asterisk):
    await place.comparison.compare()

    assert place.comparison.open == []
    assert await place.lines() == []


async def test_a_member_that_somebody_removed_stands_there_again(place, asterisk):
    del asterisk.queues["sales"][ANHS]

    await place.comparison.compare()

    assert asterisk.queues["sales"][ANHS]["Paused"] == "0"
    assert await place.lines() == [("gone", ANH, {"queue": "Sales queue", "state": "ready"})]
    assert place.comparison.open == []


async def test_a_member_that_somebody_paused_gets_calls_again(place, asterisk):
    asterisk.queues["sales"][ANHS]["Paused"] = "1"

    await place.comparison.compare()

    assert asterisk.queues["sales"][ANHS]["Paused"] == "0"
    [(kind, user_id, _)] = await place.lines()
    assert (kind, user_id) == ("paused", ANH)


async def test_a_break_that_somebody_ended_at_the_exchange_goes_on(place, asterisk):
    await place.presence.want(ANH, "break", "lunch")
    asterisk.queues["sales"][ANHS]["Paused"] = "0"

    await place.comparison.compare()

    assert asterisk.queues["sales"][ANHS]["Paused"] == "1"
    assert await place.lines() == [("unpaused", ANH, {"queue": "Sales queue", "state": "break"})]


async def test_who_was_added_by_hand_is_taken_out_and_strangers_stay(place, asterisk):
    for queue, number in (("care", 201), ("sales", 202), ("sales", 999)):
        interface = f"PJSIP/{number}"
        asterisk.queues[queue][interface] = member(queue, interface, "by hand")

    await place.comparison.compare()

    assert set(asterisk.queues["sales"]) == {ANHS, "PJSIP/999"}
    assert asterisk.queues["care"] == {}
    assert {(kind, user_id) for kind, user_id, _ in await place.lines()} == {
        ("surplus", ANH),
        ("surplus", BINH),
    }


async def test_an_exchange_that_refuses_is_shown_as_out_of_step_until_it_agrees(place, asterisk):
    asterisk.ignores.add("QueueAdd")
    del asterisk.queues["sales"][ANHS]

    await place.comparison.compare()

    assert [(each.user_id, each.what) for each in place.comparison.open] == [(ANH, "queues")]
    asterisk.ignores.clear()
    await place.comparison.compare()
    await place.presence.places.settled(ANH)
    await place.comparison.compare()
    assert place.comparison.open == []


async def test_what_an_exchange_refuses_for_ever_is_out_of_step_and_no_line_each_time(
    place, asterisk
):
    del asterisk.queues["sales"]  # somebody took the whole queue away

    for _ in range(2):
        await place.comparison.compare()
        assert [(each.user_id, each.what) for each in place.comparison.open] == [(ANH, "queues")]

    assert await place.lines() == []
    asterisk.queues["sales"] = {}
    await place.comparison.compare()
    assert (place.comparison.open, set(asterisk.queues["sales"])) == ([], {ANHS})
    assert [kind for kind, *_ in await place.lines()] == ["gone"]


async def test_a_phone_whose_change_was_missed_is_shown_as_it_is(place, asterisk):
    asterisk.devices["PJSIP/201"] = "UNAVAILABLE"

    await place.comparison.compare()

    assert place.presence.of(ANH).state == "unreachable"
    assert await place.lines() == [("phone", ANH, {"was": "reachable", "now": "unreachable"})]


async def test_a_call_that_is_over_at_the_exchange_is_not_shown_any_more(place, asterisk):
    await asterisk.says("Newchannel", CHANNEL | {"Timestamp": "1795290318.5"})
    await asterisk.says("BridgeEnter", bridged(CHANNEL))
    agent = CHANNEL | {"Channel": "PJSIP/201-00000002", "Uniqueid": "pbx-1795290318.2"}
    await asterisk.says("Newchannel", agent | {"Timestamp": "1795290318.6"})
    await asterisk.says("BridgeEnter", bridged(agent))
    await place.until(lambda: place.presence.of(ANH).state == "talking")

    await place.comparison.compare()  # its Hangup was never heard

    assert place.board.calls() == []
    assert place.presence.of(ANH).state == "wrap_up"
    assert ("phantom", ANH, {"number": "0912345678"}) in await place.lines()


async def test_a_call_that_nobody_told_us_of_is_shown(place, asterisk):
    asterisk.channels = [CHANNEL]

    await place.comparison.compare()

    [call] = place.board.calls()
    assert (call.number, call.state) == ("0912345678", State.WAITING)
    assert await place.lines() == [("unknown", None, {"number": "0912345678"})]
    await place.comparison.compare()
    assert len(await place.lines()) == 1


async def test_whoever_is_alone_in_a_call_is_hung_up_at_the_second_look(place, asterisk):
    agent = CHANNEL | {"Channel": "PJSIP/201-00000002", "Uniqueid": "pbx-1795290318.2"}
    for channel, at in ((CHANNEL, "1795290318.5"), (agent, "1795290318.6")):
        await asterisk.says("Newchannel", channel | {"Timestamp": at})
        await asterisk.says("BridgeEnter", bridged(channel))
    await place.until(lambda: place.presence.of(ANH).state == "talking")
    asterisk.channels = [CHANNEL, agent]
    for _ in range(2):  # with the customer nobody is alone
        await place.comparison.compare()
    asterisk.channels = [agent]
    await asterisk.says("Hangup", CHANNEL | {"Timestamp": "1795290330.5", "Cause": "16"})
    await place.until(lambda: bool(place.board.left_alone()))

    await place.comparison.compare()
    assert asterisk.count("Hangup") == 0  # it may be about to end
    await place.comparison.compare()

    assert (await asterisk.was_asked("Hangup"))["Channel"] == "PJSIP/201-00000002"
    assert await place.lines() == [("alone", ANH, {"number": "0912345678"})]


async def test_an_event_that_is_on_its_way_is_no_difference(place, asterisk):
    asterisk.channels = [CHANNEL]
    place.comparison.second_look = 0.0
    asterisk.answered = lambda action: asterisk.channels.clear()  # gone before the second look

    await place.comparison.compare()

    assert (place.board.calls(), await place.lines()) == ([], [])


async def test_a_call_placed_a_moment_ago_is_not_ended_by_a_list(place, asterisk):
    now = place.link._now()
    wish = CallPlaced(call_id="wish", at=now, extension="201", number="0912345678")
    place.board.apply(wish)

    await place.link.snapshot()

    assert [call.call_id for call in place.board.calls()] == ["wish"]


async def test_an_agent_whose_calls_are_not_the_boards_is_mended(place):
    agent = place.presence.roll.of(ANH)
    place.presence.roll.set(agent.with_calls({"gone": "talking"}), "a fault of ours")

    await place.comparison.compare()

    assert place.presence.of(ANH).state == "ready"
    assert await place.lines() == [("state", ANH, {"was": "talking", "now": "ready"})]


async def test_after_an_exchange_that_forgot_everything_each_is_back_with_a_line(place, asterisk):
    asterisk.queues["sales"].clear()
    asterisk.drops()
    await place.until(lambda: place.logins == 2)

    assert set(asterisk.queues["sales"]) == {ANHS}
    assert [(kind, user_id) for kind, user_id, _ in await place.lines()] == [("gone", ANH)]


async def test_an_exchange_that_is_away_is_left_alone(place, asterisk):
    await asterisk.stops()
    await asterisk.is_left()

    await place.comparison.compare()

    assert place.comparison.open == []


def bridged(channel):
    return channel | {"Timestamp": "1795290319.0", "BridgeUniqueid": "b1"}
