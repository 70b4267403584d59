"""The log, a page of the settings."""

from datetime import UTC, date, datetime, time, timedelta

from aiohttp import web

from callcenter.audit_log import queries
from callcenter.audit_log.queries import LogFilters
from callcenter.audit_log.words import ACTIONS, Known, action, detail
from callcenter.keys import DIRECTORY, SESSIONS, TEMPLATES
from callcenter.lists.queries import items
from callcenter.pages import period
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.settings.sections import chapters_for

routes = web.RouteTableDef()

PATH = "/settings/log"


@routes.get(PATH)
@needs(Permission.COMPANY)
async def show(request: web.Request) -> web.StreamResponse:
    """?q=, ?who= (an account's id), ?what= (one of ACTIONS), ?since=, ?until=, ?cursor="""
    query, formats = request.query, request.app[TEMPLATES].formats
    say, today = request.app[TEMPLATES].words.say, formats.today()
    directory = request.app[DIRECTORY]
    asked, text = period.read(query, today), query.get("q", "").replace("\0", "").strip()[:100]
    who, what = query.get("who", ""), query.get("what", "")
    filters = LogFilters(
        text=text,
        user_id=int(who) if who.isascii() and who.isdigit() and len(who) < 10 else None,
        action=what if what in ACTIONS else "",
        since=begins(request, asked.since, 0),
        until=begins(request, asked.until, 1),
    )
    async with request.app[SESSIONS]() as session:
        cut = await queries.entries_cut(session, filters, query.get("cursor", ""))
        count = await queries.entries_count(session, filters)
        people = await queries.people(session)
        known = Known(
            items={each.id: each.code or each.name for each in await items(session)},
            people=dict(people),
            departments={each.id: each.name for each in directory.departments.values()},
            day=formats.day,
        )
    given = {"q": text, "who": str(filters.user_id or ""), "what": filters.action}
    return render(
        request,
        "audit_log/list.html",
        chapters=chapters_for(signed_in(request).rights),
        cut=cut,
        lines=[
            (each, name, action(each, say), detail(each, say, known)) for each, name in cut.rows
        ],
        count=count,
        query={name: value for name, value in (given | asked.query).items() if value},
        text=text,
        period=asked,
        periods=period.presets(today, (7, 30)),
        people=people,
        actions=sorted(((word, say(label)) for word, label in ACTIONS.items()), key=_by_label),
    )


def begins(request: web.Request, day: date | None, later: int) -> datetime | None:
    """When that day of the company's calendar begins, or one so many days later."""
    if day is None:
        return None
    zone = request.app[TEMPLATES].formats.zone
    return datetime.combine(day + timedelta(days=later), time.min, zone).astimezone(UTC)


def _by_label(choice: tuple[str, str]) -> str:
    return choice[1]
