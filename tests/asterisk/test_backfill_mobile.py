"""Calls of agents at their mobile phones that nobody here was there to hear."""

import uuid
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio

from callcenter.asterisk.originate import originate, phone_of
from callcenter.calls.endpoints import interface_of, mobile_of
from callcenter.db import engine_for
from tests.asterisk.backfill_house import Paper, service

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]

SALES, CUSTOMER = "02873001234", "0912345678"
PRESSES, MAILBOX, THREE_SECONDS = "0900000115", "0900000111", "0900000105"


@pytest_asyncio.fixture(loop_scope="module")
async def paper(house, sqlite_url, tmp_path):
    engine = engine_for(sqlite_url)
    log = house.home / "exchange/log/cel-custom/cel.csv"
    log.unlink(missing_ok=True)
    yield Paper(engine, log, house.spool, tmp_path / "recordings")
    await engine.dispose()


@asynccontextmanager
async def on_the_road(house, number):
    """The agent of 201 takes the queue's calls at that number."""
    member = {"Queue": "sales", "Interface": interface_of(mobile_of("201"))}
    for name, value in (("CCRINGS_201", "mobile"), ("CCMOBILE_201", number)):
        await house.ask("Setvar", {"Variable": name, "Value": value})
    await house.ask("QueueAdd", member)
    yield
    await house.ask("QueueRemove", member)


async def rings_in(house, then):
    count = len(house.heard.found("UserEvent", UserEvent="CCInbound")) + 1
    await house.carrier.call(SALES, CUSTOMER, then=then)
    return (await house.heard.event("UserEvent", UserEvent="CCInbound", count=count))["CCID"]


async def filled_in(house, paper, call_id):
    """The row of a call that is over, made of the exchange's log."""
    await house.heard.event("Hangup", Uniqueid=call_id)
    await house.silence()
    async with service(paper, house):
        [row] = await paper.ended(call_id)
    return row


async def test_a_call_taken_at_a_mobile_phone_is_on_paper(house, paper):
    async with on_the_road(house, PRESSES):
        call_id = await rings_in(house, "short")
        taken = await house.heard.event("BridgeEnter", Uniqueid=call_id)
        row = await filled_in(house, paper, call_id)

    assert (row.direction, row.number, row.queue, row.result) == (
        *("inbound", CUSTOMER, "sales", "answered"),
    )
    assert (row.agents, row.rung, row.user_id, row.ended_by) == ("201", "201", 201, "customer")
    assert row.answered_at.timestamp() == pytest.approx(float(taken["Timestamp"]), abs=0.5)
    assert row.talked_s < row.waited_s  # the phone was answered a second before the key was pressed


async def test_a_voice_mail_at_the_mobile_phone_has_taken_nothing(house, paper):
    async with on_the_road(house, MAILBOX):
        call_id = await rings_in(house, "short")
        row = await filled_in(house, paper, call_id)

    assert (row.result, row.agents, row.rung) == ("abandoned", "", "201")
    assert row.talked_s == 0


async def test_a_call_made_by_a_mobile_phone_is_on_paper(house, paper):
    call_id = str(uuid.uuid4())
    phone = phone_of(mobile_of("201"), PRESSES)
    await house.ask("Originate", originate(call_id, phone, "201", THREE_SECONDS, SALES, "sales"))
    row = await filled_in(house, paper, call_id)

    assert (row.direction, row.number, row.result) == ("outbound", THREE_SECONDS, "answered")
    assert (row.agents, row.user_id) == ("201", 201)
    assert row.talked_s == pytest.approx(3, abs=1)
