"""What a report may be narrowed to, for who asks; and a question with what was wrong about it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from multidict import MultiMapping
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.call import Result
from callcenter.errors import N_, Invalid
from callcenter.pages import period
from callcenter.pages.call_words import RESULTS
from callcenter.pages.formats import phone
from callcenter.pages.language import Words
from callcenter.people.directory import Directory
from callcenter.people.rights import Scope
from callcenter.reports.asked import DAYS, Asked, query_of, read
from callcenter.settings.models import Did


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Choice:
    """`name` is the filter's in addresses; `label` and `every` (none ticked) are message ids."""

    name: str
    label: str
    every: str
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked; with a `problem` it is what can be shown beside the sentence about it."""

    asked: Asked
    problem: Invalid | None = None

    @property
    def period(self) -> period.Period:
        return period.Period(self.asked.since, self.asked.until)

    @property
    def query(self) -> dict[str, str]:
        return query_of(self.asked)

    @property
    def chosen(self) -> Mapping[str, Sequence[str]]:
        """By the filters' names."""
        asked = self.asked
        return {
            "agent": list(map(str, asked.users)),
            "department": list(map(str, asked.departments)),
            "queue": asked.queues,
            "did": asked.dids,
            "result": asked.results,
        }

    @property
    def is_narrowed(self) -> bool:
        return any(self.chosen.values()) or bool(self.asked.direction)


def question(
    query: MultiMapping[str],
    today: date,
    check: Callable[[Asked], object],
    days: int = DAYS,
) -> Question:
    """What an address asks; `check` raises Invalid for what the report cannot answer.

    Days that were typed stay, though nothing can be said about them.
    """
    try:
        asked = read(query, today, days)
        check(asked)
        return Question(asked)
    except Invalid as problem:
        until, since = today, today - timedelta(days=days - 1)
        try:
            typed = period.read(query, today)
            since, until = typed.since or since, typed.until or max(until, typed.since or until)
        except Invalid:
            pass  # it is the problem
        return Question(Asked(since=since, until=until), problem)


def choices(directory: Directory, scope: Scope, words: Words, dids: Sequence[str]) -> list[Choice]:
    """Those that have anything to choose from."""
    people = [Option(str(each.id), each.name) for each in directory.within(scope)]
    found = (
        Choice(
            "department",
            N_("Department"),
            N_("All departments"),
            list(_departments(directory, scope)),
        ),
        Choice("agent", N_("Employee"), N_("All employees"), people),
        Choice(
            "queue",
            N_("Queue"),
            N_("All queues"),
            [Option(name, title) for name, (title, _) in directory.queues.items()],
        ),
        Choice("did", N_("Number called"), N_("All numbers"), [Option(d, phone(d)) for d in dids]),
        Choice(
            "result",
            N_("Result"),
            N_("All results"),
            [Option(each.value, words.say(RESULTS[each].text)) for each in Result],
        ),
    )
    return [each for each in found if len(each.options) > 1]


async def our_numbers(session: AsyncSession) -> Sequence[str]:
    return (await session.scalars(select(Did.number).order_by(Did.number))).all()


def periods(today: date) -> dict[str, period.Period]:
    """What is asked for most, by message id."""
    year, month = divmod(today.year * 12 + today.month - 12, 12)  # the first of twelve, from 0
    return {
        **period.presets(today, (7, 14)),
        **period.this_month(today),
        N_("12 months"): period.Period(date(year, month + 1, 1), today),
    }


def _departments(directory: Directory, scope: Scope) -> Iterator[Option]:
    for each in directory.departments.values():
        if scope.everything or each.id in scope.departments:
            yield Option(str(each.id), each.name)
