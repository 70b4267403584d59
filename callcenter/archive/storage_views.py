"""The room that recordings take: by month, by department, and until when it lasts."""

import asyncio
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from math import ceil

from aiohttp import web

from callcenter.archive import storage, terms
from callcenter.archive.retention import plan_of
from callcenter.archive.retention_views import parents_of
from callcenter.archive.storage import Used
from callcenter.archive.terms import COMPANY, Plan
from callcenter.errors import N_
from callcenter.keys import CONFIG, DIRECTORY, LIBRARY, SESSIONS, TEMPLATES
from callcenter.pages.formats import address, size
from callcenter.pages.language import number
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.reports.charts import Bar, Chart, columns, of_counts
from callcenter.settings.sections import chapters_for

routes = web.RouteTableDef()

UNITS = (("GB", 2**30), ("MB", 2**20), ("KB", 2**10))


@routes.get("/settings/storage")
@needs(Permission.COMPANY)
async def show(request: web.Request) -> web.StreamResponse:
    directory, zone, now = request.app[DIRECTORY], request.app[CONFIG].zone, datetime.now(UTC)
    today, parents = request.app[TEMPLATES].formats.today(), parents_of(directory)
    room = await asyncio.to_thread(storage.room_in, request.app[LIBRARY].folder)
    async with request.app[SESSIONS].begin() as session:
        lying = await storage.used(session, today, zone)
        grows = {days: await storage.growth(session, days, now) for days in (30, 90)}
        plan = await plan_of(session)
        in_force = terms.in_force(plan, now, parents)
        lately = grows[storage.LATELY]
        full = await storage.forecast(session, room, in_force, now, zone)
    without = storage.full_on(today, room.free, lately, lying, terms.in_force(Plan(), now, parents))
    chart, unit = _chart(request, lying, today)
    return render(
        request,
        "archive/storage.html",
        chapters=chapters_for(signed_in(request).rights),
        room=room,
        used=sum(each.size for each in lying),
        count=sum(each.count for each in lying),
        grows={days: sum(found.values()) for days, found in grows.items()},
        full=full,
        without=without,
        has_terms=bool(terms.groups(in_force)),
        short=storage.is_short(room, full, today),
        soon=storage.SOON,
        chart=chart,
        unit=unit,
        by_department=_departments(request, lying, lately, in_force),
        months=_months(lying),
    )


def _chart(request: web.Request, lying: list[Used], today: date) -> tuple[Chart, str]:
    """The last twelve months, and the unit that its scale counts in."""
    sums = _months(lying)
    months = [today.replace(day=1)]
    while len(months) < 12:
        months.insert(0, (months[0] - timedelta(days=1)).replace(day=1))
    say, most = request.app[TEMPLATES].words.say, max(sums[each][1] for each in sums) if sums else 0
    unit, bytes_of_one = next((u for u in UNITS if most >= u[1]), UNITS[-1])
    bars = []
    for month in months:
        count, bytes_, _ = sums.get(month, (0, 0, 0.0))
        label = f"{month.month}/{month.year}"
        title = say(N_("{month}: {n} recordings, {size}"), month=label, n=count, size=size(bytes_))
        total = size(bytes_) if bytes_ else ""
        bars.append(Bar(label, [bytes_ / bytes_of_one], total, title, _calls(month)))
    scale = columns(
        bars, lambda value: number(int(value)), 760, scale_of=lambda most: of_counts(ceil(most))
    )
    return scale, unit


def _calls(month: date) -> str:
    until = (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return address("/calls", {"recorded": "1", "since": str(month), "until": str(until)})


def _months(lying: list[Used]) -> dict[date, tuple[int, int, float]]:
    """Count, bytes and seconds of each month that has any, the newest first."""
    found = defaultdict[date, list[Used]](list)
    for each in lying:
        found[each.month].append(each)
    return {month: _sum(found[month]) for month in sorted(found, reverse=True)}


def _departments(
    request: web.Request, lying: list[Used], lately: dict[int, float], in_force: dict[int, int]
) -> list[tuple[str, tuple[int, int, float], float, int]]:
    """Name, what lies there, bytes a day, days it is kept; who takes most first."""
    known, found = request.app[DIRECTORY].departments, defaultdict[int, list[Used]](list)
    for each in lying:
        found[each.department_id if each.department_id in known else COMPANY].append(each)
    rows = [
        (
            known[id].name if id else "",
            _sum(each),
            sum(size for whose, size in lately.items() if (whose if whose in known else 0) == id),
            in_force.get(id, 0),
        )
        for id, each in found.items()
    ]
    return sorted(rows, key=lambda row: -row[1][1])


def _sum(of: list[Used]) -> tuple[int, int, float]:
    return sum(u.count for u in of), sum(u.size for u in of), sum(u.seconds for u in of)
