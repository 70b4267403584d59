"""The last step of an import: what the check found, the run, what came of it, and the way back."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers.numbers import key_of
from callcenter.errors import N_, CallcenterError, Conflict, Invalid
from callcenter.imports import queries, shown, uploads
from callcenter.imports.cells import phones_of
from callcenter.imports.choices import DESTINATIONS, MECHANISMS, choices_of
from callcenter.imports.columns import record_of
from callcenter.imports.models import Import, RowState, State
from callcenter.imports.pieces import stored_of
from callcenter.imports.shown import Shown
from callcenter.imports.step_views import CATALOGUES, ONE, begin, directory_name, one_import
from callcenter.imports.undo import can_undo, worked_on
from callcenter.imports.verdicts import FILTERS, REFUSED, counts_of, places_of
from callcenter.imports.views import folder_of
from callcenter.jobs.models import OPEN
from callcenter.jobs.models import State as JobState
from callcenter.keys import DIRECTORY, JOBS, SESSIONS, TEMPLATES
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.sheets.tables import Row

routes = web.RouteTableDef()

ROWS = 50  # of a page
CAME_IN = (State.RUNNING, State.STOPPED, State.DONE, State.UNDONE)


@routes.get(ONE)
@needs(Permission.IMPORT)
async def look(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        made = await one_import(request, session)
        if made.state in (State.UPLOADED, State.MAPPED):
            return see_other(shown.step_of(made))
        return await _page(request, session, made)


@routes.post(ONE + "/check")
@needs(Permission.IMPORT)
async def check(request: web.Request) -> web.StreamResponse:
    """Once more: something in the catalogues or among the customers has changed."""
    return await _start(
        request,
        "import_check",
        N_("Check of {file}"),
        ((State.CHOSEN, State.CHECKED), State.CHOSEN),
    )


@routes.post(ONE + "/run")
@needs(Permission.IMPORT)
async def run(request: web.Request) -> web.StreamResponse:
    """Import what was checked, or go on with what was stopped."""
    return await _start(
        request,
        "import_run",
        N_("Import of {file}"),
        ((State.CHECKED, State.STOPPED), State.RUNNING),
    )


@routes.post(ONE + "/undo")
@needs(Permission.IMPORT)
async def undo(request: web.Request) -> web.StreamResponse:
    states = (State.DONE, State.STOPPED, State.UNDONE)
    return await _start(request, "import_undo", N_("Undo of {file}"), (states, None))


@routes.post(ONE + "/cancel")
@needs(Permission.IMPORT)
async def cancel(request: web.Request) -> web.StreamResponse:
    """Give it up before anything was imported; its file is removed."""
    async with request.app[SESSIONS]() as session:
        made = await one_import(request, session)
        job = await queries.job_of(session, made)
        if job is not None and job.state in OPEN and job.kind != "import_check":
            raise Conflict(N_("This import is under way. Stop it first."))
        await queries.turn(session, made, shown.BEFORE, State.CANCELLED)
        await session.commit()
    if job is not None and job.state in OPEN:
        await request.app[JOBS].cancel(job.id)
    await asyncio.to_thread(uploads.forget, folder_of(made.id))
    return see_other("/imports", done="import-cancelled")


async def _start(
    request: web.Request, kind: str, title: str, turn: tuple[Sequence[State], State | None]
) -> web.Response:
    async with request.app[SESSIONS]() as session:
        made = await one_import(request, session)
        try:
            await queries.check_idle(session, made)
            before, after = turn
            await queries.turn(session, made, before, after or State(made.state))
        except Conflict as error:
            await session.rollback()
            await session.refresh(made)
            return await _page(request, session, made, error)
        await begin(request, session, made, kind, title)
        await session.commit()
    return see_other(f"/imports/{made.id}")


async def _page(
    request: web.Request, session: AsyncSession, made: Import, error: CallcenterError | None = None
) -> web.Response:
    job = await queries.job_of(session, made)
    is_open = job is not None and job.state in OPEN
    problem = job.problem if job is not None and job.state == JobState.FAILED else {}
    try:
        looked = await _looked(request, session, made, is_open=is_open)
    except Invalid as gone:
        looked = _nothing(request, made)
        error = error or (gone if made.state in shown.BEFORE else None)
    undoable = made.state in CAME_IN and not is_open
    total, fresh = await can_undo(session, made.id) if undoable else (0, 0)
    discarded = 0
    if made.state == State.UNDONE:
        discarded = await queries.discarded_count(session, signed_in(request).scope, made.id)
    return render(
        request,
        "imports/import.html",
        error.status if error else 200,
        made=made,
        job=job if is_open else None,
        problem=problem,
        error=error,
        **looked,
        filters=FILTERS,
        total=total,
        fresh=fresh,
        discarded=discarded,
        stay=await worked_on(session, made.id) if total != fresh else [],
        states=shown.STATES,
        chosen=await _chosen(request, session, made),
        before=shown.BEFORE,
        steps=shown.STEPS,
        step="",
        reached=4,
        editable=shown.BEFORE,
    )


def _nothing(request: web.Request, made: Import) -> dict[str, Any]:
    """What the page shows of the rows while there are none."""
    show = request.query.get("show", "")
    return {
        "counts": counts_of(b"") | {"mended": 0, "removed": 0, "stay": 0} | made.counts,
        "rows": [],
        "found": 0,
        "page": _number(request.query.get("page", "")),
        "pages": 0,
        "show": show if show in FILTERS else "",
    }


async def _looked(
    request: web.Request, session: AsyncSession, made: Import, *, is_open: bool
) -> dict[str, Any]:
    """The rows of this page and how many there are. Raises Invalid once the file is gone."""
    found = _nothing(request, made)
    if is_open or made.state in (State.CHOSEN, State.CANCELLED):
        return found
    stored = stored_of(made, folder_of(made.id))
    flags = await asyncio.to_thread(stored.flags)
    places = await asyncio.to_thread(places_of, flags, found["show"])
    here = places[(found["page"] - 1) * ROWS : found["page"] * ROWS]
    rows = await asyncio.to_thread(stored.at, here)
    if made.state not in CAME_IN:
        found["counts"] |= counts_of(flags)
    return found | {
        "rows": await _shown(request, session, made, list(zip(here, rows, strict=True)), flags),
        "found": len(places),
        "pages": -(-len(places) // ROWS),
    }


async def _shown(
    request: web.Request,
    session: AsyncSession,
    made: Import,
    rows: Sequence[tuple[int, Row]],
    flags: bytes,
) -> list[Shown]:
    say = request.app[TEMPLATES].words.say
    wrong = await queries.checked(session, made.id, [row.number for _, row in rows])
    values = {row.number: queries.values_of(made, row.texts) for _, row in rows}
    keys = {
        number: key_of(phones[0].text)
        for number, each in values.items()
        if each["phones"] and (phones := phones_of(each["phones"][0]))
    }
    came_in = made.state in CAME_IN
    brought = await queries.brought(session, made.id, list(keys.values())) if came_in else {}
    lines = []
    for place, row in rows:
        if row.number in wrong and flags[place] & REFUSED:
            lines.append(shown.refused(say, made, wrong[row.number]))
            continue
        record = record_of(made.mapping, row.texts)
        customer_id, owner = brought.get(keys.get(row.number, ""), (None, None))
        told = shown.notes(say, flags[place], record.text("owner"), record.restored)
        lines.append(
            Shown(
                number=row.number,
                name=values[row.number]["name"],
                phones=record.phones,
                chips=shown.chips_of(flags[place]),
                why=told or (say(N_("Owner: {name}"), name=owner) if owner else ""),
                refused=bool(flags[place] & REFUSED),
                customer_id=customer_id,
                state=RowState.MENDED if customer_id else "",
            )
        )
    return lines


async def _chosen(request: web.Request, session: AsyncSession, made: Import) -> dict[str, Any]:
    """What was chosen, in words, for the card beside."""
    choices, directory = choices_of(made.choices), request.app[DIRECTORY]
    people = [directory.person(each.user_id) for each in choices.people]
    names = await queries.names_of(session, [getattr(choices, each) for each in CATALOGUES])
    return {
        "choices": choices,
        "destination": DESTINATIONS[choices.destination],
        "mechanism": MECHANISMS[choices.mechanism],
        "department": directory_name(request, choices.department_id),
        "people": [person for person in people if person],
        "items": [
            (label, names[item])
            for name, (_, label) in CATALOGUES.items()
            if (item := getattr(choices, name)) in names
        ],
        "mapped": sum(bool(key) for key in made.mapping),
        "by": (maker := directory.person(made.user_id)) and maker.name,
        "mine": made.user_id == signed_in(request).user.id,
    }


def _number(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1
