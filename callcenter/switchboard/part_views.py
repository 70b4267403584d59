"""What the pages of parts with a name and a form have in common: the form, and saving what was
typed there."""

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from callcenter.errors import Conflict, Invalid
from callcenter.pages.templates import see_other
from callcenter.switchboard.editing import FIELDS, part_of
from callcenter.switchboard.names import mark_of
from callcenter.switchboard.plan import Part, Plan
from callcenter.switchboard.shared_views import Problems, page, problem_of, prompts, save, working
from callcenter.switchboard.typed import put_typed

NAMED = "/{part:[a-z0-9_-]{1,32}}"  # behind the address of the list


async def asked(request: web.Request, kind: type[Part]) -> Any:
    """The part that the page is about, None for a new one. Raises Missing."""
    name = request.match_info.get("part", "")
    return part_of((await working(request)).plan, kind, name) if name else None


async def form(
    request: web.Request,
    kind: type[Part],
    part: Any,
    texts: Mapping[str, str],
    problems: Problems | None = None,
    /,  # whatever a page has of its own has any name
    **values: object,
) -> web.Response:
    """The form of `part`, None for a new one, with these texts in its fields."""
    return await page(
        request,
        f"switchboard/{kind.__name__.lower()}_form.html",
        problems,
        part=part,
        texts=texts,
        prompts=await prompts(request),
        here=(FIELDS[kind], part.name) if part else None,
        mark=mark_of(part),
        **values,
    )


async def changed(
    request: web.Request,
    kind: type[Part],
    texts: Mapping[str, str],
    read: Callable[[Plan, str, str], Part],
    /,
    **values: object,
) -> web.StreamResponse:
    """Keep the part as `read`, given plan, name and title, has made it of the form, and go back to
    the list; else the form again, with what is wrong and `values`."""
    name = request.match_info.get("part", "")

    def edit(plan: Plan) -> Plan:
        return put_typed(plan, kind, name, texts, lambda name, title: read(plan, name, title))

    try:
        await save(request, edit)
    except (Invalid, Conflict) as problem:
        now = await asked(request, kind)
        return await form(request, kind, now, texts, problem_of(problem), **values)
    return see_other(f"/switchboard/{FIELDS[kind]}", done="draft-saved")
