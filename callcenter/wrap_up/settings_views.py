"""Settings of what comes after a call: its outcomes, and how long agents have."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web
from multidict import MultiMapping
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.models import Outcome, OutcomeQueue
from callcenter.errors import N_, Conflict, Invalid
from callcenter.keys import DIRECTORY, PRESENCE, SESSIONS
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.settings.sections import chapters_for
from callcenter.settings.wrap_up import OUTGOING, read_rules, save_rules, wrap_up_rules
from callcenter.wrap_up import editing
from callcenter.wrap_up.editing import Draft, Problems

routes = web.RouteTableDef()

OUTCOMES = "/settings/outcomes"
ONE = OUTCOMES + r"/{outcome:[a-z0-9_-]{1,32}}"
NEW = ":new"  # the key of the one that is being added: no code has a colon


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form brought that could not be saved, to be shown again."""

    drafts: Mapping[str, Draft] = field(default_factory=dict)
    problems: Problems = field(default_factory=dict)
    banner: Conflict | None = None


@routes.get("/settings/wrap-up")
@needs(Permission.COMPANY)
async def rules_page(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        rules = await wrap_up_rules(session)
    texts = {"seconds": f"{rules.seconds:.0f}", "more": f"{rules.more:.0f}"}
    return _rules(request, texts | {f"own-{name}": f"{s:.0f}" for name, s in rules.own.items()})


@routes.post("/settings/wrap-up")
@needs(Permission.COMPANY)
async def change_rules(request: web.Request) -> web.StreamResponse:
    given = await request.post()
    texts = {name: str(text)[:20] for name, text in given.items()}
    rules, problems = read_rules(texts, request.app[DIRECTORY].queues)
    if problems:
        return _rules(request, texts, problems)
    async with request.app[SESSIONS]() as session:
        await save_rules(session, rules)
        await session.commit()
    if PRESENCE in request.app:
        await request.app[PRESENCE].load_rules()
    return see_other("/settings/wrap-up", done="settings-saved")


@routes.get(OUTCOMES)
@needs(Permission.CATALOGUES)
async def show(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        return await _page(request, session, await _parent(request, session), Typed())


@routes.post(OUTCOMES)
@needs(Permission.CATALOGUES)
async def save(request: web.Request) -> web.StreamResponse:
    """All rows of one level: fields name_vi-quote, queues-quote…, `mark` of what was shown."""
    given = await request.post()
    async with request.app[SESSIONS]() as session:
        parent = await _parent(request, session)
        rows = await editing.level(session, parent.code if parent else None)
        shown = [row for row in rows if f"name_vi-{row.code}" in given]
        drafts = {row.code: _draft(given, row.code) for row in shown}
        if given.get("mark") != editing.mark(rows):
            sentence = N_("Somebody else has changed this list meanwhile. Look, and save again.")
            return await _page(request, session, parent, Typed(drafts, banner=Conflict(sentence)))
        others = [row for row in rows if row not in shown]
        if problems := editing.problems(drafts, others, request.app[DIRECTORY].queues):
            return await _page(request, session, parent, Typed(drafts, problems))
        await editing.write(session, shown, drafts)
        await session.commit()
    return see_other(_address(parent), done="list-saved")


@routes.post(OUTCOMES + "/new")
@needs(Permission.CATALOGUES)
async def add(request: web.Request) -> web.StreamResponse:
    given = await request.post()
    draft = _draft(given, NEW)
    async with request.app[SESSIONS]() as session:
        parent = await _parent(request, session)
        others = await editing.level(session, parent.code if parent else None)
        if problems := editing.problems({NEW: draft}, others, request.app[DIRECTORY].queues):
            return await _page(request, session, parent, Typed({NEW: draft}, problems))
        await editing.add(session, draft, parent.code if parent else None)
        await session.commit()
    return see_other(_address(parent), done="item-added")


@routes.post(ONE + "/retire")
@needs(Permission.CATALOGUES)
async def retire(request: web.Request) -> web.StreamResponse:
    return await _offer(request, offered=False)


@routes.post(ONE + "/bring-back")
@needs(Permission.CATALOGUES)
async def bring_back(request: web.Request) -> web.StreamResponse:
    return await _offer(request, offered=True)


@routes.post(ONE + "/delete")
@needs(Permission.CATALOGUES)
async def remove(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        row = await editing.one(session, request.match_info["outcome"])
        parent = await session.get(Outcome, row.parent_code) if row.parent_code else None
        try:
            await editing.remove(session, row)
        except Conflict as conflict:
            return await _page(request, session, parent, Typed(banner=conflict))
        await session.commit()
    return see_other(_address(parent), done="item-deleted")


async def _offer(request: web.Request, *, offered: bool) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        row = await editing.one(session, request.match_info["outcome"])
        parent = await session.get(Outcome, row.parent_code) if row.parent_code else None
        row.active = offered
        await session.commit()
    return see_other(_address(parent), done="item-back" if offered else "item-away")


def _draft(given: MultiMapping[object], code: str) -> Draft:
    texts = {
        name: str(given.get(f"{name}-{code}", "")) for name in ("name_vi", "name_en", "position")
    }
    queues = (str(each) for each in given.getall(f"queues-{code}", []))
    return editing.tidy(texts, ("" if each == "*" else each for each in queues))


async def _parent(request: web.Request, session: AsyncSession) -> Outcome | None:
    """The outcome whose sub-outcomes are looked at; raises Missing when there is none."""
    code = request.query.get("of", "")
    return await editing.one(session, code) if code else None


def _address(parent: Outcome | None) -> str:
    return f"{OUTCOMES}?of={parent.code}" if parent else OUTCOMES


async def _page(
    request: web.Request, session: AsyncSession, parent: Outcome | None, typed: Typed
) -> web.Response:
    rows = await editing.level(session, parent.code if parent else None)
    below: dict[str, list[Outcome]] = {}
    for row in await session.scalars(select(Outcome).order_by(Outcome.position, Outcome.code)):
        if row.parent_code and row.active:
            below.setdefault(row.parent_code, []).append(row)
    queues: dict[str, set[str]] = {}
    for each in await session.scalars(select(OutcomeQueue)):
        queues.setdefault(each.code, set()).add(each.queue)
    problem = typed.banner or next(iter(typed.problems.values()), None)
    return render(
        request,
        "wrap_up/outcomes.html",
        status=problem.status if problem else 200,
        chapters=chapters_for(signed_in(request).rights),
        parent=parent,
        rows=rows,
        below=below,
        offered={row.code: queues.get(row.code, set()) for row in rows},
        queues=request.app[DIRECTORY].queues,
        uses=await editing.uses(session),
        typed=typed,
        mark=editing.mark(rows),
        new=typed.drafts.get(NEW, Draft(name_vi="", name_en="")),
        NEW=NEW,
    )


def _rules(
    request: web.Request, texts: Mapping[str, str], problems: Mapping[str, Invalid] | None = None
) -> web.Response:
    return render(
        request,
        "wrap_up/rules.html",
        status=Invalid.status if problems else 200,
        chapters=chapters_for(signed_in(request).rights),
        texts=texts,
        problems=problems or {},
        queues=request.app[DIRECTORY].queues,
        OUTGOING=OUTGOING,
    )
