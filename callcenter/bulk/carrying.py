"""From what somebody asked for to a batch that is carried out, at once or as long work."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Select

from callcenter.assignment import batches, queries
from callcenter.assignment.batches import Kind
from callcenter.assignment.changes import change_of
from callcenter.assignment.models import Batch
from callcenter.errors import N_
from callcenter.jobs.models import Job
from callcenter.keys import CARDS, DESK, DIRECTORY, JOBS, SESSIONS, TEMPLATES
from callcenter.lists import queries as lists
from callcenter.lists.filters import narrowed
from callcenter.lists.selection import Selection
from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission
from callcenter.people.rights import Scope
from callcenter.people.session import scope_for, signed_in

AT_ONCE: Final = batches.PIECE  # more than these are long work, with a bar
TOLD: Final = "batch"  # cookie: what was done last, for the list to tell of it
TOLD_S: Final = 60
JOB: Final = "batch"
TITLES: Final[Mapping[Kind, str]] = {
    Kind.GIVEN: N_("Giving out {n} customers"),
    Kind.STATUS: N_("Changing the status of {n} customers"),
    Kind.SHARED: N_("Sharing {n} customers"),
    Kind.DELETED: N_("Deleting {n} customers"),
}
DONE: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.GIVEN: (N_("{n} customer was given out."), "{n} customers were given out."),
    Kind.STATUS: (
        N_("The status of {n} customer was changed."),
        "The status of {n} customers was changed.",
    ),
    Kind.SHARED: (N_("{n} customer was shared."), "{n} customers were shared."),
    Kind.DELETED: (
        N_("{n} customer was moved to the bin."),
        "{n} customers were moved to the bin.",
    ),
}


def chosen(
    request: web.Request, selection: Selection, scope: Scope, *, held: bool = False
) -> Select[int]:
    """The ids of those selected that `scope` may see; with `held` those it may give away."""
    zone = request.app[TEMPLATES].formats.zone
    seen = signed_in(request).scope
    filters = (
        narrowed(selection.filters, seen, zone, request.app[DIRECTORY].below)
        if selection.filters
        else []
    )
    return selection.customers(scope, filters, held=held)


async def asked(request: web.Request, selection: Selection) -> int:
    """How many are selected: those ticked, allowed or not; or all that the list shows."""
    if selection.filters is None:
        return len(selection.ids)
    statement = chosen(request, selection, scope_for(request, Permission.CUSTOMERS))
    async with request.app[SESSIONS]() as session:
        return await lists.whole_count(session, statement)


async def do(
    request: web.Request,
    selection: Selection,
    kind: Kind,
    params: dict[str, Any],
    ids: Select[int],
) -> web.Response:
    """Lay the batch down, carry it out, go back to the list."""
    user_id, n = signed_in(request).user.id, await asked(request, selection)
    async with request.app[SESSIONS]() as session:
        batch = await batches.lay_down(session, kind, ids, user_id, n)
        await session.commit()
    return await carried_out(request, selection, batch, params)


async def carried_out(
    request: web.Request, selection: Selection, batch: Batch, params: dict[str, Any]
) -> web.Response:
    """A batch that is laid down; the answer is the way back to the list, which tells of it."""
    app, answer = request.app, see_other(selection.back)
    if batch.allowed > AT_ONCE:
        async with app[SESSIONS]() as session:
            await app[JOBS].start(
                session,
                JOB,
                batch.user_id,
                TITLES[Kind(batch.kind)],
                {"batch_id": batch.id, **params},
                n=batch.allowed,
            )
            await session.commit()
        return answer
    change = change_of(Kind(batch.kind), params)
    await batches.carry_out(app[SESSIONS], batch, change)
    await tell(app, batch)
    return to_be_told(answer, batch.id)


def to_be_told(answer: web.Response, batch_id: int) -> web.Response:
    """The list that the answer leads to tells whose batch it is what was done, to be taken back."""
    answer.set_cookie(
        TOLD, str(batch_id), max_age=TOLD_S, httponly=True, samesite="Lax", path="/customers"
    )
    return answer


async def tell(app: web.Application, batch: Batch) -> None:
    """What is remembered of the customers is forgotten; their new owners' open pages are told."""
    app[CARDS].forget_all()
    if batch.kind != Kind.GIVEN or DESK not in app:
        return
    async with app[SESSIONS]() as session:
        given = await queries.received(session, batch)
    for user_id, n in given.items():
        if user_id != batch.user_id:
            app[DESK].tell(user_id, {"type": "given", "count": n})


async def job_over(app: web.Application, job: Job) -> None:
    """The same after a batch that was long work, however it ended."""
    async with app[SESSIONS]() as session:
        batch = await session.get(Batch, job.params["batch_id"])
    if batch is not None:
        await tell(app, batch)


async def last_done(request: web.Request) -> dict[str, str] | None:
    """What was done a moment ago: {text, undo}, "undo" being where to take it back, or ""."""
    told = request.cookies.get(TOLD, "")
    if not (told.isascii() and told.isdigit() and len(told) < 10):
        return None
    async with request.app[SESSIONS]() as session:
        batch = await session.get(Batch, int(told))
    if batch is None or batch.user_id != signed_in(request).user.id:
        return None
    words = request.app[TEMPLATES].words
    text = words.count(*DONE[Kind(batch.kind)], batch.done)
    if others := batch.asked - batch.allowed:
        one = N_("{n} of those selected is not yours to change and stayed as it was.")
        many = "{n} of those selected are not yours to change and stayed as they were."
        text += " " + words.count(one, many, others)
    may_undo = batch.kind == Kind.GIVEN and batch.done and not batch.undone_at
    return {"text": text, "undo": f"/customers/batches/{batch.id}/undo" if may_undo else ""}
