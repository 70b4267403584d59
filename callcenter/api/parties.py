"""Who has to do with a call that is alive, and what people are called."""

from collections.abc import Iterable, Mapping

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.api.types import PersonRef
from callcenter.calls.call import Call
from callcenter.keys import BOARD, DIRECTORY, PRESENCE
from callcenter.people.models import User
from callcenter.people.session import SignedIn


async def names_of(session: AsyncSession, user_ids: Iterable[int | None]) -> dict[int, str]:
    """Also of those who do not work here any more."""
    wanted = {user_id for user_id in user_ids if user_id is not None}
    rows = await session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    return {user_id: name for user_id, name in rows}


def person_ref(user_id: int, names: Mapping[int, str]) -> PersonRef:
    return PersonRef(id=user_id, name=names.get(user_id, ""))


def takes_part(request: web.Request, who: SignedIn, call_id: str) -> bool:
    """Whether a living call, or the one whose note is owed, is this person's or their team's."""
    unfinished = request.app[PRESENCE].unfinished(who.user.id)
    if unfinished and unfinished.call_id == call_id:
        return True
    call = request.app[BOARD].call(call_id)
    return call is not None and (_is_in(call, who) or commands(request, who, call))


def commands(request: web.Request, who: SignedIn, call: Call) -> bool:
    """Whether the call belongs to those whose work this person may see."""
    user_id, department_id = request.app[DIRECTORY].whose(call)
    return (
        who.scope.everything
        or user_id == who.user.id
        or (department_id is not None and department_id in who.scope.departments)
    )


def _is_in(call: Call, who: SignedIn) -> bool:
    own = who.person.extension
    return own is not None and own in {
        call.placed_by,
        *call.agents,
        *call.rung,
        *call.ringing,
        *call.talking,
    }
