"""A report taken out as a file: at once where it is small, else as long work with a download."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qsl, urlencode

import msgspec
from aiohttp import hdrs, web
from multidict import MultiDict

from callcenter.calls.list_views import filters_of, read, whole
from callcenter.calls.queries import conditions
from callcenter.documents.names import disposition
from callcenter.errors import N_, Forbidden, Invalid, Missing
from callcenter.exports.errands import KEPT
from callcenter.jobs.models import OPEN, Job, State
from callcenter.keys import CONFIG, DIRECTORY, JOBS, SESSIONS, TEMPLATES
from callcenter.pages.formats import address
from callcenter.pages.language import current
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.report_files.asking import Printer, note, report_of
from callcenter.report_files.calls_work import KIND as CALLS_KIND
from callcenter.report_files.calls_work import TITLE, CallsWish
from callcenter.report_files.forms import Form, cells, check, file_name, form_of
from callcenter.report_files.paper import Paper
from callcenter.report_files.work import KIND, Wish, path_of
from callcenter.reports import asked as asking
from callcenter.reports.asked import Asked, query_of
from callcenter.reports.frame import Report

routes = web.RouteTableDef()

NOT_HERE = N_("There is no such file. It may have been removed: files are kept for {n} days.")
WORK = "{what} ({format})"  # in the list of long work, where several may be under way
AT_ONCE = 2  # files written while somebody waits; whoever comes then gets theirs as long work
_writing = 0


@routes.post(r"/reports/{report:[a-z0-9_-]+}/file")
@needs(Permission.REPORTS)
async def take_out(request: web.Request) -> web.StreamResponse:
    """format=xlsx|csv|pdf, asked=the report's question as it stands in its address."""
    form_data, templates = await request.post(), request.app[TEMPLATES]
    report = report_of(request.match_info["report"])
    form = form_of(str(form_data.get("format", "")))
    asked = asking.read(
        MultiDict(parse_qsl(str(form_data.get("asked", "")))), templates.formats.today()
    )
    with _hand() as free:
        if free:
            made = await _at_once(request, report, form, asked)
            if made is not None:
                return made
        else:
            printer_of(request).asker(report, signed_in(request).person)  # may they?
    return await _later(request, report, form, asked)


@routes.post("/calls/export")
@needs(Permission.EXPORT)
async def take_calls_out(request: web.Request) -> web.StreamResponse:
    """format=xlsx|csv, of=the query of the list of calls. Always long work: it may be millions."""
    given, who = await request.post(), signed_in(request)
    wish = CallsWish(
        format=str(given.get("format", "")),
        of=whole(str(given.get("of", ""))),
        user_id=who.user.id,
        language=current(),
        zone=request.app[CONFIG].timezone,
    )
    if wish.format not in ("xlsx", "csv"):
        raise Invalid(N_("Choose a kind of file."), "format")
    formats = request.app[TEMPLATES].formats
    asked, chosen = read(dict(parse_qsl(wish.of)), formats.today())
    conditions(filters_of(request.app[DIRECTORY], formats.zone, asked, chosen))  # or Invalid
    return await _begin(request, CALLS_KIND, TITLE, wish)


@routes.get(r"/reports/files/{job_id:\d{1,9}}")
@needs(Permission.REPORTS)
async def file_page(request: web.Request) -> web.StreamResponse:
    """How far a file is, and the way to it."""
    job = await _mine(request)
    if job.kind == CALLS_KIND:
        title, back = TITLE, address("/calls", dict(parse_qsl(job.params["of"])))
    else:
        title = report_of(job.params["report"]).title
        back = f"/reports/{job.params['report']}?{job.params['asked']}"
    return render(
        request,
        "report_files/file.html",
        job=job,
        title=title,
        form=form_of(job.params["format"]),
        back=back,
        going=job.state in OPEN,
        there=await _file(request, job) is not None,
        until=job.finished_at + KEPT if job.finished_at else None,
        kept=KEPT.days,
    )


