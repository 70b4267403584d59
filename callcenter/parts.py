"""Parts of the application that take several others to build; app.py says when each is built."""

import asyncio
from collections.abc import Callable, Collection
from pathlib import Path

from aiohttp import web

from callcenter.agents.lines import forget as forget_lines
from callcenter.asterisk.backfill import BackFill
from callcenter.asterisk.dialplan import TRUNK, USER, Ports
from callcenter.asterisk.layout import OWN_SOUNDS
from callcenter.asterisk.link import Link
from callcenter.asterisk.phone_states import PhoneState
from callcenter.callbacks.inbox import Inbox
from callcenter.calls.models import CallRecord
from callcenter.config import ROOT, Config, home
from callcenter.customers.cards import Cards
from callcenter.customers.merging import merge_search
from callcenter.customers.numbers import key_of
from callcenter.dialling.gate import Gate
from callcenter.exchange_parts import keep_holidays
from callcenter.explain.ear import Ear
from callcenter.explain.errands import forget as forget_hops
from callcenter.explain.log import HopLog
from callcenter.exports.errands import forget_exports
from callcenter.imports.errands import forget_files
from callcenter.jobs.daily import Daily, forget_jobs
from callcenter.keys import (
    BACK_FILL,
    BOARD,
    CARDS,
    COMPARISON,
    CONFIG,
    DESK,
    DIRECTORY,
    EAR,
    ENGINE,
    GROUP,
    INBOX,
    JOURNAL,
    KEPT,
    LIBRARY,
    LISTENINGS,
    PARAMETERS,
    PRESENCE,
    RESCUE,
    SECRETS,
    SESSIONS,
    SUMS,
    WHAT_RINGS,
)
from callcenter.live.alarm_log import forget as forget_alarms
from callcenter.popups.call_card import OpenCard
from callcenter.profiles.bin import purge_bin
from callcenter.prompts import queries as prompts
from callcenter.prompts.shelf import Shelf
from callcenter.reconciler.reconciler import Reconciler
from callcenter.recordings import queries as recorded
from callcenter.recordings.library import Library
from callcenter.report_mail.schedules import forget_letters
from callcenter.routing.owner_first import OwnerFirst
from callcenter.settings import queries as settings
from callcenter.team_parts import count_first_calls

EXCHANGE = "exchange"  # its name, in ids of channels and in rows


def link_of(app: web.Application) -> Link:
    """The way to the exchange, ours or somebody's; who is told what."""
    config = app[CONFIG].asterisk
    embedded = config.mode == "embedded"

    def phone_changed(endpoint: str, state: PhoneState) -> None:
        app[PRESENCE].phone_changed(endpoint, state)
        app[EAR].phone_changed(endpoint, state)
        if (person := app[DIRECTORY].rung_at(endpoint)) and person.extension:
            app[RESCUE].phone_changed(person.extension, state)

    async def after_login() -> None:
        app[BACK_FILL].after_login()
        await app[WHAT_RINGS].after_login()
        await app[RESCUE].tell_patience()
        await app[PRESENCE].after_login()
        await app[LISTENINGS].ends.after_login()
        app[COMPARISON].soon()

    app[COMPARISON].phone_changed = phone_changed
    return Link(
        host="127.0.0.1" if embedded else config.host,
        port=Ports.from_first(config.port).ami if embedded else config.port,
        user=USER if embedded else config.user,
        secret=app[SECRETS].ami if embedded else config.secret,
        apply=app[BOARD].hear,
        settle=app[BOARD].settle,
        phone_changed=phone_changed,
        ready=after_login,
    )


def library(app: web.Application) -> Library:
    async def describe(call_id: str) -> recorded.About | None:
        async with app[SESSIONS]() as session:
            return await recorded.about(session, call_id)

    config = app[CONFIG]
    embedded = config.asterisk.mode == "embedded"
    spool = home() / "exchange" / "spool" / "monitor" if embedded else Path(config.asterisk.spool)
    folder, bitrate = recordings_folder(config), config.recordings.bitrate
    return Library(
        app[SESSIONS],
        spool,
        folder,
        bitrate,
        describe,
        format=config.recordings.format,
        zone=config.zone,
        ready=lambda call_id: app[GROUP].start(say_audible(app, call_id), name="audible"),
    )


def reconciler(app: web.Application) -> Reconciler:
    return Reconciler(app[SESSIONS], app[LIBRARY], lambda: app[BOARD].calls(), app[CONFIG].zone)


async def shelf(app: web.Application) -> Shelf:
    """Prompts; the exchange's own folder has them as they are written down."""
    embedded = app[CONFIG].asterisk.mode == "embedded"
    found = Shelf(home() / "prompts", home() / "exchange" / OWN_SOUNDS if embedded else None)
    async with app[SESSIONS]() as session:
        await asyncio.to_thread(found.put_right, await prompts.sounds(session))
    return found


async def say_audible(app: web.Application, call_id: str) -> None:
    """Tell the pages of the call's agent that its recording can be played."""
    app[EAR].recorded(call_id)
    async with app[SESSIONS]() as session:
        record = await session.get(CallRecord, call_id)
    if record and record.number_key and not record.answered_at:
        app[INBOX].customers_changed([record.number_key])  # a message
    if record and record.user_id:
        app[DESK].tell(record.user_id, {"type": "recording", "call_id": call_id})


