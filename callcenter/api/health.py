"""/health for machines that watch us: no sign-in, no secrets, one glance."""

import asyncio
import logging
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from aiohttp import web

from callcenter.api.types import Wire
from callcenter.api.wire import json_answer
from callcenter.config import ROOT
from callcenter.db import DATABASE_ERRORS
from callcenter.keys import LIBRARY, LINK, SESSIONS
from callcenter.people.permissions import Door, needs
from callcenter.reconciler.queries import counts

log = logging.getLogger(__name__)

PATIENCE = 3.0  # seconds for the database to answer

routes = web.RouteTableDef()


class Health(Wire):
    status: Literal["ok", "degraded"]
    exchange: bool
    database: bool
    recordings_waiting: int
    recordings_unlinked: int  # that do not agree with their file, call or row: 0
    version: str


@routes.get("/health")
@needs(Door.ANYONE)
async def health(request: web.Request) -> web.Response:
    """200 as long as the database is there; 503 without it, because then nothing works."""
    exchange, unlinked = request.app[LINK].connected, await _unlinked(request)
    database = unlinked is not None
    answer = Health(
        status="ok" if exchange and database else "degraded",
        exchange=exchange,
        database=database,
        recordings_waiting=request.app[LIBRARY].waiting,
        recordings_unlinked=unlinked or 0,
        version=release(),
    )
    return json_answer(answer, 200 if database else 503)


async def _unlinked(request: web.Request) -> int | None:
    """As the reconciler found; None when the database does not answer."""
    try:
        async with asyncio.timeout(PATIENCE), request.app[SESSIONS]() as session:
            return sum((await counts(session)).values())
    except (TimeoutError, *DATABASE_ERRORS) as error:
        log.error("the database does not answer: %s", error)
        return None


@cache
def release() -> str:
    """Our version: of the installed package, or of the folder we are run from."""
    try:
        return version("callcenter")
    except PackageNotFoundError:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        return str(project["version"])
