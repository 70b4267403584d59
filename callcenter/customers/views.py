"""Customers: the page of one and the form. The lists are in callcenter.lists."""

from collections.abc import Mapping, Sequence
from datetime import date

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.queries import CallFilters, calls_cut
from callcenter.customers import forms, queries
from callcenter.customers.forms import CustomerForm
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.customers.numbers import shown
from callcenter.errors import CallcenterError, Conflict, Invalid
from callcenter.keys import CARDS, DIRECTORY, SESSIONS, TEMPLATES
from callcenter.pages.call_lines import CallLine, lines
from callcenter.pages.templates import render, see_other
from callcenter.people.directory import Directory, Person
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import SignedIn, signed_in

routes = web.RouteTableDef()

CALLS_SHOWN = 30  # on a customer's page; the rest is in the list of calls


@routes.get("/customers/new")
@needs(Permission.CUSTOMERS)
async def new(request: web.Request) -> web.StreamResponse:
    """?number= fills in the number, for a caller who is not known yet."""
    who, number = signed_in(request), request.query.get("number", "")[:64]
    form = forms.tidy({}, [shown(number)] if number else [], _default_owner(who))
    return _form(request, form)


@routes.post("/customers/new")
@needs(Permission.CUSTOMERS)
async def add(request: web.Request) -> web.StreamResponse:
    form = await _typed(request)
    problems: Mapping[str, CallcenterError] = forms.problems(form)
    async with request.app[SESSIONS]() as session:
        try:
            if problems:
                return _form(request, form, problems=problems)
            customer = await queries.add(session, form)
        except Conflict as conflict:
            return _form(request, form, problems={str(conflict.values["field"]): conflict})
        await session.commit()
    request.app[CARDS].forget(*form.number_keys)
    return see_other(f"/customers/{customer.id}", done="customer-added")


@routes.get(r"/customers/{customer_id:\d{1,9}}")
@needs(Permission.CUSTOMERS)
async def one_customer(request: web.Request) -> web.StreamResponse:
    who = signed_in(request)
    async with request.app[SESSIONS]() as session:
        customer, phones = await _customer(request, session, who)
        keys = frozenset(phone.number_key for phone in phones)
        filters = CallFilters(customer_id=customer.id, number_keys=keys)
        cut = await calls_cut(session, who.scope.one_call, filters, limit=CALLS_SHOWN)
        calls = await lines(request, session, cut.rows)
    owner = request.app[DIRECTORY].person(customer.owner_id) if customer.owner_id else None
    days: dict[date, list[CallLine]] = {}
    for call in calls:
        days.setdefault(_day(request, call), []).append(call)
    return render(
        request,
        "customers/customer.html",
        customer=customer,
        phones=phones,
        owner=owner,
        days=days,
        more=bool(cut.after),
        calls=calls,
    )


@routes.get(r"/customers/{customer_id:\d{1,9}}/edit")
@needs(Permission.CUSTOMERS)
async def edit(request: web.Request) -> web.StreamResponse:
    who = signed_in(request)
    async with request.app[SESSIONS]() as session:
        customer, phones = await _customer(request, session, who)
    values = {name: str(getattr(customer, name)) for name in forms.LENGTHS}
    form = forms.tidy(values, [shown(phone.raw) for phone in phones], customer.owner_id)
    return _form(request, form, customer)


@routes.post(r"/customers/{customer_id:\d{1,9}}/edit")
@needs(Permission.CUSTOMERS)
async def change(request: web.Request) -> web.StreamResponse:
    who = signed_in(request)
    async with request.app[SESSIONS]() as session:
        customer, phones = await _customer(request, session, who)
        form = await _typed(request, customer)
        kept = form.keeping([phone.number_key for phone in phones])
        problems: Mapping[str, CallcenterError] = forms.problems(kept)
        if problems:
            return _form(request, form, customer, problems)
        try:
            keys = await queries.change(session, customer, form)
        except Conflict as conflict:
            field = str(conflict.values["field"])
            return _form(request, form, customer, {field: conflict})
        await session.commit()
    request.app[CARDS].forget(*keys)
    return see_other(f"/customers/{customer.id}", done="customer-saved")


async def _customer(
    request: web.Request, session: AsyncSession, who: SignedIn
) -> tuple[Customer, Sequence[CustomerPhone]]:
    customer_id = int(request.match_info["customer_id"])
    customer = await queries.one_customer(session, who.scope, customer_id)
    return customer, (await queries.phones(session, [customer_id])).get(customer_id, [])


async def _typed(request: web.Request, customer: Customer | None = None) -> CustomerForm:
    """The form as it was typed; an owner who may not be chosen is left as it was."""
    who, given = signed_in(request), await request.post()
    texts = {name: str(given.get(name, "")) for name in forms.LENGTHS}
    owner_id = customer.owner_id if customer else _default_owner(who)
    chosen, may = given.get("owner"), _owners(request.app[DIRECTORY], who)
    if may and isinstance(chosen, str) and chosen in {"", *(str(person.id) for person in may)}:
        owner_id = int(chosen) if chosen else None
    return forms.tidy(texts, [str(each) for each in given.getall("phone", [])], owner_id)


def _default_owner(who: SignedIn) -> int | None:
    """An agent's own customer; others leave it unassigned until it is distributed."""
    mine = not who.scope.everything and not who.scope.departments
    return who.user.id if mine else None


def _owners(directory: Directory, who: SignedIn) -> list[Person]:
    """Whom a customer may be given to; an agent gives nothing away."""
    may = who.scope.everything or bool(who.scope.departments)
    return directory.within(who.scope) if may else []


def _form(
    request: web.Request,
    form: CustomerForm,
    customer: Customer | None = None,
    problems: Mapping[str, CallcenterError] | None = None,
) -> web.Response:
    who, directory = signed_in(request), request.app[DIRECTORY]
    owners = _owners(directory, who)
    return render(
        request,
        "customers/form.html",
        status=_status(problems),
        form=form,
        customer=customer,
        problems=problems or {},
        owners=owners,
        owner=directory.person(form.owner_id) if form.owner_id else None,
        back=f"/customers/{customer.id}" if customer else "/customers",
    )


def _status(problems: Mapping[str, CallcenterError] | None) -> int:
    if not problems:
        return 200
    return Invalid.status if isinstance(next(iter(problems.values())), Invalid) else Conflict.status


def _day(request: web.Request, call: CallLine) -> date:
    return request.app[TEMPLATES].formats.local(call.record.started_at).date()
