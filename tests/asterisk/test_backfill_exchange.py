"""No call is missing after the service was down, the connection cut, or the exchange killed."""

import asyncio
import os
import signal
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from callcenter.db import engine_for
from callcenter.people.rights import Scope
from callcenter.recordings import library
from callcenter.reports.queries import Asked, call_report
from callcenter.tasks import running
from tests.asterisk.backfill_house import Paper, link_of, service

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]

SALES, CARE, CUSTOMER = "02873001234", "19006789", "0912345678"
WHISTLES, THREE_SECONDS, BUSY = "0900000111", "0900000105", "0900000101"


@pytest_asyncio.fixture(loop_scope="module")
async def paper(house, sqlite_url, tmp_path):
    engine = engine_for(sqlite_url)
    log = house.home / "exchange/log/cel-custom/cel.csv"
    log.unlink(missing_ok=True)
    yield Paper(engine, log, house.spool, tmp_path / "recordings")
    await engine.dispose()


def at(event):
    return datetime.fromtimestamp(float(event["Timestamp"]), UTC)


async def talk_of(house, call_id):
    """When the two of that call were connected, from AMI's own words."""
    entered = await house.heard.event("BridgeEnter", Linkedid=call_id, count=2)
    left = await house.heard.event("BridgeLeave", Linkedid=call_id)
    return at(entered), at(left)


async def rings_in(house, did, then, agent=None):
    """The id of a call that comes in; `agent` is the one whose phone takes it."""
    if agent:
        await house.ready("sales", agent)
    count = len(house.heard.found("UserEvent", UserEvent="CCInbound")) + 1
    await house.carrier.call(did, CUSTOMER, name='Nguyễn "A", \\ 🙂', then=then)
    return (await house.heard.event("UserEvent", UserEvent="CCInbound", count=count))["CCID"]


async def is_over(house, call_id):
    await house.heard.event("Hangup", Uniqueid=call_id)
    await house.silence()


@asynccontextmanager
async def talking(house, paper):
    """A service, and a call that it hears: the one with the agent at 100."""
    async with service(paper, house) as built:
        call_id = await rings_in(house, SALES, "tone", agent="100")
        await house.heard.event("BridgeEnter", Linkedid=call_id, count=2)
        await paper.until(call_id, state="talking")
        await sounds_on_disk(house, call_id)
        yield built, call_id


async def sounds_on_disk(house, call_id):
    """Some two seconds of the call; that is how often they are written."""
    async with asyncio.timeout(10):
        while (house.spool / f"{call_id}-in.wav").stat().st_size < 30_000:
            await asyncio.sleep(0.02)


async def report_of(paper):
    today = datetime.now(UTC).date()
    asked = Asked(since=today - timedelta(days=1), until=today)
    async with paper.sessions() as session:
        return await call_report(session, Scope(everything=True, user_id=0), asked)


async def test_calls_made_while_the_service_was_away_are_all_on_paper_after_its_login(house, paper):
    came_in = await rings_in(house, SALES, "tone", agent="104")
    went_out = await house.click("100", THREE_SECONDS)
    busy = await house.click("103", BUSY)
    abandoned = await rings_in(house, CARE, "short")
    ids = [came_in, went_out, busy, abandoned]
    talks = {each: await talk_of(house, each) for each in (came_in, went_out)}
    for each in ids:
        await is_over(house, each)

    async with service(paper, house):
        rows = await paper.ended(*ids)

    assert [(r.direction, r.number, r.queue, r.result, r.agents, r.ended_by) for r in rows] == [
        ("inbound", CUSTOMER, "sales", "answered", "104", "agent"),
        ("outbound", THREE_SECONDS, None, "answered", "100", "customer"),
        ("outbound", BUSY, None, "busy", "", "customer"),
        ("inbound", CUSTOMER, "care", "abandoned", "", "customer"),
    ]
    assert [row.user_id for row in rows] == [104, 100, 103, None]
    assert (rows[0].did, rows[0].caller_name) == (SALES, 'Nguyễn "A", \\ 🙂')
    for row, talk in zip(rows, talks.values(), strict=False):
        assert row.talked_s == pytest.approx((talk[1] - talk[0]).total_seconds(), abs=1)
        assert abs(row.answered_at - talk[0]) < timedelta(seconds=0.5)
    assert rows[3].waited_s == pytest.approx(3, abs=1)

    report = await report_of(paper)
    assert (report.totals.calls, report.totals.answered) == (4, 2)
    assert report.totals.talked_s == pytest.approx(rows[0].talked_s + rows[1].talked_s, abs=0.01)
    assert await paper.sums_are_those_of_the_calls()


