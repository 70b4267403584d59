"""The lists of customers, and the search box of every page."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aiohttp import web
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.bulk.carrying import TOLD, last_done
from callcenter.catalogues.models import Catalogue
from callcenter.customers import queries
from callcenter.customers.box import Found, best, has_pieces
from callcenter.customers.finding import finds, is_in, typed
from callcenter.customers.models import Customer
from callcenter.customers.numbers import key_of, shown
from callcenter.customers.words import KINDS
from callcenter.dialling import listed
from callcenter.errors import N_
from callcenter.imports import queries as import_errors
from callcenter.keys import DIRECTORY, SESSIONS, TEMPLATES
from callcenter.lists import actions
from callcenter.lists import queries as lists_queries
from callcenter.lists.chips import chips
from callcenter.lists.columns import (
    BY_DEFAULT,
    NAME,
    ORDERS,
    Column,
    chosen,
    cookie,
    remembered,
)
from callcenter.lists.columns import offered as offered_columns
from callcenter.lists.filters import ListFilters, assigned, narrowed, read
from callcenter.lists.queries import Item
from callcenter.lists.rows import Beside, fill, rows
from callcenter.lists.tabs import tabs_for
from callcenter.pages.formats import initials, short_name
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import scope_for, signed_in
from callcenter.people.views import local_path

routes = web.RouteTableDef()

FOUND_AT_ONCE = 8  # in the search box
REMEMBERED_S = 400 * 86_400  # what browsers keep a cookie at most


@routes.get("/customers")
@needs(Permission.CUSTOMERS)
async def all_customers(request: web.Request) -> web.StreamResponse:
    who, query = signed_in(request), request.query
    filters = read(query)
    tab = "unassigned" if query.get("tab") == "unassigned" else "assigned"
    sort = query.get("sort") or "name"
    columns = chosen(tab, request.cookies.get(cookie(who.user.id, tab)))
    async with request.app[SESSIONS]() as session:
        found = await finds(session, who.scope, filters.q) if filters.q else None
        lists = _lists(request, filters, found and found.page)
        counts = await _counts(session, request, filters, found and found.whole)
        cut = await lists_queries.page(
            session,
            who.scope,
            lists[tab],
            sort=sort.removeprefix("-"),
            descending=sort.startswith("-"),
            cursor=query.get("cursor", ""),
            unassigned=tab == "unassigned",
            walked=tab == "assigned" or counts[tab] > lists_queries.FEW,
        )
        if who.may(Permission.IMPORT):
            mine = scope_for(request, Permission.IMPORT)
            counts["errors"] = await import_errors.errors_count(session, mine)
        items = await lists_queries.items(session)
        beside = await _beside(request, session, cut.rows, columns, items)
    kept = {"tab": tab if tab == "unassigned" else ""} | filters.query()
    answer = render(
        request,
        "lists/list.html",
        told=await last_done(request),
        cut=cut,
        rows=rows(cut.rows, columns, beside),
        counts=counts,
        sort=sort,
        filters=filters,
        query=kept | {"sort": sort if sort != "name" else ""},
        columns=columns,
        heads=(NAME, *columns),
        fill=fill,
        chips=_chips(request, filters, items, kept),
        **_around(request, tab, filters),
        **_offers(request, items),
    )
    if TOLD in request.cookies:
        answer.del_cookie(TOLD, path="/customers")
    return answer


@routes.post("/customers/columns")
@needs(Permission.CUSTOMERS)
async def choose_columns(request: web.Request) -> web.StreamResponse:
    """Remembered for this person in this browser, also after signing out."""
    form = await request.post()
    tab = "unassigned" if form.get("tab") == "unassigned" else "assigned"
    answer = see_other(local_path(str(form.get("next", ""))) or "/customers")
    answer.set_cookie(
        cookie(signed_in(request).user.id, tab),
        remembered(str(each) for each in form.getall("column", [])),
        max_age=REMEMBERED_S,
        httponly=True,
        samesite="Lax",
        path="/customers",
    )
    return answer


@routes.get("/customers/search")
@needs(Permission.CUSTOMERS)
async def search(request: web.Request) -> web.StreamResponse:
    """{customers: [{id, name, code, company, owner, initials, number, shown}], more}, a few.

    With `quick` pieces of numbers are left out, which take longest. `more` says where others may
    be: "pieces" (ask again without `quick`), "list" (as many as there is room for here), "" (none).
    """
    who, text = signed_in(request), request.query.get("q", "").strip()[:100]
    pieces = "quick" not in request.query
    async with request.app[SESSIONS]() as session:
        found = await best(session, who.scope, text, FOUND_AT_ONCE, pieces=pieces)
    more = "" if pieces or not has_pieces(text) else "pieces"
    if len(found) == FOUND_AT_ONCE:
        more = "list"
    customers = [_found(each) for each in found]
    return web.json_response(
        {"customers": customers, "more": more}, headers={"Cache-Control": "no-store"}
    )


def _lists(
    request: web.Request, filters: ListFilters, found: ColumnElement[bool] | None
) -> dict[str, list[ColumnElement[bool]]]:
    """The conditions of both lists: who goes from one to the other takes the filters along.

    `found`: by what was typed."""
    scope, zone = signed_in(request).scope, request.app[TEMPLATES].formats.zone
    below = request.app[DIRECTORY].below
    shared = narrowed(replace(filters, q="", owner=None), scope, zone, below)
    if found is not None:
        shared.append(found)
    return {
        "assigned": [assigned(filters.owner), *shared],
        "unassigned": shared,
    }


def _around(request: web.Request, tab: str, filters: ListFilters) -> dict[str, Any]:
    """What a list offers whatever is in it."""
    rights, say = signed_in(request).rights, request.app[TEMPLATES].words.say
    return {
        "tab": tab,
        "tabs": tabs_for(rights),
        "kept": replace(filters, owner=None).query(),
        "offered": offered_columns(tab),
        "usual": BY_DEFAULT[tab],
        "orders": [(sort, say(label)) for sort, label in ORDERS.items()],
        "ways": actions.offered(actions.OF_THE_LIST, rights, tab),
        "row_actions": actions.offered(actions.OF_A_ROW, rights, tab),
        "bulk_actions": actions.offered(actions.OF_SEVERAL, rights, tab),
    }


async def _counts(
    session: AsyncSession,
    request: web.Request,
    filters: ListFilters,
    found: ColumnElement[bool] | None,
) -> dict[str, int]:
    """How many stand in both lists."""
    scope = signed_in(request).scope
    walked = found is not None and not scope.is_own
    return {
        name: await lists_queries.count(
            session, scope, each, unassigned=name == "unassigned", walked=walked
        )
        for name, each in _lists(request, filters, found).items()
    }


async def _beside(
    request: web.Request,
    session: AsyncSession,
    found: Sequence[tuple[Customer, str | None]],
    columns: Sequence[Column],
    items: Sequence[Item],
) -> Beside:
    """What the rows show besides the customers themselves; only what a column asks for."""
    templates, names = request.app[TEMPLATES], {column.name for column in columns}
    today, asked = templates.formats.today(), typed(read(request.query).q)
    ids = [customer.id for customer, _ in found]
    phones = await queries.phones(session, ids) if "phone" in names else {}
    for numbers in phones.values() if asked.digits else ():
        numbers.sort(key=lambda number: not is_in(number, asked))
    firsts = [numbers[0].number_key for numbers in phones.values()]
    barred = await listed.entries(session, firsts, datetime.now(UTC))
    national = templates.words.say(N_("National do-not-call list"))
    return Beside(
        phones=phones,
        barred={key: row.reason or national for key, row in barred.items()},
        items={item.id: item for item in items},
        departments={each.id: each.name for each in request.app[DIRECTORY].departments.values()},
        contacts=await lists_queries.last_contacts(session, ids) if "contact" in names else {},
        no_status=templates.words.say(N_("No status yet")),
        say=templates.words.say,
        when=partial(templates.formats.when, today=today),
        short_name=short_name,
    )


def _offers(request: web.Request, items: Sequence[Item]) -> dict[str, Any]:
    """What one can narrow the list to."""
    who, directory, say = (
        signed_in(request),
        request.app[DIRECTORY],
        request.app[TEMPLATES].words.say,
    )
    people = [(each.id, each.name) for each in directory.within(who.scope)]

    def of(catalogue: Catalogue) -> list[Item]:
        return [item for item in items if item.catalogue == catalogue and item.active]

    groups: list[tuple[object, str]] = []
    for kind in of(Catalogue.CUSTOMER_TYPE):
        groups.append((kind.id, kind.name))
        inside = [item for item in of(Catalogue.CUSTOMER_GROUP) if item.parent_id == kind.id]
        groups += [(item.id, f"{kind.name} › {item.name}") for item in inside]
    sources = [(item.id, item.name) for item in of(Catalogue.SOURCE)]
    projects = [(item.id, item.code or item.name) for item in of(Catalogue.PROJECT)]
    return {
        "statuses": tuple(of(Catalogue.STATUS)),
        "people": people if len(people) > 1 else [],
        "departments": [
            (each.id, each.name)
            for each in directory.departments.values()
            if who.scope.everything or each.id in who.scope.departments
        ],
        "choices": [
            ("kind", say(N_("Profile kind")), [(name, say(text)) for name, text in KINDS.items()]),
            ("source", say(N_("Data source")), sources),
            ("project", say(N_("Project code")), projects),
            ("group", say(N_("Type or group")), groups),
        ],
    }


def _chips(
    request: web.Request, filters: ListFilters, items: Sequence[Item], query: dict[str, str]
) -> list[tuple[str, str]]:
    templates = request.app[TEMPLATES]
    return chips(
        filters,
        {item.id: item.code or item.name for item in items},
        templates.words.say,
        templates.formats.day,
        tab=query["tab"],
    )


def _found(each: Found) -> dict[str, object]:
    return {
        "id": each.id,
        "name": each.name,
        "code": each.code,
        "company": each.company,
        "owner": each.owner,
        "initials": initials(each.name),
        "number": key_of(each.number) or each.number,
        "shown": shown(each.number),
    }
