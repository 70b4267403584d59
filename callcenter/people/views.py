"""Signing in and out, and what a person prefers."""

import re

from aiohttp import web
from sqlalchemy import select, update

from callcenter.errors import N_, Invalid, TooMany
from callcenter.keys import LIBRARY, SESSIONS
from callcenter.pages.language import LANGUAGES
from callcenter.pages.templates import render
from callcenter.people import passwords
from callcenter.people.models import User
from callcenter.people.permissions import Door, needs
from callcenter.people.session import (
    COOKIE,
    SIGNED_IN,
    close_session,
    open_session,
    put_cookie,
    signed_in,
)
from callcenter.people.throttle import TRIES, count_a_try, tries_of

routes = web.RouteTableDef()

THEMES = ("system", "light", "dark")
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


@routes.get("/sign-in")
@needs(Door.ANYONE)
async def sign_in_page(request: web.Request) -> web.StreamResponse:
    if SIGNED_IN in request:
        raise web.HTTPSeeOther(local_path(request.query.get("next", "")))
    return _form(request, next=request.query.get("next", ""))


@routes.post("/sign-in")
@needs(Door.ANYONE)
async def sign_in(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    username = str(form.get("username", "")).strip().lower()[:64]
    password, wanted = str(form.get("password", "")), str(form.get("next", ""))
    address = request.remote or ""
    if not username or not password:
        empty = N_("Enter your username and your password.")
        return _form(request, 400, empty, username=username, next=wanted)

    async with request.app[SESSIONS]() as session:
        try:
            tries = await count_a_try(session, username, address)
        except TooMany as error:
            return _form(request, error.status, error.sentence, error.values, username, wanted)
        user = await session.scalar(select(User).where(User.username == username, User.active))
        if not await passwords.matches(user.password if user else "", password) or user is None:
            return _refused(request, TRIES - tries, username, wanted)
        if passwords.is_stale(user.password):
            user.password = await passwords.hashed(password)
        await close_session(session, request.cookies.get(COOKIE, ""))
        token = await open_session(session, user, address, request.headers.get("User-Agent", ""))
        await session.execute(tries_of(username, address))
        await session.commit()

    answer = web.Response(status=303, headers={"Location": local_path(wanted)})
    put_cookie(request, answer, token)
    return answer


@routes.post("/sign-out")
@needs(Door.ANYONE)
async def sign_out(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        await close_session(session, request.cookies.get(COOKIE, ""))
        await session.commit()
    if LIBRARY in request.app:
        request.app[LIBRARY].grants.forget_all()
    answer = web.Response(status=303, headers={"Location": "/sign-in"})
    if "HX-Request" in request.headers:  # the whole document must go, the phone with it
        answer = web.Response(status=200, headers={"HX-Redirect": "/sign-in"})
    answer.del_cookie(COOKIE, path="/")
    return answer


@routes.post("/me/preferences")
@needs(Door.ANYONE)
async def prefer(request: web.Request) -> web.StreamResponse:
    """Form fields `language` and `theme`, either or both: kept with the user and the browser."""
    form = await request.post()
    wishes = {name: str(form[name]) for name in ("language", "theme") if name in form}
    if wishes.get("language", LANGUAGES[0]) not in LANGUAGES:
        raise Invalid(N_("We do not speak this language."), field="language")
    if wishes.get("theme", THEMES[0]) not in THEMES:
        raise Invalid(N_("There is no such theme."), field="theme")
    if wishes and SIGNED_IN in request:
        async with request.app[SESSIONS]() as session:
            who = signed_in(request).user.id
            await session.execute(update(User).where(User.id == who).values(wishes))
            await session.commit()
    if "text/html" in request.headers.get("Accept", ""):
        back = local_path(str(form.get("next", "")))
        answer = web.Response(status=303, headers={"Location": back})
    else:
        answer = web.Response(status=204)
    for name, value in wishes.items():
        answer.set_cookie(
            name, value, max_age=31536000, samesite="Lax", httponly=True, secure=request.secure
        )
    return answer


def local_path(wanted: str) -> str:
    """`wanted` when it is a path on this very site, else the home page."""
    return wanted if _LOCAL.fullmatch(wanted) and not wanted.startswith("/sign-in") else "/"


def _refused(request: web.Request, left: int, username: str, wanted: str) -> web.Response:
    sentence = N_("Username or password is wrong. {left} attempts left.")
    if left == 1:
        sentence = N_("Username or password is wrong. One attempt left.")
    if left <= 0:
        sentence = N_("Username or password is wrong. Wait 15 min before the next attempt.")
    return _form(request, 401, sentence, {"left": left}, username, wanted)


def _form(
    request: web.Request,
    status: int = 200,
    problem: str = "",
    values: dict[str, object] | None = None,
    username: str = "",
    next: str = "",
) -> web.Response:
    return render(
        request,
        "people/sign_in.html",
        status,
        problem=problem,
        problem_values=values or {},
        username=username,
        next=next if local_path(next) == next else "",
    )
