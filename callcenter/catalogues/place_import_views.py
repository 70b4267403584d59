"""Import places from a workbook: the template, the upload, what came of it."""

import asyncio
from io import BytesIO

import xlsxwriter
from aiohttp import web
from sqlalchemy import update

from callcenter.catalogues import place_import
from callcenter.catalogues.models import Level
from callcenter.catalogues.place_import import CODED, Plan
from callcenter.catalogues.places import LEVELS
from callcenter.catalogues.reading import table
from callcenter.errors import N_, Invalid
from callcenter.keys import SESSIONS, TEMPLATES
from callcenter.pages.language import Words
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.settings.models import Setting
from callcenter.settings.sections import chapters_for

routes = web.RouteTableDef()

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BAD_SHOWN = 200
_EXAMPLES = (  # name, code of each level from the top
    ("Việt Nam", "VN", "TP. Hồ Chí Minh", "79", "", "", "Phường Sài Gòn", "26740"),
    ("Việt Nam", "VN", "TP. Hà Nội", "01", "", "", "Phường Ba Đình", "00004"),
)


@routes.get("/settings/places/import")
@needs(Permission.CATALOGUES)
async def import_page(request: web.Request) -> web.StreamResponse:
    return _page(request)


@routes.get("/settings/places/template.xlsx")
@needs(Permission.CATALOGUES)
async def template(request: web.Request) -> web.StreamResponse:
    return web.Response(
        body=_workbook(request.app[TEMPLATES].words),
        content_type=XLSX,
        headers={"Content-Disposition": 'attachment; filename="places.xlsx"'},
    )


@routes.post("/settings/places/import")
@needs(Permission.CATALOGUES)
async def import_places(request: web.Request) -> web.StreamResponse:
    given = (await request.post()).get("file")
    try:
        if not isinstance(given, web.FileField) or not given.filename:
            raise Invalid(N_("Choose a file."), field="file")
        content = await asyncio.to_thread(given.file.read)
        read = await table(content)
        columns = place_import.columns_of(read.headings)
        async with request.app[SESSIONS]() as session:
            # Two imports at once would both miss what the other adds: the second waits here.
            lock = update(Setting).where(Setting.name == "company").values(value=Setting.value)
            await session.execute(lock)
            there = await place_import.nodes(session)
            made = await asyncio.to_thread(place_import.plan, there, columns, read.rows)
            await place_import.write(session, made)
            await session.commit()
    except Invalid as problem:
        return _page(request, problem=problem)
    return _page(request, made)


def _page(
    request: web.Request, made: Plan | None = None, problem: Invalid | None = None
) -> web.Response:
    return render(
        request,
        "catalogues/import.html",
        status=problem.status if problem else 200,
        chapters=chapters_for(signed_in(request).rights),
        made=made,
        bad=made.bad[:BAD_SHOWN] if made else [],
        problem=problem,
    )


def _workbook(words: Words) -> bytes:
    buffer = BytesIO()
    how = {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(buffer, how) as book:
        sheet, bold, text = (
            book.add_worksheet(),
            book.add_format({"bold": True}),
            book.add_format({"num_format": "@"}),  # so that Excel leaves 01 alone
        )
        headings = [words.say(each) for level in Level for each in (LEVELS[level], CODED[level])]
        sheet.set_column(0, len(headings) - 1, 22, text)
        sheet.write_row(0, 0, headings, bold)
        for number, example in enumerate(_EXAMPLES, 1):
            sheet.write_row(number, 0, example, text)
        sheet.freeze_panes(1, 0)
    return buffer.getvalue()
