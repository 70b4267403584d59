"""The words of the browser's part."""

from aiohttp import web

from callcenter.errors import N_, Missing
from callcenter.keys import TEMPLATES
from callcenter.pages.assets import FOREVER
from callcenter.people.permissions import Door, needs

routes = web.RouteTableDef()


@routes.get("/words/{language}.json")
@needs(Door.ANYONE)
async def words(request: web.Request) -> web.StreamResponse:
    """The catalogue of a language for JavaScript: {sentence: translation}."""
    known = request.app[TEMPLATES].words
    language = request.match_info["language"]
    if language not in known.json:
        raise Missing(N_("There is no such page."))
    marked = request.query.get("v") == known.marks[language]
    return web.Response(
        body=known.json[language],
        content_type="application/json",
        headers={"Cache-Control": FOREVER if marked else "no-cache"},
    )
