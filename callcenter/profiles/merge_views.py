"""Two files of one customer become one: found, laid side by side, put together [2.7]."""

import asyncio
from collections.abc import Sequence

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers import queries, saving
from callcenter.customers.duplicates import duplicates
from callcenter.customers.fields import FIELDS
from callcenter.customers.models import Customer
from callcenter.customers.queries import CustomerFilters
from callcenter.customers.words import KINDS, names_of, words
from callcenter.documents import store
from callcenter.errors import N_, Invalid
from callcenter.keys import CARDS, SESSIONS
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.profiles.bin_views import one_to_delete
from callcenter.profiles.merging import BOTH, CHOSEN, merge, put_together

routes = web.RouteTableDef()

MERGE = r"/customers/{customer_id:\d{1,9}}/merge"
OFFERED = 8
ALIKE = ("name", "email", "phone", "tax_code", "address")


@routes.get(MERGE)
@needs(Permission.DELETE)
async def compare(request: web.Request) -> web.StreamResponse:
    """?with= the other file; without, ?q= finds it."""
    async with request.app[SESSIONS]() as session:
        keep = await one_to_delete(request, session)
        if "with" not in request.query:
            return await _choose(request, session, keep)
        other = await one_to_delete(request, session, _id(request.query["with"]))
        mine, theirs = await saving.current(session, keep), await saving.current(session, other)
        both = put_together(mine, theirs, ())  # its numbers and groups
        names = await names_of(session, mine, theirs, both)
    return render(
        request,
        "customers/merge.html",
        keep=keep,
        other=other,
        fields=[FIELDS[name] for name in CHOSEN],
        together=[FIELDS[name] for name in FIELDS if name in BOTH],
        mine=words(mine, names),
        theirs=words(theirs, names),
        both=words(both, names),
        kinds=KINDS,
    )


@routes.post(MERGE)
@needs(Permission.DELETE)
async def put(request: web.Request) -> web.StreamResponse:
    """`with`: the file that goes; `take-<field>`=theirs where its value stays."""
    given = await request.post()
    take = [name for name in CHOSEN if given.get(f"take-{name}") == "theirs"]
    async with request.app[SESSIONS]() as session:
        keep = await one_to_delete(request, session)
        other = await one_to_delete(request, session, _id(str(given.get("with", ""))))
        keys, files = await merge(session, keep, other, take, signed_in(request).user.id)
        await session.commit()
    request.app[CARDS].forget(*keys)
    await asyncio.to_thread(store.forget, files)
    return see_other(f"/customers/{keep.id}", done="customers-merged")


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(N_("Choose the other file."), field="with")
    return int(text)


async def _choose(request: web.Request, session: AsyncSession, keep: Customer) -> web.Response:
    scope, text = signed_in(request).scope, request.query.get("q", "").strip()[:100]
    rows: Sequence[tuple[Customer, str | None]]
    if text:
        filters = CustomerFilters(text=text)
        rows = (await queries.customers_cut(session, scope, filters, limit=OFFERED)).rows
    else:  # those that look like the same one
        form = (await saving.current(session, keep)).keeping(())
        alike = await duplicates(session, form, ALIKE, keep.id)
        ids = {each.customer_id for each in alike.values()}
        known = await queries.of_ids(session, ids)
        owners = {each.customer_id: each.owner for each in alike.values()}
        rows = [(known[customer_id], owners[customer_id]) for customer_id in sorted(ids)]
    return render(
        request,
        "customers/merge_with.html",
        keep=keep,
        rows=[(each, owner) for each, owner in rows if each.id != keep.id],
        text=text,
    )
