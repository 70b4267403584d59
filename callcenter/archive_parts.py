"""What becomes of what is kept; app.py says when each part is built."""

from collections.abc import Coroutine, Iterator
from typing import Any

from aiohttp import web

from callcenter.archive.erasing import Eraser
from callcenter.archive.retention import Retention
from callcenter.archive.retention_views import parents_of
from callcenter.care import owners
from callcenter.config import home
from callcenter.keys import (
    CONFIG,
    DIRECTORY,
    ENGINE,
    ERASER,
    LIBRARY,
    POSTMAN,
    RECONCILER,
    SESSIONS,
)


def eraser(app: web.Application) -> Eraser:
    return Eraser(app[SESSIONS], app[LIBRARY], home() / "jobs")


def retention(app: web.Application) -> Retention:
    """It asks for the departments each night: they change."""
    return Retention(
        app[SESSIONS],
        app[ERASER],
        lambda: parents_of(app[DIRECTORY]),
        app[CONFIG].zone,
        app[LIBRARY].folder,
    )


def upkeep(app: web.Application) -> Iterator[tuple[Coroutine[Any, Any, None], str]]:
    """What goes on all the time, each with its name, and calls could go on without."""
    yield app[RECONCILER].run(), "reconciler"
    yield app[ERASER].run(), "recordings that go"
    yield retention(app).run(), "retention"
    yield app[POSTMAN].run(), "letters"
    yield owners.keep(app[ENGINE]), "whose files these are"
