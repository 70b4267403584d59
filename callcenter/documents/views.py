"""A customer's documents: the list, the way in, PDF in the page, everything else for keeping."""

import asyncio
from typing import Any

from aiohttp import hdrs, web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers.models import Customer
from callcenter.customers.queries import one_customer
from callcenter.customers.timeline import SOURCES
from callcenter.documents import names, queries, store
from callcenter.documents.content import KINDS, PDF, TEXT
from callcenter.documents.models import Document
from callcenter.errors import N_, CallcenterError, Forbidden, Invalid, Missing
from callcenter.keys import SESSIONS, TEMPLATES
from callcenter.pages.middleware import wants_page
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, Reach, needs
from callcenter.people.session import SignedIn, signed_in
from callcenter.profiles.head import head, one_of
from callcenter.settings.parameters import parameters

routes = web.RouteTableDef()
SOURCES.append(queries.entries)  # of a customer's line of time

HERE = r"/customers/{customer_id:\d{1,9}}/documents"
ONE = HERE + r"/{document_id:\d{1,9}}"
PIECE = 2**16  # bytes
MANY = 8  # documents, from which on there is a search
# A PDF may stand in a page of ours. No `sandbox`: Firefox then shows nothing, and what its type is
# taken for (nosniff) has no scripts that a policy could stop.
FRAMED = {
    "Content-Security-Policy": "frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    "X-Frame-Options": "SAMEORIGIN",
}
NOT_YOURS = N_("Only whoever brought a document, and those who lead, may change it.")


@routes.get(HERE)
@needs(Permission.CUSTOMERS)
async def documents(request: web.Request) -> web.StreamResponse:
    return await _page(request)


async def _page(
    request: web.Request,
    status: int = 200,
    problems: dict[int, CallcenterError] | None = None,
    typed: str = "",
) -> web.Response:
    """The list; `problems` by document, beside the form in which `typed` was typed."""
    text = request.query.get("q", "").strip()[:100]
    async with request.app[SESSIONS]() as session:
        customer = await one_of(request, session)
        values = await head(request, session, customer, "documents")
        limit = await parameters(session)
        found = await queries.of_customer(session, customer.id)
        shown = await queries.of_customer(session, customer.id, text) if text else found
    return render(
        request,
        "documents/list.html",
        status,
        **values,
        documents=[_line(request, each) for each in shown],
        searchable=len(found) >= MANY,
        text=text,
        most_mb=limit.largest_document_mb,
        problems=problems or {},
        typed=typed,
    )


@routes.post(HERE)
@needs(Permission.CUSTOMERS)
async def upload(request: web.Request) -> web.StreamResponse:
    """The body is the file, ?name= what it is called. 201 {id, name, size, url}."""
    who, folder = signed_in(request), queries.folder()
    async with request.app[SESSIONS]() as session:
        customer = await _customer(request, session)
        most_mb = (await parameters(session)).largest_document_mb
    if request.content_type == "multipart/form-data":
        raise Invalid(N_("Send the file as the body of the request, and its name as ?name=."))
    pieces = request.content.iter_chunked(PIECE)
    arrived = await store.receive(folder, pieces, most_mb, request.content_length)
    leftover = [arrived.path]
    try:
        async with request.app[SESSIONS]() as session:
            name = request.query.get("name", "")
            document = await queries.add(session, customer.id, who.user.id, name, arrived)
            document.path = await asyncio.to_thread(store.place, folder, arrived)
            leftover = [folder / document.path]
            await session.commit()
            leftover = []
    finally:
        await asyncio.to_thread(store.forget, leftover)
    url = f"/customers/{customer.id}/documents/{document.id}"
    said = {"id": document.id, "name": document.name, "size": document.size, "url": url}
    return web.json_response(said, status=201)


@routes.get(ONE)
@needs(Permission.CUSTOMERS)
async def look(request: web.Request) -> web.StreamResponse:
    """A PDF in the page; anything else is only offered for keeping."""
    async with request.app[SESSIONS]() as session:
        customer = await _customer(request, session)
        found = await queries.one(session, customer.id, int(request.match_info["document_id"]))
    line = _line(request, found)
    return render(request, "documents/document.html", customer=customer, line=line)


@routes.get(ONE + "/file")
@needs(Permission.CUSTOMERS)
async def file(request: web.Request) -> web.StreamResponse:
    """What was uploaded, byte for byte; ?download=1 offers a PDF for keeping as well."""
    async with request.app[SESSIONS]() as session:
        _, document = await _one(request, session)
    path = queries.folder() / document.path
    if not await asyncio.to_thread(path.is_file):
        raise Missing(N_("The file of this document is no longer there."))
    is_shown = document.media_type == PDF.media_type and request.query.get("download") != "1"
    return web.FileResponse(
        path,
        headers={
            hdrs.CONTENT_TYPE: document.media_type,
            # The same for ever, yet asked again each time: rights may be taken away.
            hdrs.CACHE_CONTROL: "private, no-cache",
            hdrs.CONTENT_DISPOSITION: names.disposition(document.name, inline=is_shown),
            **(FRAMED if is_shown else {"Content-Security-Policy": "default-src 'none'; sandbox"}),
        },
    )


@routes.post(ONE + "/rename")
@needs(Permission.CUSTOMERS)
async def rename(request: web.Request) -> web.StreamResponse:
    who, given = signed_in(request), (await request.post()).get("name", "")
    name = given if isinstance(given, str) else ""
    async with request.app[SESSIONS]() as session:
        customer, document = await _one(request, session)
        _check_change(who, document)
        try:
            await queries.rename(session, document, who.user.id, name)
        except Invalid as error:
            if not wants_page(request):
                raise
            return await _page(request, error.status, {document.id: error}, name[:1000])
        await session.commit()
    return see_other(f"/customers/{customer.id}/documents", done="document-renamed")


@routes.post(ONE + "/delete")
@needs(Permission.CUSTOMERS)
async def remove(request: web.Request) -> web.StreamResponse:
    who = signed_in(request)
    async with request.app[SESSIONS]() as session:
        customer, document = await _one(request, session)
        _check_change(who, document)
        path = await queries.remove(session, document, who.user.id)
        await session.commit()
    await asyncio.to_thread(store.forget, [path])
    return see_other(f"/customers/{customer.id}/documents", done="document-deleted")


async def _customer(request: web.Request, session: AsyncSession) -> Customer:
    customer_id = int(request.match_info["customer_id"])
    return await one_customer(session, signed_in(request).scope, customer_id)


async def _one(request: web.Request, session: AsyncSession) -> tuple[Customer, Document]:
    customer = await _customer(request, session)
    document_id = int(request.match_info["document_id"])
    document, _ = await queries.one(session, customer.id, document_id)
    return customer, document


def _may_change(who: SignedIn, document: Document) -> bool:
    leads = who.rights.reach(Permission.CUSTOMERS) >= Reach.DEPARTMENT
    return leads or document.user_id == who.user.id


def _check_change(who: SignedIn, document: Document) -> None:
    if not _may_change(who, document):
        raise Forbidden(NOT_YOURS)


def _line(request: web.Request, found: queries.Found) -> dict[str, Any]:
    document, owner = found
    kind = KINDS.get(document.media_type, TEXT)
    words = request.app[TEMPLATES].words
    return {
        "document": document,
        "kind": words.say(kind.name),
        "extension": document.name.rpartition(".")[2],
        "is_pdf": kind is PDF,
        "who": owner or "",
        "may_change": _may_change(signed_in(request), document),
    }
