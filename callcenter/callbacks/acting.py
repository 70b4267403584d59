"""What handlers of this room share: the callback of an address, and the answer after a change."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.callbacks import queries
from callcenter.callbacks.assignees import Assignees, assignees
from callcenter.callbacks.models import Callback
from callcenter.keys import DIRECTORY, INBOX, TEMPLATES
from callcenter.pages.done import DONE_SENTENCES
from callcenter.pages.templates import see_other
from callcenter.people.session import signed_in


async def one(request: web.Request, session: AsyncSession) -> Callback:
    """Raises Missing when there is none, or none of theirs."""
    callback_id = int(request.match_info["callback_id"])
    return await queries.one(session, signed_in(request).scope, callback_id)


def now(request: web.Request) -> datetime:
    return request.app[INBOX].now()


def on_offer(request: web.Request) -> Assignees:
    who = signed_in(request)
    return assignees(request.app[DIRECTORY], who.person, who.scope)


def said(request: web.Request, where: str, done: str, undo: str = "") -> web.Response:
    """That it is done: as JSON {message, undo} for scripts, else by way of the page `where`."""
    if "application/json" in request.headers.get("Accept", ""):
        message = request.app[TEMPLATES].words.say(DONE_SENTENCES[done])
        return web.json_response({"message": message, "undo": undo})
    return see_other(where, done=done, undo=undo)


def back(request: web.Request, given: Mapping[str, object] | None, otherwise: str) -> str:
    """Where one came from, if it is a page of ours and not this form."""
    if given is not None:
        where = str(given.get("next", ""))
    else:
        where = request.headers.get("HX-Current-URL", "")
        if urlsplit(where).netloc != request.host:
            where = ""
    parts = urlsplit(where)
    # Only an address of ours: //elsewhere would be another site's.
    if not parts.path.startswith("/") or parts.path.startswith(("//", "/\\")):
        return otherwise
    if parts.path == request.path or parts.path.endswith(("/new", "/edit")):
        return otherwise
    return parts.path + (f"?{parts.query}" if parts.query else "")
