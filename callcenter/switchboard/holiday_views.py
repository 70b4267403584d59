"""/switchboard/holidays: days on which it is closed, those of Vietnam at the press of a button."""

from collections.abc import Mapping
from datetime import date

import msgspec
from aiohttp import web

from callcenter.errors import N_, Conflict, Invalid, Missing
from callcenter.keys import TEMPLATES
from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission, needs
from callcenter.switchboard.names import mark_of
from callcenter.switchboard.plan import Holiday, Plan
from callcenter.switchboard.shared_views import Problems, page, problem_of, save, texts_of, working
from callcenter.switchboard.times import VIETNAM, days_off
from callcenter.switchboard.typed import read_holiday

routes = web.RouteTableDef()

PATH = "/switchboard/holidays"
# A holiday has no name: it is the one that says this. Another, once somebody has changed it.
ONE = PATH + "/{holiday:[0-9a-f]{16}}"


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    plan = (await working(request)).plan
    year = request.app[TEMPLATES].formats.today().year
    rows = sorted(
        ((each, days_off(each, year), days_off(each, year + 1)) for each in plan.holidays),
        key=lambda row: (row[1] or row[2] or (date.max,))[0],
    )
    return await page(
        request,
        "switchboard/holidays.html",
        plan=plan,
        rows=rows,
        year=year,
        mark_of=mark_of,
        lacking=_lacking(plan),
    )


@routes.post(PATH + "/vietnam")
@needs(Permission.SWITCHBOARD)
async def add_those_of_vietnam(request: web.Request) -> web.StreamResponse:
    """Those that are not there yet, called as they are in the language of whoever asks."""
    say = request.app[TEMPLATES].words.say

    def edit(plan: Plan) -> Plan:
        more = (msgspec.structs.replace(each, title=say(each.title)) for each in _lacking(plan))
        return msgspec.structs.replace(plan, holidays=(*plan.holidays, *more))

    await save(request, edit)
    return see_other(PATH, done="draft-saved")


@routes.get(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def new(request: web.Request) -> web.StreamResponse:
    return await _form(request, None, {"days": "1"})


@routes.get(ONE)
@needs(Permission.SWITCHBOARD)
async def edit_page(request: web.Request) -> web.StreamResponse:
    each = _one((await working(request)).plan, request.match_info["holiday"])
    texts = {
        "title": each.title,
        "day": f"{each.day}/{each.month}" + (f"/{each.year}" if each.year else ""),
        "days": str(each.days),
        "lunar": "on" if each.lunar else "",
    }
    return await _form(request, each, texts)


@routes.post(PATH + "/new")
@routes.post(ONE)
@needs(Permission.SWITCHBOARD)
async def change(request: web.Request) -> web.StreamResponse:
    mark, texts = request.match_info.get("holiday", ""), await texts_of(request)

    def edit(plan: Plan) -> Plan:
        before = _one(plan, mark) if mark else None
        after = read_holiday(texts, (each for each in plan.holidays if each is not before))
        if before is None:
            return msgspec.structs.replace(plan, holidays=(*plan.holidays, after))
        kept = tuple(after if each is before else each for each in plan.holidays)
        return msgspec.structs.replace(plan, holidays=kept)

    try:
        await save(request, edit)
    except (Invalid, Conflict) as problem:
        before = _one((await working(request)).plan, mark) if mark else None
        return await _form(request, before, texts, problem_of(problem))
    return see_other(PATH, done="draft-saved")


@routes.post(ONE + "/remove")
@needs(Permission.SWITCHBOARD)
async def remove(request: web.Request) -> web.StreamResponse:
    def edit(plan: Plan) -> Plan:
        gone = _one(plan, request.match_info["holiday"])
        return msgspec.structs.replace(
            plan, holidays=tuple(each for each in plan.holidays if each is not gone)
        )

    await save(request, edit)
    return see_other(PATH, done="draft-removed")


def _one(plan: Plan, mark: str) -> Holiday:
    found = next((each for each in plan.holidays if mark_of(each) == mark), None)
    if found is None:
        raise Missing(N_("This is not in the switchboard (any more)."))
    return found


def _lacking(plan: Plan) -> list[Holiday]:
    """Those of Vietnam whose day is not in the plan, whatever it is called there."""
    there = {(each.lunar, each.month, each.day) for each in plan.holidays}
    return [each for each in VIETNAM if (each.lunar, each.month, each.day) not in there]


async def _form(
    request: web.Request,
    holiday: Holiday | None,
    texts: Mapping[str, str],
    problems: Problems | None = None,
) -> web.Response:
    return await page(
        request,
        "switchboard/holiday_form.html",
        problems,
        holiday=holiday,
        texts=texts,
        mark=mark_of(holiday),
    )
