"""Where everybody stood when the service ended, and when that was.

While the service stands still nobody is known to work. It leaves a sign of life from time to time,
so that after a crash the states that lasted then end where it was last alive.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.agent import Agent, Booked, Rings
from callcenter.agents.causes import rings_of
from callcenter.agents.models import AgentState
from callcenter.agents.queries import ended_call, last_rows
from callcenter.agents.wishing import WISHES
from callcenter.db import DATABASE_ERRORS, Sessions
from callcenter.settings.queries import keep_value, value

log = logging.getLogger(__name__)

NAME = "alive_at"  # of the setting
BEAT = 30.0  # seconds between two signs of life
LAST_S = 3.0  # for the last: whoever stops the service waits for it
RESTART = timedelta(seconds=60)  # a stop no longer than this: people went on with what they did


async def beat(sessions: Sessions, recalled: Callable[[], Awaitable[None]]) -> None:
    """Leave signs of life for as long as the application lives, and one as it ends.

    `recalled` waits until all is written that the sign before says of how long nobody worked: the
    first takes its place.
    """
    await recalled()
    try:
        while True:
            await leave_sign(sessions)
            await asyncio.sleep(BEAT)
    finally:
        try:
            async with asyncio.timeout(LAST_S):
                await leave_sign(sessions)
        except TimeoutError:
            log.warning("no last sign of life could be left in %g s", LAST_S)


async def leave_sign(sessions: Sessions) -> None:
    try:
        async with sessions.begin() as session:
            await keep_value(session, NAME, datetime.now(UTC).isoformat())
    except DATABASE_ERRORS as error:
        log.warning("no sign of life could be left: %s", error)


async def stopped_at(session: AsyncSession, now: datetime) -> datetime | None:
    """When the service was last alive; None where that is as good as now, or not known."""
    text = await value(session, NAME)
    alive_at = datetime.fromisoformat(text) if text else now
    return alive_at if now - alive_at > RESTART else None


async def agents_at_the_end(
    session: AsyncSession, now: datetime
) -> AsyncIterator[tuple[Agent, AgentState, datetime | None]]:
    """Those who were at work or owed a note, the row of the state that they were in, and when the
    service stopped, if it stood still since."""
    stopped = await stopped_at(session, now)
    for user_id, (last, wish) in (await last_rows(session)).items():
        call_id = last.cause.removeprefix("call ") if last.state == "wrap_up" else ""
        agent = Agent(
            user_id=user_id,
            wish=WISHES.get(wish.state, "ready") if wish else "offline",
            reason=wish.reason if wish and wish.state == "break" else "",
            booked=booked_of(last),
            wrap_up=await ended_call(session, call_id) if call_id else None,
            rings=rings_of(wish.cause) if wish else Rings(),
        )
        if (agent.wish, agent.wrap_up, last.state) != ("offline", None, "offline"):
            yield agent, last, stopped


def booked_of(row: AgentState) -> Booked | None:
    """What waited for the end of the call."""
    wish, _, reason = row.booked.partition(" ")
    return Booked(WISHES[wish], reason) if wish in WISHES else None


def as_text(booked: Booked | None) -> str:
    """The same for the row."""
    return f"{booked.wish} {booked.reason}".strip() if booked else ""
