"""Draws the lines of agents, queues and calls from what the other rooms hold in memory."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from callcenter.agents import causes
from callcenter.agents.presence import Presence
from callcenter.calls.board import Change
from callcenter.calls.call import Call, State
from callcenter.customers.numbers import shown
from callcenter.live.lines import AgentLine, CallLine, LeadLine, QueueLine, Sentence
from callcenter.live.rules import CurrentRules
from callcenter.live.today import Day
from callcenter.people.directory import Directory, Person

WAITS = frozenset({State.WAITING, State.RINGING})
# Which of an agent's calls stands first.
FIRST = ("talking", "held", "placed", "ringing", "listening")
Customer = tuple[int, str]  # id and name; 0, "" for nobody we know


class Drawing:
    """`customer(number)` is from memory: id and name (0, "" for nobody's), None: not there yet."""

    def __init__(
        self,
        directory: Directory,
        presence: Presence,
        day: Day,
        rules: CurrentRules,
        customer: Callable[[str | None], Customer | None],
    ) -> None:
        # The leads who are with a call, by its id.
        self.leads_of: Callable[[str], tuple[LeadLine, ...]] = lambda call_id: ()
        self.kept_in: Callable[[str], int] = lambda queue: 0
        self.unknown: set[str] = set()  # calls drawn before the name of their customer was there
        self._directory = directory
        self._presence = presence
        self._day = day
        self._rules = rules
        self._customer = customer
        self._waiting_since: dict[str, datetime] = {}  # by call_id
        self._members: dict[str, list[int]] = {}

    def people_changed(self) -> None:
        """Others work in the queues now."""
        members: defaultdict[str, list[int]] = defaultdict(list)
        for person in self._directory.people():
            for queue in self._directory.queues_of(person) if person.extension else ():
                members[queue].append(person.id)
        self._members = dict(members)

    def heard(self, change: Change, now: datetime) -> None:
        """A call has changed: since when does it wait? Again from now on, after it was answered."""
        call = change.after
        if call.state is State.ENDED:
            self.unknown.discard(call.call_id)
        if call.state not in WAITS:
            self._waiting_since.pop(call.call_id, None)
        elif call.call_id not in self._waiting_since:
            began = call.started_at if call.answered_at is None else now
            self._waiting_since[call.call_id] = began

    def agent(self, person: Person) -> AgentLine:
        me = self._presence.of(person.id)
        parts = self._presence.roll.of(person.id).calls
        return AgentLine(
            id=person.id,
            name=person.name,
            department=person.department_id or 0,
            extension=person.extension or "",
            state=me.state,
            since=me.since,
            reason=me.reason,
            ends=me.wrap_up_ends if me.state == "wrap_up" else me.break_ends,
            booked=me.booked,
            cause=self._cause(person.id),
            calls=tuple(sorted(parts, key=lambda call_id: FIRST.index(parts[call_id]))),
            done=me.today.calls,
            missed=me.today.missed,
        )

    def call(self, call: Call) -> CallLine:
        people = self.people_in(call)
        customer = self._customer(call.number)
        if customer is None:
            self.unknown.add(call.call_id)
        else:
            self.unknown.discard(call.call_id)
        customer_id, name = customer or (0, "")
        since = self._waiting_since.get(call.call_id) or call.answered_at or call.started_at
        return CallLine(
            call_id=call.call_id,
            direction=call.direction,
            state=call.state,
            since=since,
            started_at=call.started_at,
            number=shown(call.number) if call.number else "",
            name=name,
            customer=customer_id,
            queue=call.queue or "",
            agents=tuple(person.id for person in people),
            with_names=tuple(person.name for person in people),
            leads=self.leads_of(call.call_id),
        )

    def queue(self, name: str, waiting: Iterable[Call]) -> QueueLine:
        """`waiting` are the calls that wait in it, or ring."""
        roll, limits, today = self._presence.roll, self._rules.now.of(name), self._day.of(name)
        members = self._members.get(name, ())
        began = [self._waiting_since.get(call.call_id, call.started_at) for call in waiting]
        title, department_id = self._directory.queues[name]
        return QueueLine(
            name=name,
            title=title,
            department=department_id or 0,
            waiting=len(began),
            kept=self.kept_in(name),
            longest=min(began, default=None),
            ready=sum(map(roll.is_free, members)),
            here=sum(roll.of(user_id).state != "offline" for user_id in members),
            offered=today.offered,
            answered=today.answered,
            in_time=today.in_time,
            abandoned=today.abandoned,
            short=today.short,
            waited_s=round(today.waited_s, 1),
            within_s=limits.service_level_s,
            target=limits.target_percent,
        )

    def people_in(self, call: Call) -> list[Person]:
        """Those it rings at, who talk, or who place it; by name."""
        found = (self._directory.of_extension(each) for each in call.extensions - call.heard_by)
        return sorted((each for each in found if each), key=lambda person: person.name)

    def _cause(self, user_id: int) -> Sentence | None:
        cause = self._presence.roll.cause_of(user_id)
        lead = self._directory.known(causes.lead_of(cause) or 0)
        text, values = causes.words(cause, lead.name if lead else "")
        if not text:
            return None
        used = {name: str(value) for name, value in values.items() if f"{{{name}}}" in text}
        return Sentence(text=text, values=used)


def waits_in(calls: Iterable[Call]) -> dict[str, list[Call]]:
    """The calls that wait, or ring, by queue."""
    found: defaultdict[str, list[Call]] = defaultdict(list)
    for call in calls:
        if call.queue and call.state in WAITS:
            found[call.queue].append(call)
    return dict(found)