async def test_a_second_login_and_a_lost_place_change_nothing(house, paper):
    call_id = await rings_in(house, SALES, "tone", agent="104")
    await is_over(house, call_id)
    async with service(paper, house):
        await paper.ended(call_id)
        async with asyncio.timeout(5):
            while not await paper.recall():
                await asyncio.sleep(0.02)
    before, sums, told = (
        vars((await paper.calls())[call_id]),
        await paper.days(),
        paper.corrected[:],
    )

    await paper.remember("")
    async with service(paper, house):
        async with asyncio.timeout(5):
            while not await paper.recall():
                await asyncio.sleep(0.02)

    after = vars((await paper.calls())[call_id])
    assert {k: v for k, v in after.items() if k[0] != "_"} == {
        k: v for k, v in before.items() if k[0] != "_"
    }
    assert await paper.days() == sums
    assert paper.corrected == told


async def test_a_call_whose_agent_never_picked_up_is_on_paper_too(house, paper):
    call_id = await house.click("102", WHISTLES)  # refuses every call
    await is_over(house, call_id)

    async with service(paper, house):
        [row] = await paper.ended(call_id)

    assert (row.direction, row.result, row.user_id) == ("outbound", "failed", 102)


async def test_a_service_killed_in_a_call_finds_its_true_end(house, paper):
    async with talking(house, paper) as (_, call_id):
        pass
    await house.ask("Hangup", {"Channel": call_id, "Cause": "16"})
    await is_over(house, call_id)
    start, end = await talk_of(house, call_id)
    assert (await paper.calls())[call_id].ended_at is None

    async with service(paper, house):
        [row] = await paper.ended(call_id)
        recording = await paper.recording(call_id)

    assert (row.result, row.agents, row.state) == ("answered", "100", "ended")
    assert row.talked_s == pytest.approx((end - start).total_seconds(), abs=1)
    assert recording.state == "ready"
    assert await paper.sums_are_those_of_the_calls()


async def test_a_call_that_outlives_the_service_has_its_whole_length_in_the_end(house, paper):
    async with talking(house, paper) as (_, call_id):
        pass  # and the two seconds so far must not be missing

    async with service(paper, house) as built:
        async with asyncio.timeout(5):
            while built.board.call(call_id) is None:
                await asyncio.sleep(0.02)
        await house.ask("Hangup", {"Channel": call_id, "Cause": "16"})
        start, end = await talk_of(house, call_id)
        await paper.ended(call_id)
        async with asyncio.timeout(20):
            while (row := (await paper.calls())[call_id]).talked_s < 1.5:
                await asyncio.sleep(0.02)

    assert row.talked_s == pytest.approx((end - start).total_seconds(), abs=1)
    assert await paper.sums_are_those_of_the_calls()


async def test_a_call_that_ends_while_the_connection_is_cut_has_its_true_end(house, paper):
    async with service(paper) as built:  # without a link of its own: it is cut and made by hand
        async with running((link := link_of(house, built)).run(), "link"):
            await link.wait_connected(5)
            call_id = await rings_in(house, SALES, "short", agent="100")
            await paper.until(call_id, state="talking")
        await is_over(house, call_id)
        start, end = await talk_of(house, call_id)
        async with running((link := link_of(house, built)).run(), "link"):
            row = await paper.until(call_id, ended_by="customer")

    assert row.result == "answered"
    assert row.talked_s == pytest.approx((end - start).total_seconds(), abs=1)
    assert abs(row.ended_at - end) < timedelta(seconds=0.5)
    assert await paper.sums_are_those_of_the_calls()


@pytest.mark.parametrize("service_is_there", [True, False])
async def test_an_exchange_killed_in_a_call_leaves_one_ended_call_and_its_recording(
    house, paper, service_is_there, monkeypatch
):
    monkeypatch.setattr(
        library, "PATIENCE", 2.0
    )  # for files that a dead exchange will not hand over
    async with talking(house, paper) as (_, call_id):
        start = at(await house.heard.event("BridgeEnter", Linkedid=call_id, count=2))
        killed_at = datetime.now(UTC)
        if service_is_there:
            os.kill(house.exchange.pid, signal.SIGKILL)
            await house.back()
            await paper.ended(call_id)
            recording = await paper.recording(call_id)
    if not service_is_there:
        os.kill(house.exchange.pid, signal.SIGKILL)
        await house.back()
        async with service(paper, house):
            await paper.ended(call_id)
            recording = await paper.recording(call_id)
    await house.registered(*house.carrier.desks)

    row = (await paper.calls())[call_id]
    assert (row.state, row.result, row.agents, row.ended_by) == ("ended", "answered", "100", None)
    assert row.talked_s == pytest.approx((killed_at - start).total_seconds(), abs=3.5)
    assert (recording.state, len(await paper.calls())) == ("ready", 1)
    assert recording.duration_s == pytest.approx(row.talked_s, abs=2)
    assert await paper.sums_are_those_of_the_calls()
