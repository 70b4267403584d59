"""Hops are written behind the backs of calls, and read as they were noted."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from callcenter.explain import kinds, log
from callcenter.explain.errands import KEPT, forget
from callcenter.explain.log import HopLog
from callcenter.explain.models import CallHop
from callcenter.explain.reasons import Reason, Snapshot, asked_of
from callcenter.tasks import running
from tests.explain.test_reasons import CALL


async def rows(sessions):
    async with sessions() as session:
        return list(await session.scalars(select(CallHop).order_by(CallHop.id)))


async def test_hops_are_written_in_order_and_a_picture_is_worked_out_then(engine, sessions):
    hops = HopLog(engine)
    on_a_break = {1: Reason.BREAK}
    picture = Snapshot(CALL, lambda: [(1, "201")], on_a_break, breaks={1: "lunch"})

    async with running(hops.write(), "hops"):
        hops.note(kinds.ASKED, "c1", what="sales", more=picture)
        hops.note(kinds.SHOWN, "c\x001", 1)
        await hops.drain()
        hops.note(kinds.FILED, "c1")
        await hops.drain()

    first, second, third = await rows(sessions)
    assert (first.kind, first.call_id, first.what) == ("asked", "c1", "sales")
    assert asked_of(first.more).of(1) is Reason.BREAK
    assert asked_of(first.more).breaks == {1: "lunch"}
    assert (second.call_id, second.user_id, third.kind) == ("c1", 1, "filed")
    assert second.at.tzinfo is not None


async def test_what_comes_too_fast_is_dropped_and_counted_and_holds_up_nobody(
    engine, sessions, monkeypatch
):
    monkeypatch.setattr(log, "MOST_NOTED", 10)
    hops = HopLog(engine)

    for each in range(25):
        hops.note(kinds.SHOWN, f"c{each}", 1)
    async with running(hops.write(), "hops"):
        await hops.drain()

    *kept, lost = await rows(sessions)
    assert [each.call_id for each in kept] == [f"c{each}" for each in range(15, 25)]
    assert (lost.kind, lost.what) == ("lost", "15")


async def test_a_stop_is_not_awaited_when_nothing_was_noted(engine):
    hops = HopLog(engine)

    async with running(hops.write(), "hops"), asyncio.timeout(10):
        await hops.drain()


async def test_hops_are_forgotten_after_thirty_days(sessions):
    now = datetime.now(UTC)
    async with sessions.begin() as session:
        for age in (KEPT + timedelta(hours=1), KEPT - timedelta(hours=1)):
            session.add(CallHop(call_id="c", at=now - age, kind=kinds.TOLD, what="", more=""))

    await forget(sessions)

    [kept] = await rows(sessions)
    assert kept.at > now - KEPT
