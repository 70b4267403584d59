"""What the exchange is asked to do: start a call, end one."""

from uuid import uuid4

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.api.parties import commands, takes_part
from callcenter.api.table import table
from callcenter.api.types import HungUp, NewCall, StartedCall
from callcenter.callbacks import changes
from callcenter.callbacks import queries as callbacks
from callcenter.calls.call import Call
from callcenter.calls.parties import Channels
from callcenter.calls.queries import one_call
from callcenter.customers.numbers import dialable, shown
from callcenter.customers.queries import one_customer, phones
from callcenter.errors import N_, Conflict, ExchangeUnavailable, Invalid, Missing, TooMany
from callcenter.keys import BOARD, DIRECTORY, GATE, INBOX, LINK, PRESENCE, SESSIONS
from callcenter.people.permissions import Permission
from callcenter.people.session import SignedIn, scope_for, signed_in
from callcenter.switchboard.versions import live
from callcenter.trunks.shown import shows


@table.endpoint(
    "POST",
    "/calls",
    "Call a number or a customer: first your phone rings, then theirs",
    StartedCall,
    status=201,
    body=NewCall,
    errors=(Missing, Conflict, TooMany, ExchangeUnavailable),
    needs=Permission.CUSTOMERS,
)
async def start_call(request: web.Request, new: NewCall) -> StartedCall:
    who, presence, gate = signed_in(request), request.app[PRESENCE], request.app[GATE]
    call_id = str(uuid4())
    presence.may_place(who.user.id)  # said first: whatever the number, this person cannot call now
    async with request.app[SESSIONS]() as session:
        number = dialable(await _wanted(session, who, new))
        if await gate.ask(session, who.person, number, call_id):
            await session.commit()
        if new.callback_id is not None:
            await _mine(request, session, who, new.callback_id)
        seen = shows((await live(session)).plan, request.app[DIRECTORY], who.person, number)
    # Asked again, and nothing waits until the board knows the call: two clicks are one call.
    presence.may_place(who.user.id)
    with gate.placing(who.person, number, call_id):
        await request.app[LINK].originate(
            call_id,
            extension=who.person.extension or "",
            endpoint=who.person.endpoint or "",
            number=number,
            mobile=who.person.mobile,
            caller_id=seen.own,
            shown=seen.theirs,
            queue=request.app[DIRECTORY].queue_of(who.person),
        )
    if new.callback_id is not None:
        request.app[INBOX].started(call_id, new.callback_id)
    return StartedCall(call_id=call_id, number=number, shown=shown(number))


@table.endpoint(
    "POST",
    "/calls/{call_id}/hangup",
    "End a call one is in, or one of the own team",
    HungUp,
    errors=(Missing, Conflict, ExchangeUnavailable),
    needs=Permission.CUSTOMERS,
)
async def hang_up(request: web.Request) -> HungUp:
    who, call_id = signed_in(request), request.match_info["call_id"]
    call = request.app[BOARD].call(call_id)
    if call is None:
        async with request.app[SESSIONS]() as session:
            await one_call(session, who.scope.one_call, call_id)
        raise Conflict(N_("The call is over already."))
    own = who.person.extension
    if leg := _leg(request.app[BOARD].channels(call_id), call, own):
        await request.app[LINK].moves.hang_up(leg)  # as the phone would: two others may go on
        return HungUp(call_id=call_id)
    places_it = own is not None and own == call.placed_by and not call.talking
    if not places_it:
        if not takes_part(request, who, call_id):
            raise Missing(N_("There is no such call."))
        if not commands(request, who, call) or own in call.ringing:
            # It rings at others too, and the customer waits for one of them.
            raise Conflict(N_("You are not in this call."))
    # Whoever began it may have handed it over; before there is any channel it has the call's id.
    first, *_ = request.app[BOARD].channels_of(call_id) or [call_id]
    await request.app[LINK].hang_up(first)
    return HungUp(call_id=call_id)


def _leg(there: Channels | None, call: Call, own: str | None) -> str | None:
    """The channel of somebody who talks in the call, or is asked in it."""
    if there is None or own is None:
        return None
    is_asked = call.consult is not None and call.consult.target == own
    return there.agents.get(own) or (there.asked if is_asked else None)


async def _mine(
    request: web.Request, session: AsyncSession, who: SignedIn, callback_id: int
) -> None:
    """Whoever calls takes what was anyone's. Raises Missing or Conflict."""
    scope, inbox = scope_for(request, Permission.CALLBACKS), request.app[INBOX]
    callback = await callbacks.one(session, scope, callback_id)
    if callback.user_id is None:
        directory = request.app[DIRECTORY]
        await changes.claim(session, callback, who.person, directory, inbox.now())
        await session.commit()
        await inbox.taken(callback.id, who.person)


async def _wanted(session: AsyncSession, who: SignedIn, new: NewCall) -> str:
    if new.number:
        return new.number
    if new.customer_id is None:
        raise Invalid(N_("Say a number or a customer to call."), "number")
    customer = await one_customer(session, who.scope, new.customer_id)
    numbers = (await phones(session, [customer.id])).get(customer.id, [])
    if not numbers:
        raise Conflict(N_("This customer has no phone number."))
    return numbers[0].raw
