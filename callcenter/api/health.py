"""/health for machines that watch us: no sign-in, no secrets, one glance."""

import asyncio
import logging
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from aiohttp import web
from sqlalchemy import text

from callcenter.api.types import Wire
from callcenter.api.wire import json_answer
from callcenter.config import ROOT
from callcenter.db import DATABASE_ERRORS
from callcenter.keys import LIBRARY, LINK, SESSIONS
from callcenter.people.permissions import Door, needs

log = logging.getLogger(__name__)

PATIENCE = 3.0  # seconds for the database to say 1

routes = web.RouteTableDef()


class Health(Wire):
    status: Literal["ok", "degraded"]
    exchange: bool
    database: bool
    recordings_waiting: int
    version: str


@routes.get("/health")
@needs(Door.ANYONE)
async def health(request: web.Request) -> web.Response:
    """200 as long as the database is there; 503 without it, because then nothing works."""
    exchange, database = request.app[LINK].connected, await _has_database(request)
    answer = Health(
        status="ok" if exchange and database else "degraded",
        exchange=exchange,
        database=database,
        recordings_waiting=request.app[LIBRARY].waiting,
        version=release(),
    )
    return json_answer(answer, 200 if database else 503)


async def _has_database(request: web.Request) -> bool:
    try:
        async with asyncio.timeout(PATIENCE), request.app[SESSIONS]() as session:
            await session.execute(text("SELECT 1"))
            return True
    except (TimeoutError, *DATABASE_ERRORS) as error:
        log.error("the database does not answer: %s", error)
        return False


@cache
def release() -> str:
    """Our version: of the installed package, or of the folder we are run from."""
    try:
        return version("callcenter")
    except PackageNotFoundError:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        return str(project["version"])
