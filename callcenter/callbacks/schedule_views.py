"""The schedule [8.6]: when who is called back for what, by the day or the week."""

from collections.abc import Sequence
from datetime import date, timedelta

from aiohttp import web

from callcenter.callbacks import queries, times
from callcenter.callbacks.acting import now, on_offer
from callcenter.callbacks.models import State
from callcenter.callbacks.queries import Line, Wanted
from callcenter.callbacks.rows import Entry
from callcenter.errors import N_, Invalid
from callcenter.keys import CONFIG, DIRECTORY, INBOX, SESSIONS, TEMPLATES
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in

routes = web.RouteTableDef()

STATES = {
    "open": N_("Still to do"),
    "done": N_("Called back"),
    "cancelled": N_("Cancelled"),
    "all": N_("All"),
}


@routes.get("/callbacks/schedule")
@needs(Permission.CALLBACKS)
async def schedule(request: web.Request) -> web.StreamResponse:
    """?day=, ?view=week, ?whose= (mine and anyone's, all, anyone, an id), ?state=, ?q=."""
    query, today = request.query, request.app[TEMPLATES].formats.today()
    view = "week" if query.get("view") == "week" else "day"
    day = _day(query.get("day", ""), today)
    first = day - timedelta(days=day.weekday()) if view == "week" else day
    days = [first + timedelta(days=n) for n in range(7 if view == "week" else 1)]
    asked = {
        "whose": query.get("whose", ""),
        "state": query.get("state", "") if query.get("state") in STATES else "open",
        "q": query.get("q", "").replace("\0", "").strip()[:100],
    }
    picture = request.app[INBOX].picture(signed_in(request).user.id)  # later on is news
    lines = await _lines(request, days, asked)
    late = [] if asked["state"] != "open" or today not in days else await _late(request, asked)
    step = timedelta(days=7 if view == "week" else 1)
    shown = {name: value for name, value in asked.items() if value and value != "open"}
    return render(
        request,
        "callbacks/schedule.html",
        days={each: [e for e in lines if _on(request, e, each)] for each in days},
        late=late,
        view=view,
        day=day,
        first=first,
        last=days[-1],
        before=first - step,
        after=first + step,
        asked=asked,
        query=shown | ({"view": "week"} if view == "week" else {}),
        states=STATES,
        people=on_offer(request).people,
        now=now(request),
        picture=picture,
        presets=times.presets(now(request), request.app[CONFIG].zone),
    )


async def _lines(request: web.Request, days: Sequence[date], asked: dict[str, str]) -> list[Entry]:
    zone = request.app[CONFIG].zone
    wanted = Wanted(
        since=times.day_begins(days[0], zone),
        until=times.day_begins(days[-1] + timedelta(days=1), zone),
        state="" if asked["state"] == "all" else asked["state"],
        text=asked["q"],
    )
    return await _read(request, wanted, asked["whose"])


async def _late(request: web.Request, asked: dict[str, str]) -> list[Entry]:
    """What was to be done on days before today."""
    today = request.app[TEMPLATES].formats.today()
    until = times.day_begins(today, request.app[CONFIG].zone)
    return await _read(request, Wanted(until=until, text=asked["q"]), asked["whose"])


async def _read(request: web.Request, wanted: Wanted, whose: str) -> list[Entry]:
    who = signed_in(request)
    async with request.app[SESSIONS]() as session:
        lines = await queries.lines(session, who.scope, wanted)
    return [entry_of(request, line) for line in lines if _is_wanted(line, whose, who.user.id)]


def _is_wanted(line: Line, whose: str, me: int) -> bool:
    user_id = line[0].user_id
    if whose == "all":
        return True
    if whose == "anyone":
        return user_id is None
    if whose.isascii() and whose.isdigit():
        return user_id == int(whose[:9])
    return user_id in (None, me)


def entry_of(request: web.Request, line: Line) -> Entry:
    callback, customer = line
    person = request.app[DIRECTORY].known(callback.user_id or 0)
    return Entry(
        callback=callback,
        customer=customer,
        user=person.name if person else "",
        odd=times.odd(callback.at, request.app[CONFIG].zone),
        is_late=callback.state == State.OPEN and callback.at < now(request),
    )


def _on(request: web.Request, entry: Entry, day: date) -> bool:
    return request.app[TEMPLATES].formats.local(entry.callback.at).date() == day


def _day(text: str, today: date) -> date:
    if not text:
        return today
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not 2000 < found.year < 2200:
        raise Invalid(N_("“{word}” is not a day."), field="day", word=text[:40])
    return found
