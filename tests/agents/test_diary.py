"""The diary gathers what comes soon after something was written, but lets nobody wait for that."""

import asyncio
from datetime import UTC, datetime

from sqlalchemy import func, select

from callcenter.agents import diary as diary_module
from callcenter.agents.diary import Diary
from callcenter.agents.models import AgentState
from callcenter.tasks import running


async def test_states_that_follow_soon_are_written_together_and_at_once_for_who_waits(
    sessions, monkeypatch
):
    monkeypatch.setattr(diary_module, "GATHER", 3600.0)
    sizes, written = [], asyncio.Event()

    async def counts(session):
        sizes.append(await session.scalar(select(func.count()).select_from(AgentState)))

    diary = Diary(sessions, written=written.set)
    diary.also = counts

    def note(state):
        diary.note(user_id=1, at=datetime.now(UTC), state=state, cause="agent")

    async with running(diary.write(), name="diary"):
        note("ready")
        await asyncio.wait_for(written.wait(), 20)
        note("talking")
        await asyncio.sleep(0)  # the one that writes would have its turn
        await asyncio.sleep(0)
        note("wrap_up")
        async with asyncio.timeout(20):
            await diary.drain()

    assert sizes == [1, 3]
