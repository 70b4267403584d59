"""Who has heard which recording, beside the log."""

from aiohttp import web

from callcenter.audit_log import queries
from callcenter.audit_log.views import begins
from callcenter.errors import N_
from callcenter.keys import DIRECTORY, SESSIONS, TEMPLATES
from callcenter.pages import period
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.recordings.heard import HeardFilters, Kind, heard_count, heard_cut
from callcenter.settings.sections import chapters_for

routes = web.RouteTableDef()

KINDS: dict[Kind, str] = {"heard": N_("Heard"), "kept": N_("Downloaded")}


@routes.get("/settings/log/heard")
@needs(Permission.COMPANY)
async def show(request: web.Request) -> web.StreamResponse:
    """?q= (a customer or number), ?who= (an account's id), ?what= (heard, kept), ?since=, ?until=,
    ?cursor="""
    query, formats = request.query, request.app[TEMPLATES].formats
    say, today = request.app[TEMPLATES].words.say, formats.today()
    asked, text = period.read(query, today), query.get("q", "").replace("\0", "").strip()[:100]
    who, kinds = query.get("who", ""), [each for each in KINDS if each == query.get("what")]
    filters = HeardFilters(
        text=text,
        user_id=int(who) if who.isascii() and who.isdigit() and len(who) < 10 else None,
        kind=kinds[0] if kinds else None,
        since=begins(request, asked.since, 0),
        until=begins(request, asked.until, 1),
    )
    async with request.app[SESSIONS]() as session:
        cut = await heard_cut(session, filters, query.get("cursor", ""))
        count = await heard_count(session, filters)
        people = await queries.people(session)
    given = {"q": text, "who": str(filters.user_id or ""), "what": filters.kind or ""}
    known = request.app[DIRECTORY].known
    return render(
        request,
        "audit_log/heard.html",
        chapters=chapters_for(signed_in(request).rights),
        cut=cut,
        lines=[
            (each, name, record, customer, agent.name if agent else "", length)
            for each, name, record, customer, length in cut.rows
            for agent in [known(record.user_id) if record and record.user_id else None]
        ],
        count=count,
        query={name: value for name, value in (given | asked.query).items() if value},
        text=text,
        period=asked,
        periods=period.presets(today, (7, 30)),
        people=people,
        kinds=[(kind, say(label)) for kind, label in KINDS.items()],
    )
