"""Who could hear whom, and when: worked out from the bridges that legs were in.

Two legs hear each other when they are in one bridge, or in two bridges that a local channel joins
(its halves, ";1" and ";2", sit one in each).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from .legs import Kind, Leg

AT_ONCE = timedelta(seconds=0.5)  # those who are sent out of a room together go one after the other
Period = tuple[datetime, datetime | None]  # None: it still goes on
NEVER, EVER = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Talk:
    """A time in which a leg heard the one in the middle; `end` None: it still does."""

    leg: Leg
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Slice:
    """A time in which nobody came or went; each group hears itself."""

    start: datetime
    end: datetime  # EVER: still so
    groups: list[list[Leg]]


def slices(legs: Iterable[Leg]) -> list[Slice]:
    """The whole story cut where anybody enters or leaves a bridge."""
    stays = [(leg, stay) for leg in legs if leg.entered for stay in leg.stays()]
    times = sorted({at for _, stay in stays for at in (stay.start, stay.end or EVER)})
    return [
        Slice(start, end, _groups(present))
        for start, end in pairwise(times)
        if (
            present := [
                (leg, stay.bridge_id)
                for leg, stay in stays
                if stay.start <= start and (stay.end or EVER) >= end
            ]
        )
    ]


def _groups(present: list[tuple[Leg, str]]) -> list[list[Leg]]:
    groups: dict[str, list[Leg]] = {}
    for leg, bridge_id in present:
        groups.setdefault(bridge_id, []).append(leg)
    halves = [(leg, bridge_id) for leg, bridge_id in present if leg.kind is Kind.LOCAL]
    for one, other in _pairs(halves):
        if groups[one] is not groups[other]:
            joined = groups[one] + groups[other]
            groups = {
                b: joined if g in (groups[one], groups[other]) else g for b, g in groups.items()
            }
    return list({id(group): group for group in groups.values()}.values())


def _pairs(halves: list[tuple[Leg, str]]) -> list[tuple[str, str]]:
    """The bridges that both halves of one local channel sit in."""
    sits = {leg.name: bridge_id for leg, bridge_id in halves}
    return [
        (bridge_id, sits[other])
        for name, bridge_id in sits.items()
        if name.endswith(";1") and (other := name[:-1] + "2") in sits
    ]


def talks_with(middle: Leg | None, story: Sequence[Slice]) -> list[Talk]:
    """Everybody's times with `middle`, by their beginning."""
    found: list[Talk] = []
    going: dict[str, Talk] = {}  # channel_id: the talk that lasts until the slice before this one
    for piece in story:
        group = next((group for group in piece.groups if middle in group), [])
        kept: dict[str, Talk] = {}
        for leg in group:
            if leg is middle or leg.kind is Kind.LOCAL or (leg.spies and not leg.is_lead):
                continue
            before = going.get(leg.channel_id)
            if before and before.end == piece.start:
                found.remove(before)
                start = before.start
            else:
                start = piece.start
            kept[leg.channel_id] = talk = Talk(leg, start, piece.end)
            found.append(talk)
        going = kept
    found = [talk if talk.end != EVER else Talk(talk.leg, talk.start, None) for talk in found]
    return sorted(found, key=lambda talk: talk.start)


def without_joined(talks: Sequence[Talk]) -> list[Talk]:
    """The talks that make a call somebody's. A lead's is none while somebody else has the call all
    the time: only who is with the customer without them has taken it over, and has it then.
    """
    owners = [talk for talk in talks if not talk.leg.is_lead]
    for talk in talks:
        if talk.leg.is_lead and not _is_joined(talk, owners):
            owners.append(talk)
    return sorted(owners, key=lambda talk: talk.start)


def _is_joined(lead: Talk, owners: Iterable[Talk]) -> bool:
    """Whether there is an owner with the lead from beginning to end."""
    end, until = lead.end or EVER, lead.start
    there = [talk for talk in owners if talk.start <= end and (talk.end or EVER) > lead.start]
    for talk in sorted(there, key=lambda talk: talk.start):
        if talk.start <= until + AT_ONCE:
            until = max(until, talk.end or EVER)
    return bool(there) and until >= end - AT_ONCE


def met_before(middle: Leg, story: Sequence[Slice]) -> set[tuple[str, str]]:
    """(extension, channel_id) of those who talked without `middle`: a consultation."""
    return {
        (one.endpoint, other.channel_id)
        for piece in story
        for group in piece.groups
        if middle not in group
        for one in group
        for other in group
        if one is not other and one.kind is Kind.PHONE
    }


def seconds(times: Iterable[tuple[datetime, datetime]]) -> float:
    """How long at least one of these times lasted."""
    total, until = 0.0, NEVER
    for start, end in sorted(times):
        begin = max(start, until)
        if end > begin:
            total += (end - begin).total_seconds()
            until = end
    return round(total, 6)


def without(times: Iterable[Period], taken: Iterable[Period]) -> list[Period]:
    """What is left of these times where `taken` are cut out of them."""
    left = list(times)
    for start, end in taken:
        until = end or EVER
        left = [
            (begin, stop)
            for since, last in left
            for begin, stop in (
                (since, start if start < (last or EVER) else last),
                (max(since, until), last),
            )
            if begin < (stop or EVER)
        ]
    return left
