"""/switchboard/menus: "press 1 for…", and where each key leads."""

from collections.abc import Mapping

from aiohttp import web

from callcenter.errors import Conflict, Invalid
from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission, needs
from callcenter.switchboard.editing import part_of
from callcenter.switchboard.names import mark_of
from callcenter.switchboard.plan import Menu, Plan
from callcenter.switchboard.queue_forms import KEYS
from callcenter.switchboard.shared_views import (
    Problems,
    page,
    problem_of,
    prompts,
    save,
    texts_of,
    working,
)
from callcenter.switchboard.typed import put_typed, read_count, read_prompt
from callcenter.switchboard.ways import read_way, text_of

routes = web.RouteTableDef()

PATH = "/switchboard/menus"
ONE = PATH + "/{part:[a-z0-9_-]{1,32}}"
FIELDS = {key: f"key-{ {'*': 'star', '#': 'hash'}.get(key, key) }" for key in KEYS}


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    return await page(request, "switchboard/menus.html", keys=KEYS, prompts=await prompts(request))


@routes.get(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def new(request: web.Request) -> web.StreamResponse:
    return await _form(request, None, {"wait_s": "5", "tries": "2"})


@routes.get(ONE)
@needs(Permission.SWITCHBOARD)
async def edit_page(request: web.Request) -> web.StreamResponse:
    part: Menu = part_of((await working(request)).plan, Menu, request.match_info["part"])
    texts = {
        "title": part.title,
        "prompt": part.prompt,
        "wait_s": str(part.wait_s),
        "tries": str(part.tries),
        "otherwise": text_of(part.otherwise),
        **{FIELDS[key]: text_of(way) for key, way in part.keys.items()},
    }
    return await _form(request, part, texts)


@routes.post(PATH + "/new")
@routes.post(ONE)
@needs(Permission.SWITCHBOARD)
async def change(request: web.Request) -> web.StreamResponse:
    name, texts = request.match_info.get("part", ""), await texts_of(request)
    sounds = await prompts(request)

    def edit(plan: Plan) -> Plan:
        def read(name: str, title: str) -> Menu:
            return Menu(
                name=name,
                title=title,
                prompt=read_prompt(texts, sounds),
                keys={
                    key: read_way(plan, texts[field], field)
                    for key, field in FIELDS.items()
                    if texts.get(field)
                },
                wait_s=read_count(texts, "wait_s", 1, 30),
                tries=read_count(texts, "tries", 1, 5),
                otherwise=read_way(plan, texts.get("otherwise", ""), "otherwise"),
            )

        return put_typed(plan, Menu, name, texts, read)

    try:
        await save(request, edit)
    except (Invalid, Conflict) as problem:
        now = part_of((await working(request)).plan, Menu, name) if name else None
        return await _form(request, now, texts, problem_of(problem))
    return see_other(PATH, done="draft-saved")


async def _form(
    request: web.Request,
    part: Menu | None,
    texts: Mapping[str, str],
    problems: Problems | None = None,
) -> web.Response:
    return await page(
        request,
        "switchboard/menu_form.html",
        problems,
        part=part,
        texts=texts,
        fields=FIELDS,
        prompts=await prompts(request),
        here=("menus", part.name) if part else None,
        mark=mark_of(part),
    )
