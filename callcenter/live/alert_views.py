"""Settings: from when on something is wrong with a queue, in the company and by queue."""

from collections.abc import Mapping

from aiohttp import web

from callcenter.errors import Invalid
from callcenter.keys import DIRECTORY, SESSIONS, TEAM
from callcenter.live.rules import BOUNDS, LEAST_CALLS, OWN, load_rules, read_limits, save_limits
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.settings.sections import chapters_for

routes = web.RouteTableDef()

PATH = "/settings/alerts"


@routes.get(PATH)
@needs(Permission.COMPANY)
async def show(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        rules, own = await load_rules(session)
    texts = {name: str(getattr(rules.company, name)) for name in BOUNDS}
    for queue, numbers in own.items():
        texts |= {f"{name}-{queue}": str(number) for name, number in numbers.items()}
    return _page(request, texts)


@routes.post(PATH)
@needs(Permission.COMPANY)
async def change(request: web.Request) -> web.StreamResponse:
    """Fields wait_s and the like, and wait_s-sales for a queue; empty there: as the company."""
    texts = {name: str(text)[:20] for name, text in (await request.post()).items()}
    company, own, problems = read_limits(texts, request.app[DIRECTORY].queues)
    if problems:
        return _page(request, texts, problems)
    async with request.app[SESSIONS]() as session:
        await save_limits(session, company, own)
        await session.commit()
    if TEAM in request.app:
        await request.app[TEAM].load_rules(request.app[SESSIONS])
    return see_other(PATH, done="settings-saved")


def _page(
    request: web.Request, texts: Mapping[str, str], problems: Mapping[str, Invalid] | None = None
) -> web.Response:
    return render(
        request,
        "live/alerts.html",
        status=Invalid.status if problems else 200,
        chapters=chapters_for(signed_in(request).rights),
        texts=texts,
        problems=problems or {},
        queues=request.app[DIRECTORY].queues,
        least=LEAST_CALLS,
        own=OWN,
    )
