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
from callcenter.keys import CONFIG, LIBRARY, LINK, RECONCILER, SESSIONS
from callcenter.people.permissions import Door, needs

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
    exchange, (database, days_left) = request.app[LINK].connected, await _room_lasts(request)
    reconciler = request.app.get(RECONCILER)
    room = await asyncio.to_thread(storage.room_in, request.app[LIBRARY].folder)
    answer = Health(
        status="ok" if exchange and database else "degraded",
        exchange=exchange,
        database=database,
        recordings_waiting=request.app[LIBRARY].waiting,
        recordings_unlinked=reconciler.unlinked if reconciler else 0,
        disk_free_mb=room.free // 2**20,
        disk_days_left=days_left,
        version=release(),
    )
    return json_answer(answer, 200 if database else 503)


async def _room_lasts(request: web.Request) -> tuple[bool, int | None]:
    """Whether the database answers, and the days until the disk is full."""
    today = datetime.now(request.app[CONFIG].zone).date()
    try:
        async with asyncio.timeout(PATIENCE), request.app[SESSIONS]() as session:
            return True, await storage.days_left(session, today)
    except (TimeoutError, *DATABASE_ERRORS) as error:
        log.error("the database does not answer: %s", error)
        return False, None


@cache
def release() -> str:
    """Our version: of the installed package, or of the folder we are run from."""
    try:
        return version("callcenter")
    except PackageNotFoundError:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        return str(project["version"])
