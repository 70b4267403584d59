"""Hang the pages into the application: middlewares, templates, style sheets, words."""

from aiohttp import web

from callcenter.config import ROOT
from callcenter.keys import CONFIG, DIRECTORY, SESSIONS, TEMPLATES
from callcenter.pages import home, views
from callcenter.pages.assets import PREFIX, Assets
from callcenter.pages.formats import Formats
from callcenter.pages.language import Words
from callcenter.pages.middleware import add_headers, receive
from callcenter.pages.templates import Templates
from callcenter.switchboard.editing import titles
from callcenter.switchboard.versions import live

WEB = ROOT / "web"


def setup(app: web.Application, development: bool = False) -> None:
    """Needs CONFIG, SESSIONS and DIRECTORY in `app` by the time it starts; gives it TEMPLATES.

    In `development` templates and static files are read again whenever they change.
    """
    assets = Assets(WEB / "static", development)
    words = Words(WEB / "locale")
    formats = Formats(app[CONFIG].zone)
    app[TEMPLATES] = Templates(WEB / "templates", words, assets, formats, development)
    app.middlewares.append(receive)
    app.on_response_prepare.append(add_headers)
    app.on_startup.append(_read_names)
    app.router.add_get(PREFIX + "{path:.+}", assets.answer)
    app.router.add_routes(views.routes)
    app.router.add_routes(home.routes)


async def _read_names(app: web.Application) -> None:
    """What pages call the company, and the parts of its switchboard."""
    await app[TEMPLATES].load(app[SESSIONS])
    async with app[SESSIONS]() as session:
        app[DIRECTORY].titles |= titles((await live(session)).plan)
