"""/switchboard/…/delete: what leads to a part that is to go, and where that leads instead."""

from aiohttp import web

from callcenter.errors import Conflict, Invalid
from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission, needs
from callcenter.switchboard.editing import FIELDS, part_of, removed
from callcenter.switchboard.names import check_mark, mark_of
from callcenter.switchboard.plan import Part, Plan
from callcenter.switchboard.shared_views import Problems, page, problem_of, save, texts_of, working
from callcenter.switchboard.ways import led_elsewhere, read_way, text_of, uses, way_to

routes = web.RouteTableDef()

ONE = "/switchboard/{part_kind:hours|menus|messages|voicemails}/{part:[a-z0-9_-]{1,32}}/delete"
KINDS: dict[str, type[Part]] = {field: kind for kind, field in FIELDS.items()}


@routes.get(ONE)
@needs(Permission.SWITCHBOARD)
async def ask(request: web.Request) -> web.StreamResponse:
    return await _form(request, "", {})


@routes.post(ONE)
@needs(Permission.SWITCHBOARD)
async def delete(request: web.Request) -> web.StreamResponse:
    """Fields: `mark` of what was shown, `instead`: where those lead that led here."""
    texts, (kind, name) = await texts_of(request), _asked(request)

    def edit(plan: Plan) -> Plan:
        part = part_of(plan, kind, name)
        check_mark(part, texts.get("mark", ""))
        without, gone = removed(plan, kind, name), way_to(part)
        if not uses(plan, gone):
            return without
        return led_elsewhere(without, gone, read_way(without, texts.get("instead", ""), "instead"))

    try:
        await save(request, edit)
    except (Invalid, Conflict) as problem:
        return await _form(request, texts.get("instead", ""), problem_of(problem))
    return see_other(f"/switchboard/{FIELDS[kind]}", done="draft-removed")


def _asked(request: web.Request) -> tuple[type[Part], str]:
    return KINDS[request.match_info["part_kind"]], request.match_info["part"]


async def _form(request: web.Request, instead: str, problems: Problems) -> web.Response:
    plan, (kind, name) = (await working(request)).plan, _asked(request)
    part = part_of(plan, kind, name)
    return await page(
        request,
        "switchboard/delete.html",
        problems,
        plan=removed(plan, kind, name),  # it is not among what can be chosen
        part=part,
        back=f"/switchboard/{FIELDS[kind]}",
        uses=uses(plan, way_to(part)),
        instead=instead,
        itself=text_of(way_to(part)),
        mark=mark_of(part),
    )
