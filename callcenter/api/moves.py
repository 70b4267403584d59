"""What an agent does with the others in a call: hand over, ask, join, come back, be unheard."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from aiohttp import web

from callcenter.api.move_types import Colleague, Colleagues, Moved, Pause, QueueNow, Target
from callcenter.api.table import Endpoint, P, table
from callcenter.calls.call import Call, Direction, State
from callcenter.calls.parties import Channels
from callcenter.customers.numbers import dialable
from callcenter.errors import (
    N_,
    CallcenterError,
    Conflict,
    ExchangeUnavailable,
    Invalid,
    Missing,
    TooMany,
)
from callcenter.keys import BOARD, DIRECTORY, GATE, LINK, PRESENCE, SESSIONS
from callcenter.people.permissions import Door, Permission
from callcenter.people.session import signed_in

OUTSIDE = (Missing, Conflict, TooMany, ExchangeUnavailable)  # what calls to numbers can end in


def _wish(
    path: str,
    summary: str,
    body: type | None = None,
    errors: tuple[type[CallcenterError], ...] = (Missing, Conflict, ExchangeUnavailable),
) -> Callable[[Endpoint[P]], Endpoint[P]]:
    """An endpoint by which somebody in a call asks the exchange for something."""
    return table.endpoint(
        "POST",
        f"/calls/{{call_id}}/{path}",
        summary,
        Moved,
        status=202,
        body=body,
        errors=errors,
        needs=Permission.CUSTOMERS,
    )


@table.endpoint(
    "GET",
    "/colleagues",
    "Whom a call can be handed over to, as they are now",
    Colleagues,
    needs=Door.SIGNED_IN,
)
async def list_colleagues(request: web.Request) -> Colleagues:
    directory, presence, own = request.app[DIRECTORY], request.app[PRESENCE], signed_in(request)
    departments = directory.departments
    people = []
    for person in directory.people():
        if person.extension and person.id != own.user.id:
            me = presence.of(person.id)
            department = departments.get(person.department_id or 0)
            people.append(
                Colleague(
                    user_id=person.id,
                    name=person.name,
                    extension=person.extension,
                    department=department.name if department else "",
                    state=me.state,
                    reason=me.reason,
                    since=me.since,
                )
            )
    calls = request.app[BOARD].calls()
    ready = [each for each in directory.people() if presence.of(each.id).state == "ready"]
    return Colleagues(
        colleagues=people,
        queues=[
            QueueNow(
                name=name,
                title=title,
                ready=sum(name in directory.queues_of(person) for person in ready),
                waiting=sum(_waits_in(call, name) for call in calls),
            )
            for name, (title, _) in directory.queues.items()
        ],
    )


@_wish("transfer", "Hand the customer over without asking", Target, OUTSIDE)
async def transfer(request: web.Request, target: Target) -> Moved:
    await _may_be_called(request, target)
    call, there, own = _mine(request)
    to = _wanted(request, call, target, own)
    if call.consult:
        raise Conflict(N_("Finish asking first."))
    if call.conference:
        raise Conflict(N_("Three are talking. Hang up to leave the two others alone."))
    with _placing(request, target, to, call):
        await request.app[LINK].moves.transfer(_customer(there), own, target.kind, to)
        await request.app[LINK].moves.leave(there.agents[own])
    return Moved(call_id=call.call_id)


@_wish("consult", "Ask somebody while the customer hears music", Target, OUTSIDE)
async def consult(request: web.Request, target: Target) -> Moved:
    await _may_be_called(request, target)
    call, there, own = _mine(request)
    to = _wanted(request, call, target, own)
    if call.consult or call.conference:
        raise Conflict(N_("Somebody is asked already."))
    customer, agent = _customer(there), there.agents[own]
    with _placing(request, target, to, call):
        await request.app[LINK].moves.consult(customer, agent, own, target.kind, to)
    return Moved(call_id=call.call_id)


@_wish("consult/complete", "Whoever was asked takes the customer over")
async def complete_consult(request: web.Request) -> Moved:
    call_id, agent, asked = _asking(request, answered=True)
    await request.app[LINK].moves.complete(agent, asked)
    return Moved(call_id=call_id)


@_wish("consult/join", "The customer, whoever was asked and oneself talk together")
async def join_consult(request: web.Request) -> Moved:
    call_id, agent, asked = _asking(request, answered=True)
    await request.app[LINK].moves.join(agent, asked)
    return Moved(call_id=call_id)


@_wish("consult/back", "Hang up on whoever was asked, and go back to the customer")
async def leave_consult(request: web.Request) -> Moved:
    call_id, _, asked = _asking(request, answered=False)
    await request.app[LINK].moves.hang_up(asked)
    return Moved(call_id=call_id)


@_wish("recording", "Pause the recording, or go on with it", Pause)
async def pause(request: web.Request, wanted: Pause) -> Moved:
    call, there, _ = _mine(request)
    await request.app[LINK].moves.pause_recording(_customer(there), paused=wanted.paused)
    return Moved(call_id=call.call_id)


def _mine(request: web.Request) -> tuple[Call, Channels, str]:
    """The call that the agent talks in, its channels, and the agent's extension."""
    call_id, own = request.match_info["call_id"], signed_in(request).person.extension
    board = request.app[BOARD]
    call, there = board.call(call_id), board.channels(call_id)
    if call is None or there is None or own is None or own not in call.extensions:
        raise Missing(N_("There is no such call, or you are not in it."))
    if own not in there.agents:
        raise Conflict(N_("Your phone is not in this call."))
    return call, there, own


