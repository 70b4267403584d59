"""What a page shows of the team: a line for each agent, queue and call. Times are UTC."""

from datetime import datetime

import msgspec

from callcenter.agents.agent import AgentStateName
from callcenter.agents.me import BookedState


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What stands at its default is left out."""


class Sentence(Line, frozen=True, kw_only=True):
    """A message id and its values."""

    text: str
    values: dict[str, str] = {}


class AgentLine(Line, frozen=True, kw_only=True):
    """`reason` and `ends` are of a break, or of the time after a call; `calls` are ids."""

    id: int
    name: str
    department: int = 0
    extension: str
    state: AgentStateName
    since: datetime
    reason: str = ""
    ends: datetime | None = None
    booked: BookedState | None = None
    cause: Sentence | None = None
    calls: tuple[str, ...] = ()
    done: int = 0  # calls today
    missed: int = 0  # and those that nobody answered

    def for_wall(self) -> "AgentLine":
        """Nothing of customers, nothing that is only the lead's business."""
        shown = {"id": self.id, "name": self.name, "extension": "", "state": self.state}
        return AgentLine(**shown, since=self.since, ends=self.ends)  # type: ignore[arg-type]


class LeadLine(Line, frozen=True, kw_only=True):
    """A lead who is with a call; `way`: listen, whisper, join."""

    id: int
    name: str
    way: str


class CallLine(Line, frozen=True, kw_only=True):
    """A call alive. `since`: it waits, or they talk. `name` is the customer's, "" unknown.

    `agents` are those it rings at, or who talk; `with_names` are their names.
    """

    call_id: str
    direction: str
    state: str
    since: datetime
    started_at: datetime
    number: str = ""
    name: str = ""
    customer: int = 0
    queue: str = ""
    agents: tuple[int, ...] = ()
    with_names: tuple[str, ...] = ()
    leads: tuple[LeadLine, ...] = ()


class QueueLine(Line, frozen=True, kw_only=True):
    """A queue now, and its calls of today. `longest`: since when whoever came first waits; `kept`
    have hung up and keep their place.

    `ready` of its `here` agents can be given a call; `here` are those not offline.
    """

    name: str
    title: str
    within_s: int
    target: int  # percent that should be
    department: int = 0
    waiting: int = 0
    kept: int = 0
    longest: datetime | None = None
    ready: int = 0
    here: int = 0
    offered: int = 0
    answered: int = 0
    in_time: int = 0
    abandoned: int = 0
    short: int = 0  # of the abandoned: within so few seconds that nobody could have answered
    waited_s: float = 0.0


class AlarmLine(Line, frozen=True, kw_only=True):
    """Something is wrong in a queue. `kind`: wait, nobody, abandoned; `limit` is its threshold. Or
    (trunk) with a provider, whose name stands for the queue's; `why`: refused, silent.

    `quiet`: it was so a moment ago already, nobody is to be told again; or `silenced` by somebody.
    """

    queue: str
    title: str
    kind: str
    since: datetime
    limit: int
    why: str = ""
    quiet: bool = False
    silenced: str = ""


class PastLine(Line, frozen=True, kw_only=True):
    """An alarm that is over."""

    queue: str
    title: str
    kind: str
    since: datetime
    until: datetime
    limit: int
    why: str = ""
    silenced: str = ""


class House(Line, frozen=True, kw_only=True):
    """Whether the exchange is there, and how much of what is shown is out of step with it."""

    exchange: bool
    out_of_step: int = 0
