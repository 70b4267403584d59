"""Builds the application. The only module that knows every other; read it first.

Started top to bottom, stopped bottom to top: no calls before there is somewhere to write.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from aiohttp import web

from callcenter.agents.comparison import Comparison
from callcenter.agents.presence import Presence
from callcenter.agents.recall import beat
from callcenter.api import setup as api
from callcenter.archive_parts import eraser, upkeep
from callcenter.asterisk import rootfs
from callcenter.asterisk.dialplan import phone_password
from callcenter.asterisk.process import Asterisk
from callcenter.asterisk.reload import marked
from callcenter.call_parts import board, journal, kept_places, sums
from callcenter.carrier.carrier import Carrier
from callcenter.carrier.demo import carrier_of
from callcenter.config import Config, database_url, home
from callcenter.customers.cards import Cards
from callcenter.db import database
from callcenter.documents import store
from callcenter.documents.queries import folder as documents_folder
from callcenter.errors import ExchangeUnavailable
from callcenter.exchange_parts import exchange_files
from callcenter.jobs.daily import each_day
from callcenter.jobs.runner import Jobs
from callcenter.keys import (
    ALARM_LOG,
    BACK_FILL,
    BOARD,
    CARDS,
    CARRIER,
    COMPARISON,
    CONFIG,
    DEBTS,
    DESK,
    DIRECTORY,
    EAR,
    ENGINE,
    ERASER,
    GATE,
    GROUP,
    INBOX,
    JOBS,
    JOURNAL,
    KEPT,
    LIBRARY,
    LINK,
    LISTENINGS,
    MESSAGES,
    OWNER_FIRST,
    PARAMETERS,
    PHONES,
    POSTMAN,
    PRESENCE,
    PROMPTS,
    RECONCILER,
    RESCUE,
    SECRETS,
    SESSIONS,
    SUMS,
    SWITCH,
    TEAM,
    TEMPLATES,
    VAIN_RINGS,
    WHAT_RINGS,
)
from callcenter.migrations import migrate
from callcenter.pages import setup as pages
from callcenter.parts import (
    EXCHANGE,
    back_fill,
    ear,
    errands,
    gate,
    in_call,
    inbox,
    library,
    link_of,
    owner_first,
    reconciler,
    recordings_folder,
    shelf,
    websocket_url,
)
from callcenter.people.directory import Directory
from callcenter.phone.phones import Phones
from callcenter.phone.rescue import Rescue
from callcenter.phone.what_rings import WhatRings
from callcenter.popups import signed_out
from callcenter.popups.desk import Desk
from callcenter.report_mail.postman import Postman
from callcenter.rooms import ROOMS as ROOMS  # the tests' application has the same
from callcenter.secrets import load_secrets
from callcenter.settings.demo import Account, make_demo
from callcenter.settings.parameters import Current
from callcenter.switchboard.exchange import Switch
from callcenter.switchboard.versions import live
from callcenter.tasks import Group, running
from callcenter.team_parts import listenings, messages, team, team_news, vain_rings
from callcenter.trunk_parts import trunks
from callcenter.wrap_up.unfinished import Debts

log = logging.getLogger(__name__)

ACCOUNTS: web.AppKey[list[Account]] = web.AppKey("ACCOUNTS")  # made at this start, to be shown once
LAST_WORDS_S = 10.0  # for the journal, when the service stops


def build(config: Config) -> web.Application:
    """The whole service for `config` and config.home(); nothing runs before it is started."""
    app = web.Application(client_max_size=2 * 2**20)
    app[CONFIG] = config
    app[SECRETS] = load_secrets(home())
    app[DIRECTORY] = Directory()
    pages.setup(app)
    for room in ROOMS:
        app.add_routes(room.routes)
    api.setup(app)
    app.cleanup_ctx.extend([paper, work, jobs, exchange, telephony])
    app.on_shutdown.append(send_pages_away)
    return app


async def paper(app: web.Application) -> AsyncIterator[None]:
    """The database, brought to this version, with a company in it."""
    config = app[CONFIG]
    async with database(database_url(config)) as (engine, sessions):
        app[ENGINE], app[SESSIONS] = engine, sessions
        await migrate(engine)
        await asyncio.to_thread(store.sweep, documents_folder())
        app[ACCOUNTS] = []
        if config.demo.on:
            app[ACCOUNTS] = await make_demo(
                engine,
                config.zone,
                recordings_folder(config),
                tell=log.info,
                sounds=rootfs.folder(home()) / "usr/share/asterisk/sounds/en",
                prompts=home() / "prompts",
            )
        await app[DIRECTORY].load(sessions)
        app[PROMPTS] = await shelf(app)
        yield


async def work(app: web.Application) -> AsyncIterator[None]:
    """Everything that follows a call: agents, pages, journal, recordings."""
    config, sessions, directory = app[CONFIG], app[SESSIONS], app[DIRECTORY]
    app[GROUP] = Group()
    app[CARDS] = Cards(app[ENGINE])
    app[PARAMETERS] = Current()
    await app[PARAMETERS].load(sessions)
    app[PRESENCE] = Presence(directory, sessions, zone=config.zone)
    app[DESK] = Desk(directory, app[CARDS], app[PRESENCE])
    app[JOBS] = Jobs(sessions, database_url(config), home() / "jobs", tell=app[DESK].tell, app=app)
    app[DESK].also.append(lambda user_id: {"jobs": app[JOBS].of(user_id)})
    app[POSTMAN] = Postman(sessions, directory, app[JOBS], app[TEMPLATES], app[DESK].tell)
    app[PHONES] = Phones(websocket_url(config), lambda ext: phone_password(app[SECRETS], ext))
    app[JOURNAL], app[SUMS] = journal(app), sums(app)
    app[DEBTS] = Debts(sessions, directory.whose)
    app[INBOX] = inbox(app)
    app[LIBRARY] = library(app)
    app[RECONCILER] = reconciler(app)
    app[ERASER] = eraser(app)
    app[EAR] = ear(app)
    app[BOARD] = board(app)
    app[RESCUE] = Rescue(app[BOARD], patience_s=lambda: app[PARAMETERS].now.return_wait_s)
    app[OWNER_FIRST] = owner_first(app)
    app[KEPT] = kept_places(app)
    app[WHAT_RINGS] = WhatRings(directory)
    app[GATE] = gate(app)
    app[COMPARISON] = Comparison(app[PRESENCE], directory, app[BOARD])
    app[TEAM], app[MESSAGES], app[VAIN_RINGS] = team(app), messages(app), vain_rings(app)
    app[LISTENINGS] = listenings(app)
    app[PHONES].lost = [app[RESCUE].lost, app[LISTENINGS].ends.lost]
    app[BACK_FILL] = back_fill(app)
    await app[PRESENCE].load()
    await app[GATE].load(sessions)
    await app[KEPT].load()
    await app[TEAM].load(sessions)
    await app[MESSAGES].load()
    await app[LISTENINGS].log.load()
    yield
    app[ERASER].close()
    await app[LISTENINGS].close()
    await app[TEAM].close()
    await app[RESCUE].close()
    await app[OWNER_FIRST].close()
    await app[KEPT].close()
    await app[WHAT_RINGS].close()
    await app[GROUP].close()
    await app[CARDS].close()


async def jobs(app: web.Application) -> AsyncIterator[None]:
    """What goes on all the time."""
    await app[ALARM_LOG].load()
    sockets: list[signed_out.Sockets] = [app[DESK], app[PHONES], app[TEAM]]
    async with AsyncExitStack() as stack:
        for job, name in (
            (app[JOURNAL].write(), "journal"),
            (app[PRESENCE].write(), "agents' diary"),
            (app[DEBTS].write(), "unfinished calls"),
            (app[VAIN_RINGS].diary.write(), "rings in vain"),
            (app[LISTENINGS].log.write(), "who listened"),
            (app[PRESENCE].watch(), "agents"),
            (beat(app[SESSIONS], app[PRESENCE].drain), "signs of life"),
            (app[LIBRARY].run(), "recordings"),
            (app[INBOX].run(), "inbox"),
            (app[KEPT].run(), "kept places"),
            (app[EAR].run(lambda: LINK in app and app[LINK].connected), "hops"),
            (signed_out.watch(app[SESSIONS], sockets, in_call(app)), "signed out"),
            (each_day(app[SESSIONS], errands(app)), "each day"),
            (app[JOBS].run(), "long work"),
            (app[TEAM].run(), "the team live"),
            (app[ALARM_LOG].run(), "alarms"),
            (team_news(app).run(), "team's news"),
        ):
            await stack.enter_async_context(running(job, name=name))
        for job, name in upkeep(app):
            await stack.enter_async_context(running(job, name, vital=False))  # calls go on without
        yield
        await app[PRESENCE].close()
        async with asyncio.timeout(LAST_WORDS_S):
            await app[JOURNAL].drain()
            await app[PRESENCE].drain()
            await app[DEBTS].drain()
            await app[VAIN_RINGS].diary.drain()
            await app[KEPT].drain()
            await app[LISTENINGS].log.drain()
            await app[EAR].drain()
            await app[ALARM_LOG].drain()


async def exchange(app: web.Application) -> AsyncIterator[None]:
    """Our own Asterisk, and the demo's carrier beside it; nothing with somebody else's exchange."""
    config = app[CONFIG]
    app[CARRIER] = None
    if config.asterisk.mode == "external":
        yield
        return
    async with app[SESSIONS]() as session:
        plan = (await live(session)).plan
    files = marked(exchange_files(app, plan))
    ours = Asterisk(EXCHANGE, rootfs.folder(home()), home() / "exchange", files, comes_first=True)
    app[SWITCH] = Switch(ours, lambda plan: exchange_files(app, plan))
    processes: list[Asterisk | Carrier] = [ours]
    if config.demo.on:
        app[CARRIER] = outside = carrier_of(config, app[SECRETS])
        processes.append(outside)
    try:
        async with AsyncExitStack() as stack:
            await asyncio.gather(*(process.start() for process in processes))
            for process in processes:
                await stack.enter_async_context(running(process.run(), name=type(process).__name__))
            await stack.enter_async_context(trunks(app, ours))
            yield
    finally:
        await asyncio.gather(*(process.stop() for process in processes))


async def telephony(app: web.Application) -> AsyncIterator[None]:
    """The link to the exchange: from here on calls happen."""
    app[LINK] = app[PRESENCE].exchange = app[COMPARISON].link = link = link_of(app)
    if SWITCH in app:
        app[SWITCH].moves = link.moves
    app[RESCUE].exchange = app[OWNER_FIRST].exchange = app[WHAT_RINGS].exchange = link.moves
    app[LISTENINGS].at.exchange, link.lead_answered = link.leads, app[LISTENINGS].answered
    async with (  # without the past the present can go on
        running(app[BACK_FILL].run(), name="back-fill", vital=False),
        running(link.run(), name="link"),
        running(app[COMPARISON].run(), name="comparison"),
    ):
        if app[CONFIG].asterisk.mode == "embedded":
            try:  # the first page should not open on "the exchange does not answer"
                await link.wait_connected(5)
            except (ExchangeUnavailable, TimeoutError):
                log.error("the exchange does not answer on AMI: %s", link.problem)
        yield
        await app[LISTENINGS].ends.all_leave()
    link.close()


async def send_pages_away(app: web.Application) -> None:
    app[DESK].close()
    app[TEAM].send_away()
    await app[PHONES].close()
