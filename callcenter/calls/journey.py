"""A call's journey: every station it came by, who was rung, what became of it, with times (pure).

One call is one journey, whatever channels it was made of, and whichever way we learned of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from .call import Direction, Step, Transfer
from .endpoints import extension_of, national, trunk_name
from .legs import Kind, Leg, endpoint_of
from .pipes import over_at, taken_at
from .scene import Scene
from .talks import Period, Talk
from .transfers import outside_number
from .vain import gave_up_at, refused

MOST = 60  # stations that are kept: of a call that rings for an hour the first ones, and the end
A_MOMENT = timedelta(seconds=0.5)
ELSEWHERE = 26  # Q.850: somebody else has answered
TRUNK_FAILED = "trunk_failed"
ORDER = ("trunk", "arrived", "queue", "rang", "called", "talked", "held", "waits", "ended")


def journey(
    scene: Scene,
    held: Iterable[Period],
    handed_over: Iterable[Transfer],
    ended_at: datetime | None,
    ended_by: str | None,
) -> tuple[Step, ...]:
    """The stations in order of their beginning."""
    customer = scene.customer
    steps = [
        *(_rang(scene, leg) for leg in scene.phones if _is_rung(leg)),
        *(_called(leg) for leg in scene.trunks if leg is not customer or not leg.called_in),
        *_talks(scene, tuple(handed_over)),
        *(Step(kind="held", at=start, until=end) for start, end in _whole(held)),
    ]
    if not scene.phones and (own := _own_phone(scene)):
        steps.append(own)
    if customer:
        steps += _of_customer(scene, customer, ended_at)
    steps += _trunks(scene)
    steps.sort(key=_order)
    if ended_at:
        return (*steps[: MOST - 1], Step(kind="ended", at=ended_at, how=ended_by or ""))
    return tuple(steps[:MOST])


def _is_rung(leg: Leg) -> bool:
    return bool(leg.dialled or not leg.called_in) and not leg.is_lead


def _order(step: Step) -> tuple[datetime, int]:
    return step.at, ORDER.index(step.kind if step.kind in ORDER else "queue")


def _of_customer(scene: Scene, customer: Leg, ended_at: datetime | None) -> Iterator[Step]:
    """Where the one from outside was, as the dialplan and the queues say it."""
    over = customer.ended_at or ended_at
    talks = [talk.start for talk in scene.meetings]
    if scene.direction is Direction.INBOUND:
        yield Step(kind="arrived", at=customer.since, what=_did(customer))
    joined = sorted(customer.joined) or ([customer.queue] if customer.queue else [])
    hops = sorted(each for each in customer.hops if each[1][0] != TRUNK_FAILED)
    stations = sorted([at for at, _ in joined] + [at for at, _ in hops])
    for at, queue in joined:
        until = min(
            (each for each in (*talks, *stations, over) if each and each > at), default=None
        )
        how = "" if until is None else "answered" if until in talks else "left"
        how = "on" if until in stations else how
        yield Step(kind="queue", at=at, until=until, what=queue, how=how)
    for at, (kind, what) in hops:
        if kind not in ORDER:
            yield Step(kind=kind, at=at, what=what)
    if customer.waits:
        at, extension = customer.waits
        yield Step(kind="waits", at=at, until=_next(at, *talks, *stations, over), what=extension)


def _trunks(scene: Scene) -> Iterator[Step]:
    """What carried it in or out; and what did not, as the dialplan says on the leg that calls. The
    one that the installation brings is worth a word only where another was tried as well."""
    failed = [
        Step(kind=TRUNK_FAILED, at=at, what=trunk_name(endpoint) or endpoint)
        for leg in (*scene.phones, *scene.trunks)
        for at, (kind, endpoint) in leg.hops
        if kind == TRUNK_FAILED
    ]
    for leg in scene.trunks:
        if name := trunk_name(leg.endpoint) or (leg.endpoint if failed else ""):
            yield Step(kind="trunk", at=leg.since, what=name)
    yield from failed


def _next(after: datetime, *times: datetime | None) -> datetime | None:
    return min((at for at in times if at and at > after), default=None)


def _whole(times: Iterable[Period]) -> list[Period]:
    """Music that two events tell of is one piece."""
    found: list[Period] = []
    for start, end in sorted(times, key=lambda each: each[0]):
        if found and (found[-1][1] is None or start <= found[-1][1]):
            before, until = found.pop()
            start, end = before, None if until is None or end is None else max(until, end)
        found.append((start, end))
    return found


def _own_phone(scene: Scene) -> Step | None:
    """The phone of an agent who wished for a call, when it was not there."""
    placed, answer = scene.conversation.placed, scene.conversation.originated
    if answer is None or answer.ok or "@" in answer.name:
        return None
    extension = placed.extension if placed else extension_of(endpoint_of(answer.name))
    return Step(kind="rang", at=answer.at, until=answer.at, what=extension, how="unreachable")


def _did(customer: Leg) -> str:
    exten = customer.first.exten if customer.first else ""
    return customer.did or (national(exten) if exten.lstrip("+").isdigit() else "")


def _rang(scene: Scene, leg: Leg) -> Step:
    """A phone of ours that was called."""
    taken, over = taken_at(leg), over_at(leg)
    at = min(filter(None, (leg.rang_at, leg.up_at)), default=leg.since)
    step = Step(kind="rang", at=at, until=taken or over, what=leg.endpoint)
    if taken and (leg.entered or leg is scene.caller):
        return replace(step, how="answered")
    if not over:
        return step
    if refused(leg):
        return replace(step, how="declined")
    if leg.cause == ELSEWHERE:
        return replace(step, how="elsewhere")
    if not (leg.rang_at or leg.up_at):
        return replace(step, how="unreachable")
    vain = gave_up_at(scene, leg) or "NOANSWER" in (
        leg.dial_status,
        leg.pipe and leg.pipe.dial_status,
    )
    return replace(step, how="no_answer" if vain else "stopped")


def _called(leg: Leg) -> Step:
    """A phone outside that was called."""
    until, how = leg.up_at or leg.ended_at, "answered" if leg.up_at else ""
    number = outside_number(leg) or ""
    return Step(kind="called", at=leg.since, until=until, what=number, how=how)


def _talks(scene: Scene, handed_over: tuple[Transfer, ...]) -> Iterator[Step]:
    """Who talked with the one in the middle; a talk that only changed its bridge is one."""
    waiting = list(handed_over)
    for talk in _joined(scene.meetings):
        who = _who(talk)
        found = next((each for each in waiting if each.target == who), None)
        if found:
            waiting.remove(found)
        how = found.kind if found else ""
        yield Step(kind="talked", at=talk.start, until=talk.end, what=who, how=how)


def _joined(talks: list[Talk]) -> list[Talk]:
    found: list[Talk] = []
    for talk in talks:
        before = found[-1] if found else None
        if before and before.leg is talk.leg and before.end and talk.start - before.end < A_MOMENT:
            found[-1] = replace(before, end=talk.end)
        else:
            found.append(talk)
    return found


def _who(talk: Talk) -> str:
    leg = talk.leg
    return leg.endpoint if leg.kind is Kind.PHONE else outside_number(leg) or leg.endpoint
