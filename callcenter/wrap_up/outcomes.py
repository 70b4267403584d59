"""What a call can end in: a list of outcomes, some with sub-outcomes, some for some queues only."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.models import Outcome, OutcomeQueue

OUTGOING = ""  # stands among the queues for outgoing calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An outcome of the first level, or a sub-outcome of `parent`.

    `queues` are those whose calls it is offered for, OUTGOING among them; none: for all calls. A
    sub-outcome has its parent's. One that is not `active` is offered no more.
    """

    code: str
    name_vi: str
    name_en: str
    parent: str | None = None
    queues: frozenset[str] = frozenset()
    active: bool = True

    def is_for(self, queue: str | None) -> bool:
        """Whether it is offered for calls of that queue; None: for those that no queue brought."""
        return not self.queues or (queue or OUTGOING) in self.queues


async def catalogue(session: AsyncSession) -> list[Offer]:
    """All outcomes in their order, each followed by its sub-outcomes; retired ones too."""
    rows = (await session.scalars(select(Outcome).order_by(Outcome.position, Outcome.code))).all()
    queues: defaultdict[str, set[str]] = defaultdict(set)
    for each in await session.scalars(select(OutcomeQueue)):
        queues[each.code].add(each.queue)
    below: defaultdict[str | None, list[Outcome]] = defaultdict(list)
    for row in rows:
        below[row.parent_code].append(row)
    return [
        Offer(
            code=row.code,
            name_vi=row.name_vi,
            name_en=row.name_en,
            parent=row.parent_code,
            queues=frozenset(queues[top.code]),
            active=row.active and top.active,
        )
        for top in below[None]
        for row in (top, *below[top.code])
    ]


def offered(offers: Sequence[Offer], queue: str | None) -> list[Offer]:
    """Those that a call of that queue (None: an outgoing one) can end in today."""
    return [each for each in offers if each.active and each.is_for(queue)]


def choices(
    offers: Sequence[Offer], queue: str | None, chosen: str | None = None
) -> list[tuple[Offer, list[Offer]]]:
    """Those on offer as a menu: each of the first level with its sub-outcomes.

    The one that is `chosen` stays in it, whether it is offered or not.
    """
    parents = {each.parent for each in offers if each.code == chosen}
    kept = [
        each
        for each in offers
        if (each.active and each.is_for(queue)) or each.code == chosen or each.code in parents
    ]
    return [
        (top, [each for each in kept if each.parent == top.code]) for top in kept if not top.parent
    ]


def says_enough(offers: Sequence[Offer], code: str | None, queue: str | None) -> bool:
    """Whether a call with that outcome is finished: where there is a choice it has been made, and
    one with sub-outcomes is half a choice. One chosen while it was offered stays a choice."""
    if code is None:
        return not offered(offers, queue)
    return not any(each.parent == code and each.active for each in offers)
