"""One field edited where it stands [2.8], and the status out of its menu [6.1]."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues.models import Catalogue
from callcenter.catalogues.queries import items
from callcenter.customers import forms, saving
from callcenter.customers.fields import FIELDS, What
from callcenter.customers.forms import CustomerForm
from callcenter.customers.meanwhile import Clash, together
from callcenter.customers.models import Customer
from callcenter.customers.policy import policy
from callcenter.customers.words import KINDS, names_of, words
from callcenter.errors import N_, CallcenterError, Missing
from callcenter.keys import CARDS, DIRECTORY, SESSIONS
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.profiles.form_views import opens, owners, said, status_of, version_in
from callcenter.profiles.head import one_of

routes = web.RouteTableDef()

ONE = r"/customers/{customer_id:\d{1,9}}"
FIELD = ONE + r"/fields/{field:[a-z_]+}"
# Several at once, or somebody else's business: these are changed in the whole form.
_WHOLE_FORM = frozenset({"kind"})


@routes.get(FIELD)
@needs(Permission.CUSTOMERS)
async def field(request: web.Request) -> web.StreamResponse:
    """The field to be typed in; with ?shown=1 as it stands on the page again."""
    async with request.app[SESSIONS]() as session:
        customer = await one_of(request, session)
        name = _name(request)
        form = await saving.current(session, customer)
        if "shown" in request.query:
            return await _shown(request, session, customer, name, form)
        return await _typing(request, session, customer, name, form)


@routes.post(FIELD)
@needs(Permission.CUSTOMERS)
async def save_field(request: web.Request) -> web.StreamResponse:
    who, given = signed_in(request), await request.post()
    async with request.app[SESSIONS]() as session:
        customer = await one_of(request, session)
        name = _name(request)
        await saving.hold(session, customer)
        now = await saving.current(session, customer)
        typed = _with(request, now, name, [str(each) for each in given.getall(name, [])])
        seen = version_in(given, customer)
        clashes: list[Clash] = []
        if seen != customer.version:
            _, clashes = await together(session, customer.id, seen, typed, now)
        clashes = [clash for clash in clashes if clash.field == name]
        problems = await saving.trouble(session, typed, customer.id, now, only={name})
        if problems or clashes:
            return await _typing(request, session, customer, name, typed, problems, clashes)
        keys = await saving.change(session, customer, typed, who.user.id, only={name})
        await session.commit()
        request.app[CARDS].forget(*keys)
        form = await saving.current(session, customer)
        return await _shown(request, session, customer, name, form, saved=True)


@routes.get(ONE + "/status")
@needs(Permission.CUSTOMERS)
async def show_status(request: web.Request) -> web.StreamResponse:
    """{id, statuses: [{id, name}]}: the customer's, and those that there are to choose from."""
    async with request.app[SESSIONS]() as session:
        customer = await one_of(request, session)
        known = await items(session, Catalogue.STATUS, put_away=True)
    offered = [each for each in known if each.active or each.id == customer.status_id]
    statuses = [{"id": each.id, "name": each.name} for each in offered]
    return web.json_response({"id": customer.status_id, "statuses": statuses})


@routes.post(ONE + "/status")
@needs(Permission.CUSTOMERS)
async def save_status(request: web.Request) -> web.StreamResponse:
    """`status`: an id of the catalogue, or "" for none; `next`: where a page wants to go.

    Programs and lists are answered {id, name, colour}.
    """
    who, given = signed_in(request), await request.post()
    async with request.app[SESSIONS]() as session:
        customer = await one_of(request, session)
        await saving.hold(session, customer)
        now = await saving.current(session, customer)
        typed = forms.tidy({"status": str(given.get("status", ""))}, now.phones, now.owner_id, now)
        await saving.change(session, customer, typed, who.user.id, only={"status"})
        await session.commit()
        if "application/json" in request.headers.get("Accept", ""):
            known = {each.id: each for each in await items(session, Catalogue.STATUS)}
            status = known.get(customer.status_id or 0)
            return web.json_response(
                {
                    "id": customer.status_id,
                    "name": status.name if status else "",
                    "colour": status.colour if status else "",
                }
            )
    there = str(given.get("next", ""))
    safe = there.startswith("/") and not there.startswith(("//", "/\\"))
    return see_other(there if safe else f"/customers/{customer.id}", done="status-saved")


def _name(request: web.Request) -> str:
    name = request.match_info["field"]
    if name not in FIELDS or name in _WHOLE_FORM:
        raise Missing(N_("There is no such page."))
    if name == "owner" and not owners(request.app[DIRECTORY], signed_in(request)):
        raise Missing(N_("There is no such page."))
    return name


def _with(request: web.Request, now: CustomerForm, name: str, typed: Sequence[str]) -> CustomerForm:
    """The customer as they are, with that one field as it was typed."""
    if name == "phone":
        return replace(forms.tidy({}, typed, now.owner_id, now), kept=now.kept)
    if name == "owner":
        may = {str(person.id) for person in owners(request.app[DIRECTORY], signed_in(request))}
        chosen = typed[0] if typed else ""
        if chosen not in {"", *may}:
            return now
        return replace(now, owner_id=int(chosen) if chosen else None)
    text = ",".join(typed) if name == "groups" else (typed[0] if typed else "")
    return forms.tidy({name: text}, now.phones, now.owner_id, now)


async def _shown(
    request: web.Request,
    session: AsyncSession,
    customer: Customer,
    name: str,
    form: CustomerForm,
    saved: bool = False,
) -> web.Response:
    told = words(form, await names_of(session, form))
    return render(
        request,
        "customers/field_shown.html",
        customer=customer,
        field=FIELDS[name],
        text=told[name],
        phones=form.phones,
        saved=saved,
        focus=True,
    )


async def _typing(
    request: web.Request,
    session: AsyncSession,
    customer: Customer,
    name: str,
    form: CustomerForm,
    problems: Mapping[str, CallcenterError] | None = None,
    clashes: Sequence[Clash] = (),
) -> web.Response:
    field, directory = FIELDS[name], request.app[DIRECTORY]
    choices = await items(session, field.catalogue, put_away=True) if field.catalogue else []
    types = {each.id: each for each in await items(session, Catalogue.CUSTOMER_TYPE)}
    return render(
        request,
        "customers/field_typed.html",
        status=status_of(problems, clashes),
        customer=customer,
        field=field,
        form=form,
        fields=FIELDS,
        What=What,
        kinds=KINDS,
        rules=await policy(session),
        choices={name: choices},
        types=types,
        place=(await names_of(session, form)).places.get(form.place_id or 0, ""),
        owners=owners(directory, signed_in(request)),
        owner=directory.person(form.owner_id) if form.owner_id else None,
        people={each.id: each.name for each in directory.people()},
        problems={name: said(request, each) for name, each in (problems or {}).items()},
        opens={n: await opens(request, session, each) for n, each in (problems or {}).items()},
        clashes=clashes,
    )
