"""What is wrong with a plan, in words that say what to do. Pure.

An error keeps the plan from being published, a warning does not: what it says may be meant.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from callcenter.asterisk.ways import MOST_STRETCHES, NAME, bare, stretches
from callcenter.errors import N_
from callcenter.switchboard.circles import circles
from callcenter.switchboard.editing import FIELDS, KINDS, titled
from callcenter.switchboard.plan import HANG_UP, Hours, Kind, Menu, Part, Plan, Queue, Way
from callcenter.switchboard.ways import legs, parts_with_ways, used, way_to


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`part` is the field of the plan it is in ("queues"; "" for the plan's own), `name` what it is
    called there (a number's digits, a holiday's title), `field` which of its fields is meant, as
    far as it is one. In a page: `_(problem.sentence, **problem.values)`."""

    severity: Severity
    part: str
    name: str = ""
    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a plan speaks of that is not in it.

    `departments`: id -> how many of its people could take calls; `skilled`: the same, by the id of
    a skill.
    `prompts`: the names of those that have a sound; None when that is not known.
    """

    departments: Mapping[int, int]
    skilled: Mapping[int, int] = field(default_factory=dict)
    prompts: Collection[str] | None = None

    def lacks(self, prompt: str) -> bool:
        """Whether that one has no sound."""
        return bool(prompt) and self.prompts is not None and prompt not in self.prompts

    def takes_calls(self, queue: Queue) -> bool:
        """Whether anybody does, of that queue's."""
        of_department = self.departments.get(queue.department_id or 0, 0)
        return of_department > 0 or any(self.skilled.get(each, 0) for each in queue.skills)


LACKING: Final = N_("The sound of {title} is missing: the call goes on without it.")


def problems(plan: Plan, known: Known) -> list[Problem]:
    """All of them, errors first, each part's together."""
    found = [
        *_names(plan),
        *_ways(plan),
        *_numbers(plan),
        *_hours(plan),
        *_menus(plan),
        *_sounds(plan, known),
        *_queues(plan, known),
        *_circles(plan, known),
        *_trunks(plan),
        *_dialling(plan, known),
        *_unused(plan),
    ]
    return sorted(found, key=lambda each: each.severity is not Severity.ERROR)


def _error(part: str, name: str, sentence: str, field: str = "", **values: object) -> Problem:
    return Problem(
        severity=Severity.ERROR, part=part, name=name, sentence=sentence, values=values, field=field
    )


def _warning(part: str, name: str, sentence: str, field: str = "", **values: object) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        part=part,
        name=name,
        sentence=sentence,
        values=values,
        field=field,
    )


def _names(plan: Plan) -> Iterator[Problem]:
    for part in FIELDS.values():
        parts: tuple[Any, ...] = getattr(plan, part)
        names = Counter(bare(each.name) for each in parts)
        titles = Counter(each.title.casefold() for each in parts)
        for each in parts:
            if not NAME.fullmatch(each.name) or (part == "queues" and each.name == "general"):
                sentence = N_("{title} has a name that the exchange cannot keep: make it anew.")
                yield _error(part, each.name, sentence, title=each.title)
            if names[bare(each.name)] > 1:
                sentence = N_("{title} has the name of another one: delete one and make it anew.")
                yield _error(part, each.name, sentence, title=each.title)
            if titles[each.title.casefold()] > 1:
                sentence = N_("Two are called {title}: give one of them another name.")
                yield _warning(part, each.name, sentence, "title", title=each.title)


def _ways(plan: Plan) -> Iterator[Problem]:
    """Ways to what is not there."""
    there = {HANG_UP, *(way_to(each) for is_a in KINDS.values() for each in _all(plan, is_a))}
    for part, name, title, each in parts_with_ways(plan):
        if not all(leg.way in there for leg in legs(each)):
            sentence = N_("{title} leads to something that is gone: choose where calls go on.")
            yield _error(part, name, sentence, title=title)
    if plan.default not in there:
        sentence = N_("Calls to any other number lead to something that is gone: choose anew.")
        yield _error("", "", sentence, "default")
    for voicemail in plan.voicemails:
        if Way(kind=Kind.QUEUE, name=voicemail.queue) not in there:
            sentence = N_("The messages of {title} are for a queue that is gone: choose another.")
            yield _error("voicemails", voicemail.name, sentence, "queue", title=voicemail.title)


def _numbers(plan: Plan) -> Iterator[Problem]:
    if not plan.numbers:
        sentence = N_("No number leads anywhere yet: add the numbers that customers call.")
        yield _warning("numbers", "", sentence)
    counted = Counter(each.number for each in plan.numbers)
    for number, count in counted.items():
        if count > 1:
            sentence = N_("The number {number} is there twice: delete one.")
            yield _error("numbers", number, sentence, number=number)
    for each in plan.numbers:
        if each.way.kind is Kind.HANG_UP:
            sentence = N_("The number {number} leads nowhere: who calls it is refused.")
            yield _warning("numbers", each.number, sentence, "way", number=each.number)


