"""Callers who hung up with the key and keep their place in a queue."""

from aiohttp import web

from callcenter.api.parties import person_ref
from callcenter.api.table import table
from callcenter.api.types import PersonRef, Time, Wire
from callcenter.callbacks.visible import sees_queue
from callcenter.customers.numbers import shown
from callcenter.keys import DIRECTORY, KEPT
from callcenter.people.permissions import Permission
from callcenter.people.session import signed_in


class KeptPlaceItem(Wire):
    """`call_id` is the call with which they waited, `since` when they came into the queue, `due`
    from when on they may be called (again), after so many `tries`. `ahead` come before them.
    `user` is the agent who is being connected with them.
    """

    call_id: str
    queue: str
    queue_title: str
    number: str
    shown: str
    since: Time
    asked_at: Time
    due: Time
    tries: int
    ahead: int
    user: PersonRef | None


class KeptPlaceList(Wire):
    items: list[KeptPlaceItem]


@table.endpoint(
    "GET",
    "/kept-places",
    "Who hung up with the key and keeps a place in a queue, the longest waiting first",
    KeptPlaceList,
    needs=Permission.CALLBACKS,
)
async def list_kept_places(request: web.Request) -> KeptPlaceList:
    scope, directory = signed_in(request).scope, request.app[DIRECTORY]
    items = []
    for entry, ahead in request.app[KEPT].kept():
        queue = entry.place.queue
        title, department_id = directory.queues.get(queue, (queue, None))
        if not sees_queue(scope, queue, department_id):
            continue
        by = directory.known(entry.by) if entry.by is not None else None
        items.append(
            KeptPlaceItem(
                call_id=entry.place.id,
                queue=queue,
                queue_title=title,
                number=entry.number,
                shown=shown(entry.number),
                since=entry.place.since,
                asked_at=entry.asked_at,
                due=entry.place.due,
                tries=entry.tries,
                ahead=ahead,
                user=person_ref(by.id, {by.id: by.name}) if by else None,
            )
        )
    return KeptPlaceList(items=items)