def inbox(app: web.Application) -> Inbox:
    """It hears the journal, customers that change, agents who become ready; its pages hear it."""
    desk, presence, cards = app[DESK], app[PRESENCE], app[CARDS]
    found = Inbox(
        app[SESSIONS],
        app[DIRECTORY],
        tell=desk.tell,
        pages=lambda: desk.people,
        ready=lambda user_id: presence.of(user_id).state == "ready",
    )
    app[JOURNAL].listeners.append(found.written)
    cards.listeners += [found.customers_changed, lambda keys: redraw(app, keys)]
    presence.listeners.append(lambda user_id: found.look())
    desk.also.append(found.state)
    desk.open_with = lambda number, customer_id: open_with(app, number, customer_id)
    for changing in found.lines, found.agenda:
        changing.listeners.append(lambda keys: redraw(app, keys))
    return found


def open_with(app: web.Application, number: str, customer_id: int | None) -> OpenCard | None:
    """The missed calls, the callback and the place in a queue of whoever has that number."""
    key, inbox = key_of(number), app[INBOX]
    line, planned = inbox.lines.of_number(key), inbox.agenda.first_with(key, customer_id)
    found = OpenCard(missed=line.calls if line and line.dismissed_at is None else 0)
    if kept := app[KEPT].of_number(key):
        found.waits_since, found.queue = kept[0].since, app[DIRECTORY].title_of(kept[0].queue)
    if planned:
        by = app[DIRECTORY].known(planned.user_id) if planned.user_id is not None else None
        found.at, found.purpose, found.by = planned.at, planned.purpose, by.name if by else ""
    return found if found != OpenCard() else None


def redraw(app: web.Application, number_keys: Collection[str] | None) -> None:
    """Calls with these numbers may be a customer's now, or something else is open with them: their
    agents' pages show it at once.

    None: of many customers at once; then each page has it with the next change of its call.
    """
    if not number_keys:
        return
    unfinished = [call for id in app[DESK].people if (call := app[PRESENCE].unfinished(id))]
    app[DESK].redraw(
        call
        for call in [*app[BOARD].calls(), *unfinished]
        if call.number and key_of(call.number) in number_keys
    )


def back_fill(app: web.Application) -> BackFill:
    async def recall() -> str:
        async with app[SESSIONS]() as session:
            return await settings.value(session, "cel_place")

    async def remember(place: str) -> None:
        async with app[SESSIONS].begin() as session:
            await settings.keep_value(session, "cel_place", place)

    config = app[CONFIG].asterisk
    embedded = config.mode == "embedded"
    found = BackFill(
        home() / "exchange/log/cel-custom/cel.csv" if embedded else Path(config.cel),
        engine=app[ENGINE],
        live=app[BOARD],
        journal=app[JOURNAL],
        keep=app[LIBRARY].call_ended,
        last_sign=app[LIBRARY].last_written,
        recall=recall,
        remember=remember,
        corrected=lambda: app[PRESENCE].sums.recount(app[SESSIONS]),
        exchange=EXCHANGE,
        trunk=TRUNK if embedded else config.trunk,
        rotates=embedded,
    )
    found.listeners += [
        lambda change: app[EAR].filled(change.after.call_id),
        lambda change: app[KEPT].push(change),
    ]
    found.caught_up.append(app[KEPT].look)
    return found


def errands(app: web.Application) -> list[Daily]:
    """What is done once a day."""
    folder = home() / "jobs"
    return [
        forget_jobs(folder),
        forget_exports(folder),
        purge_bin,
        forget_files(home() / "imports"),
        forget_lines,
        forget_hops,
        forget_alarms,
        forget_letters,
        merge_search,
        keep_holidays(app),
        app[SUMS].nightly,
        count_first_calls(app),
    ]


def ear(app: web.Application) -> Ear:
    """What happens around calls, for whoever asks why. It hears pages and rows; the board too."""
    desk = app[DESK]
    found = Ear(HopLog(app[ENGINE]), app[DIRECTORY], app[PRESENCE], desk.has_page)
    desk.sent.append(found.sent)
    desk.acknowledged.append(found.acknowledged)
    desk.moved.append(found.page_moved)
    app[JOURNAL].listeners.append(found.written)
    return found


def gate(app: web.Application) -> Gate:
    """Asked before every call to a number outside; what it lets through is explained."""
    found = Gate(app[DIRECTORY], app[CONFIG].zone)
    found.permitted = lambda call_id, user_id, why: app[EAR].permitted(call_id, user_id, why)
    return found


def owner_first(app: web.Application) -> OwnerFirst:
    found = OwnerFirst(
        app[BOARD],
        app[CARDS],
        app[DIRECTORY],
        app[ENGINE],
        is_ready=app[PRESENCE].roll.is_free,
        rules=lambda: app[PARAMETERS].now,
    )
    found.listeners.append(app[EAR].routed)
    return found


async def customer_ids(cards: Cards, keys: set[str]) -> dict[str, int]:
    found = await cards.find(keys)
    return {key: card.customer_id for key, card in found.items() if card}


def recordings_folder(config: Config) -> Path:
    return ROOT / config.recordings.folder


def websocket_url(config: Config) -> str:
    if config.asterisk.mode == "external":
        return config.asterisk.websocket
    return f"ws://127.0.0.1:{Ports.from_first(config.asterisk.port).http}/ws"


def in_call(app: web.Application) -> Callable[[str], bool]:
    """Whether an extension has a call now; to hear somebody else's is to have none."""
    return lambda extension: any(
        extension not in call.heard_by for call in app[BOARD].calls_of(extension)
    )
