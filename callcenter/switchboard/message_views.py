"""/switchboard/messages: what is said before we hang up, when nobody is there for instance."""

from aiohttp import web

from callcenter.people.permissions import Permission, needs
from callcenter.switchboard.part_views import NAMED, asked, changed, form
from callcenter.switchboard.plan import Message, Plan
from callcenter.switchboard.shared_views import page, prompts, texts_of
from callcenter.switchboard.typed import read_prompt

routes = web.RouteTableDef()

PATH = "/switchboard/messages"


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    return await page(request, "switchboard/messages.html", prompts=await prompts(request))


@routes.get(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def new(request: web.Request) -> web.StreamResponse:
    return await form(request, Message, None, {})


@routes.get(PATH + NAMED)
@needs(Permission.SWITCHBOARD)
async def edit_page(request: web.Request) -> web.StreamResponse:
    part: Message = await asked(request, Message)
    return await form(request, Message, part, {"title": part.title, "prompt": part.prompt})


@routes.post(PATH + "/new")
@routes.post(PATH + NAMED)
@needs(Permission.SWITCHBOARD)
async def change(request: web.Request) -> web.StreamResponse:
    texts, sounds = await texts_of(request), await prompts(request)

    def read(_: Plan, name: str, title: str) -> Message:
        return Message(name=name, title=title, prompt=read_prompt(texts, sounds))

    return await changed(request, Message, texts, read)
