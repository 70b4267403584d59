"""Why nothing rang at one agent: what they were, and the calls that came to their queues."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from callcenter.agents import causes
from callcenter.agents.lines import STATES
from callcenter.agents.models import AgentState
from callcenter.errors import N_, Word
from callcenter.explain import kinds
from callcenter.explain.links import Link, in_order
from callcenter.explain.models import CallHop
from callcenter.explain.reasons import Reason, asked_of
from callcenter.explain.words import EVENTS, ONE

ICONS = {
    "ready": "check",
    "unreachable": "link-off",
    "break": "coffee",
    "ringing": "phone-in",
    "talking": "phone",
    "on_hold": "pause",
    "wrap_up": "edit",
    "offline": "x",
}
KINDS = {"ready": "ok", "unreachable": "bad", "break": "warn", "offline": "warn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What is known of one agent's time. `who` names people, `queue` queues, `reason` breaks;
    `may_open` are the calls that the reader may look at.
    """

    user_id: int
    since: datetime
    states: Sequence[AgentState]
    own: Sequence[CallHop]
    pictures: Sequence[CallHop]
    may_open: frozenset[str]
    who: Callable[[int], str]
    queue: Callable[[str], str]
    reason: Callable[[str], str]


def day_chain(day: Day) -> list[Link]:
    """Their time as links, the newest first: what is asked about was just now."""
    found = in_order([*_states(day), *_own(day), *_calls(day)])
    return found[::-1]


def counts(day: Day) -> tuple[int, list[tuple[Reason, int]]]:
    """How many calls rang at theirs, and how many went past them, the commonest reason first.

    Of a call that was offered several times the last offer counts, unless one of them rang.
    """
    rang: set[str] = set()
    past: dict[str, Reason] = {}
    for hop, why in _offers(day):
        if why is Reason.ASKED:
            rang.add(hop.call_id)
        else:
            past.setdefault(hop.call_id, why)  # the newest comes first
    went = Counter(why for call_id, why in past.items() if call_id not in rang)
    return len(rang), went.most_common()


def _offers(day: Day) -> Iterator[tuple[CallHop, Reason]]:
    for hop in day.pictures:
        if hop.kind == kinds.ASKED and (why := asked_of(hop.more).of(day.user_id)):
            yield hop, why


def _states(day: Day) -> Iterator[Link]:
    for row in day.states:
        before = row.at < day.since
        lead = causes.lead_of(row.cause)
        words, values = causes.words(row.cause, day.who(lead) if lead else "")
        name = {"state": Word(STATES.get(row.state, "")), "reason": day.reason(row.reason)}
        text = N_("{state}: {reason}") if row.reason else "{state}"
        yield Link(
            at=max(row.at, day.since),
            text=text,
            values={**values, **name},
            detail=N_("already before") if before else words,
            icon=ICONS.get(row.state, "info"),
            kind=KINDS.get(row.state, ""),
            rank=0 if before else 3,
        )


def _own(day: Day) -> Iterator[Link]:
    for hop in day.own:
        call_id = hop.call_id if hop.call_id in day.may_open else ""
        match hop.kind, hop.what:
            case kinds.PAGE, "0":
                text = N_("The last page was closed")
                yield Link(at=hop.at, text=text, icon="link-off", kind="bad", rank=2)
            case kinds.PAGE, _:
                text = N_("A page was opened or closed: {n} open")
                yield Link(at=hop.at, text=text, values={"n": hop.what}, icon="theme", rank=2)
            case kinds.PHONE, "reachable":
                text = N_("The phone was connected")
                yield Link(at=hop.at, text=text, icon="phone", kind="ok", rank=2)
            case kinds.PHONE, _:
                text = N_("The phone lost its connection")
                yield Link(at=hop.at, text=text, icon="link-off", kind="bad", rank=2)
            case kinds.TOLD, _:
                text = N_("The page was told of a call")
                yield Link(at=hop.at, text=text, icon="message", call_id=call_id, rank=6)
            case kinds.SHOWN, _:
                text = N_("The page showed it")
                yield Link(at=hop.at, text=text, icon="check", kind="ok", call_id=call_id, rank=7)
            case kinds.NO_PAGE, _:
                text, detail = N_("The phone rang and no page was open"), N_("nothing could pop up")
                yield Link(
                    at=hop.at,
                    text=text,
                    detail=detail,
                    icon="link-off",
                    kind="bad",
                    call_id=call_id,
                )
            case _:
                pass


def _calls(day: Day) -> Iterator[Link]:
    told: set[tuple[str, Reason]] = set()
    for hop, why in sorted(_offers(day), key=lambda offer: offer[0].at):
        if (hop.call_id, why) in told:
            continue  # the queue has asked somebody else meanwhile; here nothing is new
        told.add((hop.call_id, why))
        call_id = hop.call_id if hop.call_id in day.may_open else ""
        values = {"name": day.queue(hop.what), "why": Word(ONE.get(why, ""))}
        if why is Reason.ASKED:
            text = N_("A call of {name} rang here")
            yield Link(
                at=hop.at,
                text=text,
                values=values,
                icon="phone-in",
                kind="ok",
                call_id=call_id,
                rank=5,
            )
        else:
            text, detail = N_("A call of {name} went past"), "{why}"
            yield Link(
                at=hop.at,
                text=text,
                values=values,
                detail=detail,
                icon="transfer",
                kind="" if why is Reason.NOT_THEIR_TURN else "warn",
                call_id=call_id,
                rank=5,
            )
    for hop in day.pictures:
        words, kind = EVENTS.get((hop.kind, hop.what), ("", ""))
        if words:
            yield Link(at=hop.at, text=words, icon="link-off", kind=kind)
