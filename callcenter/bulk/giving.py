"""Distribute customers among people and departments [4.1-4.3], transfer them to one [2.14]."""

from random import randrange
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from callcenter.assignment import batches, queries
from callcenter.assignment.mechanisms import Shares
from callcenter.assignment.queries import Receiver
from callcenter.assignment.wanted import NAMES, How, Wanted, read, sharing
from callcenter.bulk.carrying import asked, carried_out, chosen, to_be_told
from callcenter.errors import N_, Invalid
from callcenter.keys import CARDS, DIRECTORY, SESSIONS, TEMPLATES
from callcenter.lists import queries as lists
from callcenter.lists.selection import Selection, selected, selected_again
from callcenter.pages.templates import render, see_other
from callcenter.people.directory import Person
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in

routes = web.RouteTableDef()


@routes.get("/customers/distribute")
@needs(Permission.DISTRIBUTE)
async def distribute(request: web.Request) -> web.StreamResponse:
    """?ids=… or ?all=1 with filters: who shall have them, and how many each."""
    return await _distribution(request, selected(request.query), Wanted(seed=randrange(10**9)))


@routes.post("/customers/distribute/preview")
@needs(Permission.DISTRIBUTE)
async def preview(request: web.Request) -> web.StreamResponse:
    """Who would have how many, while the form is being filled in."""
    form = await request.post()
    selection = selected_again(str(form.get("of", "")))
    problem, lines = None, []
    try:
        lines = await _lines(request, selection, read(form))
    except Invalid as error:
        problem = error
    return render(request, "bulk/shares.html", lines=lines, problem=problem)


@routes.post("/customers/distribute")
@needs(Permission.DISTRIBUTE)
async def do_distribute(request: web.Request) -> web.StreamResponse:
    form, sessions = await request.post(), request.app[SESSIONS]
    selection = selected_again(str(form.get("of", "")))
    try:
        wanted = read(form)
        async with sessions() as session:
            share = sharing(
                wanted, _receivers(request), _departments(request), await _last(session, wanted)
            )
    except Invalid as problem:
        return await _distribution(request, selection, _as_typed(form), problem)
    return await _given(request, selection, share, remember=wanted.how is How.IN_TURN)


@routes.get("/customers/transfer")
@needs(Permission.DISTRIBUTE)
async def transfer(request: web.Request) -> web.StreamResponse:
    return await _transfer(request, selected(request.query))


@routes.post("/customers/transfer")
@needs(Permission.DISTRIBUTE)
async def do_transfer(request: web.Request) -> web.StreamResponse:
    """To one person: the new owner sees everything of the customer."""
    form = await request.post()
    selection = selected_again(str(form.get("of", "")))
    try:
        wanted = read(form)
        share = sharing(
            Wanted(how=How.ONE, people=wanted.people), _receivers(request), _departments(request)
        )
    except Invalid as problem:
        return await _transfer(request, selection, problem)
    return await _given(request, selection, share)


@routes.get(r"/customers/batches/{batch_id:\d{1,9}}")
@needs(Permission.DISTRIBUTE)
async def what_was_done(request: web.Request) -> web.StreamResponse:
    """Where long giving leads once it is over: the list, which tells of it and can take it back."""
    who, batch_id = signed_in(request), int(request.match_info["batch_id"])
    if not who.scope.everything:  # who sees everybody's work has a link to it
        async with request.app[SESSIONS]() as session:
            await batches.one_batch(session, who.user.id, batch_id)
    return to_be_told(see_other("/customers"), batch_id)


@routes.post(r"/customers/batches/{batch_id:\d{1,9}}/undo")
@needs(Permission.DISTRIBUTE)
async def undo(request: web.Request) -> web.StreamResponse:
    """{message}: how many customers are where they were before."""
    app, user_id = request.app, signed_in(request).user.id
    batch, back = await queries.undo(app[SESSIONS], user_id, int(request.match_info["batch_id"]))
    app[CARDS].forget_all()
    words = app[TEMPLATES].words
    one = N_("{n} customer is where it was before.")
    said = words.count(one, "{n} customers are where they were before.", back)
    if stayed := batch.done - back:
        one = N_("{n} has been worked with since and stays.")
        said += " " + words.count(one, "{n} have been worked with since and stay.", stayed)
    return web.json_response({"message": said})


