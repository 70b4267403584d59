"""Imports: the list, the template, and the way of a file to us. Its steps are in step_views."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from aiohttp import hdrs, web

from callcenter.config import home
from callcenter.errors import CallcenterError, Invalid
from callcenter.imports import queries, shown, uploads
from callcenter.imports.models import Import, State
from callcenter.imports.reading import Facts, read_apart
from callcenter.imports.template import workbook
from callcenter.keys import JOBS, SESSIONS, TEMPLATES
from callcenter.pages.middleware import wants_page
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.sheets.caps import MB, Caps

routes = web.RouteTableDef()

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def folder_of(import_id: int) -> Path:
    return imports_folder() / str(import_id)


def imports_folder() -> Path:
    return home() / "imports"


@routes.get("/imports")
@needs(Permission.IMPORT)
async def all_imports(request: web.Request) -> web.StreamResponse:
    who = signed_in(request)
    async with request.app[SESSIONS]() as session:
        cut = await queries.newest(session, who.scope, request.query.get("cursor", ""))
        waiting = await queries.waiting(session, who.scope)
    return render(
        request,
        "imports/list.html",
        cut=cut,
        waiting=waiting,
        states=shown.STATES,
        step_of=shown.step_of,
        before=shown.BEFORE,
        everybody=who.scope.everything,
    )


@routes.get("/imports/new")
@needs(Permission.IMPORT)
async def new(request: web.Request) -> web.StreamResponse:
    return _upload_page(request)


@routes.get("/imports/template.xlsx")
@needs(Permission.IMPORT)
async def template(request: web.Request) -> web.StreamResponse:
    content = await asyncio.to_thread(workbook, request.app[TEMPLATES].words.say)
    return web.Response(
        body=content,
        content_type=XLSX,
        headers={hdrs.CONTENT_DISPOSITION: 'attachment; filename="customers.xlsx"'},
    )


@routes.post("/imports")
@needs(Permission.IMPORT)
async def upload(request: web.Request) -> web.StreamResponse:
    """The body is the file, ?name= what it is called; or a form, for a browser without scripts.

    201 {"address"}, where one goes on; a form is answered by the next page.
    """
    name, pieces, expected = await uploads.sent(request)
    try:
        arrived = await uploads.receive(imports_folder(), pieces, expected)
        request.app[JOBS].expect("import_check")
        try:
            facts = await read_apart(arrived.folder)
            made = await _keep(request, name, arrived, facts)
        finally:
            await asyncio.to_thread(uploads.forget, arrived.folder)
    except Invalid as error:
        if wants_page(request):
            return _upload_page(request, error)
        raise
    address = shown.step_of(made)
    if wants_page(request):
        return see_other(address)
    return web.json_response({"address": address}, status=201)


async def _keep(request: web.Request, name: str, arrived: uploads.Arrived, facts: Facts) -> Import:
    made = Import(
        user_id=signed_in(request).user.id,
        file_name=name or "import",
        size=arrived.size,
        sha256=arrived.sha256,
        headings_key=facts.headings_key,
        state=State.UPLOADED,
        sheet=msgspec.to_builtins(facts),
        has_headings=facts.has_headings,
        created_at=datetime.now(UTC),
    )
    async with request.app[SESSIONS]() as session:
        session.add(made)
        await session.flush()
        await asyncio.to_thread(uploads.settle, arrived, folder_of(made.id))
        await session.commit()
    return made


def _upload_page(request: web.Request, error: CallcenterError | None = None) -> web.Response:
    return render(
        request,
        "imports/file.html",
        error.status if error else 200,
        error=error,
        most_mb=Caps().size // MB,
        steps=shown.STEPS,
        made=None,
        step="file",
        reached=1,
        editable=shown.BEFORE,
    )
