"""What a plan of the switchboard is in the exchange's files: values for their templates. Pure.

Each kind of part has one context with an extension for each part ("for-NAME"), and a last one for
those that are not there any more ("_for-!"): it does what the default way does, step for step.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from msgspec.structs import replace

from callcenter.asterisk.spoken import LANGUAGE
from callcenter.errors import N_, Invalid
from callcenter.switchboard.plan import (
    Hours,
    Kind,
    Menu,
    Message,
    Opening,
    Part,
    Plan,
    Queue,
    Voicemail,
)
from callcenter.switchboard.questions import caller_id, prompts, ways
from callcenter.switchboard.times import week
from callcenter.switchboard.walk import MOST_HOPS

NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
NUMBER = re.compile(r"\+?[0-9]{1,20}")
KEY = re.compile(r"[0-9*#]")
ZONE = re.compile(r"[A-Za-z0-9<>+:,./-]{3,60}")
GONE = "_for-!"  # the extension of whatever is not there any more
SILENCE = ""
KEY_NAMES = {"*": "star", "#": "hash"}  # in the name of a context
MOST_STRETCHES = 40  # of opening hours: an expression of the exchange’s has 4096 letters

PartT = TypeVar("PartT", bound=Part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """What an exchange has to know of time: the company's zone, as POSIX writes it ("<+07>-7"), and
    the holidays of the years to come, "20270206"."""

    zone: str = "<+00>0"
    holidays: Sequence[str] = ()


UTC_ONLY = Calendar()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounds:
    """`there`: the prompts that have a sound; None for all of them. What has none is silence.

    `path`: the folder of their files, absolute; "" where that is not known, so that none of them
    can be music.
    """

    there: frozenset[str] | None = None
    folder: str = "callcenter/"
    path: str = ""

    def of(self, prompt: str) -> str:
        """How the exchange calls it; "" for silence."""
        known = self.there is None or prompt in self.there
        return f"{self.folder}{prompt}" if prompt and known else SILENCE


ALL_SOUNDS = Sounds()


def values_of(plan: Plan, calendar: Calendar, sounds: Sounds) -> dict[str, Any]:
    """What the templates in dialplan/switchboard read. Raises Invalid when a value would not be
    what it should be in the exchange's files."""
    check(plan)
    if not ZONE.fullmatch(calendar.zone):
        raise Invalid(N_("{value} cannot be a time zone of the exchange’s."), value=calendar.zone)
    way = plan.default
    return {
        "caller_id": caller_id(plan),
        "numbers": [(each.number, each.way) for each in plan.numbers],
        "default": way,
        "most_hops": MOST_HOPS,
        "zone": calendar.zone.replace(",", r"\,"),
        "holidays": calendar.holidays,
        "sound": sounds.of,
        "key_name": lambda key: KEY_NAMES.get(key, key),
        "hours": [
            (exten, each, is_open(each.openings))
            for exten, each in _placed(plan.hours, Hours(name="", title="", open=way, closed=way))
        ],
        "menus": _placed(plan.menus, Menu(name="", title="", tries=1, wait_s=1, otherwise=way)),
        "messages": _placed(plan.messages, Message(name="", title="")),
        "voicemails": _placed(plan.voicemails, Voicemail(name="", title="", queue="")),
        "queues": _placed(
            [each if each.goes_on else replace(each, overflow=way) for each in plan.queues],
            Queue(name="", title="", overflow=way),
        ),
        "spoken": LANGUAGE,
        "music": {each.music for each in plan.queues if sounds.path and sounds.of(each.music)},
        "sounds_path": sounds.path,
    }


def check(plan: Plan) -> None:
    """Raises Invalid when the plan has what would break the exchange's files, or leads somewhere
    that is not there. What else is wrong with it is for switchboard.checks to say."""
    parts: Mapping[Kind, Sequence[Any]] = {
        Kind.QUEUE: plan.queues,
        Kind.MENU: plan.menus,
        Kind.HOURS: plan.hours,
        Kind.MESSAGE: plan.messages,
        Kind.VOICEMAIL: plan.voicemails,
    }
    names = {kind: [each.name for each in found] for kind, found in parts.items()}
    for kind, found in names.items():
        for name in found:
            if not NAME.fullmatch(name) or (kind is Kind.QUEUE and name == "general"):
                raise Invalid(N_("{value} cannot be a name in the exchange’s files."), value=name)
        if len({bare(name) for name in found}) < len(found):
            raise Invalid(N_("Two parts of the switchboard have one name."))
    for number in (*(each.number for each in plan.numbers), caller_id(plan)):
        if not NUMBER.fullmatch(number):
            raise Invalid(N_("{value} cannot be a number of ours."), value=number)
    for prompt in prompts(plan):
        if prompt and not NAME.fullmatch(prompt):
            raise Invalid(N_("{value} cannot be a name in the exchange’s files."), value=prompt)
    for menu in plan.menus:
        if not all(KEY.fullmatch(key) for key in menu.keys):
            raise Invalid(N_("A menu’s keys are 0 to 9, * and #."))
    for way in ways(plan):
        if way.kind is not Kind.HANG_UP and way.name not in names[way.kind]:
            raise Invalid(N_("There is no {value} in the switchboard."), value=way.name)


def bare(name: str) -> str:
    """What the exchange tells names apart by: it does not see dashes."""
    return name.replace("-", "")


def is_open(openings: Sequence[Opening]) -> str:
    """The expression that says so: of CCDAY (1: Monday) and CCTIME (hour and minute after a 1)."""
    found = [
        f"(${{CCDAY}} >= {first + 1} & ${{CCDAY}} <= {last + 1}"
        f" & ${{CCTIME}} >= {_clock(begins)} & ${{CCTIME}} < {_clock(ends)})"
        for first, last, begins, ends in stretches(openings)
    ]
    if len(found) > MOST_STRETCHES:
        raise Invalid(N_("Opening hours have too many stretches: merge some."))
    return " | ".join(found) or "0"


def stretches(openings: Sequence[Opening]) -> list[tuple[int, int, int, int]]:
    """(first day, last day, begin, end): what overlaps is one, days that are alike are together."""
    found: list[tuple[int, int, int, int]] = []
    for day, spans in enumerate(week(openings)):
        for begins, ends in spans:
            before = next((e for e in found if e[1:] == (day - 1, begins, ends)), None)
            if before:
                found.remove(before)
            found.append((before[0] if before else day, day, begins, ends))
    return found


def _clock(minute: int) -> str:
    return f"1{minute // 60:02}{minute % 60:02}"


def _placed(parts: Sequence[PartT], gone: PartT) -> list[tuple[str, PartT]]:
    """Each with its extension, and what is done where one is not there any more."""
    return [*((f"for-{each.name}", each) for each in parts), (GONE, gone)]  # type: ignore[attr-defined]
