"""What the exchange did with a call, in words."""

from collections.abc import Iterator

from callcenter.calls.call import Step
from callcenter.calls.journey import TRUNK_FAILED
from callcenter.calls.models import CallRecord
from callcenter.errors import N_, Word
from callcenter.explain.facts import Facts
from callcenter.explain.links import Link
from callcenter.explain.words import RANG
from callcenter.pages.call_words import CAUSES, ENDED_BY, NOBODY_KNOWS, became
from callcenter.pages.formats import duration, phone
from callcenter.pages.journey import TAKEN, Names, on_the_way
from callcenter.pages.language import number

SHORT = 10.0  # seconds


def by_exchange(facts: Facts) -> Iterator[Link]:
    """The journey's stations as links."""
    for step in facts.steps:
        time = _length(step)
        values: dict[str, object] = {"name": facts.names.who(step.what), "time": time}
        match step.kind:
            case "arrived":
                number = {"number": phone(step.what), "from": phone(facts.record.number)}
                yield Link(
                    at=step.at,
                    text=N_("Rang in at {number}") if step.what else N_("Rang in"),
                    values=number,
                    detail=N_("from {from}") if facts.record.number else N_("Withheld number"),
                    icon="phone-in",
                    rank=0,
                )
            case "queue":
                yield _queue(step, values | {"name": facts.names.queue(step.what)})
            case "rang":
                detail, kind = RANG.get(step.how, RANG[""])
                text = N_("The phone of {name}")
                yield Link(
                    at=step.at, text=text, values=values, detail=detail, icon="phone", kind=kind
                )
            case "called":
                yield _called(facts.record, step, values)
            case "talked":
                detail = TAKEN.get(step.how, TAKEN[""]) if step.until else N_("talking now")
                text = N_("{name} in the call")
                yield Link(
                    at=step.at,
                    text=text,
                    values=values,
                    detail=detail,
                    icon="headset",
                    kind="ok",
                    rank=7,
                )
            case "held":
                yield Link(
                    at=step.at, text=N_("On hold"), values=values, detail="{time}", icon="pause"
                )
            case "waits":
                text = N_("Waits for {name}")
                yield Link(at=step.at, text=text, values=values, detail="{time}", icon="clock")
            case "ended":
                yield _ended(facts.record, step)
            case _:
                yield _on_the_way(step, facts.names)


def _on_the_way(step: Step, names: Names) -> Link:
    failed = step.kind == TRUNK_FAILED
    text, name = on_the_way(step, names)
    return Link(
        at=step.at,
        text=text,
        values={"name": name},
        detail=N_("the next one is tried, where there is one") if failed else "",
        icon="alert" if failed else "grip",
        kind="bad" if failed else "",
        rank=1,
    )


def _length(step: Step) -> str:
    """A short one to the tenth of a second: between two rings that is what counts."""
    if step.until is None:
        return "–"
    seconds = (step.until - step.at).total_seconds()
    return f"{number(round(seconds, 1))} s" if seconds < SHORT else duration(seconds)


def _queue(step: Step, values: dict[str, object]) -> Link:
    words = {
        "left": N_("waited {time}, then hung up"),
        "answered": N_("waited {time}"),
        "on": N_("waited {time}"),
    }
    detail = words.get(step.how, N_("waits"))
    text = N_("Queue {name}")
    kind = "warn" if step.how == "left" else ""
    return Link(
        at=step.at, text=text, values=values, detail=detail, icon="clock", kind=kind, rank=2
    )


def _called(record: CallRecord, step: Step, values: dict[str, object]) -> Link:
    ok = step.how == "answered"
    detail = N_("answered after {time}") if ok else became(record).text
    kind = "ok" if ok else "bad" if record.ended_at else ""
    text = N_("The phone of {name}")
    return Link(at=step.at, text=text, values=values, detail=detail, icon="phone-out", kind=kind)


def _ended(record: CallRecord, step: Step) -> Link:
    by = ENDED_BY.get(step.how, NOBODY_KNOWS)
    cause = CAUSES.get(record.cause or 0, "")
    values = {"by": Word(by), "cause": Word(cause)}
    detail = N_("{by} · {cause}") if cause else "{by}"
    return Link(at=step.at, text=N_("End"), values=values, detail=detail, icon="phone", rank=8)
