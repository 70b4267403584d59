"""/switchboard/menus: "press 1 for…", and where each key leads."""

from aiohttp import web

from callcenter.people.permissions import Permission, needs
from callcenter.switchboard.part_views import NAMED, asked, changed, form
from callcenter.switchboard.plan import KEYS, Menu, Plan
from callcenter.switchboard.shared_views import page, prompts, texts_of
from callcenter.switchboard.typed import read_count, read_prompt
from callcenter.switchboard.ways import read_way, text_of

routes = web.RouteTableDef()

PATH = "/switchboard/menus"
FIELDS = {key: f"key-{ {'*': 'star', '#': 'hash'}.get(key, key) }" for key in KEYS}


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    return await page(request, "switchboard/menus.html", keys=KEYS, prompts=await prompts(request))


@routes.get(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def new(request: web.Request) -> web.StreamResponse:
    return await form(request, Menu, None, {"wait_s": "5", "tries": "2"}, fields=FIELDS)


@routes.get(PATH + NAMED)
@needs(Permission.SWITCHBOARD)
async def edit_page(request: web.Request) -> web.StreamResponse:
    part: Menu = await asked(request, Menu)
    texts = {
        "title": part.title,
        "prompt": part.prompt,
        "wait_s": str(part.wait_s),
        "tries": str(part.tries),
        "otherwise": text_of(part.otherwise),
        **{FIELDS[key]: text_of(way) for key, way in part.keys.items()},
    }
    return await form(request, Menu, part, texts, fields=FIELDS)


@routes.post(PATH + "/new")
@routes.post(PATH + NAMED)
@needs(Permission.SWITCHBOARD)
async def change(request: web.Request) -> web.StreamResponse:
    texts, sounds = await texts_of(request), await prompts(request)

    def read(plan: Plan, name: str, title: str) -> Menu:
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

    return await changed(request, Menu, texts, read, fields=FIELDS)
