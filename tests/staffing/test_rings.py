"""Phones that rang in vain, written down as the board tells of them."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select

from callcenter.calls.board import Change
from callcenter.calls.call import Call, Direction, State
from callcenter.people.directory import Directory
from callcenter.people.models import User
from callcenter.staffing.counting import count_rings
from callcenter.staffing.models import AgentDay, VainRing
from callcenter.staffing.rings import Rings
from callcenter.tasks import running

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
CALL = Call(call_id="7.1", direction=Direction.INBOUND, started_at=NOW, state=State.RINGING)


async def test_each_ring_that_nobody_answered_is_a_row_and_counts_that_day(sessions):
    async with sessions.begin() as session:
        session.add_all(
            User(id=id, username=f"u{id}", name="U", password="", role="agent", extension=extension)
            for id, extension in ((1, "201"), (2, "202"))
        )
    directory = Directory()
    await directory.load(sessions)
    rings = Rings(sessions, directory, now=lambda: NOW)
    rings.diary.also = lambda session: count_rings(session, UTC)
    once = replace(CALL, missed=("201",))
    twice = replace(CALL, missed=("201", "201"), declined=("202", "999"))

    async with running(rings.diary.write(), name="rings"):
        rings.push(Change(None, CALL))
        rings.push(Change(CALL, once))
        rings.push(Change(once, twice))
        rings.push(Change(twice, replace(twice, state=State.ENDED)))
        await rings.diary.drain()

    async with sessions() as session:
        rows = await session.scalars(select(VainRing).order_by(VainRing.user_id))
        found = [(row.user_id, row.call_id, row.declined) for row in rows]
        days = (await session.scalars(select(AgentDay).order_by(AgentDay.user_id))).all()
    assert found == [(1, "7.1", False), (1, "7.1", False), (2, "7.1", True)]
    assert [(each.missed, each.declined) for each in days] == [(2, 0), (0, 1)]
