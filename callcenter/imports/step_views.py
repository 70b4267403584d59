"""An import's steps: match the columns, say where rows go, check, import, undo."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web
from multidict import MultiMapping
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues.models import Catalogue
from callcenter.catalogues.queries import items
from callcenter.customers.fields import FIELDS as CUSTOMER_FIELDS
from callcenter.errors import N_, CallcenterError, Conflict, Invalid
from callcenter.imports import columns, known, queries, shown
from callcenter.imports.choices import DESTINATIONS, MECHANISMS, Choices, Taker, choices_of
from callcenter.imports.fields import FIELDS
from callcenter.imports.models import Import, State
from callcenter.imports.views import folder_of
from callcenter.keys import DIRECTORY, JOBS, SESSIONS
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in

routes = web.RouteTableDef()

ONE = r"/imports/{import_id:\d{1,9}}"
EDITABLE = (State.UPLOADED, State.MAPPED, State.CHOSEN, State.CHECKED)
CATALOGUES = {
    "source_id": (Catalogue.SOURCE, N_("Data source")),
    "project_id": (Catalogue.PROJECT, N_("Project code")),
    "status_id": (Catalogue.STATUS, N_("Profile status")),
    "group_id": (Catalogue.CUSTOMER_GROUP, N_("Customer groups")),
}


async def one_import(request: web.Request, session: AsyncSession) -> Import:
    import_id = int(request.match_info["import_id"])
    return await queries.one(session, signed_in(request).scope, import_id)


@routes.get(ONE + "/columns")
@needs(Permission.IMPORT)
async def match(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        made = await one_import(request, session)
        if made.state not in EDITABLE:
            return see_other(f"/imports/{made.id}")
        alike = (
            None if made.mapping else await queries.alike(session, signed_in(request).scope, made)
        )
    mapping = made.mapping or (alike[0].mapping if alike else made.sheet["guess"])
    return _columns_page(request, made, mapping, made.has_headings, alike=alike)


@routes.post(ONE + "/columns")
@needs(Permission.IMPORT)
async def save_match(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        made = await one_import(request, session)
        given = await request.post()
        mapping = [str(each) for each in given.getall("column", [])]
        has_headings = "has_headings" in given
        try:
            columns.check(mapping, len(made.sheet["texts"]))
            await queries.check_idle(session, made)
            await queries.turn(session, made, EDITABLE, State.MAPPED)
        except (Invalid, Conflict) as error:
            await session.rollback()
            await session.refresh(made)
            return _columns_page(request, made, mapping, has_headings, error)
        made.mapping, made.has_headings = mapping, has_headings
        await session.commit()
    return see_other(f"/imports/{made.id}/assignment")


def _columns_page(
    request: web.Request,
    made: Import,
    mapping: Sequence[str],
    has_headings: bool,
    error: CallcenterError | None = None,
    alike: tuple[Import, str | None] | None = None,
) -> web.Response:
    sheet = made.sheet
    wide = len(sheet["texts"])
    return render(
        request,
        "imports/columns.html",
        error.status if error else 200,
        made=made,
        columns=[
            {
                "letter": sheet["letters"][place],
                "heading": sheet["texts"][place],
                "examples": sheet["examples"][place],
                "field": mapping[place] if place < len(mapping) else "",
            }
            for place in range(wide)
        ],
        has_headings=has_headings,
        fields=[(each, CUSTOMER_FIELDS[each.key].label) for each in FIELDS],
        error=error,
        alike=alike,
        **_steps(made, "columns"),
    )


@routes.get(ONE + "/assignment")
@needs(Permission.IMPORT)
async def assign(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        made = await one_import(request, session)
        if made.state == State.UPLOADED or made.state not in EDITABLE:
            return see_other(shown.step_of(made))
        choices = choices_of(made.choices)
        if not made.choices and "owner" in made.mapping:
            choices.destination = "file"
        return await _assignment_page(request, session, made, choices)


@routes.post(ONE + "/assignment")
@needs(Permission.IMPORT)
async def save_assignment(request: web.Request) -> web.StreamResponse:
    """Keep what was chosen, and begin the dry run."""
    who, directory = signed_in(request), request.app[DIRECTORY]
    async with request.app[SESSIONS]() as session:
        made = await one_import(request, session)
        choices = _typed(await request.post())
        try:
            choices.checked(made.mapping)
            await known.check_chosen(session, directory, who.scope, choices)
            await queries.check_idle(session, made)
            await queries.turn(session, made, EDITABLE[1:], State.CHOSEN)
        except (Invalid, Conflict) as error:
            await session.rollback()
            await session.refresh(made)
            return await _assignment_page(request, session, made, choices, error)
        made.choices = _kept(choices)
        await begin(request, session, made, "import_check", N_("Check of {file}"))
        await session.commit()
    return see_other(f"/imports/{made.id}")


async def begin(
    request: web.Request, session: AsyncSession, made: Import, kind: str, title: str
) -> None:
    """Put down a job for that import; the commit sets it going."""
    params = {"import_id": made.id, "folder": str(folder_of(made.id))}
    user_id = signed_in(request).user.id
    made.job_id = await request.app[JOBS].start(
        session, kind, user_id, title, params, file=made.file_name
    )


async def _assignment_page(
    request: web.Request,
    session: AsyncSession,
    made: Import,
    choices: Choices,
    error: CallcenterError | None = None,
) -> web.Response:
    scope, directory = signed_in(request).scope, request.app[DIRECTORY]
    may = known.departments_within(directory, scope)
    chosen = {each.user_id: (place, each.capacity) for place, each in enumerate(choices.people, 1)}
    people = directory.within(scope)
    people.sort(key=lambda person: (directory_name(request, person.department_id), person.name))
    return render(
        request,
        "imports/assignment.html",
        error.status if error else 200,
        made=made,
        choices=choices,
        chosen=chosen,
        people=[(each, directory_name(request, each.department_id)) for each in people],
        departments=[each for each in directory.departments.values() if each.id in may],
        destinations=DESTINATIONS,
        mechanisms=MECHANISMS,
        catalogues=[
            (name, label, await items(session, catalogue))
            for name, (catalogue, label) in CATALOGUES.items()
        ],
        mapped=[CUSTOMER_FIELDS[key].label for key in dict.fromkeys(made.mapping) if key],
        error=error,
        **_steps(made, "assignment"),
    )


def directory_name(request: web.Request, department_id: int | None) -> str:
    department = request.app[DIRECTORY].departments.get(department_id or 0)
    return department.name if department else ""


def _typed(given: "MultiMapping[Any]") -> Choices:
    """As it was sent; numbers that are none are nobody's."""

    def number(name: str) -> int | None:
        text = str(given.get(name, "")).strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    ticked = [str(each) for each in given.getall("person", [])]
    ids = [int(each) for each in ticked if each.isascii() and each.isdigit() and len(each) < 10]
    ids.sort(key=lambda each: number(f"order-{each}") or 10_000)
    return Choices(
        destination=str(given.get("destination", "")),
        department_id=number("department"),
        mechanism=str(given.get("mechanism", "turn")),
        people=[
            Taker(each, capacity=number(f"capacity-{each}") or 0) for each in dict.fromkeys(ids)
        ],
        source_id=number("source_id"),
        project_id=number("project_id"),
        status_id=number("status_id"),
        group_id=number("group_id"),
        all_or_nothing="all_or_nothing" in given,
        skip_duplicates="skip_duplicates" in given,
        unknown_empty="unknown_empty" in given,
    )


def _kept(choices: Choices) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(choices)
    return found


def _steps(made: Import, step: str) -> Mapping[str, Any]:
    return {
        "steps": shown.STEPS,
        "step": step,
        "reached": shown.reached(made),
        "editable": shown.BEFORE,
    }
