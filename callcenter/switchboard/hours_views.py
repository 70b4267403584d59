"""/switchboard/hours: when somebody is there, and where calls go on then and otherwise."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from aiohttp import web
from multidict import MultiMapping

from callcenter.errors import Conflict, Invalid
from callcenter.keys import CONFIG
from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission, needs
from callcenter.switchboard.editing import part_of
from callcenter.switchboard.names import mark_of
from callcenter.switchboard.pictures import week_bars
from callcenter.switchboard.plan import Hours, Plan
from callcenter.switchboard.shared_views import Problems, page, problem_of, save, texts_of, working
from callcenter.switchboard.times import groups, is_open
from callcenter.switchboard.typed import (
    TypedGroup,
    put_typed,
    read_openings,
    shown_groups,
    typed_groups,
)
from callcenter.switchboard.ways import read_way, text_of

routes = web.RouteTableDef()

PATH = "/switchboard/hours"
ONE = PATH + "/{part:[a-z0-9_-]{1,32}}"
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
    return await _form(request, None, {"keeps_holidays": "on"}, USUAL)


@routes.get(ONE)
@needs(Permission.SWITCHBOARD)
async def edit_page(request: web.Request) -> web.StreamResponse:
    part: Hours = part_of((await working(request)).plan, Hours, request.match_info["part"])
    texts = {
        "title": part.title,
        "keeps_holidays": "on" if part.keeps_holidays else "",
        "open": text_of(part.open),
        "closed": text_of(part.closed),
    }
    return await _form(request, part, texts, shown_groups(part.openings))


@routes.post(PATH + "/new")
@routes.post(ONE)
@needs(Permission.SWITCHBOARD)
async def change(request: web.Request) -> web.StreamResponse:
    name, texts = request.match_info.get("part", ""), await texts_of(request)
    typed = typed_groups(_several(await request.post()))

    def edit(plan: Plan) -> Plan:
        def read(name: str, title: str) -> Hours:
            return Hours(
                name=name,
                title=title,
                openings=read_openings(typed),
                keeps_holidays="keeps_holidays" in texts,
                open=read_way(plan, texts.get("open", ""), "open"),
                closed=read_way(plan, texts.get("closed", ""), "closed"),
            )

        return put_typed(plan, Hours, name, texts, read)

    try:
        await save(request, edit)
    except (Invalid, Conflict) as problem:
        now = part_of((await working(request)).plan, Hours, name) if name else None
        return await _form(request, now, texts, typed, problem_of(problem))
    return see_other(PATH, done="draft-saved")


def _several(given: MultiMapping[object]) -> dict[str, list[str]]:
    return {name: [str(each) for each in given.getall(name)] for name in given}


async def _form(
    request: web.Request,
    part: Hours | None,
    texts: Mapping[str, str],
    typed: Sequence[TypedGroup],
    problems: Problems | None = None,
) -> web.Response:
    try:
        openings = read_openings(typed)
    except Invalid:
        openings = ()
    return await page(
        request,
        "switchboard/hours_form.html",
        problems,
        part=part,
        texts=texts,
        typed=typed,
        bars=week_bars(openings),
        here=("hours", part.name) if part else None,
        mark=mark_of(part),
    )
