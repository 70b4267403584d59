"""/switchboard/do-not-call/national: a file of numbers takes the place of the national list."""

import asyncio

from aiohttp import web
from sqlalchemy import select

from callcenter.dialling import finding
from callcenter.dialling.national import CAPS, read_bad
from callcenter.dialling.national_work import BAD, KEYS
from callcenter.errors import N_, CallcenterError, Conflict, Invalid, Missing
from callcenter.imports import uploads
from callcenter.imports.views import imports_folder
from callcenter.jobs import queries
from callcenter.jobs.models import OPEN, Job, State
from callcenter.jobs.views import say
from callcenter.keys import JOBS, SESSIONS, TEMPLATES
from callcenter.pages.middleware import wants_page
from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.sheets.caps import MB
from callcenter.switchboard.shared_views import page

routes = web.RouteTableDef()

PATH = "/switchboard/do-not-call/national"
ONE = PATH + r"/{list_job:\d{1,9}}"
CHECK, REPLACE = "no_call_check", "no_call_replace"  # kinds of jobs
BAD_SHOWN = 200
MUCH = 0.2  # of the list gone with one file is worth a question


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    return await _upload_page(request)


@routes.post(PATH)
@needs(Permission.SWITCHBOARD)
async def upload(request: web.Request) -> web.StreamResponse:
    """The body is the file, ?name= what it is called; or a form. 201 {"address"}."""
    name, pieces, expected = await uploads.sent(request)
    try:
        # among imports: there what is left of an upload that was cut off is tidied up
        arrived = await uploads.receive(imports_folder(), pieces, expected, CAPS.size)
    except Invalid as error:
        if wants_page(request):
            return await _upload_page(request, error)
        raise
    try:
        async with request.app[SESSIONS].begin() as session:
            title = N_("Check of the do-not-call list {file}")
            who = signed_in(request).user.id
            job_id = await request.app[JOBS].start(
                session, CHECK, who, title, {"file": name}, file=name
            )
            folder = request.app[JOBS].folder(job_id)
            await asyncio.to_thread(uploads.settle, arrived, folder)
    finally:
        await asyncio.to_thread(uploads.forget, arrived.folder)
    address = f"{PATH}/{job_id}"
    if wants_page(request):
        return see_other(address)
    return web.json_response({"address": address}, status=201)


@routes.get(ONE)
@needs(Permission.SWITCHBOARD)
async def one(request: web.Request) -> web.StreamResponse:
    """How far the check or the replacement is, and what came of it."""
    job = await _job(request, CHECK, REPLACE)
    bad = await asyncio.to_thread(read_bad, request.app[JOBS].folder(job.id) / BAD, BAD_SHOWN)
    result = job.result
    before = result.get("before", 0)
    return await page(
        request,
        "dialling/checked.html",
        job=job,
        is_check=job.kind == CHECK,
        open=job.state in OPEN,
        file=job.params.get("file", ""),
        result=result,
        end=say(request.app[TEMPLATES].words, request.app[JOBS].shape(job)["said"]),
        bad=bad,
        much=before and result.get("removed", 0) > MUCH * before,
        replacing=await _replacing(request),
    )


@routes.post(ONE + "/replace")
@needs(Permission.SWITCHBOARD)
async def replace(request: web.Request) -> web.StreamResponse:
    """What was checked takes the place of the list."""
    job, jobs = await _job(request, CHECK), request.app[JOBS]
    if job.state != State.DONE or not await asyncio.to_thread((jobs.folder(job.id) / KEYS).exists):
        raise Conflict(N_("This file has to be checked first."))
    if await _replacing(request):
        raise Conflict(N_("The list is being replaced at this moment: wait until that is done."))
    async with request.app[SESSIONS].begin() as session:
        who, file = signed_in(request).user.id, job.params.get("file", "")
        params = {"check": job.id, "file": file, "by": who}
        title = N_("National do-not-call list {file}")
        started = await jobs.start(session, REPLACE, who, title, params, file=file)
    return see_other(f"{PATH}/{started}")


async def _job(request: web.Request, *kinds: str) -> Job:
    async with request.app[SESSIONS]() as session:
        job_id = int(request.match_info["list_job"])
        job = await queries.one(session, queries.EVERYBODY, job_id)
    if job.kind not in kinds:
        raise Missing(N_("There is no such background work."))
    return job


async def _replacing(request: web.Request) -> bool:
    async with request.app[SESSIONS]() as session:
        busy = select(Job.id).where(Job.kind == REPLACE, Job.state.in_(OPEN)).limit(1)
        return await session.scalar(busy) is not None


async def _upload_page(request: web.Request, error: CallcenterError | None = None) -> web.Response:
    async with request.app[SESSIONS]() as session:
        counts = await finding.counts(session)
    return await page(
        request,
        "dialling/upload.html",
        {"": error} if error else None,
        error=error,
        most_mb=CAPS.size // MB,
        counts=counts,
    )
