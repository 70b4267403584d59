"""The calls alive, and those who wait for one; app.py says when each part is built."""

from functools import partial

from aiohttp import web

from callcenter.asterisk.dialplan import TRUNK
from callcenter.callbacks.kept import KeptPlaces
from callcenter.calls.board import Board
from callcenter.calls.journal import Journal
from callcenter.customers.numbers import dialable, key_of
from callcenter.keys import (
    BACK_FILL,
    BOARD,
    CARDS,
    COMPARISON,
    CONFIG,
    DEBTS,
    DESK,
    DIRECTORY,
    EAR,
    ENGINE,
    GATE,
    GROUP,
    INBOX,
    JOURNAL,
    KEPT,
    LIBRARY,
    LINK,
    LISTENINGS,
    OWNER_FIRST,
    PRESENCE,
    RESCUE,
    SESSIONS,
    TEAM,
    VAIN_RINGS,
)
from callcenter.parts import EXCHANGE, customer_ids
from callcenter.people.directory import Person
from callcenter.sums.keeper import Keeper
from callcenter.switchboard.versions import live
from callcenter.trunks.shown import shows


def board(app: web.Application) -> Board:
    """The calls alive, and who is told of each change."""
    config = app[CONFIG].asterisk
    return Board(  # people first, paper second
        listeners=[
            app[DESK].push,
            app[PRESENCE].push,
            app[EAR].push,
            app[JOURNAL].note,
            app[DEBTS].note,
            app[LIBRARY].call_ended,
            lambda change: app[OWNER_FIRST].push(change),
            lambda change: app[RESCUE].push(change),
            lambda change: app[KEPT].push(change),
            lambda change: app[COMPARISON].push(change),
            lambda change: app[LISTENINGS].push(change),
            lambda change: app[TEAM].push(change),
            lambda change: app[VAIN_RINGS].push(change),
            lambda change: app[GATE].push(change),
            lambda change: app[BACK_FILL].heard(change),
        ],
        trunk=TRUNK if config.mode == "embedded" else config.trunk,
    )


def journal(app: web.Application) -> Journal:
    """It hears the board, and from agents when what follows a call is over."""
    found = Journal(
        app[ENGINE],
        zone=app[CONFIG].zone,
        whose=app[DIRECTORY].whose,
        customers=lambda keys: customer_ids(app[CARDS], keys),
        key_of=key_of,
        within=lambda queue: app[TEAM].within(queue),
        exchange=EXCHANGE,
    )
    app[PRESENCE].roll.wrapped_up = found.wrapped_up
    return found


def sums(app: web.Application) -> Keeper:
    return Keeper(app[ENGINE], app[SESSIONS], app[CONFIG].zone, app[GROUP])


def kept_places(app: web.Application) -> KeptPlaces:
    """Callers who keep their place in a queue. It hears agents and the inbox; the board too."""
    presence = app[PRESENCE]

    def free() -> list[int]:
        if not (presence.exchange and presence.exchange.connected) or app[BACK_FILL].is_behind:
            return []
        ready = [user_id for user_id in presence.roll.agents if presence.roll.is_free(user_id)]
        return sorted(ready, key=presence.roll.since_of)

    async def hold(user_id: int) -> None:
        presence.places.move(user_id)
        await presence.places.settled(user_id)

    found = KeptPlaces(
        app[SESSIONS],
        app[DIRECTORY],
        app[BOARD],
        free=free,
        hold=hold,
        call=partial(call_back, app),
    )
    presence.calls_back = found.holds
    presence.listeners.append(found.agent_changed)
    app[INBOX].lines.listeners.append(found.lines_changed)
    return found


async def call_back(
    app: web.Application, person: Person, number: str, queue: str, call_id: str
) -> None:
    """Ring that agent, then whoever keeps a place there. Raises what the gate and the exchange have
    against it."""
    presence, number = app[PRESENCE], dialable(number)
    presence.may_place(person.id)
    async with app[SESSIONS]() as session:
        if await app[GATE].ask(session, person, number, call_id, by_itself=True):
            await session.commit()
        seen = shows((await live(session)).plan, app[DIRECTORY], person, number)
    presence.may_place(person.id)
    with app[GATE].placing(person, number, call_id):
        await app[LINK].originate(
            call_id,
            extension=person.extension or "",
            endpoint=person.endpoint or "",
            number=number,
            mobile=person.mobile,
            caller_id=seen.own,
            shown=seen.theirs,
            queue=queue,
        )
