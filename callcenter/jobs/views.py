"""Long work as its owner sees it: the list, how far one is, and a way to stop it."""

from typing import Any

import msgspec
from aiohttp import web

from callcenter.errors import N_
from callcenter.jobs import queries
from callcenter.jobs.models import OPEN, Job, State
from callcenter.keys import DIRECTORY, JOBS, SESSIONS, TEMPLATES
from callcenter.pages.language import Words, number
from callcenter.pages.middleware import wants_page
from callcenter.pages.templates import render, see_other
from callcenter.people.models import Role
from callcenter.people.permissions import Door, needs
from callcenter.people.session import SignedIn, signed_in

routes = web.RouteTableDef()

STATES = {  # state: (words, icon, kind of chip)
    State.WAITING: (N_("Waiting for its turn"), "clock", ""),
    State.RUNNING: (N_("In progress"), "clock", "acc"),
    State.DONE: (N_("Finished"), "check", "ok"),
    State.FAILED: (N_("Failed"), "alert", "bad"),
    State.CANCELLED: (N_("Cancelled"), "x", ""),
}


@routes.get("/jobs")
@needs(Door.SIGNED_IN)
async def all_jobs(request: web.Request) -> web.StreamResponse:
    who, directory = signed_in(request), request.app[DIRECTORY]
    async with request.app[SESSIONS]() as session:
        cut = await queries.newest(session, _whose(who), request.query.get("cursor", ""))
    lines = [_line(request, job) for (job,) in cut.rows]
    for line in lines:
        person = directory.person(line["user_id"])
        line["owner"] = person.name if person else ""
    return render(
        request, "jobs/list.html", lines=lines, cut=cut, states=STATES, owners=_whose(who) is None
    )


@routes.get(r"/jobs/{job_id:\d{1,9}}")
@needs(Door.SIGNED_IN)
async def one_job(request: web.Request) -> web.StreamResponse:
    """JSON of jobs.shape, for a page whose /events is away."""
    job = await _one(request)
    return web.json_response(
        request.app[JOBS].shape(job), dumps=_json, headers={"Cache-Control": "no-store"}
    )


@routes.post(r"/jobs/{job_id:\d{1,9}}/cancel")
@needs(Door.SIGNED_IN)
async def cancel(request: web.Request) -> web.StreamResponse:
    """204, or back to the list for a form. One that is over stays as it is."""
    job = await _one(request)
    await request.app[JOBS].cancel(job.id)
    return see_other("/jobs") if wants_page(request) else web.Response(status=204)


async def _one(request: web.Request) -> Job:
    job_id = int(request.match_info["job_id"])
    async with request.app[SESSIONS]() as session:
        return await queries.one(session, _whose(signed_in(request)), job_id)


def _whose(who: SignedIn) -> int | None:
    return queries.EVERYBODY if who.person.role is Role.SUPERADMIN else who.user.id


def _line(request: web.Request, job: Job) -> dict[str, Any]:
    words = request.app[TEMPLATES].words
    shape = request.app[JOBS].shape(job)
    return shape | {
        "title": say(words, shape["title"]),
        "said": say(words, shape["said"]),
        "open": shape["state"] in OPEN,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
        "seconds": (job.finished_at - job.started_at).total_seconds()
        if job.finished_at and job.started_at
        else None,
    }


def say(words: Words, sentence: dict[str, Any]) -> str:
    """A sentence of a job in the language of the request; "" for {}."""
    if not sentence:
        return ""
    values = {name: _said(words, value) for name, value in sentence["values"].items()}
    return words.say(sentence["text"], **values)


def _said(words: Words, value: Any) -> str:
    if isinstance(value, dict):
        return say(words, value)
    return number(value) if isinstance(value, int | float) else str(value)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
