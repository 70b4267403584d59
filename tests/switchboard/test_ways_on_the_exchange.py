"""Where calls go on the real exchange: hours, menus, messages, queues and what comes after them."""

from datetime import UTC, datetime

import pytest
import pytest_asyncio

from callcenter.switchboard.walk import walk
from tests.stage import stage
from tests.switchboard.house import (
    HOURS,
    IMPATIENT,
    MENU,
    NIGHT,
    PLAN,
    REFUSED,
    STAFFED,
    hops,
    hops_of,
    joined,
    presses,
    rings_in,
)

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_stage(tmp_path_factory):
    async with stage(tmp_path_factory.mktemp("switchboard"), plan=PLAN) as one:
        yield one


async def test_while_it_is_open_calls_reach_the_queue(house):
    call = await rings_in(house, HOURS)
    waiting = await joined(house, "sales")

    assert (call["DID"], call["Queue"]) == (HOURS, "")
    assert waiting["Uniqueid"] == call["CCID"]
    told = await house.heard.event("UserEvent", UserEvent="CCInbound", Queue="sales")
    assert told["CCID"] == call["CCID"]
    assert hops(house) == [("hours", "office")]


async def test_while_it_is_closed_they_hear_the_message_and_that_is_all(house):
    call = await rings_in(house, NIGHT)
    ended = await house.heard.event("Hangup", Uniqueid=call["CCID"])

    assert ended["Cause"] == "16"
    assert hops(house) == [("closed", "never"), ("message", "closed")]
    assert not house.heard.found("QueueCallerJoin")


@pytest.mark.parametrize("key, queue", [("1", "sales"), ("2", "care")])
async def test_a_key_of_the_menu_leads_where_it_says(house, key, queue):
    call = await rings_in(house, MENU)
    await presses(house, call, key)
    await joined(house, queue)

    assert hops(house) == [("menu", "main"), ("choice", key)]


async def test_the_hash_is_a_key_too(house):
    call = await rings_in(house, MENU)
    await presses(house, call, "#")
    await house.heard.event("Hangup", Uniqueid=call["CCID"])

    assert hops(house) == [("menu", "main"), ("choice", "#"), ("message", "closed")]


async def test_who_presses_nothing_known_goes_on_otherwise(house):
    call = await rings_in(house, MENU)
    await presses(house, call, "7")
    ended = await house.heard.event("Hangup", Uniqueid=call["CCID"])

    assert ended["Cause"] == "16"
    assert hops(house) == [("menu", "main"), ("message", "closed")]


async def test_nobody_waits_where_nobody_is_signed_in(house):
    await rings_in(house, STAFFED)
    await joined(house, "care")

    assert hops(house) == [("overflow", "staffed~JOINEMPTY")]


async def test_the_last_agent_leaves_and_those_who_wait_go_on(house):
    await house.ready("staffed", "101")  # rings and is never picked up
    await rings_in(house, STAFFED)
    await joined(house, "staffed")

    await house.exchange.cli("queue remove member PJSIP/101 from staffed")
    await joined(house, "care")

    assert hops(house) == [("overflow", "staffed~LEAVEEMPTY")]


async def test_who_has_waited_too_long_goes_on(house):
    await rings_in(house, IMPATIENT)
    await joined(house, "care")

    assert hops(house) == [("overflow", "impatient~TIMEOUT")]


async def test_a_call_that_is_only_refused_is_not_answered(house):
    with pytest.raises(Exception, match="refuses calls"):
        await rings_in(house, REFUSED)

    assert (await house.heard.event("Hangup"))["Cause"] == "21"
    assert not house.heard.found("Newstate", ChannelStateDesc="Up")


async def test_any_other_number_goes_the_default_way(house):
    call = await rings_in(house, "02800000000")
    await joined(house, "care")

    assert (call["DID"], call["Queue"]) == ("02800000000", "care")


@pytest.mark.parametrize("number, key", [(HOURS, ""), (NIGHT, ""), (MENU, "2"), (MENU, "#")])
async def test_a_call_that_is_tried_on_the_map_goes_as_on_the_exchange(house, number, key):
    walked = walk(PLAN, number, datetime.now(UTC), key)

    call = await rings_in(house, number)
    if key:
        await presses(house, call, key)
    if walked.end.kind == "queue":
        await joined(house, walked.end.name)
    else:
        await house.heard.event("Hangup", Uniqueid=call["CCID"])

    assert hops(house) == list(hops_of(PLAN, walked))
