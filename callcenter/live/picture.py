"""The lines of everybody as last drawn, and which of them are news since the last update.

What happens is only noted here (a phone may be ringing); it is drawn when somebody is told.
"""

from collections.abc import Iterable
from typing import Any, Protocol

from callcenter.calls.call import Call, State
from callcenter.live.alarms import TRUNK
from callcenter.live.drawing import Drawing, waits_in
from callcenter.live.lines import AgentLine, AlarmLine, CallLine, PastLine, QueueLine
from callcenter.live.sight import Sight
from callcenter.live.today import Day
from callcenter.people.directory import Directory


class Calls(Protocol):
    """The board."""

    def calls(self) -> list[Call]: ...
    def call(self, call_id: str) -> Call | None: ...


class Picture:
    """`version` grows with each change of a line. News are ids; those of calls may be gone."""

    def __init__(self, directory: Directory, drawing: Drawing, day: Day, board: Calls) -> None:
        self.version = 0
        self.agents: dict[int, AgentLine] = {}
        self.queues: dict[str, QueueLine] = {}
        self.calls: dict[str, CallLine] = {}
        self.new_agents: set[int] = set()
        self.new_queues: set[str] = set()
        self.new_calls: set[str] = set()
        self.dirty_agents: set[int] = set()
        self.dirty_queues: set[str] = set()
        self.dirty_calls: set[str] = set()
        self._directory, self._drawing = directory, drawing
        self._day, self._board = day, board
        self._known: object = None  # the departments as they were when all was drawn

    @property
    def is_outdated(self) -> bool:
        """People, departments or queues are others now: `begin_anew`."""
        return self._known is not self._directory.departments

    def begin_anew(self) -> None:
        """Draw everything."""
        self._known = self._directory.departments
        self._drawing.people_changed()
        self.agents, self.queues, self.calls = {}, {}, {}
        self.dirty_agents = {each.id for each in self._directory.people()}
        self.dirty_queues = set(self._directory.queues)
        self.dirty_calls = {call.call_id for call in self._board.calls()}
        self.version += 1
        self.redraw()

    def redraw(self) -> None:
        """Draw what is dirty."""
        if self._day.has_passed():
            self.dirty_queues |= self._directory.queues.keys()
            self.dirty_agents |= self.agents.keys()
        for user_id in self.dirty_agents:
            if (person := self._directory.person(user_id)) and person.extension:
                self._keep(self.agents, self.new_agents, user_id, self._drawing.agent(person))
        if self.dirty_queues:
            waiting = waits_in(self._board.calls())
            for name in self.dirty_queues & self._directory.queues.keys():
                line = self._drawing.queue(name, waiting.get(name, ()))
                self._keep(self.queues, self.new_queues, name, line)
        for call_id in self.dirty_calls:
            self._draw_call(call_id)
        self.dirty_agents, self.dirty_queues, self.dirty_calls = set(), set(), set()

    def told(self) -> None:
        """What was news is none any more."""
        self.new_agents, self.new_queues, self.new_calls = set(), set(), set()

    def agents_for(self, sight: Sight, ids: Iterable[int]) -> list[AgentLine]:
        lines = [self.agents[each] for each in ids if self._sees_person(sight, each)]
        return [line.for_wall() for line in lines] if sight.wall else lines

    def queues_for(self, sight: Sight, names: Iterable[str]) -> list[QueueLine]:
        return [self.queues[name] for name in names if self.sees_queue(sight, name)]

    def calls_for(self, sight: Sight, ids: Iterable[str]) -> list[CallLine]:
        """Those of the queues and the people that are seen; a wall shows none."""
        if sight.wall:
            return []
        lines = [self.calls[each] for each in ids if each in self.calls]
        return [line for line in lines if self._sees_call(sight, line)]

    def sees_queue(self, sight: Sight, queue: str) -> bool:
        _, department_id = self._directory.queues.get(queue, ("", None))
        return queue in self.queues and sight.queue(queue, department_id)

    def sees_alarm(self, sight: Sight, alarm: AlarmLine | PastLine) -> bool:
        """A provider is everybody's."""
        return alarm.kind == TRUNK or self.sees_queue(sight, alarm.queue)

    def _sees_call(self, sight: Sight, line: CallLine) -> bool:
        if sight.everything or (line.queue and self.sees_queue(sight, line.queue)):
            return True
        return any(self._sees_person(sight, each) for each in line.agents)

    def _sees_person(self, sight: Sight, user_id: int) -> bool:
        person = self._directory.person(user_id)
        return person is not None and user_id in self.agents and sight.person(person)

    def _draw_call(self, call_id: str) -> None:
        call = self._board.call(call_id)
        if call and call.state is not State.ENDED:
            self._keep(self.calls, self.new_calls, call_id, self._drawing.call(call))
        elif self.calls.pop(call_id, None):
            self.new_calls.add(call_id)
            self.version += 1

    def _keep(self, lines: dict[Any, Any], news: set[Any], key: Any, line: object) -> None:
        if lines.get(key) != line:
            lines[key] = line
            news.add(key)
            self.version += 1
