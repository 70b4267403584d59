"""The whole application as it is built, on a SQLite file, without an exchange; visitors by token.

For questions about every address there is: `routes()` are the application's own.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import async_sessionmaker

from callcenter.api.tokens import make_token
from callcenter.app import build
from callcenter.config import ROOT, load
from callcenter.db import engine_for
from callcenter.keys import SESSIONS
from callcenter.migrations import migrate
from tests.pages.site import _people
from tests.stage import free_ports


class Whole:
    def __init__(self, app: web.Application, client: TestClient, tokens: dict[str, str]) -> None:
        self.app, self._client, self._tokens = app, client, tokens
        self.sessions = app[SESSIONS]

    def routes(self) -> list[web.AbstractRoute]:
        """Every address, those that answer HEAD besides GET once."""
        return [route for route in self.app.router.routes() if route.method != "HEAD"]

    async def ask(self, who: str | None, method: str, path: str, **sent: object) -> int:
        """The status that `who` gets, as a program that reads JSON."""
        headers = {"Accept": "application/json"}
        if who:
            headers["Authorization"] = f"Bearer {self._tokens[who]}"
        async with self._client.request(
            method, path, headers=headers, allow_redirects=False, **sent
        ) as answer:
            return answer.status


@asynccontextmanager
async def whole(folder, monkeypatch, password_hash, cast) -> AsyncIterator[Whole]:
    """`cast`: the usernames that get a token."""
    monkeypatch.setenv("CALLCENTER_HOME", str(folder))
    [nothing_there] = free_ports(1)
    config = load(ROOT / "config.toml")
    config = msgspec.structs.replace(
        config,
        asterisk=msgspec.structs.replace(config.asterisk, mode="external", port=nothing_there),
        demo=msgspec.structs.replace(config.demo, on=False),
        recordings=msgspec.structs.replace(config.recordings, folder=str(folder / "recordings")),
    )
    engine = engine_for(f"sqlite+aiosqlite:///{folder / 'callcenter.db'}")
    await migrate(engine)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    await _people(sessions, password_hash)
    tokens = {who: await make_token(sessions, who, "tests", 1) for who in cast}
    await engine.dispose()
    app = build(config)
    async with TestClient(TestServer(app)) as client:
        yield Whole(app, client, tokens)
