"""What a report is asked: of which days, of whom, of which queues; from an address and back."""

from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

import msgspec
from multidict import MultiMapping

from callcenter.calls.call import Direction, Result
from callcenter.errors import N_, Invalid
from callcenter.pages import period

DAYS = 14  # when no period is asked for
LONGEST = 800  # days of one report
MOST = 1000  # people, departments, queues… of one question

Word = TypeVar("Word", bound=StrEnum)


class Step(StrEnum):
    """How long the pieces are that a period is cut into. The first four are of a day's clock."""

    MIN_5 = "5"
    MIN_15 = "15"
    MIN_30 = "30"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The company's days `since` to `until`, both included; an empty filter is everything.

    A department stands for those below it as well. `direction` is inbound, outbound or "" for both;
    `by` is what the rows are, a word of the report's own; "" the steps of time. `types` are ids of
    types of activities. `against` is the first day of a period of the same length to compare with.
    """

    since: date
    until: date
    step: Step = Step.DAY
    by: str = ""
    departments: tuple[int, ...] = ()
    users: tuple[int, ...] = ()
    queues: tuple[str, ...] = ()
    dids: tuple[str, ...] = ()
    direction: str = ""
    results: tuple[str, ...] = ()
    types: tuple[int, ...] = ()
    against: date | None = None

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def before(self) -> "Asked | None":
        """The same of the period it is compared with."""
        if self.against is None:
            return None
        until = self.against + timedelta(days=self.days - 1)
        return msgspec.structs.replace(self, since=self.against, until=until, against=None)


def read(query: MultiMapping[str], today: date, days: int = DAYS) -> Asked:
    """What an address asks; the last `days` where it names no period. Raises Invalid."""
    chosen = period.read(query, today)
    until = chosen.until or max(today, chosen.since or today)
    since = chosen.since or until - timedelta(days=days - 1)
    if (until - since).days >= LONGEST:
        raise Invalid(N_("A report has {days} days at most."), field="since", days=LONGEST)
    return Asked(
        since=since,
        until=until,
        step=_one_of(Step, query.get("step", "")) or Step.DAY,
        by=query.get("by", "").strip()[:32],
        departments=_numbers(query, "department"),
        users=_numbers(query, "agent"),
        queues=_words(query, "queue"),
        dids=_words(query, "did"),
        direction=_direction(query.get("direction", "")),
        results=tuple(Result(each) for each in _words(query, "result") if _one_of(Result, each)),
        types=_numbers(query, "type"),
        against=period.day(query.get("against", ""), "against", today),
    )


def query_of(asked: Asked) -> dict[str, str]:
    """As it stands in an address; `read` understands it, lists of several separated by commas."""
    found = {
        "since": asked.since.isoformat(),
        "until": asked.until.isoformat(),
        "step": "" if asked.step is Step.DAY else asked.step.value,
        "by": asked.by,
        "department": ",".join(map(str, asked.departments)),
        "agent": ",".join(map(str, asked.users)),
        "queue": ",".join(asked.queues),
        "did": ",".join(asked.dids),
        "direction": asked.direction,
        "result": ",".join(asked.results),
        "type": ",".join(map(str, asked.types)),
        "against": asked.against.isoformat() if asked.against else "",
    }
    return {name: value for name, value in found.items() if value}


def _words(query: MultiMapping[str], name: str) -> tuple[str, ...]:
    texts = (text.replace("\0", "") for text in query.getall(name, []))  # also of a form's address
    given = (each.strip() for text in texts for each in text.split(","))
    found = tuple(dict.fromkeys(each[:64] for each in given if each))
    if len(found) > MOST:
        raise Invalid(N_("At most {n} at once, please."), field=name, n=MOST)
    return found


def _numbers(query: MultiMapping[str], name: str) -> tuple[int, ...]:
    found = _words(query, name)
    for each in found:
        if not (each.isascii() and each.isdigit() and len(each) < 10):
            raise Invalid(N_("“{word}” is not a filter here."), word=each[:40])
    return tuple(int(each) for each in found)


def _direction(text: str) -> str:
    if text and text not in (Direction.INBOUND, Direction.OUTBOUND):
        raise Invalid(N_("A call is inbound or outbound."), field="direction")
    return text


def _one_of(kind: type[Word], text: str) -> Word | None:
    if not text:
        return None
    try:
        return kind(text)
    except ValueError as error:
        raise Invalid(N_("“{word}” is not a filter here."), word=text[:40]) from error
