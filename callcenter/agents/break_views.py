"""Settings: the reasons of breaks, how long each may take, how many may be away at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents import catalogue
from callcenter.agents.catalogue import NEW, Draft, Problems
from callcenter.agents.models import BreakReason
from callcenter.errors import CallcenterError, Conflict
from callcenter.keys import DESK, DIRECTORY, PRESENCE, SESSIONS
from callcenter.pages.templates import render, see_other
from callcenter.people.models import Department
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.settings.sections import chapters_for

routes = web.RouteTableDef()

PATH = "/settings/breaks"


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form brought that could not be saved, to be shown again."""

    drafts: Mapping[str, Draft] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    problems: Problems = field(default_factory=dict)
    banner: CallcenterError | None = None


@routes.get(PATH)
@needs(Permission.COMPANY)
async def show(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        return await _page(request, session, Typed())


@routes.post(PATH)
@needs(Permission.COMPANY)
async def save(request: web.Request) -> web.StreamResponse:
    """All rows of the page at once: fields name_vi-lunch, minutes-lunch, …"""
    texts = await _texts(request)
    async with request.app[SESSIONS]() as session:
        rows = {row.code: row for row in await catalogue.reasons(session)}
        drafts = {
            code: catalogue.draft_of(texts, code, code)
            for code in rows
            if f"name_vi-{code}" in texts
        }
        if problems := catalogue.problems(drafts):
            return await _page(request, session, Typed(drafts, problems=problems))
        for code, draft in drafts.items():
            catalogue.write(rows[code], draft)
        await session.commit()
    await _tell(request)
    return see_other(PATH, done="list-saved")


@routes.post(PATH + "/new")
@needs(Permission.COMPANY)
async def add(request: web.Request) -> web.StreamResponse:
    texts = await _texts(request)
    code = texts.get(f"code-{NEW}", "").strip().lower()
    drafts = {NEW: catalogue.draft_of(texts, NEW, code)}
    async with request.app[SESSIONS]() as session:
        rows = await catalogue.reasons(session)
        if problems := catalogue.problems(drafts, [row.code for row in rows]):
            return await _page(request, session, Typed(drafts, problems=problems))
        row = BreakReason(code=code, offered=True)
        catalogue.write(row, drafts[NEW], max((each.position for each in rows), default=0))
        session.add(row)
        await session.commit()
    await _tell(request)
    return see_other(PATH, done="item-added")


@routes.post(PATH + r"/{code:[a-z0-9_-]{1,32}}/remove")
@needs(Permission.COMPANY)
async def remove(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        row = await catalogue.one(session, request.match_info["code"])
        try:
            deleted = await catalogue.remove(session, row)
        except Conflict as conflict:
            return await _page(request, session, Typed(banner=conflict))
        await session.commit()
    await _tell(request)
    return see_other(PATH, done="item-deleted" if deleted else "item-away")


@routes.post(PATH + r"/{code:[a-z0-9_-]{1,32}}/bring-back")
@needs(Permission.COMPANY)
async def bring_back(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        row = await catalogue.one(session, request.match_info["code"])
        row.offered = True
        await session.commit()
    await _tell(request)
    return see_other(PATH, done="item-back")


@routes.post(PATH + "/limits")
@needs(Permission.COMPANY)
async def save_limits(request: web.Request) -> web.StreamResponse:
    """Fields limit-3: how many of that department may be away at once; empty: all."""
    texts = await _texts(request)
    async with request.app[SESSIONS]() as session:
        departments = (await session.scalars(select(Department))).all()
        if problems := catalogue.limits(texts, departments):
            await session.rollback()
            return await _page(request, session, Typed(limits=texts, problems=problems))
        await session.commit()
    await request.app[DIRECTORY].load(request.app[SESSIONS])
    return see_other(PATH, done="settings-saved")


async def _texts(request: web.Request) -> dict[str, str]:
    given = await request.post()
    return {name: str(text).replace("\0", "")[:1000] for name, text in given.items()}


async def _tell(request: web.Request) -> None:
    """Open pages choose from what is offered now."""
    app = request.app
    if PRESENCE in app:
        await app[PRESENCE].load_rules()
        if DESK in app:
            app[DESK].tell_all({"type": "breaks", "breaks": app[PRESENCE].breaks.all})


async def _page(request: web.Request, session: AsyncSession, typed: Typed) -> web.Response:
    problem = typed.banner or next(iter(typed.problems.values()), None)
    departments = await session.scalars(select(Department).order_by(Department.name))
    return render(
        request,
        "agents/breaks.html",
        status=problem.status if problem else 200,
        chapters=chapters_for(signed_in(request).rights),
        rows=await catalogue.reasons(session),
        departments=departments.all(),
        typed=typed,
        new=typed.drafts.get(NEW, Draft(code="")),
    )
