"""Around every request: errors become sentences, sessions people; forgeries are refused."""

import hmac
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode, urlsplit

import msgspec
from aiohttp import hdrs, web

from callcenter.db import DATABASE_ERRORS, is_away
from callcenter.errors import (
    N_,
    CallcenterError,
    DatabaseUnavailable,
    Forbidden,
    Missing,
    PasswordDue,
    SignedOut,
)
from callcenter.keys import CONFIG, TEMPLATES
from callcenter.pages.assets import PREFIX
from callcenter.pages.language import speak
from callcenter.pages.quick import quick_answer
from callcenter.pages.templates import render
from callcenter.people.permissions import Door, Permission, needed_by
from callcenter.people.session import SIGNED_IN, recognise, signed_in

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SIGN_IN = "/sign-in"
NEW_PASSWORD = "/me/password"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "media-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'self'; object-src 'none'"
    ),
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Styles and scripts are no documents: what guards those is half a kilobyte, thirty times a page.
PARTS = (".css", ".js")
PART_HEADERS = ("X-Content-Type-Options", "Cross-Origin-Resource-Policy")
SENTENCES = {
    400: N_("The request cannot be understood."),
    403: N_("You may not do this."),
    404: N_("There is no such page."),
    405: N_("This address does not work that way."),
    413: N_("That is too much data for one request."),
    500: N_("Something went wrong on our side. It has been noted; please try again."),
}
# Not every OSError: a file or a browser that is gone says nothing about the database.
NOT_THERE = (*(each for each in DATABASE_ERRORS if each is not OSError), ConnectionRefusedError)
AWAY = N_("The database does not answer. Nothing was saved; please try again soon.")


@web.middleware
async def receive(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Around every request. Only one: a websocket's middlewares wait, and take memory, for hours.

    Every error leaves as a sentence: a page for people, {error, message} for programs.
    """
    try:
        request = _without_nul(request)
        if (answer := quick_answer(request)) is not None:
            return answer
        await _know_who(request)
        await _refuse_forgeries(request)
        _check_rights(request)
        return await handler(request)
    except SignedOut as error:
        return _please_sign_in(request) if wants_page(request) else _answer(request, error)
    except PasswordDue as error:
        return _send_to(request, NEW_PASSWORD) if wants_page(request) else _answer(request, error)
    except CallcenterError as error:
        return _answer(request, error)
    except NOT_THERE as error:
        if not is_away(error):
            raise
        log.error("%s %s: the database is away: %s", request.method, request.path, error)
        return _answer(request, DatabaseUnavailable(AWAY))
    except ConnectionResetError:
        if request.transport is not None:
            raise
        return web.Response()  # they have left, nobody reads it
    except web.HTTPException as error:
        if error.status < 400:
            raise
        known = error.status if error.status in SENTENCES else 400
        answer = _error(request, error.status, _code(error.status), SENTENCES[known])
        if hdrs.ALLOW in error.headers:
            answer.headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]
        return answer


def _without_nul(request: web.Request) -> web.Request:
    """No name here has this character, and PostgreSQL refuses to be asked about it."""
    if "%00" not in request.raw_path:
        return request
    if any("\0" in value for value in request.match_info.values()):
        raise Missing(SENTENCES[404])
    if request.path.startswith("/api/"):
        return request  # programs are told which value it is in
    told = [
        (name.replace("\0", ""), value.replace("\0", "")) for name, value in request.query.items()
    ]
    return request.clone(rel_url=request.rel_url.with_query(told))


async def _know_who(request: web.Request) -> None:
    """The language of the request, and whoever is behind it (people.session.signed_in)."""
    speak(request.cookies.get("language") or request.app[CONFIG].language)
    if not request.path.startswith(PREFIX) and (who := await recognise(request)):
        request[SIGNED_IN] = who
        speak(who.user.language)


def _check_rights(request: web.Request) -> None:
    """Whether whoever asks may use this address at all; which rows is the handler's question."""
    if request.match_info.http_exception is not None:
        return  # no such address
    needed = needed_by(request.match_info.handler)
    if needed is Door.ANYONE:
        return
    who = signed_in(request)
    if who.user.password_is_temporary and not who.by_token and request.path != NEW_PASSWORD:
        raise PasswordDue(N_("Choose a password of your own first."))
    if needed is None or (isinstance(needed, Permission) and not who.may(needed)):
        raise Forbidden(SENTENCES[403])


async def _refuse_forgeries(request: web.Request) -> None:
    """What changes something, and every websocket, must come from our own pages."""
    unsafe = request.method not in SAFE_METHODS
    if unsafe or request.headers.get(hdrs.UPGRADE, "").lower() == "websocket":
        _check_origin(request)
    if unsafe and request.path != SIGN_IN:
        await _check_token(request)


async def _check_token(request: web.Request) -> None:
    who = request.get(SIGNED_IN)
    if who is None or who.by_token:
        return
    given = request.headers.get("X-CSRF-Token") or (await request.post()).get("_csrf")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), who.csrf.encode()):
        raise Forbidden(N_("This page is out of date. Reload it and try again."))


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """A signal, so that files, sockets and the server's own answers carry the headers as well."""
    response.headers[hdrs.SERVER] = "callcenter"  # which versions we run on is nobody's business
    part = (
        request.path.startswith(PREFIX) and request.path.endswith(PARTS) and response.status < 400
    )
    for name in PART_HEADERS if part else HEADERS:
        response.headers.setdefault(name, HEADERS[name])
    if request.secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if response.status == 500 and isinstance(response, web.Response):
        _say_it_in_words(request, response)


