"""The pages on a real server with a SQLite file, and people who visit them.

Lea leads Mara and Jon in sales, and Tom further below; Kim works in care; root sees everything.
"""

import itertools
import re
import sqlite3
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, time, timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy.exc import OperationalError

from callcenter.api import recording_notes, recordings  # noqa: F401 - they fill the table
from callcenter.api.table import table as api
from callcenter.archive.erasing import Eraser
from callcenter.callbacks.inbox import Inbox
from callcenter.calls.counting import difference
from callcenter.calls.models import CallRecord, Outcome
from callcenter.calls.rows import NOTHING
from callcenter.calls.summing import Sums
from callcenter.config import ROOT, load
from callcenter.customers import forms, saving
from callcenter.customers.cards import Cards
from callcenter.customers.numbers import key_of
from callcenter.db import database
from callcenter.jobs.runner import Jobs
from callcenter.keys import (
    CARDS,
    CARRIER,
    CONFIG,
    DIRECTORY,
    ENGINE,
    ERASER,
    GROUP,
    INBOX,
    JOBS,
    KEPT,
    LIBRARY,
    PARAMETERS,
    POSTMAN,
    PROMPTS,
    RECONCILER,
    SECRETS,
    SESSIONS,
    SUMS,
    TEMPLATES,
)
from callcenter.pages import setup
from callcenter.people import passwords
from callcenter.people.directory import Directory
from callcenter.people.models import Department, User
from callcenter.people.permissions import Door, needs
from callcenter.prompts.shelf import Shelf
from callcenter.reconciler.reconciler import Reconciler
from callcenter.recordings.library import Library
from callcenter.report_mail.postman import Postman
from callcenter.rooms import ROOMS
from callcenter.secrets import load_secrets
from callcenter.settings.models import Queue, Setting
from callcenter.settings.parameters import Current
from callcenter.sums.keeper import Keeper
from callcenter.tasks import Group
from tests.callbacks.nobody import no_kept_places

PASSWORD = "correct horse"
NOW = datetime.now(UTC)
CAST = {  # username: (name, role, department, extension)
    "root": ("Root", "superadmin", None, None),
    "lea": ("Lê Thị Lea", "team_lead", 1, "210"),
    "mara": ("Nguyễn Mara", "agent", 1, "201"),
    "jon": ("Trần Jon", "agent", 1, "202"),
    "tom": ("Vũ Tom", "agent", 3, "203"),
    "kim": ("Phạm Kim", "agent", 2, "204"),
}
IDS = {name: number for number, name in enumerate(CAST, start=1)}


class Answer:
    """What a visitor got."""

    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text


class Visitor:
    """A browser: it keeps cookies, sends what browsers send, and follows no redirect by itself."""

    def __init__(self, session):
        self.session = session
        self.csrf = ""

    async def get(self, path, **headers):
        headers.setdefault("Accept", "text/html")
        async with self.session.get(path, headers=headers, allow_redirects=False) as answer:
            return Answer(answer.status, answer.headers, await answer.text())

    async def part(self, path):
        """As htmx asks."""
        return await self.get(path, **{"HX-Request": "true"})

    async def post(self, path, data=None, **headers):
        headers.setdefault("Accept", "text/html")
        fields = [("_csrf", self.csrf), *(data.items() if isinstance(data, dict) else data or [])]
        body = aiohttp.FormData([(name, value) for name, value in fields if value is not None])
        async with self.session.post(
            path, data=body, headers=headers, allow_redirects=False
        ) as answer:
            return Answer(answer.status, answer.headers, await answer.text(errors="replace"))

    async def signs_in(self, username, password=PASSWORD):
        answer = await self.post("/sign-in", {"username": username, "password": password})
        if answer.status == 303:
            page = await self.get("/")
            self.csrf = re.search(r'name="csrf" content="([^"]+)"', page.text)[1]
        return answer


