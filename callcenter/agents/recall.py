"""Where everybody stood when the service ended."""

from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.agent import Agent, Booked, Rings
from callcenter.agents.causes import rings_of
from callcenter.agents.models import AgentState
from callcenter.agents.queries import ended_call, last_rows
from callcenter.agents.wishing import WISHES


async def agents_at_the_end(session: AsyncSession) -> AsyncIterator[tuple[Agent, datetime, str]]:
    """Those who were at work or owed a note; since when they were in that state, and why."""
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
        if (agent.wish, agent.wrap_up) != ("offline", None):
            yield agent, last.at, last.cause


def booked_of(row: AgentState) -> Booked | None:
    """What waited for the end of the call."""
    wish, _, reason = row.booked.partition(" ")
    return Booked(WISHES[wish], reason) if wish in WISHES else None


def as_text(booked: Booked | None) -> str:
    """The same for the row."""
    return f"{booked.wish} {booked.reason}".strip() if booked else ""
