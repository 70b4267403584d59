"""/switchboard/do-not-call: who does not want to be called, and what was done about them."""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers import queries as customers
from callcenter.customers.models import Customer
from callcenter.customers.numbers import key_of, shown
from callcenter.dialling import finding, listed
from callcenter.dialling.days import end_of, last_day
from callcenter.dialling.listed import Wish
from callcenter.dialling.models import OWN, DoNotCall, Source
from callcenter.errors import N_, Invalid, Missing
from callcenter.keys import CONFIG, SESSIONS, TEMPLATES
from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import scope_for, signed_in
from callcenter.switchboard.shared_views import Problems, name_of, page, problem_of, texts_of

routes = web.RouteTableDef()

PATH = "/switchboard/do-not-call"
ONE = PATH + r"/{listed:\+?[0-9]{1,64}}"


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    """?q= any digits; without, our own list and what was done lately."""
    text = request.query.get("q", "")[:64]
    async with request.app[SESSIONS]() as session:
        cut = await finding.found(session, text, request.query.get("cursor", ""))
        counts = await finding.counts(session)
        lately = await listed.changes(session) if not text else []
        names = await _customers(request, session, [row.number_key for (row,) in cut.rows])
    return await page(
        request,
        "dialling/list.html",
        q=text,
        cut=cut,
        counts=counts,
        lately=lately,
        customers=names,
        returned=listed.RETURNED.days,
        **_words(request),
    )


@routes.get(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def new(request: web.Request) -> web.StreamResponse:
    return await _form(request, {"number": request.query.get("number", "")[:64]})


@routes.post(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def add(request: web.Request) -> web.StreamResponse:
    texts = await texts_of(request)
    try:
        async with request.app[SESSIONS].begin() as session:
            wish = Wish(
                number=texts.get("number", ""),
                reason=texts.get("reason", ""),
                until=end_of(texts.get("until", ""), request.app[CONFIG].zone),
            )
            await listed.put(session, wish, signed_in(request).user.id, datetime.now(UTC))
    except Invalid as problem:
        return await _form(request, texts, problem_of(problem))
    return see_other(PATH, done="number-barred")


@routes.get(PATH + "/own.csv")
@needs(Permission.SWITCHBOARD)
async def export(request: web.Request) -> web.StreamResponse:
    """Our own list, for Excel; numbers as people write them, so that none becomes a formula."""
    zone = request.app[CONFIG].zone
    async with request.app[SESSIONS]() as session:
        newest = select(DoNotCall).where(OWN).order_by(DoNotCall.added_at.desc())
        rows = (await session.scalars(newest)).all()
    say, sheet = request.app[TEMPLATES].words.say, StringIO()
    writer = csv.writer(sheet, delimiter=";")
    titles = (N_("Number"), N_("Reason"), N_("Since"), N_("Until"), N_("By"))
    writer.writerow([say(title) for title in titles])
    for row in rows:
        day = last_day(row.until, zone)
        writer.writerow(
            [
                shown(row.number_key).lstrip("+"),
                _harmless(row.reason),
                f"{row.added_at.astimezone(zone):%d/%m/%Y}",
                f"{day:%d/%m/%Y}" if day else "",
                _harmless(name_of(request, row.added_by)),
            ]
        )
    return web.Response(
        body=sheet.getvalue().encode("utf-8-sig"),
        content_type="text/csv",
        headers={"Content-Disposition": 'attachment; filename="do-not-call.csv"'},
    )


@routes.get(ONE)
@needs(Permission.SWITCHBOARD)
async def one(request: web.Request) -> web.StreamResponse:
    return await _one(request, {})


@routes.post(ONE + "/remove")
@needs(Permission.SWITCHBOARD)
async def remove(request: web.Request) -> web.StreamResponse:
    texts, key = await texts_of(request), request.match_info["listed"]
    try:
        async with request.app[SESSIONS].begin() as session:
            who, now = signed_in(request).user.id, datetime.now(UTC)
            await listed.remove(session, key, texts.get("reason", ""), who, now)
    except Invalid as problem:
        return await _one(request, texts, problem_of(problem))
    return see_other(PATH, done="number-free")


async def _one(
    request: web.Request, texts: dict[str, str], problems: Problems | None = None
) -> web.Response:
    """One number: on which lists it is, and what was done about it. Raises Missing."""
    key = request.match_info["listed"]
    async with request.app[SESSIONS]() as session:
        of_key = select(DoNotCall).where(DoNotCall.number_key == key).order_by(DoNotCall.source)
        rows = (await session.scalars(of_key)).all()
        changes = await listed.changes(session, [key], limit=100)
        customer = (await _customers(request, session, [key])).get(key)
    if key != key_of(key) or not (rows or changes):
        raise Missing(N_("This number is on no list."))
    return await page(
        request,
        "dialling/number.html",
        problems,
        key=key,
        rows=rows,
        changes=changes,
        customer=customer,
        texts=texts,
        own=any(row.source == Source.OWN for row in rows),
        returned=listed.RETURNED.days,
        **_words(request),
    )


async def _customers(
    request: web.Request, session: AsyncSession, keys: Sequence[str]
) -> dict[str, Customer]:
    """Whose numbers these are, as far as whoever looks may see them."""
    found = await customers.of_numbers(session, keys)
    asked = select(Customer.id).where(Customer.id.in_({each.id for each in found.values()}))
    scope = scope_for(request, Permission.CUSTOMERS)
    theirs = set(await session.scalars(scope.each_customer(asked)))
    return {key: each for key, each in found.items() if each.id in theirs}


def _words(request: web.Request) -> dict[str, Any]:
    """How people and days are called."""
    zone = request.app[CONFIG].zone
    return {
        "name_of_user": lambda user_id: name_of(request, user_id),
        "last_day": lambda until: last_day(until, zone),
    }


async def _form(
    request: web.Request, texts: dict[str, str], problems: Problems | None = None
) -> web.Response:
    return await page(request, "dialling/add.html", problems, texts=texts)


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@") else text
