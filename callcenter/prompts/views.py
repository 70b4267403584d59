"""/switchboard/prompts: what callers hear of us, brought as files or recorded in the page.

A prompt is no part of a plan: a new sound, and a new title, are live at once.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import PurePath
from typing import Any

from aiohttp import hdrs, web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, Conflict, Invalid
from callcenter.keys import PROMPTS, SESSIONS
from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.prompts import queries
from callcenter.prompts.audio import LONGEST_S
from callcenter.prompts.models import Prompt
from callcenter.prompts.shelf import MOST_MB
from callcenter.switchboard import versions
from callcenter.switchboard.names import name_for
from callcenter.switchboard.shared_views import Problems, name_of, page, problem_of, texts_of
from callcenter.switchboard.uses import Plays, prompts_used

routes = web.RouteTableDef()

PATH = "/switchboard/prompts"
ONE = PATH + r"/{prompt:[a-z0-9_-]{1,32}}"
PIECE = 2**16  # bytes

Uses = Mapping[str, list[Plays]]


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        found = await queries.prompts(session)
        used = await _uses(session)
    return await page(
        request,
        "switchboard/prompts.html",
        prompts=found,
        used=used,
        **_shown(request),
    )


@routes.post(PATH)
@needs(Permission.SWITCHBOARD)
async def add(request: web.Request) -> web.StreamResponse:
    """The body is the file; ?name= what it is called, or ?title= with what was recorded here.
    201 {name, title, seconds, url}."""
    title, source = _what(request)
    title = queries.checked_title(title)
    shelf, by = request.app[PROMPTS], signed_in(request).user.id
    sound = await shelf.receive(_pieces(request), request.content_length)
    async with shelf.alone(), request.app[SESSIONS]() as session:
        name = name_for(title, await queries.sounds(session), "prompt")
        prompt = queries.add(session, name, title, sound, source, by)
        await session.flush()
        await asyncio.to_thread(shelf.lay_ready, name, sound.sha256)
        await session.commit()
        await asyncio.to_thread(shelf.show, name)
    return _said(prompt, 201)


@routes.get(ONE)
@needs(Permission.SWITCHBOARD)
async def look(request: web.Request) -> web.StreamResponse:
    return await _page(request)


@routes.get(ONE + "/sound")
@needs(Permission.SWITCHBOARD)
async def sound_of(request: web.Request) -> web.StreamResponse:
    """As callers hear it."""
    async with request.app[SESSIONS]() as session:
        prompt = await queries.one(session, request.match_info["prompt"])
    return web.FileResponse(
        request.app[PROMPTS].file_of(prompt.sha256),
        headers={hdrs.CONTENT_TYPE: "audio/wav", hdrs.CACHE_CONTROL: "private, no-cache"},
    )


@routes.post(ONE + "/sound")
@needs(Permission.SWITCHBOARD)
async def replace(request: web.Request) -> web.StreamResponse:
    """Another sound under the same name, as in `add`. Whoever hears the old one hears its end."""
    _, source = _what(request)
    shelf, by = request.app[PROMPTS], signed_in(request).user.id
    name = request.match_info["prompt"]
    async with request.app[SESSIONS]() as session:
        await queries.one(session, name)  # before all of it is sent
    sound = await shelf.receive(_pieces(request), request.content_length)
    async with shelf.alone(), request.app[SESSIONS]() as session:
        prompt = await queries.one(session, name, lock=True)
        old = prompt.sha256
        queries.replace(prompt, sound, source, by)
        await session.flush()
        await asyncio.to_thread(shelf.lay_ready, name, sound.sha256)
        await session.commit()
        await asyncio.to_thread(shelf.show, name)
        await _forget(request, session, old)
    return _said(prompt, 201)


@routes.post(ONE + "/rename")
@needs(Permission.SWITCHBOARD)
async def rename(request: web.Request) -> web.StreamResponse:
    texts, name = await texts_of(request), request.match_info["prompt"]
    try:
        title = queries.checked_title(texts.get("title", ""))
    except Invalid as problem:
        return await _page(request, texts, problem_of(problem))
    async with request.app[SESSIONS].begin() as session:
        (await queries.one(session, name, lock=True)).title = title
    return see_other(f"{PATH}/{name}", done="prompt-renamed")


@routes.post(ONE + "/delete")
@needs(Permission.SWITCHBOARD)
async def delete(request: web.Request) -> web.StreamResponse:
    shelf, name = request.app[PROMPTS], request.match_info["prompt"]
    try:
        async with shelf.alone(), request.app[SESSIONS]() as session:
            prompt = await queries.one(session, name, lock=True)
            if plays := (await _uses(session)).get(name):
                raise Conflict(
                    N_("{titles} plays it: choose another prompt there, and publish, before."),
                    titles=", ".join(each.title for each in plays),
                )
            await session.delete(prompt)
            await session.commit()
            await asyncio.to_thread(shelf.take_away, name)
            await _forget(request, session, prompt.sha256)
    except Conflict as problem:
        return await _page(request, problems=problem_of(problem))
    return see_other(PATH, done="prompt-deleted")


async def _page(
    request: web.Request, texts: Mapping[str, str] | None = None, problems: Problems | None = None
) -> web.Response:
    async with request.app[SESSIONS]() as session:
        prompt = await queries.one(session, request.match_info["prompt"])
        used = (await _uses(session)).get(prompt.name, [])
    return await page(
        request,
        "switchboard/prompt.html",
        problems,
        prompt=prompt,
        used=used,
        texts=texts or {"title": prompt.title},
        **_shown(request),
    )


async def _uses(session: AsyncSession) -> Uses:
    """Of the draft and of what the exchange has: neither may lose its prompt."""
    found: dict[str, list[Plays]] = {}
    live, draft = await versions.live(session), await versions.draft(session)
    for version in filter(None, (draft, live)):
        for name, plays in prompts_used(version.plan).items():
            known = found.setdefault(name, [])
            keys = {(each.part, each.name, each.what) for each in known}
            known += [each for each in plays if (each.part, each.name, each.what) not in keys]
    return found


async def _forget(request: web.Request, session: AsyncSession, sha256: str) -> None:
    """A sound that no other prompt has."""
    if sha256 not in (await queries.sounds(session)).values():
        await asyncio.to_thread(request.app[PROMPTS].throw_away, sha256)


def _what(request: web.Request) -> tuple[str, str]:
    """Its title, and what the file was called: "" for what was recorded in the page."""
    if request.content_type == "multipart/form-data":
        raise Invalid(N_("Send the file as the body of the request, and its name as ?name=."))
    file = PurePath(request.query.get("name", "").replace("\0", "").replace("\\", "/")).name
    return request.query.get("title", "") or PurePath(file).stem[: queries.LONGEST_TITLE], file


def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    return request.content.iter_chunked(PIECE)


def _said(prompt: Prompt, status: int) -> web.Response:
    said = {"name": prompt.name, "title": prompt.title, "seconds": prompt.seconds}
    return web.json_response(said | {"url": f"{PATH}/{prompt.name}"}, status=status)


def _shown(request: web.Request) -> dict[str, Any]:
    """What both pages need."""

    def maker(user_id: int | None) -> str:
        return name_of(request, user_id)

    return {
        "most_mb": MOST_MB,
        "longest_s": int(LONGEST_S),
        "maker": maker,
        "embedded": request.app[PROMPTS].exchange,
    }