def wants_page(request: web.Request) -> bool:
    """Whether a person reads the answer; programs get JSON."""
    if request.path.startswith("/api/"):
        return False
    return "text/html" in request.headers.get("Accept", "") or "HX-Request" in request.headers


def _check_origin(request: web.Request) -> None:
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get(hdrs.ORIGIN)
    foreign = site is not None and site not in ("same-origin", "none")
    if foreign or (origin is not None and urlsplit(origin).netloc != request.host):
        raise Forbidden(N_("This request comes from another site."))


def _please_sign_in(request: web.Request) -> web.Response:
    where = request.headers.get("HX-Current-URL", "") if "HX-Request" in request.headers else ""
    back = request.path_qs if request.method == "GET" else (where and _local(where)) or "/"
    address = SIGN_IN + ("" if back == "/" else "?" + urlencode({"next": back}))
    return _send_to(request, address, 401)


def _send_to(request: web.Request, address: str, status: int = 200) -> web.Response:
    """The whole document goes there, also when htmx asked for a part of it."""
    if "HX-Request" in request.headers:
        return web.Response(status=status, headers={"HX-Redirect": address})
    return web.Response(status=303, headers={hdrs.LOCATION: address})


def _local(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _answer(request: web.Request, error: CallcenterError) -> web.Response:
    answer = _error(request, error.status, error.code, error.sentence, **error.values)
    if isinstance(seconds := error.values.get("seconds"), int):
        answer.headers[hdrs.RETRY_AFTER] = str(seconds)
    return answer


def _error(
    request: web.Request, status: int, code: str, sentence: str, **values: object
) -> web.Response:
    message = request.app[TEMPLATES].words.say(sentence, **values)
    if wants_page(request):
        return render(request, "pages/error.html", status, number=status, message=message)
    return web.Response(
        body=msgspec.json.encode({"error": code, "message": message}),
        status=status,
        content_type="application/json",
    )


def _code(status: int) -> str:
    kinds = {each.status: each.code for each in CallcenterError.__subclasses__()}
    return kinds.get(status, "internal" if status >= 500 else "invalid")


def _say_it_in_words(request: web.Request, response: web.Response) -> None:
    """aiohttp catches and logs what nobody expected, and says so in English: say it our way."""
    answer = _error(request, 500, "internal", SENTENCES[500])
    text = answer.text or ""
    response.body = text.encode()
    response.content_type = answer.content_type
    response.headers[hdrs.CONTENT_LENGTH] = str(len(text.encode()))  # it was set before
