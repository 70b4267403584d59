"""Who waits in a queue that a new plan has no more goes on where its calls go now. Pure, but for
the calls it looks at."""

from collections.abc import Iterator
from typing import Final

from callcenter.calls.board import Board
from callcenter.calls.call import State
from callcenter.switchboard.plan import Plan, Way
from callcenter.switchboard.ways import legs, parts_with_ways, way_to

WAITING: Final = frozenset({State.WAITING, State.RINGING})


def instead_of(before: Plan, after: Plan) -> dict[str, Way]:
    """Of each queue that is no more: where the first of what led to it leads now, else the way of
    calls that have none."""
    left, now = {each.name for each in after.queues}, dict(_ways(after))
    return {
        queue.name: next(
            (
                now[place]
                for place, way in _ways(before)
                if way == way_to(queue) and now.get(place, way) != way
            ),
            after.default,
        )
        for queue in before.queues
        if queue.name not in left
    }


def waiting_in(board: Board, queue: str) -> int:
    """How many callers wait there at this moment."""
    return sum(call.queue == queue and call.state in WAITING for call in board.calls())


def _ways(plan: Plan) -> Iterator[tuple[tuple[object, ...], Way]]:
    """Each way with its place: (field, name, label and values of the leg)."""
    for field, name, _, part in parts_with_ways(plan):
        for leg in legs(part):
            yield (field, name, leg.label, *sorted(leg.values.items())), leg.way
