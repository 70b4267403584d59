"""One page for every short list: add, change in place, reorder, put away, delete, merge."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues import items as change
from callcenter.catalogues import queries
from callcenter.catalogues.items import Draft, Problems
from callcenter.catalogues.lists import COLOURS, LISTS, Listed
from callcenter.catalogues.merging import merge
from callcenter.catalogues.models import CatalogueItem
from callcenter.customers.search import key_of
from callcenter.errors import N_, Conflict, Invalid
from callcenter.keys import CARDS, SESSIONS
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import needs
from callcenter.people.session import signed_in
from callcenter.settings.sections import chapters_for

routes = web.RouteTableDef()

MOST_SHOWN = 300
SEARCHED_FROM = 15  # items; fewer are seen at a glance
NEW = "new"  # the key of the item that is being added
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Handle = Callable[[web.Request, Listed], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form brought that could not be saved, to be shown again."""

    drafts: Mapping[str, Draft] = field(default_factory=dict)
    problems: Problems = field(default_factory=dict)
    banner: Conflict | None = None


async def show(request: web.Request, listed: Listed) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        return await _page(request, session, listed, Typed())


async def save(request: web.Request, listed: Listed) -> web.StreamResponse:
    """All rows of the page at once: fields name-12, position-12…, `mark` of what was shown."""
    given = await request.post()
    async with request.app[SESSIONS]() as session:
        everything = await queries.items(session, listed.catalogue, put_away=True)
        shown = {str(each.id): each for each in everything if f"name-{each.id}" in given}
        drafts = {key: _draft(given, key, item) for key, item in shown.items()}
        if given.get("mark") != change.mark(everything):
            sentence = N_("Somebody else has changed this list meanwhile. Look, and save again.")
            return await _page(request, session, listed, Typed(drafts, banner=Conflict(sentence)))
        others = [each for each in everything if str(each.id) not in shown]
        parents = await _parents(session, listed)
        if problems := change.problems(listed, drafts, others, [each.id for each in parents]):
            return await _page(request, session, listed, Typed(drafts, problems))
        change.write(listed, shown.values(), drafts)
        await session.commit()
    request.app[CARDS].forget_all()
    return see_other(_back(request, listed), done="list-saved")


async def add(request: web.Request, listed: Listed) -> web.StreamResponse:
    given = await request.post()
    draft = change.tidy({name: str(given.get(f"{name}-{NEW}", "")) for name in _FIELDS})
    async with request.app[SESSIONS]() as session:
        others = await queries.items(session, listed.catalogue, put_away=True)
        parents = await _parents(session, listed)
        drafts = {NEW: draft}
        if problems := change.problems(listed, drafts, others, [each.id for each in parents]):
            return await _page(request, session, listed, Typed(drafts, problems))
        item = await change.add(session, listed, draft)
        await session.commit()
    below = _list_below(listed)  # a new type is there for its groups, so they come next
    back = f"{below.path}?type={item.id}" if below else _back(request, listed)
    return see_other(back, done="item-added")


async def put_away(request: web.Request, listed: Listed) -> web.StreamResponse:
    return await _offer(request, listed, offered=False)


async def bring_back(request: web.Request, listed: Listed) -> web.StreamResponse:
    return await _offer(request, listed, offered=True)


async def remove(request: web.Request, listed: Listed) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        item = await change.one(session, listed, int(request.match_info["item_id"]))
        try:
            await change.remove(session, listed, item)
        except Conflict as conflict:
            return await _page(request, session, listed, Typed(banner=conflict))
        await session.commit()
    return see_other(_back(request, listed), done="item-deleted")


async def merge_page(request: web.Request, listed: Listed) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        item = await change.one(session, listed, int(request.match_info["item_id"]))
        return await _merge_page(request, session, listed, item)


async def merge_two(request: web.Request, listed: Listed) -> web.StreamResponse:
    chosen = str((await request.post()).get("into", ""))
    async with request.app[SESSIONS]() as session:
        item = await change.one(session, listed, int(request.match_info["item_id"]))
        try:
            if not (chosen.isascii() and chosen.isdecimal() and len(chosen) < 10):
                raise Invalid(N_("Choose the item that takes its place."), field="into")
            into = await change.one(session, listed, int(chosen))
            await merge(session, listed, item, into, signed_in(request).user.id)
        except (Invalid, Conflict) as problem:
            return await _merge_page(request, session, listed, item, problem)
        await session.commit()
    request.app[CARDS].forget_all()
    return see_other(listed.path, done="items-merged")


