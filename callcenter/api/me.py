"""The caller's own: who they are, what they are doing, and the words they choose from."""

from aiohttp import web

from callcenter.agents.breaks import Break
from callcenter.agents.me import Me
from callcenter.api.table import table
from callcenter.api.types import (
    CallingRules,
    NewState,
    OutcomeItem,
    PagePhone,
    ToFinish,
    WhoAmI,
)
from callcenter.errors import Conflict, Forbidden, Missing
from callcenter.keys import DIRECTORY, PRESENCE, SESSIONS
from callcenter.people.permissions import Door, Permission
from callcenter.people.session import signed_in
from callcenter.settings.parameters import parameters
from callcenter.wrap_up.outcomes import OUTGOING, catalogue
from callcenter.wrap_up.unfinished import in_wrap_up, unfinished_count


@table.endpoint(
    "GET", "/me", "Whoever the session or the token speaks for", WhoAmI, needs=Door.SIGNED_IN
)
async def show_me(request: web.Request) -> WhoAmI:
    who = signed_in(request)
    return WhoAmI(
        id=who.person.id,
        username=who.person.username,
        name=who.person.name,
        role=who.person.role,
        extension=who.person.extension,
        department_id=who.person.department_id,
        language=who.person.language,
    )


@table.endpoint(
    "GET", "/me/state", "What one is doing now", Me, errors=(Missing,), needs=Door.SIGNED_IN
)
async def show_state(request: web.Request) -> Me:
    return request.app[PRESENCE].of(signed_in(request).user.id)


@table.endpoint(
    "PUT",
    "/me/state",
    "Be ready, on a break, or offline; ends the wrap-up",
    Me,
    body=NewState,
    errors=(Missing, Conflict),
    needs=Door.SIGNED_IN,
)
async def change_state(request: web.Request, new: NewState) -> Me:
    return await request.app[PRESENCE].want(signed_in(request).user.id, new.state, new.reason)


@table.endpoint(
    "POST",
    "/me/wrap-up/more",
    "More time after the call, as far as the company allows",
    Me,
    errors=(Missing, Conflict),
    needs=Door.SIGNED_IN,
)
async def more_time(request: web.Request) -> Me:
    return request.app[PRESENCE].more_time(signed_in(request).user.id)


@table.endpoint(
    "GET", "/breaks", "The reasons of breaks, in order", list[Break], needs=Door.SIGNED_IN
)
async def list_breaks(request: web.Request) -> list[Break]:
    return request.app[PRESENCE].breaks.all


@table.endpoint(
    "GET",
    "/outcomes",
    "What a call can end in, in order, sub-outcomes after their outcome",
    list[OutcomeItem],
    needs=Door.SIGNED_IN,
)
async def list_outcomes(request: web.Request) -> list[OutcomeItem]:
    async with request.app[SESSIONS]() as session:
        offers = await catalogue(session)
    return [
        OutcomeItem(
            code=each.code,
            parent=each.parent,
            name_vi=each.name_vi,
            name_en=each.name_en,
            queues=sorted(each.queues - {OUTGOING}),
            outgoing=OUTGOING in each.queues,
            active=each.active,
        )
        for each in offers
    ]


@table.endpoint(
    "GET", "/to-finish", "Calls that wait for their outcome", ToFinish, needs=Permission.CALLS
)
async def count_unfinished(request: web.Request) -> ToFinish:
    scope = signed_in(request).scope
    app = request.app
    async with app[SESSIONS]() as session:
        n = await unfinished_count(
            session, scope, but=in_wrap_up(app.get(PRESENCE), app[DIRECTORY], scope)
        )
    return ToFinish(count=n)


@table.endpoint(
    "GET", "/me/calling", "What the company asks of calls", CallingRules, needs=Door.SIGNED_IN
)
async def show_calling(request: web.Request) -> CallingRules:
    async with request.app[SESSIONS]() as session:
        return CallingRules(hold_alarm_s=(await parameters(session)).hold_alarm_s)


table.describe(
    "GET",
    "/me/phone",
    "show_phone",
    "The secret of a page's phone, for a page that is signed in",
    PagePhone,
    errors=(Forbidden, Conflict),
)
