"""/switchboard/shown: which number customers see, by the department of whoever calls."""

from aiohttp import web

from callcenter.errors import N_, Invalid
from callcenter.keys import DIRECTORY
from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission, needs
from callcenter.switchboard.plan import Plan
from callcenter.switchboard.shared_views import Problems, page, problem_of, save, texts_of, working
from callcenter.trunks.shown import shown_for, tree, with_shown

routes = web.RouteTableDef()

PATH = "/switchboard/shown"


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    plan = (await working(request)).plan
    texts = {f"shown-{each.department_id}": each.number for each in plan.shown}
    return await _page(request, texts)


@routes.post(PATH)
@needs(Permission.SWITCHBOARD)
async def change(request: web.Request) -> web.StreamResponse:
    """Fields shown-1, shown-2 …, by the department's id: a number of ours, or nothing."""
    texts = await texts_of(request)
    departments = request.app[DIRECTORY].departments

    def edit(plan: Plan) -> Plan:
        before = {each.department_id: each.number for each in plan.shown}
        chosen = {each: texts.get(f"shown-{each}", before.get(each, "")) for each in departments}
        ours = {"", *before.values(), *(each.number for each in plan.numbers)}
        for department_id, number in chosen.items():
            if number not in ours:
                field = f"shown-{department_id}"
                raise Invalid(N_("Choose one of your numbers."), field=field)
        return with_shown(plan, chosen)

    try:
        await save(request, edit)
    except Invalid as problem:
        return await _page(request, texts, problem_of(problem))
    return see_other(PATH, done="draft-saved")


async def _page(
    request: web.Request, texts: dict[str, str], problems: Problems | None = None
) -> web.Response:
    plan, directory = (await working(request)).plan, request.app[DIRECTORY]
    return await page(
        request,
        "trunks/shown.html",
        problems,
        texts=texts,
        departments=tree(directory),
        inherited={
            each.id: shown_for(plan, directory, each.parent_id)
            for each in directory.departments.values()
        },
        fallback=plan.caller_id or (plan.numbers[0].number if plan.numbers else ""),
    )
