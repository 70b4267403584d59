"""What goes over the wire when a call is handed over; see types.py."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from callcenter.api.types import Id, Wire


class Target(Wire):
    """A colleague's extension, a number, or a queue's name."""

    kind: Literal["colleague", "number", "queue"]
    to: Annotated[str, Meta(min_length=1, max_length=64)]


class Pause(Wire):
    paused: bool


class Moved(Wire):
    """It is under way; what became of it is told by /events."""

    call_id: str


class Colleague(Wire):
    user_id: Id
    name: str
    extension: str
    department: str
    state: str
    reason: str
    since: datetime


class QueueNow(Wire):
    """`ready`: agents who wait for a call; `waiting`: customers who wait for an agent."""

    name: str
    title: str
    ready: int
    waiting: int


class Colleagues(Wire):
    colleagues: list[Colleague]
    queues: list[QueueNow]
