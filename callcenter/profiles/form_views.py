"""The form of a customer: a new one, or one that is changed while somebody else may do the same."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from aiohttp import web
from multidict import MultiMapping
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues.models import Catalogue
from callcenter.catalogues.queries import find_places, items
from callcenter.customers import forms, queries, saving
from callcenter.customers.fields import FIELDS, What, of_kind
from callcenter.customers.forms import CustomerForm
from callcenter.customers.meanwhile import Clash, together
from callcenter.customers.models import Customer, Kind
from callcenter.customers.numbers import shown
from callcenter.customers.policy import policy
from callcenter.customers.words import KINDS, names_of
from callcenter.errors import CallcenterError, Conflict, Invalid, Missing
from callcenter.keys import CARDS, DIRECTORY, SESSIONS, TEMPLATES
from callcenter.pages.templates import render, see_other
from callcenter.people.directory import Directory, Person
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import SignedIn, signed_in
from callcenter.profiles.head import one_of

routes = web.RouteTableDef()

ONE = r"/customers/{customer_id:\d{1,9}}"
Problems = Mapping[str, CallcenterError]


@routes.get("/customers/new")
@needs(Permission.CUSTOMERS)
async def new(request: web.Request) -> web.StreamResponse:
    """?number= fills in the number, for a caller who is not known yet; ?kind= the kind."""
    who, number = signed_in(request), request.query.get("number", "")[:64]
    texts = {"kind": request.query.get("kind", ""), "name": request.query.get("name", "")[:200]}
    form = forms.tidy(texts, [shown(number)] if number else [], default_owner(who))
    async with request.app[SESSIONS]() as session:
        statuses = await items(session, Catalogue.STATUS)  # a file begins with the first of them
        form = replace(form, status_id=statuses[0].id if statuses else None)
        return await _form(request, session, form)


@routes.post("/customers/new")
@needs(Permission.CUSTOMERS)
async def add(request: web.Request) -> web.StreamResponse:
    who = signed_in(request)
    form = _typed(request, await request.post())
    async with request.app[SESSIONS]() as session:
        await saving.hold(session)
        if problems := await saving.trouble(session, form):
            return await _form(request, session, form, problems=problems)
        customer = await saving.add(session, form, who.user.id)
        await session.commit()
    request.app[CARDS].forget(*form.number_keys)
    return see_other(f"/customers/{customer.id}", done="customer-added")


@routes.get(ONE + "/edit")
@needs(Permission.CUSTOMERS)
async def edit(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        customer = await one_of(request, session)
        form = await saving.current(session, customer)
        return await _form(request, session, form, customer)


@routes.post(ONE + "/edit")
@needs(Permission.CUSTOMERS)
async def change(request: web.Request) -> web.StreamResponse:
    who, given = signed_in(request), await request.post()
    async with request.app[SESSIONS]() as session:
        customer = await one_of(request, session)
        await saving.hold(session, customer)
        now = await saving.current(session, customer)
        form = _typed(request, given, now)
        for name in FIELDS:  # decided after a clash: theirs it is
            if given.get(f"take-{name}") == "theirs":
                form = form.taking(name, now)
        seen = version_in(given, customer)
        clashes: list[Clash] = []
        if seen != customer.version:
            form, clashes = await together(session, customer.id, seen, form, now)
        form = form.keeping(now.kept)
        problems = await saving.trouble(session, form, customer.id, now)
        if problems or clashes:
            return await _form(request, session, form, customer, problems, clashes)
        keys = await saving.change(session, customer, form, who.user.id)
        await session.commit()
    request.app[CARDS].forget(*keys)
    return see_other(f"/customers/{customer.id}", done="customer-saved")


@routes.post("/customers/check")
@needs(Permission.CUSTOMERS)
async def check(request: web.Request) -> web.StreamResponse:
    """The form while it is typed -> {duplicates: {field: {message, customer_id}}}.

    `customer_id` is null where that customer may not be opened. `of` is whose form it is, if they
    exist already.
    """
    given = await request.post()
    of = str(given.get("of", ""))
    async with request.app[SESSIONS]() as session:
        customer, now = None, None
        if of.isascii() and of.isdigit() and len(of) < 10:
            customer = await queries.one_customer(session, signed_in(request).scope, int(of))
            now = await saving.current(session, customer)
        form = _typed(request, given, now)
        if now:
            form = form.keeping(now.kept)
        found = await saving.trouble(session, form, customer.id if customer else None, now)
        told = {
            name: await _told(request, session, each)
            for name, each in found.items()
            if isinstance(each, Conflict)
        }
    return web.json_response({"duplicates": told}, headers={"Cache-Control": "no-store"})


@routes.get("/customers/places")
@needs(Permission.CUSTOMERS)
async def places(request: web.Request) -> web.StreamResponse:
    """?q= -> {places: [{id, name}]}, the names with all above them."""
    async with request.app[SESSIONS]() as session:
        found = await find_places(session, request.query.get("q", "").strip()[:100])
    told = [{"id": place.id, "name": path} for place, path in found]
    return web.json_response({"places": told}, headers={"Cache-Control": "no-store"})


def version_in(given: MultiMapping[object], customer: Customer) -> int:
    """Which version the page showed that this was typed on."""
    text = given.get("version")
    return int(text) if isinstance(text, str) and text.isdecimal() else customer.version


def default_owner(who: SignedIn) -> int | None:
    """An agent's own customer; others leave it unassigned until it is distributed [2.1].

    The manual lets every customer added by hand begin unassigned. But an agent sees only what is
    theirs: the caller they have just written down would be gone from their sight at once.
    """
    mine = not who.scope.everything and not who.scope.departments
    return who.user.id if mine else None


def owners(directory: Directory, who: SignedIn) -> list[Person]:
    """Whom a customer may be given to; an agent gives nothing away."""
    may = who.scope.everything or bool(who.scope.departments)
    return directory.within(who.scope) if may else []


def _typed(
    request: web.Request, given: MultiMapping[object], now: CustomerForm | None = None
) -> CustomerForm:
    """The form as it was typed; an owner who may not be chosen is left as it was."""
    who = signed_in(request)
    texts = {name: value for name in FIELDS if isinstance(value := given.get(name), str)}
    if "groups" in texts:
        texts["groups"] = ",".join(str(each) for each in given.getall("groups"))
    kind = texts.get("kind") or (now.kind if now else Kind.PERSON)
    hidden = FIELDS.keys() - {field.name for field in of_kind(kind)}
    owner_id = now.owner_id if now else default_owner(who)
    chosen, may = texts.get("owner"), owners(request.app[DIRECTORY], who)
    if may and chosen is not None and chosen in {"", *(str(person.id) for person in may)}:
        owner_id = int(chosen) if chosen else None
    phones = [str(each) for each in given.getall("phone", [])]
    if "phone" not in given and now:
        phones = list(now.phones)
    kept = {name: text for name, text in texts.items() if name not in hidden}
    return forms.tidy(kept, phones, owner_id, now)


async def _form(
    request: web.Request,
    session: AsyncSession,
    form: CustomerForm,
    customer: Customer | None = None,
    problems: Problems | None = None,
    clashes: Sequence[Clash] = (),
) -> web.Response:
    directory = request.app[DIRECTORY]
    rules = await policy(session)
    choices = {
        field.name: await items(session, field.catalogue, put_away=True)
        for field in FIELDS.values()
        if field.catalogue
    }
    types = {each.id: each for each in await items(session, Catalogue.CUSTOMER_TYPE)}
    return render(
        request,
        "customers/form.html",
        status=status_of(problems, clashes),
        form=form,
        fields=FIELDS,
        What=What,
        kinds=KINDS,
        rules=rules,
        choices=choices,
        types=types,
        place=(await names_of(session, form)).places.get(form.place_id or 0, ""),
        customer=customer,
        problems={name: said(request, each) for name, each in (problems or {}).items()},
        opens={name: await opens(request, session, e) for name, e in (problems or {}).items()},
        clashes={clash.field: clash for clash in clashes},
        people={each.id: each.name for each in directory.people()},
        owners=owners(directory, signed_in(request)),
        owner=directory.person(form.owner_id) if form.owner_id else None,
        back=f"/customers/{customer.id}" if customer else "/customers",
    )


def said(request: web.Request, problem: CallcenterError) -> str:
    return request.app[TEMPLATES].words.say(problem.sentence, **problem.values)


def status_of(problems: Problems | None, clashes: Sequence[Clash]) -> int:
    if any(isinstance(each, Invalid) for each in (problems or {}).values()):
        return Invalid.status
    return Conflict.status if problems or clashes else 200


async def _told(
    request: web.Request, session: AsyncSession, conflict: CallcenterError
) -> dict[str, object]:
    return {
        "message": said(request, conflict),
        "customer_id": await opens(request, session, conflict),
    }


async def opens(
    request: web.Request, session: AsyncSession, problem: CallcenterError
) -> int | None:
    """The customer that a refusal names, for those who may open them."""
    customer_id = problem.values.get("customer_id")
    if not isinstance(customer_id, int):
        return None
    try:
        await queries.one_customer(session, signed_in(request).scope, customer_id)
    except Missing:
        return None
    return customer_id
