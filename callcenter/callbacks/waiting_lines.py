"""Who waits at the phone in which queue, since when, and who is on the phone with us at all."""

from collections.abc import Iterable
from datetime import datetime

from callcenter.calls.board import Board
from callcenter.calls.call import Call, Direction, State, Step
from callcenter.customers.numbers import dialable, key_of
from callcenter.errors import Invalid


class WaitingLines:
    """Asked with every change of a call: of each call, when it came into its queue is asked of the
    board once only. To tell a journey takes long."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._since: dict[str, tuple[str, datetime]] = {}  # call id -> its queue, since when

    def heed(self, call: Call) -> None:
        """It has changed."""
        if (known := self._since.get(call.call_id)) is None:
            return
        if call.state is State.ENDED or call.queue != known[0]:
            del self._since[call.call_id]

    def on_the_phone(self) -> set[str]:
        """Keys of the numbers that talk with us, wait, or are being called."""
        return {key_of(call.number) for call in self._board.calls() if call.number}

    def waiting(self) -> dict[str, list[datetime]]:
        """Queue -> when those who wait there, and ring nobody, came into it."""
        found: dict[str, list[datetime]] = {}
        for call in self._board.calls():
            if call.direction is Direction.INBOUND and call.state is State.WAITING and call.queue:
                found.setdefault(call.queue, []).append(self._joined(call, call.queue))
        return found

    def _joined(self, call: Call, queue: str) -> datetime:
        if (known := self._since.get(call.call_id)) is None:
            at = joined_at(self._board.journey(call.call_id), queue)
            if at is None:  # announced, and not there yet
                return call.started_at
            known = self._since[call.call_id] = (queue, at)
        return known[1]


def joined_at(journey: Iterable[Step], queue: str) -> datetime | None:
    """When they came into that queue, if it is the one they are in or were in last. Who leaves it
    for a moment and comes back is where they were."""
    found = None
    for step in journey:
        if step.kind == "queue":
            found = (found or step.at) if step.what == queue else None
    return found


def whole_number(number: str) -> str:
    """As it is dialled; "" for what is not somebody's whole number. A caller's may be made up: what
    is short or a service's (113, 1900…) is nobody's who waited, and is not called by itself.
    """
    try:
        return dialable(number) if key_of(number).startswith("+") else ""
    except Invalid:
        return ""
