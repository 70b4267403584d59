"""Contacts: the tab of a customer, and the list of all."""

from collections.abc import Mapping

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues.models import Catalogue
from callcenter.catalogues.queries import items
from callcenter.contacts import queries
from callcenter.contacts.queries import ContactForm
from callcenter.customers.models import Contact
from callcenter.customers.queries import CustomerFilters, customers_cut
from callcenter.errors import CallcenterError
from callcenter.keys import CARDS, SESSIONS
from callcenter.lists.tabs import tabs_for
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.profiles.form_views import opens, said, status_of
from callcenter.profiles.head import head, one_of

routes = web.RouteTableDef()

TAB = r"/customers/{customer_id:\d{1,9}}/contacts"
ONE = TAB + r"/{contact_id:\d{1,9}}"
OFFERED = 12  # customers to choose from


@routes.get("/contacts")
@needs(Permission.CUSTOMERS)
async def all_contacts(request: web.Request) -> web.StreamResponse:
    """?q= words of a name, or digits."""
    query, scope = request.query, signed_in(request).scope
    text = query.get("q", "").strip()[:100]
    async with request.app[SESSIONS]() as session:
        cut = await queries.contacts_cut(session, scope, text, query.get("cursor", ""))
        phones = await queries.phones(session, [contact.id for contact, _ in cut.rows])
        positions = await _positions(session)
    return render(
        request,
        "contacts/list.html",
        cut=cut,
        phones=phones,
        positions=positions,
        text=text,
        tabs=tabs_for(signed_in(request).rights),
        tab="contacts",
        counts={},
        kept={},
    )


@routes.get("/contacts/new")
@needs(Permission.CUSTOMERS)
async def choose_customer(request: web.Request) -> web.StreamResponse:
    """Whose contact it will be; ?q= finds customers."""
    text = request.query.get("q", "").strip()[:100]
    async with request.app[SESSIONS]() as session:
        scope, filters = signed_in(request).scope, CustomerFilters(text=text)
        found = await customers_cut(session, scope, filters, limit=OFFERED)
    return render(request, "contacts/choose.html", rows=found.rows, text=text)


@routes.get(TAB)
@needs(Permission.CUSTOMERS)
async def of_customer(request: web.Request) -> web.StreamResponse:
    """?add=1 opens an empty form, ?edit= that of one contact."""
    edited = request.query.get("edit", "")
    async with request.app[SESSIONS]() as session:
        form = ContactForm() if "add" in request.query else None
        contact: Contact | None = None
        customer = await one_of(request, session)
        if edited.isascii() and edited.isdigit() and len(edited) < 10:
            contact = await queries.one(session, customer.id, int(edited))
            form = await queries.as_form(session, contact)
        return await _tab(request, session, form, contact)


@routes.post(TAB)
@needs(Permission.CUSTOMERS)
async def add(request: web.Request) -> web.StreamResponse:
    return await _save(request, None)


@routes.post(ONE)
@needs(Permission.CUSTOMERS)
async def change(request: web.Request) -> web.StreamResponse:
    return await _save(request, int(request.match_info["contact_id"]))


@routes.post(ONE + "/delete")
@needs(Permission.CUSTOMERS)
async def remove(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        customer = await one_of(request, session)
        contact = await queries.one(session, customer.id, int(request.match_info["contact_id"]))
        keys = await queries.remove(session, customer, contact, signed_in(request).user.id)
        await session.commit()
    request.app[CARDS].forget(*keys)
    return see_other(f"/customers/{customer.id}/contacts", done="contact-deleted")


async def _save(request: web.Request, contact_id: int | None) -> web.StreamResponse:
    given = await request.post()
    texts = {name: value for name, value in given.items() if isinstance(value, str)}
    form = queries.tidy(texts, [str(each) for each in given.getall("phone", [])])
    async with request.app[SESSIONS]() as session:
        customer = await one_of(request, session)
        contact = await queries.one(session, customer.id, contact_id) if contact_id else None
        before = await queries.as_form(session, contact) if contact else None
        if problems := await queries.trouble(session, customer.id, form, before):
            return await _tab(request, session, form, contact, problems)
        by = signed_in(request).user.id
        keys = await queries.save(session, customer, form, by, contact)
        await session.commit()
    request.app[CARDS].forget(*keys)
    return see_other(f"/customers/{customer.id}/contacts", done="contact-saved")


async def _tab(
    request: web.Request,
    session: AsyncSession,
    form: ContactForm | None = None,
    contact: Contact | None = None,
    problems: Mapping[str, CallcenterError] | None = None,
) -> web.Response:
    customer = await one_of(request, session)
    found = await queries.of_customer(session, customer.id)
    return render(
        request,
        "contacts/tab.html",
        status=status_of(problems, ()),
        **await head(request, session, customer, "contacts"),
        contacts=found,
        numbers=await queries.phones(session, [each.id for each in found]),
        positions=await _positions(session),
        form=form,
        contact=contact,
        problems={name: said(request, each) for name, each in (problems or {}).items()},
        opens={n: await opens(request, session, each) for n, each in (problems or {}).items()},
    )


async def _positions(session: AsyncSession) -> dict[int, str]:
    """Those that may be chosen, and those that once could."""
    return {each.id: each.name for each in await items(session, Catalogue.POSITION, put_away=True)}
