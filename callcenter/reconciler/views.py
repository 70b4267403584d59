"""Recordings compared: a page of the settings with three lists, and what can be done."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from aiohttp import hdrs, web

from callcenter.calls.board import Change
from callcenter.calls.models import CallRecord
from callcenter.errors import N_, Conflict, Missing
from callcenter.keys import JOURNAL, LIBRARY, RECONCILER, SESSIONS
from callcenter.pages.templates import render, see_other
from callcenter.people import audit
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.reconciler import judging, mends, queries
from callcenter.reconciler.judging import Kind
from callcenter.reconciler.reconciler import COMPARED, LONGEST_KEY
from callcenter.recordings.formats import FORMATS
from callcenter.recordings.models import Finding, Recording
from callcenter.settings import queries as settings
from callcenter.settings.sections import chapters_for

routes = web.RouteTableDef()

PATH = "/settings/recordings"
SHOWN = 100  # of each list
SOON_S = 3.0  # a small archive is compared before the page is back

LISTS = {  # title, explanation
    Kind.NO_CALL: (
        N_("Files without a call"),
        N_("There is sound, and no call that it belongs to."),
    ),
    Kind.NO_FILE: (
        N_("Calls without a file"),
        N_("Somebody answered and was recorded, and the sound is not there."),
    ),
    Kind.BROKEN: (
        N_("Empty, cut or changed"),
        N_("There is a file, and it is not the whole conversation as it was kept."),
    ),
}


NOTHING_TO_TRY = (  # the exchange's files are gone, or there are none yet
    *(judging.CALL_GONE, judging.NOT_ANSWERED, judging.NOT_RECORDED),
    *(judging.FILE_GONE, judging.OTHER_SIZE, judging.OTHER_SUM, judging.CUT),
)


@routes.get(PATH)
@needs(Permission.COMPANY)
async def show(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        counts, proven = await queries.counts(session), await queries.proven(session)
        lists = []
        for kind, (title, what) in LISTS.items():
            found = await queries.listed(session, kind, SHOWN)
            calls = await queries.calls_of(session, found)
            lists.append((title, what, counts[kind], [_line(each, calls) for each in found]))
        compared = await settings.value(session, COMPARED)
    return render(
        request,
        "reconciler/page.html",
        chapters=chapters_for(signed_in(request).rights),
        lists=lists,
        unlinked=sum(counts.values()),
        compared_at=datetime.fromisoformat(compared) if compared else None,
        busy=RECONCILER in request.app and request.app[RECONCILER].busy,
        shown=SHOWN,
        proven=proven,
    )


def _line(finding: Finding, calls: Mapping[str, tuple[datetime, str | None]]) -> dict[str, object]:
    """A finding, and what can be done about it. A call is named by when it was, and with whom."""
    place, _, name = finding.key.partition("/")
    is_file = place in ("kept", "spool")
    is_known = finding.reason not in (judging.NO_ROW, judging.CALL_GONE)
    return {
        "finding": finding,
        "name": name if is_file else "",
        "call": finding.call_id if is_known else "",
        "of": calls.get(finding.call_id or ""),
        "heard": is_file and name.endswith((*FORMATS, ".wav")) and finding.size,
        "again": place == "call" and finding.reason not in NOTHING_TO_TRY,
        "make": finding.reason in (judging.NO_ROW, judging.CALL_GONE) and finding.size != 0,
        "remove": is_file,
        "accept": not is_file,
    }


@routes.post(PATH + "/compare")
@needs(Permission.COMPANY)
async def compare(request: web.Request) -> web.StreamResponse:
    """Everything, now."""
    reconciler = request.app[RECONCILER]
    reconciler.compare_all()
    try:
        async with asyncio.timeout(SOON_S):
            await reconciler.idle()
    except TimeoutError:
        return see_other(PATH, done="recordings-comparing")
    return see_other(PATH, done="recordings-compared")


@routes.get(PATH + "/file")
@needs(Permission.COMPANY)
async def hear(request: web.Request) -> web.StreamResponse:
    """?key= of a finding: the sound of a file that belongs to no call. That is written down."""
    key = _key(request.query.get("key", ""))
    async with request.app[SESSIONS].begin() as session:
        finding = await session.get(Finding, key)
        path = mends.file_of(request.app[LIBRARY], key) if finding else None
        if path is None:
            raise Missing(N_("The file is not there any more."))
        if not request.headers.get(hdrs.RANGE, "").removeprefix("bytes=").strip("0-"):
            audit.note(session, signed_in(request).user.id, "recording-heard", key)
    kind = FORMATS[path.suffix].content_type if path.suffix in FORMATS else "audio/wav"
    headers = {hdrs.CONTENT_TYPE: kind, hdrs.CACHE_CONTROL: "private, no-store"}
    return web.FileResponse(path, headers=headers)


@routes.post(PATH + "/again")
@needs(Permission.COMPANY)
async def again(request: web.Request) -> web.StreamResponse:
    finding = await _found(request)
    request.app[LIBRARY].take_up(finding.call_id)
    return see_other(PATH, done="recording-again")


@routes.post(PATH + "/accept")
@needs(Permission.COMPANY)
async def accept(request: web.Request) -> web.StreamResponse:
    finding = await _found(request)
    await mends.accept(request.app[SESSIONS], finding.key, signed_in(request).user.id)
    await request.app[RECONCILER].count()
    return see_other(PATH, done="recording-accepted")


@routes.post(PATH + "/remove")
@needs(Permission.COMPANY)
async def remove(request: web.Request) -> web.StreamResponse:
    finding = await _found(request)
    await mends.remove(
        request.app[SESSIONS], request.app[LIBRARY], finding.key, signed_in(request).user.id
    )
    await request.app[RECONCILER].count()
    return see_other(PATH, done="recording-removed")


@routes.post(PATH + "/make-call")
@needs(Permission.COMPANY)
async def make_call(request: web.Request) -> web.StreamResponse:
    """A call that only its recording knows comes in as all calls do, so that all sums agree."""
    finding = await _found(request)
    library = request.app[LIBRARY]
    async with request.app[SESSIONS]() as session:
        row = await session.get(Recording, finding.call_id)
    path = mends.file_of(library, finding.key) or (library.file_of(row) if row else None)
    if path is None:
        raise Missing(N_("The file is not there any more."))
    call = await asyncio.to_thread(mends.call_of, path, finding.call_id, row.kind if row else "")
    async with request.app[SESSIONS]() as session:
        if await session.get(CallRecord, call.call_id):
            raise Conflict(N_("There is a call with that id by now: compare everything again."))
    journal = request.app[JOURNAL]
    journal.note(Change(before=None, after=call))
    async with request.app[SESSIONS].begin() as session:
        audit.note(session, signed_in(request).user.id, "recording-call-made", call.call_id)
    await journal.drain()
    await request.app[RECONCILER].news()
    return see_other(PATH, done="recording-has-call")


async def _found(request: web.Request) -> Finding:
    key = _key(str((await request.post()).get("key", "")))
    async with request.app[SESSIONS]() as session:
        finding = await session.get(Finding, key)
    if finding is None:
        raise Missing(N_("That has been put right meanwhile."))
    return finding


def _key(given: str) -> str:
    """As it may be asked for: no database takes every letter."""
    return given.replace("\0", "")[:LONGEST_KEY]
