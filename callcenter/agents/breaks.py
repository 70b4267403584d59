"""Breaks: what reasons there are, how long each may take, and how many may be away at once."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo

import msgspec
from sqlalchemy import select

from callcenter.agents.agent import DECLINED, MISSED, Agent
from callcenter.agents.models import BreakReason
from callcenter.db import Sessions
from callcenter.errors import N_, Conflict, Invalid
from callcenter.people.directory import Directory, Person


class Break(msgspec.Struct, kw_only=True, frozen=True):
    """A reason; `minutes` null: as long as it takes. What is not `offered` can only be past."""

    code: str
    name_vi: str
    name_en: str
    minutes: int | None
    offered: bool


class Breaks:
    """The catalogue in memory: a wish does not wait for the database."""

    def __init__(self) -> None:
        self.all: list[Break] = []  # in their order

    async def load(self, sessions: Sessions) -> None:
        """Read it again, after a change."""
        order = select(BreakReason).order_by(BreakReason.position, BreakReason.code)
        async with sessions() as session:
            self.all = [
                Break(
                    code=row.code,
                    name_vi=row.name_vi,
                    name_en=row.name_en,
                    minutes=row.minutes,
                    offered=row.offered,
                )
                for row in await session.scalars(order)
            ]

    def chosen(self, text: str) -> str:
        """The code of an offered reason that is called so: by its code or in a language.

        Raises Invalid, in words.
        """
        if not text:
            raise Invalid(N_("A break needs a reason."), field="reason")
        wanted = text.casefold()
        for each in self.all:
            if each.offered and wanted in _names(each):
                return each.code
        raise Invalid(N_("There is no such reason for a break."), field="reason")

    def ends(self, reason: str, since: datetime) -> datetime | None:
        """When a break that began then should be over; None: no limit."""
        for each in self.all:
            if each.code == reason:
                return since + timedelta(minutes=each.minutes) if each.minutes else None
        return None


Away = dict[int, datetime | None]  # user id -> since when; None: it begins after their call


def among(agents: Iterable[Agent], since: Mapping[int, datetime]) -> Away:
    """Those who are on a break, or will be after their call."""
    return {
        agent.user_id: since.get(agent.user_id) if agent.state == "break" else None
        for agent in agents
        if is_away(agent)
    }


def refuse_more(directory: Directory, person: Person, away: Away, zone: tzinfo) -> None:
    """Raises Conflict when the limit of their department is reached; it tells who is away."""
    department = directory.departments.get(person.department_id or 0)
    if department is None or department.break_limit is None:
        return
    others = [
        _since(other.name, away[other.id], zone)
        for other in directory.people()
        if other.id in away and other.department_id == department.id
    ]
    if len(others) < department.break_limit:
        return
    about = {"n": department.break_limit, "department": department.name}
    if not others:
        raise Conflict(N_("No breaks in {department} now. Ask your team lead."), **about)
    sentence = N_(
        "At most {n} of {department} may be on a break at once. On a break, since: {who}."
    )
    raise Conflict(sentence, who=", ".join(others), **about)


def is_away(agent: Agent) -> bool:
    """Whether they are on a break of their choice, or will be after their call."""
    if agent.booked:
        return agent.booked.wish == "break"
    return agent.wish == "break" and agent.reason not in (MISSED, DECLINED)


def _since(name: str, at: datetime | None, zone: tzinfo) -> str:
    return f"{name} ({at.astimezone(zone):%H:%M})" if at else name


def _names(each: Break) -> set[str]:
    return {text.casefold() for text in (each.code, each.name_vi, each.name_en)}
