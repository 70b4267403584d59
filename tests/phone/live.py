"""The whole way of a call for tests: pages, API, board and link on a real exchange and carrier."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter import api, config
from callcenter.agents.presence import Presence
from callcenter.api.setup import setup as set_up_api
from callcenter.asterisk.dialplan import USER, phone_password
from callcenter.asterisk.link import Link
from callcenter.asterisk.phone_states import PhoneState
from callcenter.callbacks.inbox import Inbox
from callcenter.calls import views as call_views
from callcenter.calls.board import Board
from callcenter.calls.journal import Journal
from callcenter.calls.models import Outcome
from callcenter.customers.cards import Cards
from callcenter.customers.numbers import key_of
from callcenter.db import Sessions
from callcenter.dialling.gate import Gate
from callcenter.keys import (
    BOARD,
    CARDS,
    CARRIER,
    CONFIG,
    DESK,
    DIRECTORY,
    GATE,
    INBOX,
    JOURNAL,
    KEPT,
    LIBRARY,
    LINK,
    PHONES,
    PRESENCE,
    RESCUE,
    SESSIONS,
)
from callcenter.lists import views as list_views
from callcenter.pages.setup import setup as set_up_pages
from callcenter.people import views as people_views
from callcenter.people.directory import Directory
from callcenter.people.models import User
from callcenter.people.session import open_session
from callcenter.phone import views as phone_views
from callcenter.phone.phones import Phones
from callcenter.phone.rescue import Rescue
from callcenter.popups import views as popup_views
from callcenter.popups.desk import Desk
from callcenter.profiles import views as profile_views
from callcenter.recordings.library import Library
from callcenter.recordings.queries import About
from callcenter.tasks import running
from tests.callbacks.nobody import no_kept_places
from tests.popups.office import furnish
from tests.stage import Stage

__all__ = ["Live", "api", "live"]

OUTCOMES = [("interested", "Quan tâm", "Interested"), ("bought", "Đồng ý mua", "Bought")]


@dataclass
class Live:
    app: web.Application
    server: TestServer
    sessions: Sessions

    @property
    def presence(self) -> Presence:
        return self.app[PRESENCE]

    async def sign_in(self, username: str, **settings: str) -> str:
        """A new session's cookie; `settings` are the user's: language, theme."""
        person = next(p for p in self.app[DIRECTORY].people() if p.username == username)
        async with self.sessions.begin() as session:
            user = await session.get_one(User, person.id)
            for name, value in settings.items():
                setattr(user, name, value)
            return await open_session(session, user, "127.0.0.1", "a test")


@asynccontextmanager
async def live(
    engine: AsyncEngine, sessions: Sessions, stage: Stage, folder: Path
) -> AsyncIterator[Live]:
    """People, queues and customers as in tests.popups.office, on a stage."""
    await furnish(sessions)
    async with sessions.begin() as session:
        for position, (code, name_vi, name_en) in enumerate(OUTCOMES, 1):
            session.add(Outcome(code=code, name_vi=name_vi, name_en=name_en, position=position))
    app = web.Application()
    await _fill(app, engine, sessions, stage, folder)
    set_up_pages(app)
    for room in (people_views, list_views, profile_views, call_views, popup_views, phone_views):
        app.add_routes(room.routes)
    set_up_api(app)
    server = TestServer(app, host="127.0.0.1")
    async with AsyncExitStack() as stack:
        for job, name in (
            (app[JOURNAL].write(), "journal"),
            (app[PRESENCE].write(), "states"),
            (app[PRESENCE].watch(), "presence"),
            (app[LINK].run(), "link"),
        ):
            await stack.enter_async_context(running(job, name))
        await app[LINK].wait_connected(10)
        await server.start_server()
        yield Live(app, server, sessions)
        app[DESK].close()
        await app[PHONES].close()
        await server.close()
        await app[PRESENCE].close()
        await app[RESCUE].close()
        app[LINK].close()
        await app[JOURNAL].drain()
        await app[PRESENCE].drain()
    await app[CARDS].close()


async def _fill(
    app: web.Application, engine: AsyncEngine, sessions: Sessions, stage: Stage, folder: Path
) -> None:
    settings = config.load(config.ROOT / "config.toml")
    directory, cards = Directory(), Cards(engine)
    await directory.load(sessions)
    presence = Presence(directory, sessions, zone=settings.zone)
    await presence.load_rules()
    desk = Desk(directory, cards, presence)

    async def customers(keys: set[str]) -> dict[str, int]:
        found = await cards.find(keys)
        return {key: card.customer_id for key, card in found.items() if card}

    async def about(call_id: str) -> About | None:
        return None

    journal = Journal(
        engine, zone=settings.zone, whose=directory.whose, customers=customers, key_of=key_of
    )
    board = Board(
        listeners=[desk.push, presence.push, journal.note, lambda change: rescue.push(change)]
    )
    rescue = Rescue(board)

    def phone_changed(extension: str, state: PhoneState) -> None:
        presence.phone_changed(extension, state)
        rescue.phone_changed(extension, state)

    link = Link(
        host="127.0.0.1",
        port=stage.ports.ami,
        user=USER,
        secret=stage.secrets.ami,
        apply=board.apply,
        phone_changed=phone_changed,
        ready=presence.after_login,
    )
    presence.exchange = link
    rescue.exchange = link.moves
    phones = Phones(
        f"ws://127.0.0.1:{stage.ports.http}/ws",
        lambda extension: phone_password(stage.secrets, extension),
    )
    phones.lost = [rescue.lost]
    gate = Gate(directory, settings.zone)
    await gate.load(sessions)
    values: dict[Any, Any] = {
        CONFIG: settings,
        SESSIONS: sessions,
        DIRECTORY: directory,
        CARDS: cards,
        PRESENCE: presence,
        DESK: desk,
        INBOX: Inbox(sessions, directory),
        GATE: gate,
        KEPT: no_kept_places(sessions, directory),
        JOURNAL: journal,
        BOARD: board,
        LINK: link,
        CARRIER: None,
        LIBRARY: Library(sessions, stage.spool, folder, 32, about),
        PHONES: phones,
        RESCUE: rescue,
    }
    for key, value in values.items():
        app[key] = value
