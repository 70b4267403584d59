"""How the sound of a call was, as the phone of whoever talked has measured it."""

import msgspec
from aiohttp import web
from sqlalchemy.exc import IntegrityError

from callcenter.api.parties import takes_part
from callcenter.api.quality_types import MeasuredPart, Quality
from callcenter.api.table import table
from callcenter.calls.quality import save_quality
from callcenter.calls.queries import one_call
from callcenter.errors import Missing
from callcenter.keys import SESSIONS
from callcenter.people.permissions import Permission
from callcenter.people.session import signed_in


@table.endpoint(
    "PUT",
    "/calls/{call_id}/quality",
    "Keep how one has heard a call",
    Quality,
    body=MeasuredPart,
    errors=(Missing,),
    needs=Permission.CALLS,
)
async def keep_quality(request: web.Request, new: MeasuredPart) -> Quality:
    """The figures of the whole call. It may be so young that it has no row yet: then the board
    knows it.
    """
    who, call_id = signed_in(request), request.match_info["call_id"]
    figures = msgspec.to_builtins(new)
    part = figures.pop("part")
    async with request.app[SESSIONS]() as session:
        try:
            await one_call(session, who.scope.one_call, call_id)
        except Missing:
            if not takes_part(request, who, call_id):
                raise
        whole = await save_quality(session, call_id, who.user.id, part, figures)
        try:
            await session.commit()
        except IntegrityError:  # told twice in the same moment: ours comes after
            await session.rollback()
            whole = await save_quality(session, call_id, who.user.id, part, figures)
            await session.commit()
    return Quality(**whole)
