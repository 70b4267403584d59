"""/switchboard/changes: what is not live yet, in words, and making it live or forgetting it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from callcenter.errors import N_, Conflict, ExchangeUnavailable, Invalid, Missing
from callcenter.keys import CONFIG, SESSIONS
from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.switchboard import versions
from callcenter.switchboard.checks import Problem, Severity, problems
from callcenter.switchboard.difference import Change, What, differences, taken_back
from callcenter.switchboard.publishing import known, publish
from callcenter.switchboard.shared_views import (
    PART_TITLES,
    Problems,
    names,
    page,
    problem_of,
    texts_of,
)
from callcenter.switchboard.ways import ADDRESSES, address_of

routes = web.RouteTableDef()

PATH = "/switchboard/changes"
LONGEST_NOTE = 200
WHAT = {
    What.ADDED: N_("added"),
    What.REMOVED: N_("removed"),
    What.CHANGED: N_("changed"),
    What.MOVED: N_("moved"),
}


@dataclass(frozen=True, slots=True)
class Changed:
    """A part that differs: `address` where it is edited, "" for one that is gone."""

    part: str
    name: str
    title: str
    what: What
    address: str
    lines: tuple[Change, ...]


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    return await _page(request, "")


@routes.post(PATH)
@needs(Permission.SWITCHBOARD)
async def make_live(request: web.Request) -> web.StreamResponse:
    """Fields: `revision` of what was looked at, `note`."""
    texts = await texts_of(request)
    note = texts.get("note", "")
    try:
        if len(note) > LONGEST_NOTE:
            raise Invalid(N_("Too long: {n} letters at most."), field="note", n=LONGEST_NOTE)
        await publish(request.app, signed_in(request).user.id, _revision(texts), note)
    except (Invalid, Conflict, ExchangeUnavailable) as problem:
        return await _page(request, note, problem_of(problem))
    return see_other("/switchboard", done="published")


@routes.post(PATH + "/discard")
@needs(Permission.SWITCHBOARD)
async def discard(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS].begin() as session:
        await versions.discard(session)
    return see_other("/switchboard", done="draft-discarded")


@routes.post(PATH + "/undo")
@needs(Permission.SWITCHBOARD)
async def undo(request: web.Request) -> web.StreamResponse:
    """The last change of the draft, of the `revision` that was looked at."""
    texts = await texts_of(request)
    try:
        async with request.app[SESSIONS].begin() as session:
            await versions.undo(session, _revision(texts))
    except Conflict as problem:
        return await _page(request, "", problem_of(problem))
    return see_other(PATH, done="draft-undone")


@routes.post(PATH + "/part")
@needs(Permission.SWITCHBOARD)
async def discard_part(request: web.Request) -> web.StreamResponse:
    """Fields: `revision` of what was looked at, `part` and `name` as in a Change. Part by part, as
    it is shown; what does not differ (any more) is a Conflict."""
    texts, by = await texts_of(request), signed_in(request).user.id
    part, name = texts.get("part", ""), texts.get("name", "")
    if part not in PART_TITLES:
        raise Missing(N_("This is not in the switchboard (any more)."))
    try:
        async with request.app[SESSIONS].begin() as session:
            live = (await versions.live(session)).plan
            now = (await versions.working(session)).plan
            if not any((each.part, each.name) == (part, name) for each in differences(live, now)):
                raise Conflict(N_("This is as it is at the exchange (again): look again."))
            await versions.change(
                session, by, lambda plan: taken_back(live, plan, part, name), _revision(texts)
            )
    except (Conflict, Invalid) as problem:
        return await _page(request, "", problem_of(problem))
    return see_other(PATH, done="draft-part-discarded")


def _revision(texts: Mapping[str, str]) -> int:
    """Of what was looked at; -1 for what cannot be one."""
    text = texts.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1


def by_part(changes: Sequence[Change]) -> list[Changed]:
    """Changes of one part together, in their order."""
    found: dict[tuple[str, str], list[Change]] = {}
    for each in changes:
        found.setdefault((each.part, each.name), []).append(each)
    return [
        Changed(
            part,
            name,
            lines[0].title,
            lines[0].what,
            "" if lines[0].what is What.REMOVED else address(part, name),
            tuple(each for each in lines if each.label),
        )
        for (part, name), lines in found.items()
    ]


def address(part: str, name: str) -> str:
    """Where a part is edited, as far as its name is its address; else where its like are listed."""
    has_none = part in ("holidays", "dialling", "shown")
    return ADDRESSES[part] if has_none else address_of(part, name)


def _sorted(found: Sequence[Problem]) -> tuple[list[Problem], list[Problem]]:
    errors = [each for each in found if each.severity is Severity.ERROR]
    return errors, [each for each in found if each.severity is not Severity.ERROR]


async def _page(request: web.Request, note: str, wrong: Problems | None = None) -> web.Response:
    async with request.app[SESSIONS]() as session:
        live, draft = await versions.live(session), await versions.draft(session)
    now = draft or live
    errors, warnings = _sorted(problems(now.plan, await known(request.app[SESSIONS])))
    return await page(
        request,
        "switchboard/changes.html",
        wrong,
        changed=by_part(differences(live.plan, now.plan, await names(request))),
        errors=errors,
        warnings=warnings,
        address=address,
        revision=now.revision,
        is_draft=draft is not None,
        is_external=request.app[CONFIG].asterisk.mode == "external",
        what=WHAT,
        note=note,
        longest=LONGEST_NOTE,
    )
