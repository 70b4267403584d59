"""The part of the application that keeps an eye on providers; app.py says when it is built."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from callcenter.asterisk.process import Asterisk
from callcenter.asterisk.reload import look_up
from callcenter.asterisk.trunks import trunk_address
from callcenter.keys import CONFIG, DESK, DIRECTORY, SESSIONS, TEAM, TRUNKS
from callcenter.live.alarms import Failing
from callcenter.tasks import running
from callcenter.trunks.news import TrunkNews
from callcenter.trunks.watch import Watch


@asynccontextmanager
async def trunks(app: web.Application, ours: Asterisk) -> AsyncIterator[None]:
    """How the providers are, told to those who set them, as long as this lasts."""
    address = trunk_address(app[CONFIG].asterisk)
    app[TRUNKS] = watch = Watch(app[SESSIONS], ours.cli, address, lambda: look_up(ours))
    TrunkNews(app[DIRECTORY], app[DESK], watch)
    app[TEAM].failing = lambda: failing(watch)
    async with running(watch.run(), name="trunks"):
        yield


def failing(watch: Watch) -> list[Failing] | None:
    """The trunks that carry no calls now, or are being asked; None before that is known."""
    if not watch.is_known:
        return None
    return [
        Failing(each.name, each.title, each.kind if each.is_bad else "")
        for each in watch.now.values()
        if each.is_bad or each.kind == "starting"
    ]
