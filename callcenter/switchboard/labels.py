"""What the fields of a plan are called, and what they say, in words. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from callcenter.errors import N_, Word
from callcenter.people.permissions import COLUMNS, ROLES
from callcenter.switchboard.editing import titled
from callcenter.switchboard.plan import (
    Dialling,
    Holiday,
    Hours,
    Kind,
    Menu,
    Message,
    Number,
    Opening,
    Part,
    Plan,
    Queue,
    Shown,
    Strategy,
    Trunk,
    Voicemail,
    Way,
)
from callcenter.switchboard.queue_forms import STRATEGIES
from callcenter.switchboard.times import groups, runs
from callcenter.switchboard.ways import KIND_TITLES


@dataclass(frozen=True, slots=True)
class Phrase:
    """A value in words. In a page: `_(phrase.sentence, **phrase.values)`."""

    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)


PARTS: Final[
    Mapping[str, Callable[[Any], str]]
] = {  # field of a plan -> how its parts are told apart
    "numbers": lambda each: each.number,
    "hours": lambda each: each.name,
    "holidays": lambda each: f"{each.title} {each.year}" if each.year else each.title,
    "menus": lambda each: each.name,
    "messages": lambda each: each.name,
    "voicemails": lambda each: each.name,
    "queues": lambda each: each.name,
    "trunks": lambda each: each.name,
    "dialling": lambda each: each.prefix,
    "shown": lambda each: str(each.department_id),
}
DAYS: Final = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_TITLE, _PROMPT = N_("Name"), N_("What is said")
LABELS: Final[Mapping[tuple[type[Part], str], str]] = {
    (Plan, "default"): N_("Calls to any other number"),
    (Plan, "caller_id"): N_("Number that customers see"),
    (Number, "title"): _TITLE,
    (Number, "way"): N_("Leads to"),
    (Hours, "title"): _TITLE,
    (Hours, "openings"): N_("Hours"),
    (Hours, "keeps_holidays"): N_("Closed on holidays"),
    (Hours, "open"): N_("While it is open"),
    (Hours, "closed"): N_("While it is closed"),
    (Holiday, "month"): N_("Month"),
    (Holiday, "day"): N_("Day"),
    (Holiday, "days"): N_("Days in a row"),
    (Holiday, "lunar"): N_("Lunar calendar"),
    (Holiday, "year"): N_("Year"),
    (Menu, "title"): _TITLE,
    (Menu, "prompt"): _PROMPT,
    (Menu, "keys"): N_("Key"),
    (Menu, "wait_s"): N_("How long we wait for a key"),
    (Menu, "tries"): N_("How often it is said"),
    (Menu, "otherwise"): N_("Without a key"),
    (Message, "title"): _TITLE,
    (Message, "prompt"): _PROMPT,
    (Voicemail, "title"): _TITLE,
    (Voicemail, "prompt"): _PROMPT,
    (Voicemail, "queue"): N_("Whose missed call it becomes"),
    (Voicemail, "longest_s"): N_("Longest message"),
    (Queue, "title"): _TITLE,
    (Queue, "department_id"): N_("Department"),
    (Queue, "skills"): N_("Skills"),
    (Queue, "strategy"): N_("Who is rung"),
    (Queue, "ring_s"): N_("How long a phone rings"),
    (Queue, "service_level_s"): N_("Answered in good time"),
    (Queue, "longest_wait_s"): N_("Longest wait"),
    (Queue, "needs_agents"): N_("Goes on when nobody is signed in"),
    (Queue, "overflow"): N_("Goes on to"),
    (Queue, "says_place"): N_("Tells the place"),
    (Queue, "says_wait"): N_("Tells the waiting time"),
    (Queue, "says_every_s"): N_("Told every"),
    (Queue, "music"): N_("Music"),
    (Queue, "callback_key"): N_("Key to be called back"),
    (Queue, "callback_prompt"): N_("Said after the key to be called back"),
    (Trunk, "title"): _TITLE,
    (Trunk, "host"): N_("Provider’s address"),
    (Trunk, "port"): N_("Port"),
    (Trunk, "username"): N_("User name"),
    (Trunk, "password"): N_("Password"),
    (Trunk, "registers"): N_("Signs in there"),
    (Trunk, "caller_id"): N_("Number that customers see"),
    (Trunk, "only_own"): N_("Shows this number only"),
    (Trunk, "from_account"): N_("Wants the account’s name"),
    (Trunk, "is_on"): N_("In use"),
    (Dialling, "title"): _TITLE,
    (Dialling, "roles"): N_("Who may call there"),
    (Dialling, "per_hour"): N_("Calls an hour"),
    (Shown, "number"): N_("Number that customers see"),
}
NOTHING: Final = Phrase(N_("nothing"))
PROMPTS: Final = frozenset({"prompt", "music", "callback_prompt"})  # fields with the name of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What people call that of which a plan has but the id or the name, as far as it is known."""

    departments: Mapping[int, str] = field(default_factory=dict)
    skills: Mapping[int, str] = field(default_factory=dict)
    prompts: Mapping[str, str] = field(default_factory=dict)


