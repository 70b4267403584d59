"""/health for machines that watch us: no sign-in, no secrets, one glance."""

import asyncio
import logging
import tomllib
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from aiohttp import web

from callcenter.api.types import Wire
from callcenter.api.wire import json_answer
from callcenter.archive import storage
from callcenter.config import ROOT
from callcenter.db import DATABASE_ERRORS
from callcenter.keys import CONFIG, LIBRARY, LINK, SESSIONS
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
    disk_free_mb: int  # of the recordings' disk
    disk_days_left: int | None  # until it is full, if recordings go on so; null: years
    version: str


@routes.get("/health")
@needs(Door.ANYONE)
async def health(request: web.Request) -> web.Response:
    """200 as long as the database is there; 503 without it, because then nothing works."""
    exchange, found = request.app[LINK].connected, await _of_recordings(request)
    database, (unlinked, days_left) = found is not None, found or (0, None)
    room = await asyncio.to_thread(storage.room_in, request.app[LIBRARY].folder)
    answer = Health(
        status="ok" if exchange and database else "degraded",
        exchange=exchange,
        database=database,
        recordings_waiting=request.app[LIBRARY].waiting,
        recordings_unlinked=unlinked,
        disk_free_mb=room.free // 2**20,
        disk_days_left=days_left,
        version=release(),
    )
    return json_answer(answer, 200 if database else 503)


async def _of_recordings(request: web.Request) -> tuple[int, int | None] | None:
    """How many are unlinked, as the reconciler found, and the days until the disk is full; None
    when the database does not answer."""
    today = datetime.now(request.app[CONFIG].zone).date()
    try:
        async with asyncio.timeout(PATIENCE), request.app[SESSIONS]() as session:
            return sum((await counts(session)).values()), await storage.days_left(session, today)
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
