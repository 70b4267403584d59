"""What is known of each agent in a period: their time, their calls, what they still owe."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.call import Direction
from callcenter.calls.models import UnfinishedCall
from callcenter.people.models import User
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker
from callcenter.staffing.first_calls import NO_CALLS, FirstCalls, first_calls
from callcenter.staffing.queries import narrowed, totals
from callcenter.staffing.totals import NOTHING, Totals
from callcenter.sums import queries as sums
from callcenter.sums import terms
from callcenter.sums.terms import Sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Of one agent, or of all together: `user_id` 0, and `people` are their ids."""

    user_id: int = 0
    people: tuple[int, ...] = ()
    name: str = ""
    time: Totals = NOTHING
    inbound: Sum = field(default_factory=Sum)
    outbound: Sum = field(default_factory=Sum)
    unfinished: int = 0
    first: FirstCalls = NO_CALLS

    @property
    def calls(self) -> Sum:
        """Both ways."""
        return terms.total((self.inbound, self.outbound))

    @property
    def handling_s(self) -> float | None:
        """Seconds an answered call: sums.terms.handling_time."""
        return terms.handling_time(self.calls)

    @property
    def occupancy(self) -> float | None:
        """The share of work on calls (in one, on hold, after one) in the time of such work and of
        waiting ready for it. Of the states alone, so that it is never more than all of it."""
        worked = sum(map(self.time.of, ("talking", "on_hold", "wrap_up")))
        there = worked + self.time.of("ready")
        return worked / there if there else None


def together(lines: Iterable[Line]) -> Line:
    """The sum of them."""
    lines, time, first = list(lines), NOTHING, NO_CALLS
    for each in lines:
        time, first = time.plus(each.time), first.plus(each.first)
    return Line(
        people=tuple(each.user_id for each in lines),
        time=time,
        inbound=terms.total(each.inbound for each in lines),
        outbound=terms.total(each.outbound for each in lines),
        unfinished=sum(each.unfinished for each in lines),
        first=first,
    )


async def lines(
    session: AsyncSession, asker: Asker, asked: Asked, now: datetime | None = None
) -> list[Line]:
    """Everybody with time, calls or something owed, as far as the asker may see, by name.

    An agent's calls are those in their name (sums), in the departments the asker may see. Of what
    is asked the days, departments and people count: no state belongs to a queue or a result.
    """
    asked = Asked(
        since=asked.since, until=asked.until, departments=asked.departments, users=asked.users
    )
    time = await totals(session, asker, asked, now)
    calls: defaultdict[int, dict[str, Sum]] = defaultdict(dict)
    for each in await sums.by(session, asker, asked, "user", "direction"):
        user_id, direction = each.key
        if user_id:
            calls[int(str(user_id))][str(direction)] = each
    people = narrowed(asker.scope, asker.directory, asked)
    owed = await _unfinished(session, asker, asked)
    first = await first_calls(session, people, asked)
    found = [
        Line(
            user_id=user_id,
            name=_name(asker, user_id),
            time=time.get(user_id, NOTHING),
            inbound=calls[user_id].get(Direction.INBOUND, Sum()),
            outbound=calls[user_id].get(Direction.OUTBOUND, Sum()),
            unfinished=owed.get(user_id, 0),
            first=first.get(user_id, NO_CALLS),
        )
        for user_id in {*time, *calls, *owed}
    ]
    return sorted(found, key=lambda line: (line.name.casefold(), line.user_id))


def _name(asker: Asker, user_id: int) -> str:
    person = asker.directory.known(user_id)
    return person.name if person else ""


async def _unfinished(session: AsyncSession, asker: Asker, asked: Asked) -> dict[int, int]:
    rows = await session.execute(
        select(UnfinishedCall.user_id, func.count())
        .join(User, User.id == UnfinishedCall.user_id)
        .where(narrowed(asker.scope, asker.directory, asked))
        .group_by(UnfinishedCall.user_id)
    )
    return {user_id: count for user_id, count in rows}
