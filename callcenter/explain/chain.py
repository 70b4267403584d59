"""The chain of one call: what the exchange did and what we did, on one line of time, in words."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from callcenter.calls.call import Direction, Step
from callcenter.calls.models import CallRecord
from callcenter.errors import N_, Word
from callcenter.explain import kinds
from callcenter.explain.by_exchange import by_exchange
from callcenter.explain.facts import Facts
from callcenter.explain.links import Group, Link, in_order
from callcenter.explain.models import CallHop
from callcenter.explain.reasons import Asked, Reason, asked_of
from callcenter.explain.words import EVENTS, ONE, WHY
from callcenter.pages.call_words import became
from callcenter.pages.formats import duration

SOON = timedelta(seconds=2)  # a ring and the picture of who is asked belong together
SHOWS = timedelta(seconds=1)  # in which a page in view has shown a call
BETWEEN = timedelta(seconds=3)
LATE = timedelta(seconds=0.5)


def chain(facts: Facts) -> list[Link]:
    """Every hop, the oldest first."""
    return in_order([*by_exchange(facts), *_by_us(facts), *_after(facts)])


# ---------------------------------------------------------------------------------- what we did


def _by_us(facts: Facts) -> Iterator[Link]:
    rings = {each.what: each for each in facts.steps if each.kind == "rang"}
    by_user = {user_id: step for what, step in rings.items() if (user_id := facts.user_of(what))}
    shown = {hop.user_id for hop in facts.hops if hop.kind == kinds.SHOWN}
    passing = _passing(facts.hops)
    for hop in facts.hops:
        match hop.kind:
            case kinds.ROUTE:
                yield _route(facts, hop)
            case kinds.ASKED if hop not in passing:
                yield _asked(facts, hop, rings.values())
            case kinds.NO_PAGE | kinds.TOLD | kinds.SHOWN:
                yield from _page(facts, hop, by_user.get(hop.user_id or 0), shown)
            case kinds.PERMITTED:
                yield _permitted(hop)
            case kinds.FILLED:
                text, detail = N_("We were away"), N_("learnt from the exchange’s log")
                yield Link(at=hop.at, text=text, detail=detail, icon="alert", kind="warn", rank=9)
            case _:
                words, kind = EVENTS.get((hop.kind, hop.what), ("", ""))
                if words:
                    yield Link(at=hop.at, text=words, icon="link-off", kind=kind)


def _page(
    facts: Facts, hop: CallHop, ring: Step | None, shown: Collection[int | None]
) -> Iterator[Link]:
    """What a page was told, and whether it showed it; never before the phone beside it rang."""
    at, name = max(hop.at, ring.at) if ring else hop.at, {"name": facts.who(hop.user_id or 0)}
    if hop.kind == kinds.SHOWN:
        text = N_("The page of {name} showed it")
        yield Link(at=at, text=text, values=name, icon="check", kind="ok", rank=7)
    elif hop.kind == kinds.NO_PAGE:
        yield Link(
            at=at,
            text=N_("No page of {name} is open"),
            values=name,
            detail=N_("nothing could pop up"),
            icon="link-off",
            kind="bad",
            rank=6,
        )
    else:
        text = N_("The page of {name} was told")
        yield Link(at=at, text=text, values=name, icon="message", rank=6)
        if hop.user_id not in shown and (ring is None or _is_long(ring)):
            yield _unseen(at, name)


def _permitted(hop: CallHop) -> Link:
    rang = N_("they had rung, and nobody had answered")
    return Link(
        at=hop.at,
        text=N_("The number is on the national do-not-call list: it may be called back"),
        detail=rang if hop.what == "missed" else N_("a callback is planned"),
        icon="callback",
        rank=1,
    )


def _passing(hops: Sequence[CallHop]) -> list[CallHop]:
    """Pictures that say nothing: nobody is asked because the next one is about to be (a queue takes
    a second between two phones, a call some tenths to come to its queue), or all is as before.
    """
    pictures = sorted((hop for hop in hops if hop.kind == kinds.ASKED), key=lambda hop: hop.at)
    found = [
        hop
        for hop, following in pairwise(pictures)
        if following.at - hop.at < BETWEEN and not asked_of(hop.more).asked
    ]
    kept = [hop for hop in pictures if hop not in found]
    return found + [hop for before, hop in pairwise(kept) if hop.more == before.more]


def _is_long(ring: Step) -> bool:
    return ring.until is None or ring.until - ring.at > SHOWS


def _unseen(at: datetime, name: dict[str, str]) -> Link:
    return Link(
        at=at,
        text=N_("The page of {name} has not said that it showed the call"),
        values=name,
        detail=N_("its window was in the background, or the phone was in another one"),
        icon="alert",
        kind="warn",
        rank=7,
    )


def _route(facts: Facts, hop: CallHop) -> Link:
    team = msgspec.json.decode(hop.more, type=list[int]) if hop.more else []
    name: dict[str, object] = {"name": facts.who(hop.user_id or 0)}
    groups = (_group(facts, N_("then their team"), team),) if team else ()
    if hop.what == "owner":
        return Link(
            at=hop.at,
            text=N_("{name} looks after this customer"),
            values=name,
            detail=N_("asked first"),
            icon="users",
            groups=groups,
            rank=1,
        )
    why = ONE.get(hop.what, ONE[""]) if facts.seen(hop.user_id or 0) else ONE[""]
    return Link(
        at=hop.at,
        text=N_("{name} looks after this customer, but {why}"),
        values=name | {"why": Word(why)},
        icon="users",
        kind="warn",
        groups=groups,
        rank=1,
    )


def _asked(facts: Facts, hop: CallHop, rings: Iterable[Step]) -> Link:
    asked = asked_of(hop.more)
    # The picture was taken when a phone began to ring; it is told before that ring.
    began = [ring.at for ring in rings if hop.at - SOON < ring.at < hop.at + LATE]
    n, of = len(asked.asked), sum(len(ids) for ids in asked.because.values())
    values = {"n": str(n), "of": str(of), "name": facts.names.queue(hop.what)}
    groups = tuple(_groups(facts, asked))
    if not of:
        text, kind = N_("Nobody belongs to {name}"), "bad"
    elif n:
        text, kind = N_("{name} asks {n} of {of}"), ""
    else:
        text, kind = N_("{name} could ask nobody of {of}"), "bad"
    # Whom a queue could ask is known as soon as the number says which queue it is for.
    joined = [s.at for s in facts.steps if s.kind == "queue" and s.what == hop.what]
    soon = [at for at in joined if hop.at < at < hop.at + SOON]
    return Link(
        at=min(began, default=max([hop.at, *soon])),
        text=text,
        values=values,
        icon="team",
        kind=kind,
        groups=groups,
        rank=3,
    )


def _groups(facts: Facts, asked: Asked) -> Iterator[Group]:
    if asked.asked:
        names = tuple(facts.who(each) for each in asked.asked)
        yield Group(N_("asked"), names, asked=True)
    for why, ids in sorted(asked.because.items(), key=lambda each: -len(each[1])):
        if why != Reason.ASKED:
            yield _group(facts, WHY.get(why, ""), ids)


def _group(facts: Facts, why: str, ids: Sequence[int]) -> Group:
    seen = tuple(facts.who(each) for each in ids if facts.seen(each))
    return Group(why, seen, len(ids) - len(seen))


# -------------------------------------------------------------------------------- what followed


def _after(facts: Facts) -> Iterator[Link]:
    record = facts.record
    filed = [hop for hop in facts.hops if hop.kind == kinds.FILED]
    if filed:
        known = record.customer_id is not None
        yield Link(
            at=filed[0].at,
            text=N_("Filed"),
            detail=N_("under its customer") if known else N_("no customer has this number"),
            icon="file",
            kind="ok",
            rank=9,
        )
    if record.ended_at is None or record.direction == Direction.INTERNAL:
        return
    # Of a journey the milliseconds are kept: what follows the end does not stand before it.
    over = max([record.ended_at, *(step.at for step in facts.steps)])
    if facts.erased:
        at, text = facts.erased.wanted_at, N_("The recording was deleted")
        yield Link(at=at, text=text, icon="record", rank=9)
        return
    recording, heard = facts.recording, [h for h in facts.hops if h.kind == kinds.RECORDED]
    if heard:
        at = heard[-1].at
        text, detail = N_("Recorded"), N_("the recording can be played")
        yield Link(at=at, text=text, detail=detail, icon="record", kind="ok", rank=9)
    elif recording and recording.state == "failed":
        yield Link(
            at=over,
            text=N_("The recording failed"),
            detail=recording.problem,
            icon="record",
            kind="bad",
            rank=9,
        )
    elif recording and recording.state == "ready":
        yield Link(at=over, text=N_("Recorded"), icon="record", kind="ok", rank=9)
    elif recording:
        text = N_("The recording is being prepared.")
        yield Link(at=over, text=text, icon="record", rank=9)
    elif record.answered_at:
        text, detail = N_("Not recorded"), N_("the exchange left no sound of this call")
        yield Link(at=over, text=text, detail=detail, icon="record", kind="bad", rank=9)


# -------------------------------------------------------------------------------- in one sentence


def verdict(facts: Facts) -> tuple[str, dict[str, object], str]:
    """What it comes to: (message id, values, kind)."""
    record = facts.record
    talked = [each for each in facts.steps if each.kind == "talked"]
    if record.ended_at is None:
        return N_("This call is going on."), {}, ""
    if record.answered_at:
        who = facts.names.who(talked[0].what) if talked else facts.names.who(_last(record))
        time = duration((record.answered_at - record.started_at).total_seconds())
        if record.direction == Direction.INBOUND and who:
            return N_("{name} answered after {time}."), {"name": who, "time": time}, "ok"
        return N_("Answered after {time}."), {"time": time}, "ok"
    if record.direction != Direction.INBOUND:
        return "{result}", {"result": Word(became(record).text)}, "warn"
    if any(each.kind == "rang" for each in facts.steps):
        return N_("Phones rang, and nobody answered."), {}, "bad"
    pictures = [hop for hop in facts.hops if hop.kind == kinds.ASKED]
    if pictures and not any(asked_of(hop.more).asked for hop in pictures):
        return N_("No phone rang: nobody of the queue could be asked."), {}, "bad"
    if not any(each.kind == "queue" for each in facts.steps):
        return N_("It never came to a queue."), {}, "bad"
    return N_("No phone rang."), {}, "bad"


def _last(record: CallRecord) -> str:
    return record.agents.split(",")[-1]
