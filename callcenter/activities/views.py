"""Activities: the quick form on a customer [2.12], and the list of all that one may see."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.activities import forms, queries
from callcenter.activities.forms import ActivityForm
from callcenter.activities.models import Activity
from callcenter.activities.queries import ActivityFilters
from callcenter.calls.queries import note_of, one_call, outcome_names
from callcenter.catalogues.models import Catalogue
from callcenter.catalogues.queries import items
from callcenter.customers.models import Customer
from callcenter.customers.queries import one_customer
from callcenter.customers.timeline import SOURCES
from callcenter.errors import N_, CallcenterError, Forbidden, Invalid, Missing
from callcenter.keys import CONFIG, DIRECTORY, SESSIONS, TEMPLATES
from callcenter.pages import period
from callcenter.pages.formats import name_of
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, Reach, needs
from callcenter.people.session import SignedIn, signed_in

routes = web.RouteTableDef()
SOURCES.append(queries.entries)  # of a customer's line of time

HERE = r"/customers/{customer_id:\d{1,9}}/activities"
ONE = HERE + r"/{activity_id:\d{1,9}}"
NOT_YOURS = N_("Only whoever noted an activity, and those who lead, may change it.")


@routes.get("/activities")
@needs(Permission.CUSTOMERS)
async def all_activities(request: web.Request) -> web.StreamResponse:
    who, query, templates = signed_in(request), request.query, request.app[TEMPLATES]
    today = templates.formats.today()
    asked, text = period.read(query, today), query.get("q", "").replace("\0", "").strip()[:100]
    filters = ActivityFilters(
        text=text,
        type_id=_id(query.get("type", "")),
        user_id=_id(query.get("agent", "")),
        since=_begins(request, asked.since, 0),
        until=_begins(request, asked.until, 1),
    )
    async with request.app[SESSIONS]() as session:
        cursor = query.get("cursor", "")
        cut = await queries.activities_cut(session, who.scope, filters, cursor=cursor)
        count = await queries.activities_count(session, who.scope, filters)
        types = await items(session, Catalogue.ACTIVITY_TYPE, put_away=True)
    people = request.app[DIRECTORY].within(who.scope)
    given = {"q": text, "type": str(filters.type_id or ""), "agent": str(filters.user_id or "")}
    return render(
        request,
        "activities/list.html",
        cut=cut,
        count=count,
        types=types,
        text=text,
        filters=filters,
        query={name: value for name, value in (given | asked.query).items() if value},
        period=asked,
        periods=period.presets(today, (7, 30)),
        people=people if len(people) > 1 else [],
        may_change=lambda activity: _may_change(who, activity),
    )


@routes.get(HERE + "/new")
@needs(Permission.CUSTOMERS)
async def new(request: web.Request) -> web.StreamResponse:
    """The quick form: a page, or what a dialog over a list shows. With `copy` (an activity's id) or
    `call` it begins with what was noted there [7.9]."""
    async with request.app[SESSIONS]() as session:
        customer = await _customer(request, session)
        form = await _begun(request, session, customer)
        return await _form(request, session, customer, form)


@routes.post(HERE + "/new")
@needs(Permission.CUSTOMERS)
async def add(request: web.Request) -> web.StreamResponse:
    who, form = signed_in(request), await _typed(request)
    async with request.app[SESSIONS]() as session:
        customer = await _customer(request, session)
        if problems := await _problems(session, form):
            return await _form(request, session, customer, form, problems=problems)
        await queries.add(session, customer.id, who.user.id, form)
        await session.commit()
    return see_other(await _back(request, customer), done="activity-added")


@routes.get(ONE + "/edit")
@needs(Permission.CUSTOMERS)
async def edit(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        customer, activity = await _one(request, session)
        form = ActivityForm(
            activity.name, activity.description, activity.type_id, activity.at, activity.minutes
        )
        return await _form(request, session, customer, form, activity)


@routes.post(ONE + "/edit")
@needs(Permission.CUSTOMERS)
async def change(request: web.Request) -> web.StreamResponse:
    who, form = signed_in(request), await _typed(request)
    async with request.app[SESSIONS]() as session:
        customer, activity = await _one(request, session)
        if problems := await _problems(session, form, activity.type_id):
            return await _form(request, session, customer, form, activity, problems)
        await queries.change(session, activity, who.user.id, form)
        await session.commit()
    return see_other(await _back(request, customer), done="activity-saved")


@routes.post(ONE + "/delete")
@needs(Permission.CUSTOMERS)
async def remove(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        customer, activity = await _one(request, session)
        await queries.remove(session, activity, signed_in(request).user.id)
        await session.commit()
    return see_other(await _back(request, customer), done="activity-deleted")


async def _customer(request: web.Request, session: AsyncSession) -> Customer:
    customer_id = int(request.match_info["customer_id"])
    return await one_customer(session, signed_in(request).scope, customer_id)


async def _one(request: web.Request, session: AsyncSession) -> tuple[Customer, Activity]:
    """For a change: raises Forbidden when it is somebody else's."""
    customer = await _customer(request, session)
    activity = await queries.one(session, customer.id, int(request.match_info["activity_id"]))
    if not _may_change(signed_in(request), activity):
        raise Forbidden(NOT_YOURS)
    return customer, activity


def _may_change(who: SignedIn, activity: Activity) -> bool:
    leads = who.rights.reach(Permission.CUSTOMERS) >= Reach.DEPARTMENT
    return leads or activity.user_id == who.user.id


async def _typed(request: web.Request) -> ActivityForm:
    return forms.tidy(await request.post(), request.app[CONFIG].zone)


async def _problems(
    session: AsyncSession, form: ActivityForm, keep: int | None = None
) -> forms.Problems:
    offered = [item.id for item in await queries.types(session, keep)]
    return forms.problems(form, offered, datetime.now(UTC))


async def _begun(request: web.Request, session: AsyncSession, customer: Customer) -> ActivityForm:
    """Blank, or a copy of an earlier interaction with that customer: it happens now, and how long
    it takes is not known yet. Raises Missing for one that is not there."""
    now, query = datetime.now(UTC), request.query
    if (activity_id := _id(query.get("copy", ""))) is not None:
        earlier = await queries.one(session, customer.id, activity_id)
        return ActivityForm(earlier.name, earlier.description, earlier.type_id, now)
    if call_id := query.get("call", "")[:64]:
        call = await one_call(session, signed_in(request).scope.one_call, call_id)
        if call.customer_id != customer.id:
            raise Missing(queries.NO_ACTIVITY)
        note = await note_of(session, call_id)
        ended_in = (await outcome_names(session)).get((note.outcome or "") if note else "")
        name = name_of(ended_in) if ended_in else ""
        return ActivityForm(name, note.note if note else "", None, now)
    return ActivityForm("", "", None, now)


async def _form(
    request: web.Request,
    session: AsyncSession,
    customer: Customer,
    form: ActivityForm,
    activity: Activity | None = None,
    problems: Mapping[str, CallcenterError] | None = None,
) -> web.Response:
    types = await queries.types(session, activity.type_id if activity else None)
    at = form.at if isinstance(form.at, datetime) else None
    local = request.app[TEMPLATES].formats.local(at).strftime("%Y-%m-%dT%H:%M") if at else form.at
    return render(
        request,
        "activities/form.html",
        Invalid.status if problems else 200,
        customer=customer,
        activity=activity,
        form=form,
        at=local or "",
        # One type is chosen by itself: whoever has a single one need not look for it.
        chosen=form.type_id or (types[0].id if len(types) == 1 else None),
        types=types,
        problems=problems or {},
        back=await _back(request, customer),
        is_copy=not activity and bool(request.query.get("copy") or request.query.get("call")),
        may_set_up=signed_in(request).may(Permission.CATALOGUES),
    )


async def _back(request: web.Request, customer: Customer) -> str:
    """Where one came from: a list with its filters, else the customer's page."""
    if request.method == "POST":
        given = (await request.post()).get("next", "")
        where = given if isinstance(given, str) else ""
    else:
        where = request.headers.get("HX-Current-URL", "")
        if urlsplit(where).netloc != request.host:
            where = ""
    parts = urlsplit(where)
    # Only an address of ours: //elsewhere would be another site's.
    if not parts.path.startswith("/") or parts.path.startswith(("//", "/\\")):
        return f"/customers/{customer.id}"
    if parts.path == request.path or parts.path.endswith(("/new", "/edit")):
        return f"/customers/{customer.id}"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _begins(request: web.Request, day: date | None, later: int) -> datetime | None:
    """The beginning of that day of the company's, or of the one after it."""
    if day is None:
        return None
    zone = request.app[CONFIG].zone
    return datetime.combine(day + timedelta(days=later), time(), zone).astimezone(UTC)


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
