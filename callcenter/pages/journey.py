"""The journey of a call in words: whole on its page, and in one line wherever the call is one."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from callcenter.calls.call import Direction, Step
from callcenter.calls.journey import TRUNK_FAILED
from callcenter.calls.models import CallRecord
from callcenter.calls.rows import steps_of
from callcenter.errors import N_
from callcenter.pages.call_words import DIRECTIONS, ENDED_BY, NOBODY_KNOWS, became
from callcenter.pages.formats import duration, phone

ON_THE_WAY = {  # kinds of what the dialplan says (events.HopPassed)
    "hours": N_("Opening hours {name}"),
    "holiday": N_("Holiday {name}"),
    "closed": N_("Outside opening hours {name}"),
    "message": N_("Message {name}"),
    "menu": N_("Menu {name}"),
    "choice": N_("Pressed {name}"),
    "voicemail": N_("Voicemail {name}"),
    "callback": N_("Asked to be called back {name}"),
    "trunk": N_("By trunk {name}"),
    "trunk_failed": N_("Trunk {name} did not carry the call"),
}
PARTS = {  # the same -> the field of the switchboard's plan that it is about
    **dict.fromkeys(("hours", "holiday", "closed"), "hours"),
    **{"message": "messages", "menu": "menus", "voicemail": "voicemails"},
    **dict.fromkeys(("trunk", "trunk_failed"), "trunks"),
}
WAITED = {  # why nobody waits in a queue any more: the exchange's own words (QUEUESTATUS)
    "TIMEOUT": N_("Waited too long for {name}: goes on"),
    **dict.fromkeys(
        ("JOINEMPTY", "LEAVEEMPTY", "JOINUNAVAIL", "LEAVEUNAVAIL"),
        N_("Nobody is there for {name}: goes on"),
    ),
}
RANG = {  # how a ring ended: words on the call's page, and in one line
    "no_answer": (N_("rang {time}, no answer"), N_("{name} {time}, no answer")),
    "declined": (N_("declined after {time}"), N_("{name} declined")),
    "unreachable": (N_("phone not connected"), N_("{name} not connected")),
    "stopped": (N_("rang {time}, then the caller was gone"), N_("{name} {time}, no answer")),
    "elsewhere": (N_("rang {time}, somebody else answered"), ""),
    "": (N_("rings"), N_("{name} rings")),
}
TAKEN = {
    "blind": N_("took over without asking, talked {time}"),
    "attended": N_("took over, talked {time}"),
    "": N_("talked {time}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """A station. `text`, `detail` and `short` are message ids; each has `values`.

    `short` is for the journey in one line, "" where it is left out there.
    """

    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    detail: str = ""
    short: str = ""
    at: datetime | None = None
    kind: str = ""  # "ok": somebody talked; "bad": a phone rang for nothing


@dataclass(frozen=True, slots=True)
class Names:
    """How people, by extension, queues and other parts of the switchboard (field of the plan, name)
    are called."""

    people: dict[str, str]
    queue: Callable[[str], str]
    part: Callable[[str, str], str] = lambda field, name: name

    def who(self, extension_or_number: str) -> str:
        return self.people.get(extension_or_number) or phone(extension_or_number)


def journey(record: CallRecord, names: Names, live: Sequence[Step] = ()) -> list[Hop]:
    """The stations in order; `live` are those of a call that still lasts."""
    steps = list(live) or steps_of(record.journey)
    hops = [hop for step in steps if (hop := _hop(step, steps, record, names))]
    return hops if hops else _from_row(record, names)


def _hop(step: Step, steps: Sequence[Step], record: CallRecord, names: Names) -> Hop | None:
    length = (step.until - step.at).total_seconds() if step.until else None
    values: dict[str, object] = {"name": names.who(step.what), "time": duration(length)}
    match step.kind:
        case "arrived":
            return _beginning(record, phone(step.what), step.at)
        case "queue":
            return _queue(step, values | {"name": names.queue(step.what)})
        case "rang" if step.how != "answered":
            detail, short = RANG.get(step.how, RANG[""])
            kind = "" if step.how in ("elsewhere", "stopped", "") else "bad"
            return Hop(
                text="{name}", values=values, detail=detail, short=short, at=step.at, kind=kind
            )
        case "called":
            return _called(step, record, values)
        case "talked":
            after = _rang_for(step, steps)
            detail = TAKEN[step.how if step.how in TAKEN else ""]
            if after and not step.how:
                detail, values = (
                    N_("answered after {after}, talked {time}"),
                    values | {"after": after},
                )
            return Hop(
                text="{name}",
                values=values,
                detail=detail,
                short="{name} {time}",
                at=step.at,
                kind="ok",
            )
        case "held":
            return Hop(text=N_("On hold"), values=values, detail="{time}", at=step.at)
        case "waits":
            text = N_("Waits for {name}")
            return Hop(text=text, values=values, detail="{time}", short=text, at=step.at)
        case "ended":
            detail = ENDED_BY.get(step.how, NOBODY_KNOWS)
            return Hop(text=N_("End"), values=values, detail=detail, at=step.at)
        case "rang":
            return None  # the talk tells it
        case _:
            text, name = on_the_way(step, names)
            values = values | {"name": name}
            kind = "bad" if step.kind == TRUNK_FAILED else ""
            short = "" if step.kind == "trunk" else text
            return Hop(text=text, values=values, short=short, at=step.at, kind=kind)


def on_the_way(step: Step, names: Names) -> tuple[str, str]:
    """What the dialplan said: a message id, and the {name} in it."""
    what, _, why = step.what.partition("~")
    if step.kind == "overflow":
        return WAITED.get(why, N_("Goes on from {name}")), names.queue(what)
    field = PARTS.get(step.kind, "")
    return ON_THE_WAY.get(step.kind, "{name}"), names.part(field, what) if field else what


def _queue(step: Step, values: dict[str, object]) -> Hop:
    detail = N_("waited {time}, then hung up") if step.how == "left" else N_("waited {time}")
    return Hop(
        text=N_("Queue {name}"),
        values=values,
        detail=detail if step.until else N_("waits"),
        short="{name} {time}" if step.until else "{name}",
        at=step.at,
        kind="bad" if step.how == "left" else "",
    )


def _called(step: Step, record: CallRecord, values: dict[str, object]) -> Hop:
    if step.how == "answered":
        detail, kind = N_("answered after {time}"), "ok"
    else:
        detail, kind = became(record).text, "bad" if record.ended_at else ""
    # In one line the talk that follows an answer says enough.
    short = "" if step.how == "answered" else "{name} {time}"
    return Hop(text="{name}", values=values, detail=detail, short=short, at=step.at, kind=kind)


def _rang_for(talk: Step, steps: Iterable[Step]) -> str:
    """How long their phone rang before that talk, "" when it did not."""
    rings = [
        each
        for each in steps
        if each.kind == "rang" and each.what == talk.what and each.how == "answered"
    ]
    before = [each for each in rings if each.until and each.at <= talk.at]
    if not before or not before[-1].until:
        return ""
    return duration((before[-1].until - before[-1].at).total_seconds())


def _beginning(record: CallRecord, did: str, at: datetime) -> Hop:
    way = DIRECTIONS[Direction(record.direction)]
    where = did if record.direction == Direction.INBOUND else phone(record.number)
    detail = N_("to {number}") if where else ""
    return Hop(text=way.text, values={"number": where}, detail=detail, at=at)


# ----------------------------------------------------------- calls whose journey was not kept


def _from_row(record: CallRecord, names: Names) -> list[Hop]:
    """What the row alone knows: no times of rings."""
    hops = [_beginning(record, phone(record.did), record.started_at)]
    waited: dict[str, object] = {
        "name": names.queue(record.queue or ""),
        "time": duration(record.waited_s),
    }
    if record.queue:
        hops.append(
            Hop(
                text=N_("Queue {name}"),
                values=waited,
                detail=N_("waited {time}"),
                short="{name} {time}",
            )
        )
    talked = [each for each in record.agents.split(",") if each]
    rung = [each for each in record.rung.split(",") if each and each not in talked]
    for extension in dict.fromkeys(rung):
        values: dict[str, object] = {"name": names.who(extension)}
        short = N_("{name} did not answer")
        detail = N_("did not answer")
        hops.append(Hop(text="{name}", values=values, detail=detail, short=short, kind="bad"))
    kinds = {each.get("to"): each.get("kind") for each in json.loads(record.transfers or "[]")}
    for place, extension in enumerate(talked):
        values = {"name": names.who(extension), "time": duration(record.talked_s)}
        late = (
            N_("took over without asking") if kinds.get(extension) == "blind" else N_("took over")
        )
        hops.append(
            Hop(
                text="{name}",
                values=values,
                detail=N_("answered") if place == 0 else late,
                short="{name} {time}" if len(talked) == 1 else "{name}",
                at=record.answered_at if place == 0 else None,
                kind="ok",
            )
        )
    if record.ended_at:
        detail = ENDED_BY.get(record.ended_by or "", NOBODY_KNOWS)
        hops.append(Hop(text=N_("End"), detail=detail, at=record.ended_at))
    return hops
