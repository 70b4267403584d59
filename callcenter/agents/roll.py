"""What every agent is doing, in memory; each change is a row."""

from collections.abc import Callable
from datetime import datetime

from callcenter.agents import causes
from callcenter.agents.agent import DECLINED, MISSED, Agent, Phone
from callcenter.agents.diary import Diary
from callcenter.agents.models import AgentState
from callcenter.agents.recall import as_text
from callcenter.db import Sessions
from callcenter.people.directory import Directory


class Roll:
    """`phones` are by endpoint, also those that nobody has.

    `wrapped_up(call_id, seconds)` is told how long somebody was in the wrap-up of that call, each
    time that this state is over.
    """

    def __init__(
        self, directory: Directory, sessions: Sessions, now: Callable[[], datetime]
    ) -> None:
        self.agents: dict[int, Agent] = {}
        self.since: dict[int, datetime] = {}
        self.phones: dict[str, Phone] = {}
        self.diary = Diary(sessions)
        self.wrapped_up: Callable[[str, float], None] = lambda call_id, seconds: None
        self._directory = directory
        self._now = now
        self._begun = now()
        self._causes: dict[int, str] = {}  # of the state that each is in
        # The last rows of those of whom only phones and calls were told since: until `settle` these
        # write none.
        self._recalled: dict[int, AgentState] = {}

    def of(self, user_id: int) -> Agent:
        """That agent; one who has done nothing yet is offline."""
        if (agent := self.agents.get(user_id)) is not None:
            return agent
        person = self._directory.person(user_id)
        return Agent(user_id=user_id, phone=self.phone_of(person.endpoint if person else None))

    def phone_of(self, endpoint: str | None) -> Phone:
        return self.phones.get(endpoint or "", "unreachable")

    def since_of(self, user_id: int) -> datetime:
        return self.since.get(user_id, self._begun)

    def cause_of(self, user_id: int) -> str:
        """Why they are in this state; "" when it was so from the beginning."""
        return self._causes.get(user_id, "")

    def recall(self, agent: Agent, last: AgentState, stopped_at: datetime | None) -> None:
        """It was so before we began. If the service stood still (`stopped_at`) the state that they
        were in ended then, and begins again now. Else it goes on until `settle`."""
        user_id, since, cause = agent.user_id, last.at, last.cause
        same = last.state in (agent.state, agent.wish)
        if stopped_at and last.state != "offline":
            until = max(stopped_at, last.at)
            self._note(Agent(user_id=user_id), until, causes.STOPPED)
            if agent.wrap_up:
                self.wrapped_up(agent.wrap_up.call_id, (until - last.at).total_seconds())
        self.agents[user_id] = agent
        if stopped_at or not same:
            since, cause = self._now(), last.cause if same else causes.STARTED
        if stopped_at:
            self._note(agent, since, cause)
        else:
            self._recalled[user_id] = last
        self.since[user_id], self._causes[user_id] = since, cause

    def settle(self) -> None:
        """Phones and calls are known for the first time: what is not as it was is written down."""
        for user_id, last in self._recalled.items():
            agent = self.agents[user_id]
            self.agents[user_id] = agent = agent.with_calls(agent.calls)  # what was booked begins
            at, cause = last.at, last.cause
            if (agent.state, agent.shown_reason) != (last.state, last.reason):
                at, cause = self._now(), causes.STARTED
                self._note(agent, at, cause)
            self.since[user_id], self._causes[user_id] = at, cause
        self._recalled.clear()

    def set(self, agent: Agent, cause: str) -> bool:
        """From now on it is so; False when it was so already."""
        before, user_id = self.of(agent.user_id), agent.user_id
        if agent == before:
            return False
        self.agents[user_id] = agent
        if agent.state == "break" and agent.reason in (MISSED, DECLINED):
            cause = causes.by_rings(agent.rings)
        at = self._now()
        changed = (agent.state, agent.shown_reason) != (before.state, before.shown_reason)
        if changed:
            if before.state == "wrap_up" and before.wrap_up:
                seconds = (at - self.since_of(user_id)).total_seconds()
                self.wrapped_up(before.wrap_up.call_id, max(0.0, seconds))
            self.since[user_id], self._causes[user_id] = at, cause
        if _own(agent) != _own(before):
            self._recalled.pop(user_id, None)
        if (changed or agent.booked != before.booked) and user_id not in self._recalled:
            self._note(agent, at, cause)
        return True

    def _note(self, agent: Agent, at: datetime, cause: str) -> None:
        self.diary.note(
            user_id=agent.user_id,
            at=at,
            cause=cause,
            state=agent.state,
            reason=agent.shown_reason,
            booked=as_text(agent.booked),
        )

    def is_free(self, user_id: int) -> bool:
        """Ready, without a call, and not resting after a missed one: they may be given a call."""
        agent = self.of(user_id)
        return agent.state == "ready" and not agent.resting


def _own(agent: Agent) -> tuple[object, ...]:
    """What neither their phone nor a call that goes on says."""
    return agent.wish, agent.reason, agent.booked, agent.wrap_up
