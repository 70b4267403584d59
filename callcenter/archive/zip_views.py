"""Many recordings in one zip: what it would be, how far it is, and the file itself."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import msgspec
from aiohttp import hdrs, web
from sqlalchemy import insert, select

from callcenter.archive import zip_work
from callcenter.archive.zip_work import CHANGED, KIND, TITLE, ZipWish
from callcenter.archive.zips import ZIP, contents
from callcenter.calls.list_views import Asked, whole
from callcenter.documents.names import disposition
from callcenter.errors import N_, Conflict, Invalid, Missing
from callcenter.exports.errands import KEPT
from callcenter.jobs.models import OPEN, Job, State
from callcenter.keys import CONFIG, DIRECTORY, JOBS, LIBRARY, SESSIONS, TEMPLATES
from callcenter.pages.formats import address, size
from callcenter.pages.language import current
from callcenter.pages.templates import render, see_other
from callcenter.people import audit
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.recordings.heard import NOTED_EVERY
from callcenter.recordings.models import Listening
from callcenter.recordings.spool import CALL_ID

routes = web.RouteTableDef()

NOT_HERE = N_("There is no such zip. It may have been removed: zips are kept for {n} days.")
TICKED = 200  # calls


@routes.get("/recordings/zip")
@needs(Permission.DOWNLOAD)
async def ask(request: web.Request) -> web.StreamResponse:
    """?ids= of calls, or the filters of the list of calls: how much it is, and whether it goes."""
    ids = _ids(request.query.getall("ids", []))
    asked = {name: request.query.get(name, "") for name in Asked.__slots__}
    of = urlencode({name: value for name, value in asked.items() if value})
    return await _form(request, ids, of)


@routes.post("/recordings/zip")
@needs(Permission.DOWNLOAD)
async def begin(request: web.Request) -> web.StreamResponse:
    who, given = signed_in(request), await request.post()
    ids = _ids([str(each) for each in given.getall("ids", [])])
    of = whole(str(given.get("of", "")))
    _, _, problem = await _measured(request, ids, of)
    if problem:
        return await _form(request, ids, of)
    wish = ZipWish(
        ids=ids,
        of=of,
        user_id=who.user.id,
        language=current(),
        zone=request.app[CONFIG].timezone,
        folder=str(request.app[LIBRARY].folder.absolute()),
    )
    async with request.app[SESSIONS].begin() as session:
        params = msgspec.to_builtins(wish)
        job_id = await request.app[JOBS].start(session, KIND, who.user.id, TITLE, params)
    return see_other(f"/recordings/zips/{job_id}")


@routes.get(r"/recordings/zips/{job_id:\d{1,9}}")
@needs(Permission.DOWNLOAD)
async def zip_page(request: web.Request) -> web.StreamResponse:
    job = await _mine(request)
    return render(
        request,
        "archive/zip.html",
        job=job,
        back=address("/calls", dict(parse_qsl(job.params["of"]))),
        going=job.state in OPEN,
        there=await _there(request, job),
        until=job.finished_at + KEPT if job.finished_at else None,
        kept=KEPT.days,
    )


@routes.get(r"/recordings/zips/{job_id:\d{1,9}}/file")
@needs(Permission.DOWNLOAD)
async def download(request: web.Request) -> web.StreamResponse:
    """The zip, for whoever asked for it, as long as they may have each recording in it. Each counts
    as taken away."""
    job, who = await _mine(request), signed_in(request)
    folder = request.app[JOBS].folder(job.id)
    held = await asyncio.to_thread(contents, folder)
    if held is None or not await _there(request, job):
        raise Missing(NOT_HERE, n=KEPT.days)
    scope = zip_work.scope_of(request.app[DIRECTORY], who.user.id)
    async with request.app[SESSIONS].begin() as session:
        if not await zip_work.is_current(session, scope, held):
            raise Conflict(CHANGED)
        now = datetime.now(UTC)
        lately = select(Listening.call_id).where(
            Listening.user_id == who.user.id,
            Listening.kind == "kept",
            Listening.at > now - NOTED_EVERY,
        )
        noted = set(await session.scalars(lately))
        rows = [
            {"call_id": each, "user_id": who.user.id, "at": now, "kind": "kept", "heard_s": 0.0}
            for each in held
            if each not in noted
        ]
        if rows and request.method == "GET":
            await session.execute(insert(Listening), rows)
            told = f"{len(held)}: {size(job.result['size'])}"
            audit.note(session, who.user.id, "recordings-zipped", told)
    shown = request.app[TEMPLATES]
    day = shown.formats.local(job.created_at)
    name = f"{shown.words.say(N_('Recordings'))} {day:%Y-%m-%d %H-%M}.zip"
    return web.FileResponse(
        folder / ZIP,
        headers={
            hdrs.CONTENT_TYPE: "application/zip",
            hdrs.CACHE_CONTROL: "private, no-store",
            hdrs.CONTENT_DISPOSITION: disposition(name, inline=False),
        },
    )


async def _form(request: web.Request, ids: list[str], of: str) -> web.Response:
    count, total, problem = await _measured(request, ids, of)
    return render(
        request,
        "archive/zip_form.html",
        status=problem.status if problem else 200,
        ids=ids,
        of=of,
        count=count,
        size=total,
        problem=problem,
        most=zip_work.MOST,
        largest=zip_work.LARGEST,
        back=address("/calls", dict(parse_qsl(of))),
        kept=KEPT.days,
    )


async def _measured(
    request: web.Request, ids: list[str], of: str
) -> tuple[int, int, Conflict | None]:
    """How many recordings, bytes, and what is in the way. Raises Invalid for a filter that is
    none."""
    directory, formats = request.app[DIRECTORY], request.app[TEMPLATES].formats
    scope = zip_work.scope_of(directory, signed_in(request).user.id)
    statement = zip_work.chosen(directory, scope, ids, of, formats.zone, formats.today())
    async with request.app[SESSIONS]() as session:
        count, total = await zip_work.measured(session, statement)
    try:
        await asyncio.to_thread(zip_work.check, count, total, request.app[JOBS].folder(0).parent)
    except Conflict as problem:
        return count, total, problem
    return count, total, None


def _ids(texts: list[str]) -> list[str]:
    found = [each for each in dict.fromkeys(texts) if CALL_ID.fullmatch(each)]
    if texts and not found:  # none at all would mean all that the list shows
        raise Invalid(N_("There is no such recording."), field="ids")
    if len(found) > TICKED:
        raise Invalid(N_("At most {n} at once, please."), field="ids", n=TICKED)
    return found


async def _mine(request: web.Request) -> Job:
    """One of one's own; raises Missing."""
    async with request.app[SESSIONS]() as session:
        job = await session.get(Job, int(request.match_info["job_id"]))
    if job is None or job.kind != KIND or job.user_id != signed_in(request).user.id:
        raise Missing(NOT_HERE, n=KEPT.days)
    return job


async def _there(request: web.Request, job: Job) -> bool:
    path = request.app[JOBS].folder(job.id) / ZIP
    is_old = job.finished_at is not None and job.finished_at < datetime.now(UTC) - KEPT
    return job.state == State.DONE and not is_old and await asyncio.to_thread(path.is_file)
