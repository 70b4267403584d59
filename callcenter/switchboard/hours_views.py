"""/switchboard/hours: when somebody is there, and where calls go on then and otherwise."""

from collections.abc import Sequence
from datetime import UTC, datetime

from aiohttp import web

from callcenter.errors import Invalid
from callcenter.keys import CONFIG
from callcenter.people.permissions import Permission, needs
from callcenter.switchboard.part_views import NAMED, asked, changed, form
from callcenter.switchboard.pictures import week_bars
from callcenter.switchboard.plan import Hours, Plan
from callcenter.switchboard.shared_views import page, texts_of, working
from callcenter.switchboard.times import groups, is_open
from callcenter.switchboard.typed import (
    TypedGroup,
    read_openings,
    shown_groups,
    typed_groups,
)
from callcenter.switchboard.ways import read_way, text_of

routes = web.RouteTableDef()

PATH = "/switchboard/hours"
USUAL = (
    TypedGroup((0, 1, 2, 3, 4), (("8:00", "12:00"), ("13:30", "17:30"))),
    TypedGroup((5,), (("8:00", "12:00"),)),
)


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    plan = (await working(request)).plan
    now = datetime.now(UTC).astimezone(request.app[CONFIG].zone)
    return await page(
        request,
        "switchboard/hours.html",
        plan=plan,
        groups=groups,
        open_now={each.name: is_open(plan, each, now) for each in plan.hours},
    )


@routes.get(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def new(request: web.Request) -> web.StreamResponse:
    return await form(request, Hours, None, {"keeps_holidays": "on"}, **_week(USUAL))


@routes.get(PATH + NAMED)
@needs(Permission.SWITCHBOARD)
async def edit_page(request: web.Request) -> web.StreamResponse:
    part: Hours = await asked(request, Hours)
    texts = {
        "title": part.title,
        "keeps_holidays": "on" if part.keeps_holidays else "",
        "open": text_of(part.open),
        "closed": text_of(part.closed),
    }
    return await form(request, Hours, part, texts, **_week(shown_groups(part.openings)))


@routes.post(PATH + "/new")
@routes.post(PATH + NAMED)
@needs(Permission.SWITCHBOARD)
async def change(request: web.Request) -> web.StreamResponse:
    texts, given = await texts_of(request), await request.post()
    typed = typed_groups({each: [str(text) for text in given.getall(each)] for each in given})

    def read(plan: Plan, name: str, title: str) -> Hours:
        return Hours(
            name=name,
            title=title,
            openings=read_openings(typed),
            keeps_holidays="keeps_holidays" in texts,
            open=read_way(plan, texts.get("open", ""), "open"),
            closed=read_way(plan, texts.get("closed", ""), "closed"),
        )

    return await changed(request, Hours, texts, read, **_week(typed))


def _week(typed: Sequence[TypedGroup]) -> dict[str, object]:
    """What was typed of the week, and its picture as far as it can be read."""
    try:
        openings = read_openings(typed)
    except Invalid:
        openings = ()
    return {"typed": typed, "bars": week_bars(openings)}
