"""Places in queues without an exchange: nobody keeps one, or only those that a test says."""

from datetime import timedelta

from callcenter.callbacks.kept import KeptPlaces
from callcenter.calls.board import Board, Change
from callcenter.calls.call import Call, Direction, Result, State, Step


def no_kept_places(sessions, directory):
    async def never(*_):
        raise AssertionError("nobody is called")

    return KeptPlaces(sessions, directory, Board(), free=list, hold=never, call=never)


def keeps_a_place(places, number, queue, since, call_id="kept"):
    """Whoever has that number came into the queue then, and pressed the key a while later."""
    pressed = since + timedelta(seconds=30)
    call = Call(
        call_id=call_id,
        direction=Direction.INBOUND,
        number=number,
        queue=queue,
        state=State.ENDED,
        result=Result.ABANDONED,
        started_at=since,
        ended_at=pressed,
        journey=(
            Step(kind="queue", at=since, what=queue),
            Step(kind="callback", at=pressed, what=queue),
        ),
    )
    places.push(Change(None, call))
