"""What becomes of kept recordings; app.py says when each part is built."""

from aiohttp import web

from callcenter.archive.erasing import Eraser
from callcenter.archive.retention import Retention
from callcenter.archive.retention_views import parents_of
from callcenter.config import home
from callcenter.keys import CONFIG, DIRECTORY, ERASER, LIBRARY, SESSIONS


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
