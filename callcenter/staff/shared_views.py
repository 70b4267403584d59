"""What all pages of administration need of a request."""

from collections.abc import Mapping

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.config import number_range
from callcenter.errors import CallcenterError, Conflict
from callcenter.keys import (
    BOARD,
    CONFIG,
    DIRECTORY,
    LIBRARY,
    LISTENINGS,
    PRESENCE,
    SESSIONS,
    WHAT_RINGS,
)
from callcenter.people.directory import person_of
from callcenter.people.models import User
from callcenter.people.permissions import Permission
from callcenter.people.session import scope_for, signed_in
from callcenter.staff import queries
from callcenter.staff.forms import number
from callcenter.staff.rules import Superior


def superior(request: web.Request) -> Superior:
    """Whoever asks, as somebody who administers."""
    who = signed_in(request)
    scope = scope_for(request, Permission.EMPLOYEES)
    return Superior(person=who.person, rights=who.rights, scope=scope)


async def managed(request: web.Request, session: AsyncSession) -> User:
    """The account an address names. Raises Missing, or Forbidden when it is another's to change."""
    user = await queries.account(session, int(request.match_info["user_id"]))
    person = person_of(user)
    superior(request).check(person, request.app[DIRECTORY].rights_of(person))
    return user


async def reload(request: web.Request) -> None:
    """After people, departments or groups have changed: everybody works with what is true now."""
    await request.app[DIRECTORY].load(request.app[SESSIONS])
    if PRESENCE in request.app:
        request.app[PRESENCE].people_changed()
    if WHAT_RINGS in request.app:
        request.app[WHAT_RINGS].people_changed()
    if LISTENINGS in request.app:
        request.app[LISTENINGS].ends.people_changed()
    forget_grants(request)


def forget_grants(request: web.Request) -> None:
    """After somebody was signed out, or may do less."""
    if LIBRARY in request.app:
        request.app[LIBRARY].grants.forget_all()


def extensions(request: web.Request) -> range:
    """Those that browser phones may have; the exchange knows all of them from its start."""
    return number_range(request.app[CONFIG].asterisk.extensions)


def in_call(request: web.Request, extension: str | None) -> bool:
    return bool(extension and BOARD in request.app and request.app[BOARD].calls_of(extension))


async def texts(request: web.Request) -> dict[str, str]:
    """The form's fields; of one that is there twice, the first."""
    given = await request.post()
    return {name: value for name in given if isinstance(value := given[name], str)}


async def chosen(request: web.Request, name: str) -> int | None:
    """An id out of a select."""
    return number((await texts(request)).get(name, ""))


def status_of(problems: Mapping[str, CallcenterError]) -> int:
    """Of a form with those problems; 200 without any."""
    return next((each.status for each in problems.values()), 200)


def field_of(error: CallcenterError, otherwise: str) -> str:
    """The field a refusal is about."""
    if isinstance(error, Conflict):
        return str(error.values.get("field", otherwise))
    return getattr(error, "field", "") or otherwise
