"""Deleting recordings by hand, with a reason; and the proofs of all that were deleted."""

import asyncio
import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from aiohttp import hdrs, web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.archive import queries
from callcenter.archive.erasing import Outcome, Why
from callcenter.archive.queries import ProofFilters, ProofLine
from callcenter.calls.models import CallRecord
from callcenter.documents.names import disposition
from callcenter.errors import N_, CallcenterError, Conflict, Invalid, Missing
from callcenter.keys import CONFIG, DIRECTORY, ERASER, SESSIONS, TEMPLATES
from callcenter.pages import period
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.recordings import holds
from callcenter.recordings.models import Recording
from callcenter.recordings.spool import CALL_ID
from callcenter.settings.sections import chapters_for

routes = web.RouteTableDef()

PATH = "/settings/deleted"
MOST = 500  # recordings deleted by hand at once
SHOWN = 20  # of those that are to go, and of those that stay
COLUMNS = (
    *(N_("Call’s code"), N_("Checksum (SHA-256)"), N_("Size (bytes)"), N_("Length (seconds)")),
    *(N_("Made"), N_("Deletion decided"), N_("Gone from the disk"), N_("Deleted by"), N_("Why")),
    *(N_("Department"), N_("File"), N_("Before it went")),
)
FOUND = {
    "read": N_("The file was read."),
    "missing": N_("No file was found: size and checksum are those of when it was kept."),
    "unread": N_("The file could not be read: size and checksum are those of when it was kept."),
}


@routes.get("/recordings/erase")
@needs(Permission.ERASE)
async def ask(request: web.Request) -> web.StreamResponse:
    """?ids= of calls, one or many: what would go, and what would stay."""
    ids = _ids(request.query.getall("ids", []))
    if not ids:
        raise Invalid(N_("Tick the calls first whose recordings are to go."), field="ids")
    return await _page(request, ids, "")


@routes.post("/recordings/erase")
@needs(Permission.ERASE)
async def erase(request: web.Request) -> web.StreamResponse:
    who, given = signed_in(request), await request.post()
    ids = _ids([str(each) for each in given.getall("ids", [])])
    text = str(given.get("reason", ""))[:1000]
    try:
        reason = holds.reason_of(text)
    except Invalid as problem:
        return await _page(request, ids, text, problem)
    async with request.app[SESSIONS]() as session:
        mine = [row.call_id for row, _ in await _recordings(request, session, ids)]
    if not mine:
        raise Missing(N_("There is no such recording."))
    why = Why(user_id=who.user.id, reason=reason)
    # Whoever closes the page now has decided already: it goes on.
    outcome = await asyncio.shield(request.app[ERASER].erase(mine, why))
    if outcome.stay:
        return await _page(request, list(outcome.stay), text, outcome=outcome)
    if len(mine) == 1:
        return see_other(f"/calls/{mine[0]}", done="recording-erased")
    return see_other(PATH, done="recordings-erased")


@routes.get(PATH)
@needs(Permission.ERASE)
async def proofs(request: web.Request) -> web.StreamResponse:
    """?q=, ?by= (rule, people), ?since=, ?until=, ?cursor="""
    filters, asked, given = _filters(request)
    async with request.app[SESSIONS]() as session:
        scope, cursor = signed_in(request).scope, request.query.get("cursor", "")
        cut = await queries.proofs_cut(session, scope, filters, cursor)
        count = await queries.proofs_count(session, scope, filters)
    return render(
        request,
        "archive/proofs.html",
        chapters=chapters_for(signed_in(request).rights),
        cut=cut,
        found=FOUND,
        count=count,
        query=given,
        text=filters.text,
        by=filters.by,
        period=asked,
        periods=period.presets(request.app[TEMPLATES].formats.today(), (7, 30)),
        departments=request.app[DIRECTORY].departments,
    )


@routes.get(PATH + "/file")
@needs(Permission.ERASE)
async def proofs_file(request: web.Request) -> web.StreamResponse:
    """The same proofs, all of them, as CSV for whoever audits."""
    (filters, _, _), scope = _filters(request), signed_in(request).scope
    shown = request.app[TEMPLATES]
    name = f"{shown.words.say(N_('Deleted recordings'))} {shown.formats.today()}.csv"
    answer = web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: "text/csv; charset=utf-8",
            hdrs.CACHE_CONTROL: "private, no-store",
            hdrs.CONTENT_DISPOSITION: disposition(name, inline=False),
        }
    )
    await answer.prepare(request)
    await answer.write(b"\xef\xbb\xbf" + _csv([[shown.words.say(each) for each in COLUMNS]]))
    cursor = ""
    while True:  # a piece, and the database is free again while it is sent
        async with request.app[SESSIONS]() as session:
            cut = await queries.proofs_cut(session, scope, filters, cursor, 1000)
        await answer.write(_csv([_line(request, each) for each in cut.rows]))
        cursor = cut.after
        if not cursor:
            break
    await answer.write_eof()
    return answer