class Site:
    def __init__(self, server, app, stack):
        self.server, self.app, self._stack = server, app, stack
        self.sessions = app[SESSIONS]
        self._calls = itertools.count(1)

    async def visitor(self):
        session = aiohttp.ClientSession(
            base_url=str(self.server.make_url("/")), cookie_jar=aiohttp.CookieJar(unsafe=True)
        )
        return Visitor(await self._stack.enter_async_context(session))

    async def signed_in(self, username, language="en"):
        visitor = await self.visitor()
        assert (await visitor.signs_in(username)).status == 303
        answer = await visitor.post("/me/preferences", {"language": language})
        assert answer.status == 303
        return visitor

    async def add(self, *rows):
        async with self.sessions() as session:
            session.add_all(rows)
            await session.commit()
        return rows[0]

    async def customer(self, name, *phones, owner=None, company=""):
        form = forms.tidy({"name": name, "company": company}, phones, owner and IDS[owner])
        async with self.sessions() as session:
            customer = await saving.add(session, form)
            await session.commit()
        return customer

    async def call(self, whose, number="0912345678", *, result="answered", **values):
        """An ended call of that person, a minute after the one before."""
        place = next(self._calls)
        started_at = values.pop("started_at", NOW - timedelta(hours=1) + timedelta(minutes=place))
        person = CAST.get(whose)
        record = CallRecord(
            **{
                "call_id": f"call-{place}",
                "exchange": "",
                "direction": "inbound",
                "state": "ended",
                "number": number,
                "number_key": key_of(number) if number else None,
                "queue": "sales",
                "user_id": IDS.get(whose),
                "department_id": person[2] if person else None,
                "agents": person[3] if person and result == "answered" else "",
                "rung": person[3] if person else "",
                "started_at": started_at,
                "ended_at": started_at + timedelta(seconds=50),
                "result": result,
                "waited_s": 5.0,
                "talked_s": 45.0 if result == "answered" else 0.0,
                **values,
            }
        )
        return await self.add(record)

    async def day(self, whose, day: date, result="answered", calls=1, talked_s=60.0):
        """Sums of a day with so many calls of theirs, which are in no list."""
        zone, (_, _, department, _) = self.app[CONFIG].zone, CAST[whose]
        noon = datetime.combine(day, time(12), zone)
        row = NOTHING._replace(
            user_id=IDS[whose],
            department_id=department,
            queue="sales",
            direction="inbound",
            result=result,
            started_at=noon,
            ended_at=noon,
        )
        rows = [(None, row._replace(talked_s=talked_s)), *[(None, row)] * (calls - 1)]
        async with self.app[ENGINE].begin() as connection:
            await Sums(connection.dialect, zone).add(connection, difference(rows, zone))


@pytest.fixture(scope="session")
def password_hash():
    return passwords._hasher.hash(PASSWORD)


@pytest.fixture
async def site(request, site_url, password_hash, tmp_path):
    """The site of a company; of a demo when the test asks for site="demo"."""
    config = load(ROOT / "config.toml")
    async with AsyncExitStack() as stack:
        engine, sessions = await stack.enter_async_context(database(site_url))
        await _people(sessions, password_hash)
        app = web.Application()
        app[CONFIG], app[ENGINE], app[SESSIONS] = config, engine, sessions
        app[DIRECTORY] = Directory()
        await app[DIRECTORY].load(sessions)
        app[CARDS] = Cards(engine)
        app[PARAMETERS], app[SECRETS] = Current(), load_secrets(tmp_path)
        stack.push_async_callback(app[CARDS].close)
        app[LIBRARY] = Library(sessions, tmp_path / "spool", tmp_path / "recordings", 32, _nothing)
        app[RECONCILER] = Reconciler(sessions, app[LIBRARY], lambda: (), config.zone)
        app[ERASER] = Eraser(sessions, app[LIBRARY], tmp_path / "jobs")
        stack.callback(app[ERASER].close)
        app[PROMPTS] = Shelf(tmp_path / "prompts", tmp_path / "exchange/sounds")
        app[CARRIER] = object() if getattr(request, "param", "") == "demo" else None
        app[JOBS] = Jobs(
            sessions, site_url, tmp_path / "jobs", tell=lambda *_: None, app=app
        )  # nothing runs unless a test runs it
        app[KEPT] = no_kept_places(sessions, app[DIRECTORY])
        app[INBOX] = Inbox(sessions, app[DIRECTORY])  # as of its last load(), until it runs
        app[GROUP] = Group()
        stack.push_async_callback(app[GROUP].close)
        app[SUMS] = Keeper(engine, sessions, config.zone, app[GROUP])
        setup.setup(app)
        app[POSTMAN] = Postman(
            sessions, app[DIRECTORY], app[JOBS], app[TEMPLATES], tell=lambda *_: None
        )  # sends nothing unless a test runs it
        for room in ROOMS:
            app.router.add_routes(room.routes)
        app.router.add_routes(filter(_of_the_player, api.routes()))
        app.router.add_get("/broken", _broken)
        app.router.add_get("/locked", _locked)
        server = await stack.enter_async_context(TestServer(app))
        yield Site(server, app, stack)


def _of_the_player(route):
    """Of the API what needs no exchange, board or presence: there are none here."""
    return route.path.startswith("/api/v1/recordings/")


async def _nothing(call_id):
    return None


@needs(Door.ANYONE)
async def _broken(request):
    raise RuntimeError("the secret inside")


@needs(Door.ANYONE)
async def _locked(request):
    raise OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked"))


async def _people(sessions, password_hash):
    async with sessions() as session:
        session.add(Setting(name="company", value="Nước sạch An Phát"))
        session.add_all(
            [
                Department(id=1, name="Sales", parent_id=None),
                Department(id=2, name="Care", parent_id=None),
            ]
        )
        await session.flush()
        session.add(Department(id=3, name="Sales north", parent_id=1))
        session.add_all(
            [
                Queue(name="sales", title="Bán hàng", department_id=1),
                Queue(name="care", title="Chăm sóc", department_id=2),
                Outcome(code="agreed", name_vi="Đồng ý mua", name_en="Agreed", position=0),
            ]
        )
        await session.flush()
        session.add_all(
            User(
                id=IDS[username],
                username=username,
                name=name,
                password=password_hash,
                role=role,
                department_id=department,
                extension=extension,
                language="en",
                theme="system",
                active=True,
            )
            for username, (name, role, department, extension) in CAST.items()
        )
        await session.commit()