NO_NAMES: Final = Names()


def in_words(name: str, value: Any, plan: Plan, names: Names) -> Phrase | None:
    """What the field `name` of a part of `plan` says; None for a password's old or new one."""
    match value:
        case _ if name == "password":
            return None
        case Way():
            return the_way(value, plan)
        case Strategy():
            return Phrase(STRATEGIES[value][0])
        case bool():
            return Phrase(N_("yes") if value else N_("no"))
        case int() if name == "department_id":
            return _text(names.departments.get(value, str(value)))
        case int() if name.endswith("_s"):
            return Phrase(N_("{n} s"), {"n": value}) if value else NOTHING
        case tuple() if name == "openings":
            return opening_hours(value)
        case tuple() if name == "skills":
            return _text(", ".join(sorted(names.skills.get(each, str(each)) for each in value)))
        case frozenset():
            return _roles(value)
        case str() if name in PROMPTS:
            return _text(names.prompts.get(value, value))
        case str() if name == "queue":
            return _text(titled(plan, Way(kind=Kind.QUEUE, name=value)) or value)
        case None:
            return NOTHING
        case _:
            return _text(str(value))


def the_way(way: Way, plan: Plan, key: str = "") -> Phrase:
    """Where it leads: the kind and what people call it there, behind the key if there is one."""
    before, values = ("{key}: ", {"key": key}) if key else ("", {})
    kind: dict[str, object] = {**values, "kind": Word(KIND_TITLES[way.kind])}
    if way.kind is Kind.HANG_UP:
        return Phrase(before + "{kind}", kind)
    return Phrase(before + "{kind} “{title}”", {**kind, "title": titled(plan, way) or way.name})


def _roles(roles: frozenset[str]) -> Phrase:
    if not roles:
        return NOTHING
    known = [each for each in COLUMNS if each.value in roles]
    values: dict[str, object] = {each.value: Word(ROLES[each]) for each in known}
    return Phrase(", ".join(f"{{{each}}}" for each in values), values)


def opening_hours(openings: tuple[Opening, ...]) -> Phrase:
    """A week in one line: "Mon–Fri 08:00–12:00, 13:00–17:00; Sat 08:00–12:00"."""
    values: dict[str, object] = {}
    pieces = []
    for group in groups(openings):
        stretches = []
        for first, last in runs(group.days):
            values |= {f"d{day}": Word(DAYS[day]) for day in (first, last)}
            stretches.append(f"{{d{first}}}" + (f"–{{d{last}}}" if last > first else ""))
        spans = ", ".join(f"{_clock(begins)}–{_clock(ends)}" for begins, ends in group.spans)
        pieces.append(f"{', '.join(stretches)} {spans}")
    return Phrase("; ".join(pieces), values) if pieces else NOTHING


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _text(text: str) -> Phrase:
    return Phrase("{text}", {"text": text}) if text else NOTHING