def _of(listed: Listed, handle: Handle) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return await handle(request, listed)

    return needs(listed.permission)(handler)


# Each list has addresses of its own, because each has a permission of its own.
for each in LISTS.values():
    item = each.path + r"/{item_id:\d{1,9}}"
    routes.get(each.path)(_of(each, show))
    routes.post(each.path)(_of(each, save))
    routes.post(each.path + "/new")(_of(each, add))
    routes.post(item + "/put-away")(_of(each, put_away))
    routes.post(item + "/bring-back")(_of(each, bring_back))
    routes.post(item + "/delete")(_of(each, remove))
    routes.get(item + "/merge")(_of(each, merge_page))
    routes.post(item + "/merge")(_of(each, merge_two))

_FIELDS = ("name", "position", "code", "colour", "parent")


async def _offer(request: web.Request, listed: Listed, *, offered: bool) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        item = await change.one(session, listed, int(request.match_info["item_id"]))
        item.active = offered
        await session.commit()
    return see_other(_back(request, listed), done="item-back" if offered else "item-away")


def _draft(given: Mapping[str, object], key: str, item: CatalogueItem) -> Draft:
    """What was typed about an item; a field that the page does not have stays as it is."""
    texts = {name: given.get(f"{name}-{key}") for name in _FIELDS}
    if texts["parent"] is None:
        texts["parent"] = str(item.parent_id or "")
    return change.tidy({name: str(text) for name, text in texts.items() if text is not None})


def _list_below(listed: Listed) -> Listed | None:
    return next((each for each in LISTS.values() if each.parent is listed.catalogue), None)


async def _parents(session: AsyncSession, listed: Listed) -> Sequence[CatalogueItem]:
    """Those that items of this list may belong to, also put away: they may have groups."""
    if listed.parent is None:
        return []
    return await queries.items(session, listed.parent, put_away=True)


def _back(request: web.Request, listed: Listed) -> str:
    """The list as it was looked at: of one type, or searched."""
    text = request.query_string
    return f"{listed.path}?{text}" if text else listed.path


def _matches(item: CatalogueItem, words: str, parent: str) -> bool:
    return words in key_of(item.code, item.name) and parent in ("", str(item.parent_id))


async def _page(
    request: web.Request, session: AsyncSession, listed: Listed, typed: Typed
) -> web.Response:
    everything = await queries.items(session, listed.catalogue, put_away=True)
    parents = await _parents(session, listed)
    text = request.query.get("q", "").strip()[:100]
    chosen = next((each for each in parents if str(each.id) == request.query.get("type")), None)
    found = [
        each
        for each in everything
        if _matches(each, key_of(text), str(chosen.id) if chosen else "")
    ]
    problem = typed.banner or next(iter(typed.problems.values()), None)
    return render(
        request,
        "catalogues/list.html",
        status=problem.status if problem else 200,
        chapters=chapters_for(signed_in(request).rights),
        listed=listed,
        items=sorted(found[:MOST_SHOWN], key=lambda each: not each.active),
        more=len(found) - MOST_SHOWN,
        uses=await queries.uses(session, listed),
        parents=parents,
        chosen=chosen,
        below=_list_below(listed),
        typed=typed,
        mark=change.mark(everything),
        text=text,
        searched=text or len(everything) > SEARCHED_FROM,
        query=f"?{request.query_string}" if request.query_string else "",
        colours=COLOURS,
        new=typed.drafts.get(NEW, Draft(name="")),
    )


async def _merge_page(
    request: web.Request,
    session: AsyncSession,
    listed: Listed,
    item: CatalogueItem,
    problem: Invalid | Conflict | None = None,
) -> web.Response:
    await session.refresh(item)
    others = await queries.items(session, listed.catalogue)
    return render(
        request,
        "catalogues/merge.html",
        status=problem.status if problem else 200,
        chapters=chapters_for(signed_in(request).rights),
        listed=listed,
        item=item,
        others=[each for each in others if each.id != item.id],
        parents={each.id: each.name for each in await _parents(session, listed)},
        n=await queries.uses_of(session, listed, item.id),
        problem=problem,
    )
