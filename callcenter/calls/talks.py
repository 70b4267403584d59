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
    """The talks that make a call somebody's. A lead's is none as long as an agent is in the call
    as well, to its end or theirs: only whoever stays with the customer has taken the call over.
    """
    agents = [talk for talk in talks if not talk.leg.is_lead]

    def has_agent(lead: Talk) -> bool:
        end = lead.end or EVER
        together = (t for t in agents if t.start <= end and (t.end or EVER) > lead.start)
        return any((talk.end or EVER) >= end - AT_ONCE for talk in together)

    return [talk for talk in talks if not (talk.leg.is_lead and has_agent(talk))]


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
