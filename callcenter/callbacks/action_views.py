"""What is done with one callback: moved, put off, given, taken, called, closed, opened again."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from callcenter.callbacks import changes, times
from callcenter.callbacks.acting import back, now, on_offer, one, said
from callcenter.callbacks.models import Callback, State
from callcenter.errors import N_, Invalid
from callcenter.keys import CONFIG, DIRECTORY, INBOX, SESSIONS
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in

routes = web.RouteTableDef()

ONE = r"/callbacks/{callback_id:\d{1,9}}"
SCHEDULE = "/callbacks/schedule"


@routes.post(ONE + "/move")
@needs(Permission.CALLBACKS)
async def move(request: web.Request) -> web.StreamResponse:
    """`at`: a preset's name, or a time of the company's."""
    zone = request.app[CONFIG].zone

    def change(session: Any, callback: Callback, form: Any, by: int) -> None:
        at = times.chosen(str(form.get("at", "")), now(request), zone)
        changes.move(session, callback, at, by, now(request))

    return await _change(request, change, "callback-moved")


@routes.post(ONE + "/later")
@needs(Permission.CALLBACKS)
async def later(request: web.Request) -> web.StreamResponse:
    """`minutes`: 5, 15 or 60. What is anyone's is then offered to the next one instead."""
    user_id, inbox = signed_in(request).user.id, request.app[INBOX]

    def change(session: Any, callback: Callback, form: Any, by: int) -> None:
        if callback.user_id is None:
            inbox.agenda.pass_on(callback.id, user_id, now(request))
            return
        text = str(form.get("minutes", ""))
        minutes = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
        changes.later(session, callback, minutes, by, now(request))

    return await _change(request, change, "callback-later")


@routes.post(ONE + "/give")
@needs(Permission.CALLBACKS)
async def give(request: web.Request) -> web.StreamResponse:
    """`whose`: "user-7", or "department-2" for anyone there."""

    def change(session: Any, callback: Callback, form: Any, by: int) -> None:
        give_to(request, session, callback, str(form.get("whose", "")))

    return await _change(request, change, "callback-given")


@routes.post(ONE + "/claim")
@needs(Permission.CALLBACKS)
async def claim(request: web.Request) -> web.StreamResponse:
    who, directory, form = signed_in(request), request.app[DIRECTORY], await request.post()
    async with request.app[SESSIONS].begin() as session:
        callback = await one(request, session)
        await changes.claim(session, callback, who.person, directory, now(request))
    await request.app[INBOX].taken(callback.id, who.person)
    return said(request, back(request, form, "/callbacks"), "callback-claimed")


@routes.post(ONE + "/done")
@needs(Permission.CALLBACKS)
async def done(request: web.Request) -> web.StreamResponse:
    return await _close(request, State.DONE, "callback-done")


@routes.post(ONE + "/cancel")
@needs(Permission.CALLBACKS)
async def cancel(request: web.Request) -> web.StreamResponse:
    return await _close(request, State.CANCELLED, "callback-cancelled")


@routes.post(ONE + "/reopen")
@needs(Permission.CALLBACKS)
async def reopen(request: web.Request) -> web.StreamResponse:
    """Undo that it was closed."""

    def change(session: Any, callback: Callback, form: Any, by: int) -> None:
        changes.reopen(session, callback, by, now(request))

    return await _change(request, change, "callback-reopened")


def give_to(request: web.Request, session: Any, callback: Callback, whose: str) -> None:
    """Give it to whoever `whose` names. Raises Invalid, in words."""
    user_id, department_id = on_offer(request).chosen(whose)
    by, at = signed_in(request).user.id, now(request)
    if user_id is None:
        callback.department_id = department_id
    to = request.app[DIRECTORY].person(user_id) if user_id is not None else None
    if user_id is not None and to is None:
        raise Invalid(N_("Choose who is to call back."), field="whose")
    changes.give(session, callback, to, by, at)


async def _close(request: web.Request, state: State, done: str) -> web.Response:
    def change(session: Any, callback: Callback, form: Any, by: int) -> None:
        changes.close(session, callback, state, by, now(request))

    undo = f"/callbacks/{request.match_info['callback_id']}/reopen"
    return await _change(request, change, done, undo)


async def _change(
    request: web.Request,
    change: Callable[[Any, Callback, Any, int], None],
    done: str,
    undo: str = "",
) -> web.Response:
    form = await request.post()
    async with request.app[SESSIONS].begin() as session:
        callback = await one(request, session)
        change(session, callback, form, signed_in(request).user.id)
    await request.app[INBOX].changed(callback.id)
    return said(request, back(request, form, SCHEDULE), done, undo)