def _asking(request: web.Request, *, answered: bool) -> tuple[str, str, str]:
    """The call's id, and the channels of the agent and of whoever is asked."""
    call, there, own = _mine(request)
    if call.consult is None or call.consult.by != own or there.asked is None:
        raise Conflict(N_("Nobody is asked at the moment."))
    if answered and not call.consult.talking:
        raise Conflict(N_("Nobody has answered yet."))
    return call.call_id, there.agents[own], there.asked


def _customer(there: Channels) -> str:
    if there.customer is None:
        raise Conflict(N_("The other side has hung up already."))
    return there.customer


async def _may_be_called(request: web.Request, target: Target) -> None:
    """Raises Forbidden or TooMany for a number outside that this person may not call. Before all
    else: between looking at the call and moving it nothing may wait."""
    if target.kind != "number":
        return
    call, _, own = _mine(request)
    number, person = _wanted(request, call, target, own), signed_in(request).person
    async with request.app[SESSIONS]() as session:
        if await request.app[GATE].ask(session, person, number, call.call_id):
            await session.commit()


def _placing(
    request: web.Request, target: Target, to: str, call: Call
) -> AbstractContextManager[None]:
    if target.kind != "number":
        return nullcontext()
    return request.app[GATE].placing(signed_in(request).person, to, call.call_id)


def _wanted(request: web.Request, call: Call, target: Target, own: str) -> str:
    """Whom `target` means, as the exchange knows them."""
    if call.direction is Direction.INTERNAL or call.state is State.ENDED or not call.agents:
        raise Conflict(N_("There is no customer to hand over yet."))
    directory, to = request.app[DIRECTORY], target.to.strip()
    if target.kind == "number":
        return dialable(to)
    if target.kind == "queue":
        if to not in directory.queues:
            raise Invalid(N_("There is no queue {value}."), field="to", value=to)
        return to
    person = directory.of_extension(to)
    if person is None or person.extension != to:
        raise Invalid(N_("Nobody has this extension."), field="to")
    if to == own:
        raise Invalid(N_("That is you."), field="to")
    if request.app[PRESENCE].of(person.id).phone == "unreachable":
        raise Conflict(N_("{name}’s phone is not connected."), name=person.name)
    return to


def _waits_in(call: Call, queue: str) -> bool:
    return call.queue == queue and not call.agents and call.state in (State.WAITING, State.RINGING)