@routes.get(r"/reports/files/{job_id:\d{1,9}}/download")
@needs(Permission.REPORTS)
async def download(request: web.Request) -> web.StreamResponse:
    """The file, for whoever asked for it and nobody else, for some days."""
    job = await _mine(request)
    path = await _file(request, job)
    if path is None:
        raise Missing(NOT_HERE, n=KEPT.days)
    form, name = form_of(job.params["format"]), str(job.result.get("name", path.name))
    return web.FileResponse(path, headers=_headers(form, name))


def printer_of(request: web.Request) -> Printer:
    templates = request.app[TEMPLATES]
    return Printer(request.app[DIRECTORY], templates.words, templates.formats)


@contextmanager
def _hand() -> Iterator[bool]:
    """Whether a hand is free to write a file at once."""
    global _writing
    free = _writing < AT_ONCE
    _writing += free
    try:
        yield free
    finally:
        _writing -= free


async def _at_once(
    request: web.Request, report: Report, form: Form, asked: Asked
) -> web.Response | None:
    """None where it takes too long to wait for."""
    who = signed_in(request)
    async with request.app[SESSIONS]() as session:
        paper = await printer_of(request).prepare(session, who.person, report, asked)
        check(paper, form)
        if cells(paper) > form.at_once:
            return None
        body = await asyncio.to_thread(_written, paper, form)
        note(session, who.user.id, report, asked, form.name, len(paper.rows))
        await session.commit()
    return web.Response(body=body, headers=_headers(form, file_name(paper, asked, form)))


def _written(paper: Paper, form: Form) -> BinaryIO:
    """The file, open and sent piece by piece; its name is gone, so it leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="callcenter-report-") as folder:
        path = Path(folder) / f"report.{form.name}"
        form.write(paper, path)
        return path.open("rb")


async def _later(request: web.Request, report: Report, form: Form, asked: Asked) -> web.Response:
    wish = Wish(
        report=report.name,
        format=form.name,
        asked=urlencode(query_of(asked)),
        user_id=signed_in(request).user.id,
        language=current(),
        zone=request.app[CONFIG].timezone,
    )
    return await _begin(request, KIND, report.title, wish)


async def _begin(
    request: web.Request, kind: str, title: str, wish: Wish | CallsWish
) -> web.Response:
    named = {"what": {"text": title, "values": {}}, "format": form_of(wish.format).label}
    async with request.app[SESSIONS].begin() as session:
        params = msgspec.to_builtins(wish)
        job_id = await request.app[JOBS].start(session, kind, wish.user_id, WORK, params, **named)
    return see_other(f"/reports/files/{job_id}")


async def _mine(request: web.Request) -> Job:
    """One of one's own, made by a right that one still has. Raises Missing, Forbidden."""
    who, job_id = signed_in(request), int(request.match_info["job_id"])
    async with request.app[SESSIONS]() as session:
        job = await session.get(Job, job_id)
    if job is None or job.kind not in (KIND, CALLS_KIND) or job.user_id != who.user.id:
        raise Missing(NOT_HERE, n=KEPT.days)
    if job.kind == KIND:
        printer_of(request).asker(report_of(job.params["report"]), who.person)
    elif not who.may(Permission.EXPORT):
        raise Forbidden(N_("You may not do this."))
    return job


async def _file(request: web.Request, job: Job) -> Path | None:
    path = path_of(request.app[JOBS].folder(job.id), job.params["format"])
    is_old = job.finished_at is not None and job.finished_at < datetime.now(UTC) - KEPT
    there = job.state == State.DONE and not is_old and await asyncio.to_thread(path.is_file)
    return path if there else None


def _headers(form: Form, name: str) -> dict[str, str]:
    return {
        hdrs.CONTENT_TYPE: form.media_type,
        hdrs.CACHE_CONTROL: "private, no-store",
        hdrs.CONTENT_DISPOSITION: disposition(name, inline=False),
    }
