"""A queue as it is typed, checked field by field; what its choices are called. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from callcenter.errors import N_, CallcenterError, Invalid
from callcenter.switchboard.plan import HANG_UP, KEYS, Plan, Queue, Strategy, Way
from callcenter.switchboard.ways import read_way, text_of, way_to

LONGEST_TITLE: Final = 100
STRATEGIES: Final[Mapping[Strategy, tuple[str, str]]] = {  # (title, what it means): message ids
    Strategy.IN_TURN: (
        N_("In turn"),
        N_("One after the other, beginning with the one after whoever was asked last."),
    ),
    Strategy.RING_ALL: (
        N_("Everyone at once"),
        N_("All who are ready ring, and whoever answers first has the call."),
    ),
    Strategy.LEAST_RECENT: (
        N_("Whoever has been free longest"),
        N_("Who has gone longest without a call of this queue is asked first."),
    ),
    Strategy.FEWEST_CALLS: (
        N_("Whoever has had the fewest calls"),
        N_("Of this queue, counted since they signed in."),
    ),
    Strategy.RANDOM: (N_("By chance"), N_("Anybody who is ready.")),
}
BOUNDS: Final[Mapping[str, tuple[int, int]]] = {  # the smallest and the largest number of each
    "ring_s": (5, 120),
    "service_level_s": (1, 3600),
    "longest_wait_s": (5, 86_400),
    "says_every_s": (15, 600),
}
MAY_BE_EMPTY: Final = frozenset({"service_level_s", "longest_wait_s"})  # then 0
SAID: Final[Mapping[str, str]] = {  # sound of the exchange's -> what it says: message ids
    "queue-youarenext": N_("You are the next one."),
    "queue-thereare": N_("You are number … (a number follows)"),
    "queue-callswaiting": N_("… in line. (after the number)"),
    "queue-holdtime": N_("It will take about … (a number follows)"),
    "queue-minute": N_("… minute."),
    "queue-minutes": N_("… minutes."),
    "queue-thankyou": N_("Thank you for waiting."),
    "digits/1": N_("Numbers: 0 to 20, 30, 40 … 90, hundred, thousand."),
}
Texts = Mapping[str, str]
Problems = dict[str, CallcenterError]  # by field


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Ids of departments and of skills that may be chosen, names of prompts."""

    departments: Collection[int]
    skills: Collection[int]
    prompts: Collection[str] = ()


def texts_of_queue(queue: Queue) -> dict[str, str]:
    """The form as it stands in a plan; ticks are "on" or not there."""
    ticks = ("says_place", "says_wait", "needs_agents")
    return {
        "title": queue.title,
        "department": str(queue.department_id or ""),
        "strategy": queue.strategy.value,
        "ring_s": str(queue.ring_s),
        "service_level_s": str(queue.service_level_s or ""),
        "longest_wait_s": str(queue.longest_wait_s or ""),
        "overflow": text_of(queue.overflow),
        "says_every_s": str(queue.says_every_s),
        "music": queue.music,
        "callback_key": queue.callback_key,
        "callback_prompt": queue.callback_prompt,
        **{name: "on" for name in ticks if getattr(queue, name)},
    }


def read_queue(
    plan: Plan, name: str, texts: Texts, skills: Sequence[str], choices: Choices
) -> tuple[Queue, Problems]:
    """The queue of that name as typed, and what must be put right, by field."""
    found: Problems = {}
    had = next((each for each in plan.queues if each.name == name), Queue(name=name, title=name))
    numbers = {each: _number(texts, each, found) for each in BOUNDS}
    queue = Queue(
        name=name,
        title=_title(plan, name, texts, found),
        department_id=_department(texts, choices, had, found),
        skills=_skills(skills, choices, had),
        strategy=_strategy(texts, found),
        overflow=_overflow(plan, name, texts, found),
        needs_agents="needs_agents" in texts,
        says_place="says_place" in texts,
        says_wait="says_wait" in texts,
        music=_prompt("music", texts, choices, had.music, found),
        callback_key=_callback_key(texts, found),
        callback_prompt=_prompt("callback_prompt", texts, choices, had.callback_prompt, found),
        **{each: n for each, n in numbers.items() if n is not None},
    )
    if queue.department_id is None and not queue.skills:
        sentence = N_("Choose a department, or at least one skill: else nobody takes its calls.")
        found.setdefault("department", Invalid(sentence, field="department"))
    return queue, found


def _title(plan: Plan, name: str, texts: Texts, found: Problems) -> str:
    title = texts.get("title", "")
    if not title:
        found["title"] = Invalid(N_("Enter a title."), field="title")
    elif len(title) > LONGEST_TITLE:
        sentence = N_("Too long: {n} letters at most.")
        found["title"] = Invalid(sentence, field="title", n=LONGEST_TITLE)
    elif any(each.title.lower() == title.lower() and each.name != name for each in plan.queues):
        found["title"] = Invalid(N_("Another queue is called that already."), field="title")
    return title


def _department(texts: Texts, choices: Choices, had: Queue, found: Problems) -> int | None:
    text = texts.get("department", "")
    if text in ("", str(had.department_id)):
        return had.department_id if text else None
    chosen = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if chosen not in choices.departments:
        found["department"] = Invalid(N_("There is no such department."), field="department")
    return chosen


def _skills(texts: Sequence[str], choices: Choices, had: Queue) -> tuple[int, ...]:
    """What is no skill (any more) is left out."""
    known = {str(each): each for each in (*choices.skills, *had.skills)}
    return tuple(sorted({known[text] for text in texts if text in known}))


def _strategy(texts: Texts, found: Problems) -> Strategy:
    text = texts.get("strategy", "")
    if text in set(Strategy):
        return Strategy(text)
    found["strategy"] = Invalid(N_("Choose whom a call rings."), field="strategy")
    return Strategy.IN_TURN


def _overflow(plan: Plan, name: str, texts: Texts, found: Problems) -> Way:
    """Nothing has to be chosen where nothing ever leaves the queue."""
    if (
        not texts.get("longest_wait_s")
        and "needs_agents" not in texts
        and not texts.get("overflow")
    ):
        return HANG_UP
    try:
        way = read_way(plan, texts.get("overflow", ""), "overflow")
    except Invalid as problem:
        found["overflow"] = problem
        return HANG_UP
    if way == way_to(Queue(name=name, title=name)):
        sentence = N_("This is the queue itself: choose where calls go on when it took too long.")
        found["overflow"] = Invalid(sentence, field="overflow")
    return way


def _prompt(name: str, texts: Texts, choices: Choices, had: str, found: Problems) -> str:
    text = texts.get(name, "")
    if text in {"", had, *choices.prompts}:
        return text
    found[name] = Invalid(N_("There is no such prompt."), field=name)
    return ""


def _callback_key(texts: Texts, found: Problems) -> str:
    text = texts.get("callback_key", "")
    if text in ("", *KEYS):
        return text
    found["callback_key"] = Invalid(N_("Choose one of the keys."), field="callback_key")
    return ""


def _number(texts: Texts, name: str, found: Problems) -> int | None:
    """0 for an empty field that may be; None with a problem."""
    text, (least, most) = texts.get(name, ""), BOUNDS[name]
    if not text and name in MAY_BE_EMPTY:
        return 0
    if re.fullmatch(r"[0-9]{1,9}", text) and least <= int(text) <= most:
        return int(text)
    sentence = N_("A whole number from {least} to {most}, please.")
    found[name] = Invalid(sentence, field=name, least=least, most=most)
    return None
