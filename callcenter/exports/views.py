"""Exports: what to take out and how, and the finished file for whoever asked for it."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import hdrs, web
from multidict import MultiDict, MultiMapping

from callcenter.documents.names import disposition
from callcenter.errors import N_, CallcenterError, Invalid, Missing
from callcenter.exports.columns import COLUMNS, NOT_AT_FIRST, Subject
from callcenter.exports.csv_file import DELIMITERS
from callcenter.exports.errands import KEPT, KIND
from callcenter.exports.work import TITLES, Wish, name_of
from callcenter.jobs.models import Job, State
from callcenter.keys import CONFIG, JOBS, SESSIONS, TEMPLATES
from callcenter.lists.selection import Selection, selected, selected_again
from callcenter.pages.language import current
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in

routes = web.RouteTableDef()

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
NOT_HERE = N_("There is no such export. It may have been removed: exports are kept for {n} days.")


@routes.get("/customers/export")
@needs(Permission.EXPORT)
async def ask(request: web.Request) -> web.StreamResponse:
    """?ids= or ?all=1 with a list's filters; without either the whole list of assigned ones."""
    query = request.query
    if "ids" not in query and "all" not in query:
        return _form(request, selected(MultiDict([*query.items(), ("all", "1")])))
    return _form(request, selected(query))


@routes.post("/customers/export")
@needs(Permission.EXPORT)
async def begin(request: web.Request) -> web.StreamResponse:
    who, given = signed_in(request), await request.post()
    texts = {name: value for name, value in given.items() if isinstance(value, str)}
    selection = selected_again(texts.get("of", ""))
    try:
        subject = _subject(texts.get("subject", ""))
        columns = _ticked(given, subject)
        if not set(columns) & COLUMNS[subject].keys():
            raise Invalid(N_("Choose at least one column."), "column")
        form, delimiter = texts.get("format", ""), texts.get("delimiter", DELIMITERS[0])
        if form not in TYPES or delimiter not in DELIMITERS:
            raise Invalid(N_("Choose a kind of file."), "format")
    except Invalid as problem:
        return _form(request, selection, given, problem)
    wish = Wish(
        subject=subject,
        format=form,
        delimiter=delimiter,
        columns=columns,
        of=selection.query,
        user_id=who.user.id,
        language=current(),
        zone=request.app[CONFIG].timezone,
    )
    title = N_("Export of contacts") if subject is Subject.CONTACTS else N_("Export of customers")
    async with request.app[SESSIONS].begin() as session:
        params = msgspec.to_builtins(wish)
        await request.app[JOBS].start(session, KIND, who.user.id, title, params)
    return see_other("/jobs")


@routes.get(r"/exports/{job_id:\d{1,9}}")
@needs(Permission.EXPORT)
async def ready(request: web.Request) -> web.StreamResponse:
    """What has become of an export, and the way to its file."""
    job, wish, _ = await _finished(request)
    return render(
        request,
        "exports/ready.html",
        job=job,
        wish=wish,
        title=TITLES[wish.subject],
        until=job.finished_at + KEPT if job.finished_at else None,
    )


@routes.get(r"/exports/{job_id:\d{1,9}}/file")
@needs(Permission.EXPORT)
async def download(request: web.Request) -> web.StreamResponse:
    """The file, for whoever asked for it and nobody else, for some days."""
    job, wish, path = await _finished(request)
    shown = request.app[TEMPLATES]
    day = shown.formats.local(job.created_at)
    name = f"{shown.words.say(TITLES[wish.subject])} {day:%Y-%m-%d %H-%M}.{wish.format}"
    return web.FileResponse(
        path,
        headers={
            hdrs.CONTENT_TYPE: TYPES[wish.format],
            hdrs.CACHE_CONTROL: "private, no-store",
            hdrs.CONTENT_DISPOSITION: disposition(name, inline=False),
        },
    )


async def _finished(request: web.Request) -> tuple[Job, Wish, Path]:
    """One of one's own that is done and still there; raises Missing."""
    who, job_id = signed_in(request), int(request.match_info["job_id"])
    async with request.app[SESSIONS]() as session:
        job = await session.get(Job, job_id)
    if job is None or job.kind != KIND or job.user_id != who.user.id or job.state != State.DONE:
        raise Missing(NOT_HERE, n=KEPT.days)
    wish = msgspec.convert(job.params, Wish)
    path = request.app[JOBS].folder(job.id) / name_of(wish.subject, wish.format)
    is_old = job.finished_at is not None and job.finished_at < datetime.now(UTC) - KEPT
    if is_old or not await asyncio.to_thread(path.is_file):
        raise Missing(NOT_HERE, n=KEPT.days)
    return job, wish, path


def _subject(text: str) -> Subject:
    try:
        return Subject(text)
    except ValueError as error:
        raise Invalid(N_("Choose what to export."), "subject") from error


def _usual(selection: Selection) -> Subject:
    return Subject.CONTACTS if selection.tab == "contacts" else Subject.CUSTOMERS


def _ticked(given: MultiMapping[Any], subject: Subject) -> list[str]:
    return [str(each) for each in given.getall(f"{subject.value}-column", [])]


def _form(
    request: web.Request,
    selection: Selection,
    given: MultiMapping[Any] | None = None,
    problem: CallcenterError | None = None,
) -> web.Response:
    def is_ticked(each: Subject, name: str) -> bool:
        return name in _ticked(given, each) if given else name not in NOT_AT_FIRST

    return render(
        request,
        "exports/form.html",
        problem.status if problem else 200,
        selection=selection,
        subjects=TITLES,
        subject=str(given.get("subject", "")) if given else _usual(selection).value,
        form=str(given.get("format", "")) if given else "xlsx",
        delimiter=str(given.get("delimiter", "")) if given else DELIMITERS[0],
        columns=COLUMNS,
        is_ticked=is_ticked,
        problem=problem,
        kept=KEPT.days,
    )
