"""Places in queues that nobody keeps, for applications without an exchange."""

from callcenter.callbacks.kept import KeptPlaces
from callcenter.calls.board import Board


def no_kept_places(sessions, directory):
    async def never(*_):
        raise AssertionError("nobody is called")

    return KeptPlaces(sessions, directory, Board(), free=list, hold=never, call=never)
