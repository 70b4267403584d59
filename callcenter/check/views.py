"""The page of duplicates and gaps: what to look for, what was found, and the ways to mend it."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiMapping

from callcenter.check.queries import CRITERIA, Group, gaps, groups
from callcenter.customers.fields import FIELDS
from callcenter.customers.numbers import shown
from callcenter.customers.policy import MAY_BE_REQUIRED, policy
from callcenter.keys import SESSIONS, TEMPLATES
from callcenter.lists.filters import whole
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in

routes = web.RouteTableDef()

FIELDS_TO_FILL = [name for name in FIELDS if name in MAY_BE_REQUIRED]


@routes.get("/customers/check")
@needs(Permission.CUSTOMERS)
async def check(request: web.Request) -> web.StreamResponse:
    """?by=phone&by=… files that agree in all of these; ?show=gaps&field=… those that lack any.

    Without any ticked, the company's own criteria and required fields are looked for.
    """
    query = request.query
    async with request.app[SESSIONS]() as session:
        asked = await policy(session)
        if query.get("show") == "gaps":
            names = _ticked(query, "field", FIELDS_TO_FILL)
            names = names or [name for name in FIELDS_TO_FILL if name in asked.required]
            scope, cursor = signed_in(request).scope, query.get("cursor", "")
            cut, count = await gaps(session, scope, names, cursor)
            return _gaps(request, names, cut, count)
        criteria = _ticked(query, "by", list(CRITERIA))
        criteria = criteria or [name for name in CRITERIA if name in asked.duplicate] or ["phone"]
        after = whole(query.get("after", "")) or 0
        found, more = await groups(session, signed_in(request).scope, criteria, after)
    return render(
        request,
        "check/groups.html",
        groups=[(_words(request, criteria, group), group) for group in found],
        query=urlencode([("by", name) for name in criteria]),
        more=more,
        after=after,
        ticked=criteria,
        offered=[(name, FIELDS[name].label) for name in CRITERIA],
    )


def _gaps(request: web.Request, names: list[str], cut: Any, count: int) -> web.Response:
    say = request.app[TEMPLATES].words.say
    labels = [say(FIELDS[name].label) for name in names]
    rows = [
        (customer, owner, [label for label, gap in zip(labels, missing, strict=True) if gap])
        for customer, owner, *missing in cut.rows
    ]
    return render(
        request,
        "check/gaps.html",
        rows=rows,
        cut=cut,
        count=count,
        query=urlencode([("show", "gaps"), *(("field", name) for name in names)]),
        ticked=names,
        offered=[(name, FIELDS[name].label) for name in FIELDS_TO_FILL],
    )


def _ticked(query: MultiMapping[str], name: str, known: list[str]) -> list[str]:
    wanted = set(query.getall(name, []))
    return [each for each in known if each in wanted]


def _words(request: web.Request, criteria: list[str], group: Group) -> list[str]:
    """What a group agrees in, as people read it: names and addresses as the oldest file has them,
    with their accents."""
    day = request.app[TEMPLATES].formats.day

    def said(name: str, value: Any) -> str:
        match name, group.members:
            case "phone", _:
                return shown(value)
            case "birthday", _:
                return day(value)
            case "name", [oldest, *_]:
                return " · ".join(filter(None, (oldest.name, oldest.company)))
            case "address", [oldest, *_]:
                return oldest.address[:80]
        return str(value)[:80]

    return [said(name, value) for name, value in zip(criteria, group.same, strict=True)]
