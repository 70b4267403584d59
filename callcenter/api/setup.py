"""Hang the API into the application: all of /api/v1, its description, and /health."""

import msgspec
from aiohttp import web

from callcenter.api import (
    activities,
    callbacks,
    calls,
    customers,
    do_not_call,
    kept_places,
    listening,
    live,
    me,
    moves,
    people,
    quality,
    recording_notes,
    recordings,
    reports,
    wishes,
)
from callcenter.api import health as health_room
from callcenter.api.openapi import document
from callcenter.api.table import PREFIX, table
from callcenter.people.permissions import Door, needs

# Importing them fills the table.
ROOMS = (
    *(calls, quality, wishes, moves, listening, callbacks, customers, activities, recordings),
    *(recording_notes, reports, people, me, kept_places, do_not_call, live),
)


def setup(app: web.Application) -> None:
    """Its handlers need SESSIONS, DIRECTORY, CARDS, BOARD, PRESENCE, LINK, LIBRARY, TEMPLATES."""
    text = msgspec.json.encode(document(table, health_room.release()))

    @needs(Door.ANYONE)
    async def description(request: web.Request) -> web.Response:
        return web.Response(body=text, content_type="application/json")

    app.router.add_routes(table.routes())
    app.router.add_routes(health_room.routes)
    app.router.add_get(f"{PREFIX}/openapi.json", description)