def _filters(request: web.Request) -> tuple[ProofFilters, period.Period, dict[str, str]]:
    query, zone = request.query, request.app[CONFIG].zone
    asked = period.read(query, request.app[TEMPLATES].formats.today())

    def begins(more: int, day: object) -> datetime | None:
        if not day:
            return None
        wanted = (asked.until if more else asked.since) or asked.since
        assert wanted
        return datetime.combine(wanted + timedelta(days=more), time(), zone).astimezone(UTC)

    text = query.get("q", "").replace("\0", "").strip()[:100]
    by = query.get("by", "") if query.get("by") in ("rule", "people") else ""
    filters = ProofFilters(
        text=text, by=by, since=begins(0, asked.since), until=begins(1, asked.until)
    )
    given = {"q": text, "by": by} | asked.query
    return filters, asked, {name: value for name, value in given.items() if value}


def _line(request: web.Request, line: ProofLine) -> list[object]:
    proof, name, _ = line
    shown, departments = request.app[TEMPLATES], request.app[DIRECTORY].departments
    rule = shown.words.say(N_("Retention: {n} days"), n=proof.days) if proof.days else ""
    department = departments.get(proof.department_id or 0)
    times = (proof.made_at, proof.wanted_at, proof.erased_at)
    return [
        *(proof.call_id, proof.sha256, proof.size, proof.duration_s),
        *(shown.formats.local(at).isoformat(" ", "seconds") if at else "" for at in times),
        *(name or rule, proof.reason or rule),
        *(department.name if department else "", proof.path),
        shown.words.say(FOUND[proof.file]),
    ]


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerows(
        [[_harmless(cell) for cell in row] for row in rows]
    )
    return written.getvalue().encode()


def _harmless(cell: object) -> object:
    """No text that a spreadsheet would take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(tuple("=+-@\t\r")) else cell


def _ids(texts: Sequence[str]) -> list[str]:
    """Those that may be a call's, each once. Raises Invalid for too many."""
    found = [each for each in dict.fromkeys(texts) if CALL_ID.fullmatch(each)]
    if len(found) > MOST:
        raise Invalid(N_("At most {n} at once, please."), field="ids", n=MOST)
    return found


async def _recordings(
    request: web.Request, session: AsyncSession, ids: Sequence[str]
) -> list[tuple[Recording, CallRecord]]:
    """Of these calls, those that one may delete."""
    asked = (
        select(Recording, CallRecord)
        .join(CallRecord, CallRecord.call_id == Recording.call_id)
        .where(Recording.call_id.in_(ids))
        .order_by(CallRecord.started_at.desc())
    )
    return [
        (row, record)
        for row, record in await session.execute(signed_in(request).scope.calls(asked))
    ]


async def _page(
    request: web.Request,
    ids: Sequence[str],
    text: str,
    problem: CallcenterError | None = None,
    outcome: Outcome | None = None,
) -> web.Response:
    async with request.app[SESSIONS]() as session:
        rows = await _recordings(request, session, ids)
        held = await holds.held_among(session, [row.call_id for row, _ in rows])
    if not rows and outcome is None:
        raise Missing(N_("There is no such recording."))
    going = [each for each in rows if each[0].state == "ready" and each[0].call_id not in held]
    status = problem.status if problem else Conflict.status if outcome else 200
    return render(
        request,
        "archive/erase.html",
        status=status,
        going=going,
        size=sum(row.size for row, _ in going),
        seconds=sum(row.duration_s for row, _ in going),
        held=[each for each in rows if each[0].call_id in held],
        others=[e for e in rows if e[0].state != "ready" and e[0].call_id not in held],
        text=text,
        problem=problem,
        outcome=outcome,
        longest=holds.LONGEST_REASON,
        shown=SHOWN,
        back=f"/calls/{ids[0]}" if len(ids) == 1 else "/calls",
    )
