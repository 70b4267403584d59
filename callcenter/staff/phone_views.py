"""What a desk phone has to be told to be one's own."""

from dataclasses import dataclass

from aiohttp import web

from callcenter.asterisk.dialplan import Ports, phone_password
from callcenter.calls.endpoints import desk_of
from callcenter.config import Config
from callcenter.errors import N_, Conflict
from callcenter.keys import CONFIG, SECRETS, SESSIONS
from callcenter.pages.templates import render
from callcenter.people import audit
from callcenter.people.permissions import Door, needs
from callcenter.people.session import signed_in
from callcenter.staff.shared_views import extensions

routes = web.RouteTableDef()

NO_EXTENSION = N_("You have no extension, so you have no phone.")


@dataclass(frozen=True, slots=True)
class DeskPhone:
    """What is typed into it; the password is "" until it is asked for."""

    server: str
    username: str
    password: str = ""


def desk_phone(request: web.Request) -> DeskPhone | None:
    """One's own, without its password; None for whoever cannot have one."""
    extension = signed_in(request).person.extension or ""
    if not extension.isdecimal() or int(extension) not in extensions(request):
        return None
    return DeskPhone(server_of(request.app[CONFIG]), desk_of(extension))


def server_of(config: Config) -> str:
    """Where desk phones sign in."""
    asterisk = config.asterisk
    if asterisk.mode == "external":
        return asterisk.host
    return f"{asterisk.desk_address}:{Ports.from_first(asterisk.port).sip}"


@routes.post("/me/phone/password")
@needs(Door.SIGNED_IN)
async def show_password(request: web.Request) -> web.StreamResponse:
    """Once, on a page that no history keeps."""
    who, phone = signed_in(request), desk_phone(request)
    if phone is None:
        raise Conflict(NO_EXTENSION)
    async with request.app[SESSIONS]() as session:
        audit.note(session, who.user.id, "desk-phone-shown", phone.username)
        await session.commit()
    password = phone_password(request.app[SECRETS], phone.username)
    shown = DeskPhone(phone.server, phone.username, password)
    answer = render(request, "staff/desk_phone.html", desk_phone=shown)
    answer.headers["Cache-Control"] = "no-store"
    return answer
