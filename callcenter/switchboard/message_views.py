"""/switchboard/messages: what is said before we hang up, when nobody is there for instance."""

from collections.abc import Mapping

from aiohttp import web

from callcenter.errors import Conflict, Invalid
from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission, needs
from callcenter.switchboard.editing import part_of
from callcenter.switchboard.names import mark_of
from callcenter.switchboard.plan import Message, Plan
from callcenter.switchboard.shared_views import (
    Problems,
    page,
    problem_of,
    prompts,
    save,
    texts_of,
    working,
)
from callcenter.switchboard.typed import put_typed, read_prompt

routes = web.RouteTableDef()

PATH = "/switchboard/messages"
ONE = PATH + "/{part:[a-z0-9_-]{1,32}}"


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    return await page(request, "switchboard/messages.html", prompts=await prompts(request))


@routes.get(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def new(request: web.Request) -> web.StreamResponse:
    return await _form(request, None, {})


@routes.get(ONE)
@needs(Permission.SWITCHBOARD)
async def edit_page(request: web.Request) -> web.StreamResponse:
    part: Message = part_of((await working(request)).plan, Message, request.match_info["part"])
    return await _form(request, part, {"title": part.title, "prompt": part.prompt})


@routes.post(PATH + "/new")
@routes.post(ONE)
@needs(Permission.SWITCHBOARD)
async def change(request: web.Request) -> web.StreamResponse:
    name, texts = request.match_info.get("part", ""), await texts_of(request)
    sounds = await prompts(request)

    def edit(plan: Plan) -> Plan:
        def read(name: str, title: str) -> Message:
            return Message(name=name, title=title, prompt=read_prompt(texts, sounds))

        return put_typed(plan, Message, name, texts, read)

    try:
        await save(request, edit)
    except (Invalid, Conflict) as problem:
        now = part_of((await working(request)).plan, Message, name) if name else None
        return await _form(request, now, texts, problem_of(problem))
    return see_other(PATH, done="draft-saved")


async def _form(
    request: web.Request,
    part: Message | None,
    texts: Mapping[str, str],
    problems: Problems | None = None,
) -> web.Response:
    return await page(
        request,
        "switchboard/message_form.html",
        problems,
        part=part,
        texts=texts,
        prompts=await prompts(request),
        here=("messages", part.name) if part else None,
        mark=mark_of(part),
    )
