"""/switchboard/voicemails: where callers are asked for a message, and whose missed call it is."""

from collections.abc import Mapping

from aiohttp import web

from callcenter.errors import Conflict, Invalid
from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission, needs
from callcenter.switchboard.editing import part_of
from callcenter.switchboard.names import mark_of
from callcenter.switchboard.plan import Plan, Voicemail
from callcenter.switchboard.shared_views import (
    Problems,
    page,
    problem_of,
    prompts,
    save,
    texts_of,
    working,
)
from callcenter.switchboard.typed import put_typed, read_count, read_prompt, read_queue

routes = web.RouteTableDef()

PATH = "/switchboard/voicemails"
ONE = PATH + "/{part:[a-z0-9_-]{1,32}}"


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    return await page(request, "switchboard/voicemails.html", prompts=await prompts(request))


@routes.get(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def new(request: web.Request) -> web.StreamResponse:
    queues = (await working(request)).plan.queues
    texts = {"longest_s": "120", "queue": queues[0].name if len(queues) == 1 else ""}
    return await _form(request, None, texts)


@routes.get(ONE)
@needs(Permission.SWITCHBOARD)
async def edit_page(request: web.Request) -> web.StreamResponse:
    part: Voicemail = part_of((await working(request)).plan, Voicemail, request.match_info["part"])
    texts = {"longest_s": str(part.longest_s), "queue": part.queue, "prompt": part.prompt}
    return await _form(request, part, texts | {"title": part.title})


@routes.post(PATH + "/new")
@routes.post(ONE)
@needs(Permission.SWITCHBOARD)
async def change(request: web.Request) -> web.StreamResponse:
    name, texts = request.match_info.get("part", ""), await texts_of(request)
    sounds = await prompts(request)

    def edit(plan: Plan) -> Plan:
        def read(name: str, title: str) -> Voicemail:
            return Voicemail(
                name=name,
                title=title,
                prompt=read_prompt(texts, sounds),
                queue=read_queue(texts, plan),
                longest_s=read_count(texts, "longest_s", 5, 600),
            )

        return put_typed(plan, Voicemail, name, texts, read)

    try:
        await save(request, edit)
    except (Invalid, Conflict) as problem:
        now = part_of((await working(request)).plan, Voicemail, name) if name else None
        return await _form(request, now, texts, problem_of(problem))
    return see_other(PATH, done="draft-saved")


async def _form(
    request: web.Request,
    part: Voicemail | None,
    texts: Mapping[str, str],
    problems: Problems | None = None,
) -> web.Response:
    return await page(
        request,
        "switchboard/voicemail_form.html",
        problems,
        part=part,
        texts=texts,
        prompts=await prompts(request),
        here=("voicemails", part.name) if part else None,
        mark=mark_of(part),
    )
