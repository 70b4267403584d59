"""The terms of recordings, department by department; what they would delete, before they do."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from aiohttp import web

from callcenter.archive import retention, terms
from callcenter.archive.retention import Going, plan_of, save_plan
from callcenter.archive.terms import COMPANY, FOR_EVER, LONGEST, Plan
from callcenter.errors import N_, Invalid
from callcenter.keys import CONFIG, DIRECTORY, SESSIONS
from callcenter.pages.formats import address
from callcenter.pages.templates import render, see_other
from callcenter.people import audit
from callcenter.people.directory import Directory
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.settings.sections import chapters_for

routes = web.RouteTableDef()

PATH = "/settings/retention"
OWN, ABOVE, EVER = "days", "above", "ever"


@routes.get(PATH)
@needs(Permission.COMPANY)
async def show(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        plan = await plan_of(session)
    return await _page(request, plan, _texts(request.app[DIRECTORY], plan))


@routes.post(PATH)
@needs(Permission.COMPANY)
async def save(request: web.Request) -> web.StreamResponse:
    """term-0 (the company), term-<department>: days, ever, above; days-…: how many. `seen` is what
    somebody has seen the consequences of; anything else is shown first."""
    given, directory = await request.post(), request.app[DIRECTORY]
    texts = {name: str(value)[:20] for name, value in given.items() if isinstance(value, str)}
    wanted, problems = _read(directory, texts)
    async with request.app[SESSIONS].begin() as session:
        plan = await plan_of(session)
        if problems:
            return await _page(request, plan, texts, problems)
        seen = _seen(wanted)
        if given.get("seen") != seen:
            return await _page(request, plan, texts, preview=wanted)
        new = terms.changed(
            plan, wanted, datetime.now(UTC), parents_of(directory), request.app[CONFIG].zone
        )
        await save_plan(session, new)
        audit.note(session, signed_in(request).user.id, "retention-changed", _told(directory, new))
    return see_other(PATH, done="retention-saved" if new.starts_at else "settings-saved")


@routes.post(PATH + "/back")
@needs(Permission.COMPANY)
async def take_back(request: web.Request) -> web.StreamResponse:
    """What was wanted before the change whose night has not come yet."""
    directory, now = request.app[DIRECTORY], datetime.now(UTC)
    async with request.app[SESSIONS].begin() as session:
        plan = await plan_of(session)
        if plan.starts_at is not None and now < plan.starts_at and plan.before != plan.wanted:
            zone = request.app[CONFIG].zone
            new = terms.changed(plan, plan.before, now, parents_of(directory), zone)
            await save_plan(session, new)
            told = _told(directory, new)
            audit.note(session, signed_in(request).user.id, "retention-changed", told)
    return see_other(PATH, done="retention-back")


def parents_of(directory: Directory) -> dict[int, int | None]:
    return {each.id: each.parent_id for each in directory.departments.values()}


async def _page(
    request: web.Request,
    plan: Plan,
    texts: Mapping[str, str],
    problems: Mapping[str, Invalid] | None = None,
    preview: dict[int, int] | None = None,
) -> web.Response:
    directory, zone, now = request.app[DIRECTORY], request.app[CONFIG].zone, datetime.now(UTC)
    parents = parents_of(directory)
    in_force, found = terms.in_force(plan, now, parents), list[Going]()
    night = terms.first_night(now, zone)
    if preview is not None:
        wished = terms.in_force(Plan(wanted=preview), night, parents)
        async with request.app[SESSIONS]() as session:
            found = await retention.going(session, wished, night, zone)
    day = night.astimezone(zone).date()
    return render(
        request,
        "archive/retention.html",
        status=Invalid.status if problems else 200,
        chapters=chapters_for(signed_in(request).rights),
        texts=texts,
        problems=problems or {},
        rows=_tree(directory),
        in_force=in_force,
        waits=plan.starts_at if plan.starts_at and now < plan.starts_at else None,
        can_go_back=plan.before != plan.wanted,
        seen=_seen(preview) if preview is not None else "",
        preview=preview is not None,
        found=[(each, _name(directory, each), _list(each, day)) for each in found],
        count=sum(each.count for each in found),
        size=sum(each.size for each in found),
        held=sum(each.held for each in found),
        starts_at=night,
        longest=LONGEST,
    )


def _tree(directory: Directory) -> list[tuple[int, str, int]]:
    """Id, name and depth of the departments, each below the one above it."""
    found: list[tuple[int, str, int]] = []

    def add(parent: int | None, depth: int) -> None:
        for each in directory.departments.values():
            if each.parent_id == parent:
                found.append((each.id, each.name, depth))
                add(each.id, depth + 1)

    add(None, 0)
    return found


def _texts(directory: Directory, plan: Plan) -> dict[str, str]:
    """The terms as they stand in the form."""
    texts = {}
    for each in (COMPANY, *directory.departments):
        days = plan.wanted.get(each, FOR_EVER if each == COMPANY else None)
        texts[f"term-{each}"] = ABOVE if days is None else OWN if days else EVER
        texts[f"days-{each}"] = str(days or "")
    return texts


def _read(
    directory: Directory, texts: Mapping[str, str]
) -> tuple[dict[int, int], dict[str, Invalid]]:
    """The terms that were typed, and what must be put right, by field."""
    wanted, problems = dict[int, int](), dict[str, Invalid]()
    for each in (COMPANY, *directory.departments):
        term, field = texts.get(f"term-{each}", ABOVE), f"days-{each}"
        if term == EVER:
            wanted[each] = FOR_EVER
        elif term == OWN:
            text = texts.get(field, "").strip()
            is_number = text.isascii() and text.isdecimal() and len(text) < 10
            if is_number and 1 <= int(text) <= LONGEST:
                wanted[each] = int(text)
            else:
                sentence = N_("A whole number from {least} to {most}, please.")
                problems[field] = Invalid(sentence, field=field, least=1, most=LONGEST)
    return wanted, problems


def _seen(wanted: Mapping[int, int]) -> str:
    return msgspec.json.encode(sorted(wanted.items())).decode()


def _told(directory: Directory, plan: Plan) -> str:
    """For the log: who keeps for how long, and from when."""
    parts = [
        f"{directory.departments[each].name if each else '*'}: {days or '∞'}"
        for each, days in sorted(plan.wanted.items())
        if each == COMPANY or each in directory.departments
    ]
    return ", ".join(parts) + (f" ({plan.starts_at:%Y-%m-%d %H:%M} UTC)" if plan.starts_at else "")


def _name(directory: Directory, each: Going) -> str:
    return directory.departments[each.department_id].name if each.department_id else ""


def _list(each: Going, day: Any) -> str:
    """The list of calls with just these recordings."""
    until = str(day - timedelta(days=each.days + 1))
    asked = {"recorded": "1", "department": str(each.department_id or 0), "alone": "1"}
    return address("/calls", {**asked, "until": until})
