"""One's own account: what one is, the password, the devices one is signed in with."""

from collections.abc import Mapping
from types import MappingProxyType

from aiohttp import web

from callcenter.customers.numbers import shown
from callcenter.errors import N_, CallcenterError, Conflict, Invalid, TooMany
from callcenter.keys import DIRECTORY, SESSIONS
from callcenter.pages.templates import render, see_other
from callcenter.people import audit, passwords, throttle
from callcenter.people.permissions import Door, needs
from callcenter.people.session import COOKIE, digest, signed_in
from callcenter.staff import devices, queries
from callcenter.staff.forms import RINGS
from callcenter.staff.mobile import mobile_number, own_numbers
from callcenter.staff.phone_views import NO_EXTENSION, desk_phone
from callcenter.staff.shared_views import forget_grants, in_call, reload, texts

routes = web.RouteTableDef()

IN_A_CALL = N_("You are in a call. Choose the phone when it has ended.")


@routes.get("/me")
@needs(Door.SIGNED_IN)
async def my_account(request: web.Request) -> web.StreamResponse:
    return await _page(request)


@routes.get("/me/password")
@needs(Door.SIGNED_IN)
async def ask_for_a_new_one(request: web.Request) -> web.StreamResponse:
    """The only page there is for whoever was given their password."""
    if not signed_in(request).user.password_is_temporary:
        raise web.HTTPSeeOther("/me")
    return await _page(request)


@routes.post("/me/password")
@needs(Door.SIGNED_IN)
async def change_password(request: web.Request) -> web.StreamResponse:
    """Form fields `current`, `password`, `again`; every other device is signed out."""
    who, given = signed_in(request), await texts(request)
    try:
        if not who.user.password_is_temporary:  # that one was typed a moment ago
            await _check_current(request, given.get("current", ""))
        _check_new(given, who.user.username)
        if await passwords.matches(who.user.password, given["password"]):
            raise Invalid(N_("This is the password you have already."), "password")
    except (Invalid, TooMany) as error:
        return await _page(request, error)
    hash = await passwords.hashed(given["password"])
    async with request.app[SESSIONS]() as session:
        user = await queries.account(session, who.user.id)
        user.password, user.password_is_temporary = hash, False
        await queries.end_sessions(session, user, besides=_this(request))
        await session.execute(throttle.tries_of(user.username, request.remote or ""))
        audit.note(session, user.id, "password-changed", user.username)
        await session.commit()
    forget_grants(request)
    return see_other("/" if who.user.password_is_temporary else "/me", done="password-changed")


@routes.post("/me/phone")
@needs(Door.SIGNED_IN)
async def choose_phone(request: web.Request) -> web.StreamResponse:
    """Form fields `rings`: browser, desk or mobile; `mobile`: the number of the last."""
    who, given = signed_in(request), await texts(request)
    rings = given.get("rings", "")
    if rings not in RINGS:
        raise Invalid(N_("Choose one of the phones."), "rings")
    if desk_phone(request) is None:
        raise Conflict(NO_EXTENSION)
    if in_call(request, who.person.extension):
        raise Conflict(IN_A_CALL)
    async with request.app[SESSIONS]() as session:
        user = await queries.account(session, who.user.id)
        user.rings = rings
        if rings == "mobile":
            try:
                user.mobile = mobile_number(given.get("mobile", ""), await own_numbers(session))
            except Invalid as problem:
                await session.rollback()
                return await _page(request, problem, given)
        await session.commit()
    await reload(request)
    return see_other("/me", done="phone-chosen")


@routes.post("/me/devices")
@needs(Door.SIGNED_IN)
async def sign_out(request: web.Request) -> web.StreamResponse:
    """Form field `device`: its name; all others without."""
    who, name = signed_in(request), (await texts(request)).get("device", "")
    async with request.app[SESSIONS]() as session:
        if name:
            await devices.sign_out(session, who.user.id, name)
        else:
            user = await queries.account(session, who.user.id)
            await queries.end_sessions(session, user, besides=_this(request))
        await session.commit()
    forget_grants(request)
    return see_other("/me", done="devices-signed-out")


async def _check_current(request: web.Request, current: str) -> None:
    """Raises Invalid, or TooMany: an open page must not be a place to guess a password at."""
    who = signed_in(request)
    async with request.app[SESSIONS]() as session:
        if not current:
            raise Invalid(N_("Enter the password you have now."), "current")
        await throttle.count_a_try(session, who.user.username, request.remote or "")
    if not await passwords.matches(who.user.password, current):
        raise Invalid(N_("This is not the password you have now."), "current")
    async with request.app[SESSIONS].begin() as session:
        await session.execute(throttle.tries_of(who.user.username, request.remote or ""))


def _check_new(given: dict[str, str], username: str) -> None:
    password = given.get("password", "")
    passwords.check(password, username)
    if password != given.get("again"):
        raise Invalid(N_("The two are not the same."), "again")


def _this(request: web.Request) -> str:
    return digest(request.cookies.get(COOKIE, ""))


async def _page(
    request: web.Request,
    problem: CallcenterError | None = None,
    typed: Mapping[str, str] = MappingProxyType({}),
) -> web.Response:
    who, directory = signed_in(request), request.app[DIRECTORY]
    async with request.app[SESSIONS]() as session:
        mine = await devices.devices(session, who.user.id, _this(request))
    department = directory.departments.get(who.person.department_id or 0)
    field = getattr(problem, "field", "") or "current"
    return render(
        request,
        "staff/new_password.html" if who.user.password_is_temporary else "staff/account.html",
        status=problem.status if problem else 200,
        problems={field: problem} if problem else {},
        devices=mine,
        department=department.name if department else "",
        shortest=passwords.SHORTEST,
        desk_phone=desk_phone(request),
        rings=typed.get("rings", who.person.rings),
        mobile=typed.get("mobile", shown(who.user.mobile or who.user.phone)),
        next="/",
    )
