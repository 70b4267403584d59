"""/switchboard/voicemails: where callers are asked for a message, and whose missed call it is."""

from aiohttp import web

from callcenter.people.permissions import Permission, needs
from callcenter.switchboard.part_views import NAMED, asked, changed, form
from callcenter.switchboard.plan import Plan, Voicemail
from callcenter.switchboard.shared_views import page, prompts, texts_of, working
from callcenter.switchboard.typed import read_count, read_prompt, read_queue

routes = web.RouteTableDef()

PATH = "/switchboard/voicemails"


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    return await page(request, "switchboard/voicemails.html", prompts=await prompts(request))


@routes.get(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def new(request: web.Request) -> web.StreamResponse:
    queues = (await working(request)).plan.queues
    texts = {"longest_s": "120", "queue": queues[0].name if len(queues) == 1 else ""}
    return await form(request, Voicemail, None, texts)


@routes.get(PATH + NAMED)
@needs(Permission.SWITCHBOARD)
async def edit_page(request: web.Request) -> web.StreamResponse:
    part: Voicemail = await asked(request, Voicemail)
    texts = {"longest_s": str(part.longest_s), "queue": part.queue, "prompt": part.prompt}
    return await form(request, Voicemail, part, texts | {"title": part.title})


@routes.post(PATH + "/new")
@routes.post(PATH + NAMED)
@needs(Permission.SWITCHBOARD)
async def change(request: web.Request) -> web.StreamResponse:
    texts, sounds = await texts_of(request), await prompts(request)

    def read(plan: Plan, name: str, title: str) -> Voicemail:
        return Voicemail(
            name=name,
            title=title,
            prompt=read_prompt(texts, sounds),
            queue=read_queue(texts, plan),
            longest_s=read_count(texts, "longest_s", 5, 600),
        )

    return await changed(request, Voicemail, texts, read)
