"""From when on something is wrong with a queue: in the company, and where a queue differs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Sessions
from callcenter.errors import N_, Invalid
from callcenter.live.models import QueueAlert
from callcenter.settings.models import Queue, Setting
from callcenter.settings.queries import keep_value

LEAST_CALLS: Final = 10  # of a day, before its share of abandoned calls says anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one queue. 0 of an alert is never.

    `service_level_s`: answered within so many seconds is in time; `target_percent` of the calls
    should be. An alert begins when somebody waits for longer than `wait_s`, when nobody was ready
    for `nobody_s` while somebody waits, when more than `abandoned_percent` of today's calls hung
    up before they were answered.
    """

    service_level_s: int = 20
    target_percent: int = 80
    wait_s: int = 60
    nobody_s: int = 15
    abandoned_percent: int = 15


@dataclass(frozen=True, slots=True)
class Rules:
    """`own` are the queues that differ."""

    company: Limits = Limits()
    own: Mapping[str, Limits] = field(default_factory=dict)

    def of(self, queue: str) -> Limits:
        return self.own.get(queue, self.company)


class CurrentRules:
    """The rules in memory: `now` is as saved."""

    def __init__(self) -> None:
        self.now = Rules()

    async def load(self, sessions: Sessions) -> None:
        """At the start, and after each change."""
        async with sessions() as session:
            self.now, _ = await load_rules(session)


BOUNDS: Final[Mapping[str, tuple[int, int]]] = {  # the smallest and the largest number of each
    "service_level_s": (1, 3600),
    "target_percent": (1, 100),
    "wait_s": (0, 3600),
    "nobody_s": (0, 3600),
    "abandoned_percent": (0, 100),
}
OWN: Final = ("wait_s", "nobody_s", "abandoned_percent")  # what a queue may have for itself
_PREFIX = "live_"  # of the settings' names


Own = dict[str, dict[str, int]]  # queue -> what it has for itself, by the names in OWN


async def load_rules(session: AsyncSession) -> tuple[Rules, Own]:
    """As saved, the defaults before the first time; and what each queue has for itself."""
    names = {_PREFIX + each.name: each.name for each in fields(Limits)}
    rows = await session.execute(select(Setting.name, Setting.value).where(Setting.name.in_(names)))
    company = Limits(**{names[name]: int(value) for name, value in rows})
    own = {
        row.queue: {name: n for name in OWN if (n := getattr(row, name)) is not None}
        for row in await session.scalars(select(QueueAlert))
    }
    levels = select(Queue.name, Queue.service_level_s).where(Queue.service_level_s.is_not(None))
    numbers = {name: dict(found) for name, found in own.items()}
    for name, seconds in await session.execute(levels):  # set at the queue, in the switchboard
        numbers.setdefault(name, {})["service_level_s"] = seconds or 0
    limits = {name: replace(company, **found) for name, found in numbers.items()}
    return Rules(company, limits), own


def read_limits(
    texts: Mapping[str, str], queues: Mapping[str, object]
) -> tuple[Limits, Own, dict[str, Invalid]]:
    """The company's limits, what each queue has for itself, and what must be put right, by field.

    Fields are "wait_s" and the like, and "wait_s-sales" for a queue; empty there: as the company.
    """
    problems: dict[str, Invalid] = {}
    company = {name: _number(texts, name, name, problems) for name in BOUNDS}
    own = {
        queue: {
            name: number
            for name in OWN
            if texts.get(f"{name}-{queue}", "").strip()
            and (number := _number(texts, f"{name}-{queue}", name, problems)) is not None
        }
        for queue in queues
    }
    numbers = {name: number for name, number in company.items() if number is not None}
    return Limits(**numbers), {queue: found for queue, found in own.items() if found}, problems


async def save_limits(session: AsyncSession, company: Limits, own: Own) -> None:
    """Save them, without committing; queues that are not named are as the company."""
    for each in fields(Limits):
        await keep_value(session, _PREFIX + each.name, str(getattr(company, each.name)))
    await session.execute(delete(QueueAlert))
    session.add_all(QueueAlert(queue=queue, **numbers) for queue, numbers in own.items())


def _number(
    texts: Mapping[str, str], field: str, name: str, problems: dict[str, Invalid]
) -> int | None:
    least, most = BOUNDS[name]
    text = texts.get(field, "").strip()
    if text.isascii() and text.isdecimal() and len(text) < 10 and least <= int(text) <= most:
        return int(text)
    sentence = N_("A whole number from {least} to {most}, please.")
    problems[field] = Invalid(sentence, field=field, least=least, most=most)
    return None
