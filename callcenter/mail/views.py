"""/settings/mail: the mail server, and a letter to try it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from secrets import token_hex

from aiohttp import web

from callcenter.errors import N_, Invalid
from callcenter.keys import SESSIONS, TEMPLATES
from callcenter.mail.letter import letter
from callcenter.mail.post import STEP_S, Post, Undelivered
from callcenter.mail.server import (
    PORTS,
    MailServer,
    Tls,
    is_address,
    keep_server,
    mail_server,
    read,
    texts_of,
)
from callcenter.pages.templates import render, see_other
from callcenter.people import audit
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.settings.sections import chapters_for

routes = web.RouteTableDef()

PATH = "/settings/mail"
FIELDS = ("host", "port", "tls", "verify", "username", "sender_name", "sender")
TAKEN = N_("{host} has taken the letter: {answer}")
WAYS = {
    Tls.STARTTLS: N_("STARTTLS (port 587)"),
    Tls.TLS: N_("TLS from the beginning (port 465)"),
    Tls.NONE: N_("not encrypted (port 25)"),
}


@routes.get(PATH)
@needs(Permission.COMPANY)
async def show(request: web.Request) -> web.StreamResponse:
    server = await _server(request)
    return _page(request, server, texts_of(server))


@routes.post(PATH)
@needs(Permission.COMPANY)
async def change(request: web.Request) -> web.StreamResponse:
    given, before = await request.post(), await _server(request)
    texts = {
        name: " ".join(str(given.get(name, ""))[:2000].replace("\0", "").split()) for name in FIELDS
    }
    typed = texts | {"password": str(given.get("password", ""))[:2000]}  # spaces and all
    reading = read(typed, before)
    if reading.server is None:
        return _page(request, before, texts, reading.problems)
    async with request.app[SESSIONS].begin() as session:
        await keep_server(session, reading.server)
        detail = f"{reading.server.host}:{reading.server.port} {reading.server.tls}"
        audit.note(session, signed_in(request).user.id, "mail-server-set", detail)
    return see_other(PATH, done="settings-saved")


@routes.post(PATH + "/off")
@needs(Permission.COMPANY)
async def turn_off(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS].begin() as session:
        server = await mail_server(session)
        await keep_server(session, None)
        if server:
            audit.note(session, signed_in(request).user.id, "mail-server-off", server.host)
    return see_other(PATH, done="mail-off")


@routes.post(PATH + "/test")
@needs(Permission.COMPANY)
async def send_test(request: web.Request) -> web.StreamResponse:
    """to=; says in words what the server answered, on the page."""
    server, to = await _server(request), str((await request.post()).get("to", "")).strip()
    if server is None:
        raise Invalid(N_("Set the mail server first."))
    texts = texts_of(server)
    if not is_address(to):
        problem = Invalid(N_("This is not an email address."), field="to")
        return _page(request, server, texts, {"to": problem}, to=to[:200])
    post = Post(asked_s=STEP_S)  # somebody sits there and waits
    try:
        answer = await post.send(server, _test(request, server, to).as_bytes(), to)
        said = request.app[TEMPLATES].words.say(TAKEN, host=server.host, answer=answer)
        return _page(request, server, texts, to=to, said=said, works=True)
    except Undelivered as problem:
        said = request.app[TEMPLATES].words.say(problem.sentence, **problem.values)
        return _page(request, server, texts, to=to, said=said)
    finally:
        await post.close()


def _test(request: web.Request, server: MailServer, to: str) -> EmailMessage:
    say, company = request.app[TEMPLATES].words.say, request.app[TEMPLATES].company
    subject = say(N_("Test letter of {company}"), company=company or say(N_("Call center")))
    message = letter(server, to, subject, datetime.now(UTC), f"test.{token_hex(12)}")
    name = signed_in(request).person.name
    text = say(N_("The mail server works. {name} has sent this letter to try it."), name=name)
    message.set_content(text + "\n")
    return message


async def _server(request: web.Request) -> MailServer | None:
    async with request.app[SESSIONS]() as session:
        return await mail_server(session)


def _page(
    request: web.Request,
    server: MailServer | None,
    texts: Mapping[str, str],
    problems: Mapping[str, Invalid] | None = None,
    *,
    to: str = "",
    said: str = "",
    works: bool = False,
) -> web.Response:
    who = signed_in(request)
    return render(
        request,
        "mail/server.html",
        Invalid.status if problems else 200,
        chapters=chapters_for(who.rights),
        problems=problems or {},
        server=server,
        texts=texts,
        ways=WAYS,
        ports=PORTS,
        kept=bool(server and server.password),
        to=to or who.user.email,
        said=said,
        works=works,
    )
