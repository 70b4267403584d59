"""Import errors: the list, one row put right and tried again, all of them, and a file of them."""

import asyncio
from pathlib import Path
from tempfile import mkstemp

from aiohttp import hdrs, web

from callcenter.customers.fields import FIELDS
from callcenter.errors import N_, CallcenterError, Conflict, Forbidden
from callcenter.imports import queries, shown
from callcenter.imports.error_file import Order, write_apart
from callcenter.imports.known import known_for
from callcenter.imports.mending import discard, mend
from callcenter.imports.models import Import, ImportRow, RowState
from callcenter.imports.step_views import ONE, begin, one_import
from callcenter.imports.verdicts import FILTERS, SENTENCES
from callcenter.imports.views import XLSX, imports_folder
from callcenter.keys import CARDS, DIRECTORY, ENGINE, SESSIONS, TEMPLATES
from callcenter.lists.tabs import tabs_for
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in

routes = web.RouteTableDef()

ROW = r"/imports/rows/{row_id:\d{1,9}}"
KINDS = ("", "duplicate", "malformed")


@routes.get("/imports/errors")
@needs(Permission.IMPORT)
async def errors(request: web.Request) -> web.StreamResponse:
    """?import= one of them, ?show= a kind, ?discarded=1 those that nobody wanted."""
    who, query = signed_in(request), request.query
    say, given = request.app[TEMPLATES].words.say, query.get("import", "")
    import_id = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
    state = RowState.DISCARDED if query.get("discarded") else RowState.OPEN
    show = query.get("show", "") if query.get("show") in KINDS else ""
    statement = queries.errors(who.scope, state=state, kind=show, import_id=import_id)
    async with request.app[SESSIONS]() as session:
        one = await queries.one(session, who.scope, import_id) if import_id else None
        job = await queries.open_job(session, one) if one else None
        cut = await queries.errors_cut(session, statement, query.get("cursor", ""))
        counts = await queries.kinds_count(session, who.scope, state, import_id)
        discarded = await queries.discarded_count(session, who.scope, import_id)
        waiting = await queries.errors_count(session, who.scope)
    return render(
        request,
        "imports/errors.html",
        cut=cut,
        rows=[shown.refused(say, made, row) for row, made in cut.rows],
        kinds=[(name, FILTERS[name], counts[name]) for name in KINDS],
        show=show,
        state=state,
        made=one,
        job=job,
        discarded=discarded,
        tabs=tabs_for(who.rights),
        tab="errors",
        counts={"errors": waiting},
        kept={},
    )


@routes.get(ROW)
@needs(Permission.IMPORT)
async def look(request: web.Request) -> web.StreamResponse:
    """The form; ?part=1 without a page around it, to unfold below its line."""
    row, made = await _row(request)
    if row.state == RowState.MENDED and row.customer_id:
        return see_other(f"/customers/{row.customer_id}")
    return _form(request, row, made, row.texts)


@routes.post(ROW)
@needs(Permission.IMPORT)
async def save(request: web.Request) -> web.StreamResponse:
    """Keep what was typed; a row that is right now becomes a customer."""
    row, made = await _row(request)
    given = await request.post()
    texts = [str(given.get(f"text-{place}", text)) for place, text in enumerate(row.texts)]
    try:
        async with request.app[SESSIONS]() as session:
            known = await known_for(session, request.app[DIRECTORY], made, begun=True)
        mended = await mend(request.app[ENGINE], made, row, known, texts)
    except (Conflict, Forbidden) as error:
        return _form(request, row, made, texts, error=error)
    if mended.customer_id is None:
        row.reasons, row.flags = mended.line.reasons, mended.line.flags
        return _form(request, row, made, texts, status=400)
    request.app[CARDS].forget(*(key for key, _ in mended.line.phones))
    return see_other(f"/imports/errors?import={made.id}", done="import-row-imported")


