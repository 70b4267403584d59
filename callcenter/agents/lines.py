"""What was not as it should be and was put right by itself, a line each; kept for 30 days."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.agent import Agent
from callcenter.agents.diary import Diary
from callcenter.agents.models import StateLine
from callcenter.agents.places import Difference
from callcenter.agents.roll import Roll
from callcenter.db import Sessions
from callcenter.errors import N_, Word

KEPT = timedelta(days=30)
STATES: Final[Mapping[str, str]] = {
    "ready": N_("Ready"),
    "unreachable": N_("Phone not connected"),
    "break": N_("Break"),
    "ringing": N_("Ringing"),
    "talking": N_("In a call"),
    "on_hold": N_("On hold"),
    "wrap_up": N_("After the call"),
    "offline": N_("Offline"),
}
PHONES: Final[Mapping[str, str]] = {
    "reachable": N_("phone connected"),
    "unreachable": N_("phone not connected"),
    "in_use": N_("phone in use"),
    "ringing": N_("phone ringing"),
}
# kind: (what was, what is), each with the line's details: queue, number, missed, declined, …
KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "gone": (N_("missing in {queue}"), N_("stands there again")),
    "surplus": (N_("stood in {queue} without working there"), N_("taken out")),
    "paused": (N_("paused in {queue} without a reason"), N_("gets calls again")),
    "unpaused": (N_("not paused in {queue} during: {state}"), N_("paused again")),
    "phantom": (N_("a call with {number} was shown that is over"), N_("not shown any more")),
    "alone": (N_("alone in a call with {number} that is over"), N_("hung up")),
    "unknown": (N_("a call with {number} was not shown"), N_("shown")),
    "phone": (N_("shown as: {was}"), N_("shown as: {now}")),
    "state": (N_("shown as: {was}"), N_("shown as: {now}")),
    "missed": (N_("{n} calls missed in a row"), N_("put on a break")),
    "declined": (N_("{n} calls declined in a row"), N_("put on a break")),
    "unanswered": (
        N_("{missed} calls missed, {declined} declined in a row"),
        N_("put on a break"),
    ),
}


class Lines:
    """Notes lines without waiting; `listeners` are told once they can be read."""

    def __init__(self, sessions: Sessions, now: Callable[[], datetime]) -> None:
        self.listeners: list[Callable[[], None]] = []
        self._now = now
        self._diary = Diary(sessions, StateLine, self._tell)

    def note(self, kind: str, user_id: int | None, **details: str) -> None:
        """`kind` is one of KINDS; details that are names of states or phones are their words."""
        self._diary.note(at=self._now(), user_id=user_id, kind=kind, details=details)

    def note_places(
        self,
        found: Iterable[Difference],
        roll: Roll,
        queues: Mapping[str, tuple[str, int | None]],
    ) -> None:
        """Agents did not stand in the queues as the exchange had agreed to."""
        for each in found:
            titles = (queues.get(name, (name, None))[0] for name in each.queues)
            state = roll.of(each.user_id).state
            self.note(each.kind, each.user_id, queue=", ".join(titles), state=state)

    def note_rings(self, agent: Agent) -> None:
        """That agent was put on a break because of calls that rang in vain."""
        told = agent.rings
        kind = "unanswered" if told.missed and told.declined else agent.reason
        numbers = {"missed": str(told.missed), "declined": str(told.declined)}
        self.note(kind, agent.user_id, n=str(told.n), **numbers)

    async def write(self) -> None:
        """Write them down for as long as the application lives."""
        await self._diary.write()

    async def drain(self) -> None:
        """Wait until every line so far is written."""
        await self._diary.drain()

    def _tell(self) -> None:
        for listener in self.listeners:
            listener()


def words(line: StateLine) -> tuple[tuple[str, dict[str, Any]], tuple[str, dict[str, Any]]]:
    """What was and what is: (message id, values) each; values that are words are Words."""
    was, now = KINDS.get(line.kind, ("", ""))
    known = PHONES if line.kind == "phone" else STATES
    values = {
        name: Word(known[text]) if name in ("was", "now", "state") and text in known else text
        for name, text in line.details.items()
    }
    return (was, values), (now, values)


async def latest(
    session: AsyncSession, user_ids: Collection[int] | None, limit: int
) -> Sequence[StateLine]:
    """The newest lines first; of these users, or (None) all, also those that are nobody's."""
    statement = select(StateLine).order_by(StateLine.at.desc(), StateLine.id.desc()).limit(limit)
    if user_ids is not None:
        statement = statement.where(StateLine.user_id.in_(user_ids))
    return (await session.scalars(statement)).all()


async def forget(sessions: Sessions) -> None:
    """The daily errand: lines that are old enough."""
    async with sessions.begin() as session:
        old = datetime.now(UTC) - KEPT
        await session.execute(delete(StateLine).where(StateLine.at < old))