def _hours(plan: Plan) -> Iterator[Problem]:
    for each in plan.hours:
        count = len(stretches(each.openings))
        if not count:
            sentence = N_("{title} is never open: add hours.")
            yield _warning("hours", each.name, sentence, "openings", title=each.title)
        if count > MOST_STRETCHES:
            sentence = N_("{title} has too many hours for the exchange: merge some.")
            yield _error("hours", each.name, sentence, "openings", title=each.title)


def _menus(plan: Plan) -> Iterator[Problem]:
    for each in plan.menus:
        if not each.keys:
            sentence = N_("The menu {title} has no keys: add some, or lead calls past it.")
            yield _error("menus", each.name, sentence, "keys", title=each.title)


def _sounds(plan: Plan, known: Known) -> Iterator[Problem]:
    for part in ("menus", "messages", "voicemails"):
        for each in getattr(plan, part):
            values: dict[str, object] = {"title": each.title}
            if not each.prompt:
                sentence = N_("{title} says nothing: record or upload what callers hear.")
                yield _warning(part, each.name, sentence, "prompt", **values)
            elif known.lacks(each.prompt):
                yield _warning(part, each.name, LACKING, "prompt", **values)
    for each in plan.queues:
        for which in ("music", "callback_prompt"):
            if known.lacks(getattr(each, which)):
                yield _warning("queues", each.name, LACKING, which, title=each.title)


def _queues(plan: Plan, known: Known) -> Iterator[Problem]:
    for each in plan.queues:
        if each.department_id is not None and each.department_id not in known.departments:
            sentence = N_("The department of the queue {title} is gone: choose another.")
            yield _error("queues", each.name, sentence, "department_id", title=each.title)
        elif not known.takes_calls(each):
            sentence = N_("Nobody takes the calls of {title}: its department or skill is empty.")
            yield _warning("queues", each.name, sentence, "department_id", title=each.title)
        if not each.goes_on:
            continue
        if each.overflow == way_to(each):
            sentence = N_("The queue {title} goes on to itself: choose where calls go on.")
            yield _error("queues", each.name, sentence, "overflow", title=each.title)
        elif each.overflow.kind is Kind.HANG_UP:
            sentence = N_("Who waits too long in {title} is hung up on.")
            yield _warning("queues", each.name, sentence, "overflow", title=each.title)


def _circles(plan: Plan, known: Known) -> Iterator[Problem]:
    for circle in circles(plan, known.takes_calls):
        first, field = circle[0], {Hours: "open", Menu: "otherwise", Queue: "overflow"}
        part, titles = FIELDS[KINDS[first.kind]], [titled(plan, each) or "" for each in circle]
        sentence = N_("Calls go round and reach nobody: {way}. Let one of them lead elsewhere.")
        name = field[KINDS[first.kind]]  # these three lead on by themselves
        yield _error(part, first.name, sentence, name, way=" → ".join([*titles, titles[0]]))


def _trunks(plan: Plan) -> Iterator[Problem]:
    if plan.trunks and not any(each.is_on for each in plan.trunks):
        yield _warning("trunks", "", N_("No trunk is in use: nobody can call out."))
    accounts = Counter((each.host, each.port, each.username) for each in plan.trunks)
    for each in plan.trunks:
        if accounts[each.host, each.port, each.username] > 1:
            sentence = N_("The trunk {title} is the same account as another one: delete one.")
            yield _error("trunks", each.name, sentence, "host", title=each.title)


def _dialling(plan: Plan, known: Known) -> Iterator[Problem]:
    for prefix, count in Counter(each.prefix for each in plan.dialling).items():
        if count > 1:
            sentence = N_("There are two rules for numbers with {prefix}: delete one.")
            yield _error("dialling", prefix, sentence, prefix=prefix)
    for each in plan.shown:
        if each.department_id not in known.departments:
            sentence = N_("The number {number} is shown for a department that is gone.")
            yield _warning("shown", str(each.department_id), sentence, number=each.number)


def _unused(plan: Plan) -> Iterator[Problem]:
    """What no call reaches. A queue may be there for handing over."""
    reached = used(plan)
    for kind, is_a in KINDS.items():
        if kind is Kind.QUEUE:
            continue
        for each in _all(plan, is_a):
            if way_to(each) not in reached:
                sentence = N_("Nothing leads to {title}.")
                yield _warning(FIELDS[is_a], each.name, sentence, title=each.title)


def _all(plan: Plan, is_a: type[Part]) -> tuple[Any, ...]:
    parts: tuple[Any, ...] = getattr(plan, FIELDS[is_a])
    return parts