@routes.post(ROW + "/discard")
@needs(Permission.IMPORT)
async def throw_away(request: web.Request) -> web.StreamResponse:
    row, made = await _row(request)
    await discard(request.app[ENGINE], row.id)
    return see_other(f"/imports/errors?import={made.id}", done="import-row-discarded")


@routes.post(ROW + "/restore")
@needs(Permission.IMPORT)
async def put_back(request: web.Request) -> web.StreamResponse:
    row, made = await _row(request)
    await discard(request.app[ENGINE], row.id, back=True)
    return see_other(f"/imports/errors?import={made.id}", done="import-row-restored")


@routes.post(ONE + "/again")
@needs(Permission.IMPORT)
async def again(request: web.Request) -> web.StreamResponse:
    """Try all errors of an import once more: what they were duplicates of may be gone."""
    async with request.app[SESSIONS]() as session:
        made = await one_import(request, session)
        await queries.check_idle(session, made)
        await begin(request, session, made, "import_again", N_("Errors of {file}"))
        await session.commit()
    return see_other(f"/imports/errors?import={made.id}")


@routes.get(ONE + "/errors.xlsx")
@needs(Permission.IMPORT)
async def error_file(request: web.Request) -> web.StreamResponse:
    """The rows that wait, as they stand in the file, each with its reason."""
    async with request.app[SESSIONS]() as session:
        made = await one_import(request, session)
    say = request.app[TEMPLATES].words.say
    headings = made.sheet["texts"] if made.has_headings else made.sheet["letters"]
    path = await asyncio.to_thread(_new_file)
    try:
        await write_apart(
            Order(
                url=request.app[ENGINE].url.render_as_string(hide_password=False),
                import_id=made.id,
                path=str(path),
                headings=headings,
                row_heading=say(N_("Row")),
                reason_heading=say(N_("Reason")),
                sentences={code: say(sentence) for code, sentence in SENTENCES.items()},
                labels={name: say(field.label) for name, field in FIELDS.items()},
            )
        )
        content = await asyncio.to_thread(path.read_bytes)
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)
    name = f'attachment; filename="import-{made.id}-errors.xlsx"'
    return web.Response(body=content, content_type=XLSX, headers={hdrs.CONTENT_DISPOSITION: name})


def _new_file() -> Path:
    imports_folder().mkdir(parents=True, exist_ok=True)
    descriptor, name = mkstemp(prefix="incoming-", suffix=".xlsx", dir=imports_folder())
    open(descriptor).close()
    return Path(name)


async def _row(request: web.Request) -> tuple[ImportRow, Import]:
    scope, row_id = signed_in(request).scope, int(request.match_info["row_id"])
    async with request.app[SESSIONS]() as session:
        return await queries.one_row(session, scope, row_id)


def _form(
    request: web.Request,
    row: ImportRow,
    made: Import,
    texts: list[str],
    *,
    status: int = 200,
    error: CallcenterError | None = None,
) -> web.Response:
    part = request.query.get("part") == "1"
    wrong = _wrong(request, row)
    fields = [
        {
            "place": place,
            "label": FIELDS[key].label,
            "long": key == "note",
            "text": texts[place],
            "wrong": wrong.pop(key, []),  # beside the first of several columns
        }
        for place, key in enumerate(made.mapping)
        if key
    ]
    return render(
        request,
        "imports/row_form.html" if part else "imports/row.html",
        error.status if error else status,
        row=row,
        made=made,
        fields=fields,
        others=[sentence for sentences in wrong.values() for sentence in sentences],
        error=error,
    )


def _wrong(request: web.Request, row: ImportRow) -> dict[str, list[str]]:
    """What is wrong with a row, in words, by field."""
    found: dict[str, list[str]] = {}
    for reason in row.reasons:
        sentence = shown.reason_in_words(request.app[TEMPLATES].words.say, reason)
        found.setdefault(reason["field"], []).append(sentence)
    return found