async def _given(
    request: web.Request, selection: Selection, share: queries.Share, *, remember: bool = False
) -> web.Response:
    who, sessions, last = signed_in(request), request.app[SESSIONS], []

    def shared(n: int) -> Shares[Receiver]:
        shares = share(n)
        last.append(shares.last)
        return shares

    ids, n = chosen(request, selection, who.scope, held=True), await asked(request, selection)
    batch = await queries.prepare(sessions, ids, shared, who.user.id, n)
    if remember and last[0] and last[0].user_id:
        async with sessions.begin() as session:
            await queries.keep_last_in_turn(session, last[0].user_id)
    return await carried_out(request, selection, batch, {})


async def _last(session: Any, wanted: Wanted) -> int | None:
    return await queries.last_in_turn(session) if wanted.how is How.IN_TURN else None


async def _lines(
    request: web.Request, selection: Selection, wanted: Wanted
) -> list[tuple[str, int, int]]:
    """(who, how many they have, how many they get), and last what nobody gets."""
    directory, who = request.app[DIRECTORY], signed_in(request)
    async with request.app[SESSIONS]() as session:
        share = sharing(
            wanted, _receivers(request), _departments(request), await _last(session, wanted)
        )
        n = await lists.whole_count(session, chosen(request, selection, who.scope, held=True))
        loads = await queries.loads(session, [user_id for user_id, _ in wanted.people])
    shares = await queries.shared_out(share, n)
    found = []
    for receiver, places in shares.of.items():
        person = directory.person(receiver.user_id) if receiver.user_id else None
        department = directory.departments.get(receiver.department_id or 0)
        name = person.name if person else department.name if department else ""
        found.append((name, loads.get(receiver.user_id or 0, 0), len(places)))
    if shares.unassigned:
        say = request.app[TEMPLATES].words.say
        found.append((say(N_("Stay as they are")), 0, len(shares.unassigned)))
    return found


async def _distribution(
    request: web.Request,
    selection: Selection,
    wanted: Wanted,
    problem: Invalid | None = None,
) -> web.Response:
    people, directory = _people(request), request.app[DIRECTORY]
    ids = chosen(request, selection, signed_in(request).scope, held=True)
    async with request.app[SESSIONS]() as session:
        n = await lists.whole_count(session, ids)
        loads = await queries.loads(session, [person.id for person in people])
    order = {user_id: place for place, (user_id, _) in enumerate(wanted.people)}
    return render(
        request,
        "bulk/distribute.html",
        status=problem.status if problem else 200,
        selection=selection,
        n=n,
        others=await asked(request, selection) - n,
        wanted=wanted,
        hows=NAMES,
        capacities=dict(wanted.people),
        people=sorted(people, key=lambda person: order.get(person.id, len(order))),
        loads=loads,
        departments=[directory.departments[each] for each in _departments(request)],
        names=directory.departments,
        problem=problem,
    )


async def _transfer(
    request: web.Request, selection: Selection, problem: Invalid | None = None
) -> web.Response:
    ids = chosen(request, selection, signed_in(request).scope, held=True)
    async with request.app[SESSIONS]() as session:
        n = await lists.whole_count(session, ids)
    return render(
        request,
        "bulk/transfer.html",
        status=problem.status if problem else 200,
        selection=selection,
        n=n,
        others=await asked(request, selection) - n,
        people=_people(request),
        names=request.app[DIRECTORY].departments,
        problem=problem,
    )


def _people(request: web.Request) -> list[Person]:
    """Who may be given customers: everybody one leads, and oneself."""
    return request.app[DIRECTORY].within(signed_in(request).scope)


def _receivers(request: web.Request) -> dict[int, int | None]:
    return {person.id: person.department_id for person in _people(request)}


def _departments(request: web.Request) -> list[int]:
    scope, departments = signed_in(request).scope, request.app[DIRECTORY].departments
    return [each for each in departments if scope.everything or each in scope.departments]


def _as_typed(form: MultiMapping[object]) -> Wanted:
    """Whatever can be kept of a form that is wrong."""
    try:
        return read(form)
    except Invalid:
        how = How(str(form.get("how")))
        people = [str(each) for each in form.getall("person", [])]
        return Wanted(how=how, people=tuple((int(each), 0) for each in people if each.isdigit()))
