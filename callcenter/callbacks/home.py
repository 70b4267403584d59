"""What the home page shows of this room: whom to call back today, and who rang for nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aiohttp import web

from callcenter.callbacks import queries, times
from callcenter.callbacks.acting import now
from callcenter.callbacks.missed_views import of_tab
from callcenter.callbacks.queries import Wanted
from callcenter.callbacks.rows import Entry, Row
from callcenter.callbacks.schedule_views import entry_of
from callcenter.keys import CONFIG, INBOX, SESSIONS, TEMPLATES
from callcenter.people.permissions import Permission
from callcenter.people.session import scope_for, signed_in

SHOWN = 7  # lines of each list


@dataclass(frozen=True, slots=True, kw_only=True)
class NextUp:
    """`due` are the callbacks of today and those left from before, `missed` the inbox's lines."""

    due: Sequence[Entry]
    due_count: int
    missed: Sequence[Row]
    missed_count: int
    presets: Sequence[times.Preset]
    now: datetime
    picture: str  # of the inbox: see Inbox.picture


async def next_up(request: web.Request) -> NextUp | None:
    """For whoever asks; None when callbacks are not theirs to see."""
    who, today = signed_in(request), request.app[TEMPLATES].formats.today()
    if not who.may(Permission.CALLBACKS):
        return None
    scope, zone = scope_for(request, Permission.CALLBACKS), request.app[CONFIG].zone
    picture = request.app[INBOX].picture(who.user.id)  # what comes from here on is news
    tomorrow: date = today + timedelta(days=1)
    async with request.app[SESSIONS]() as session:
        wanted = Wanted(until=times.day_begins(tomorrow, zone))
        lines = await queries.lines(session, scope, wanted)
    due = [entry_of(request, line) for line in lines if line[0].user_id in (None, scope.user_id)]
    missed = [row for row in await of_tab(request, "", scope) if row.missed]
    return NextUp(
        due=due[:SHOWN],
        due_count=len(due),
        missed=missed[:SHOWN],
        missed_count=len(missed),
        presets=times.presets(now(request), zone),
        now=now(request),
        picture=picture,
    )
