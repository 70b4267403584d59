"""A conversation: the legs that belong to one call, and which part each of them plays."""

from dataclasses import dataclass, field
from datetime import datetime

from .call import Call
from .events import CallPlaced, OriginateAnswered
from .legs import Kind, Leg
from .talks import Slice, slices

LONGEST_ID = 64  # letters of a call_id: it is a key in the database


@dataclass(slots=True, eq=False)
class Conversation:
    linked_id: str  # the first channel's, or what it said of itself
    ccid: str = ""
    legs: dict[str, Leg] = field(default_factory=dict)
    placed: CallPlaced | None = None  # by ourselves
    originated: OriginateAnswered | None = None
    lost_at: datetime | None = None  # a snapshot found nothing of it
    told: Call | None = None  # what others know of it
    names: set[str] = field(default_factory=set)  # all ids it can be called by
    _story: list[Slice] | None = None

    @property
    def call_id(self) -> str:
        """Fixed from the moment others know it: ours, else Asterisk's."""
        return self.told.call_id if self.told else (self.ccid or self.linked_id)[:LONGEST_ID]

    @property
    def story(self) -> list[Slice]:
        """Who was in a bridge with whom, kept until `moved`."""
        if self._story is None:
            self._story = slices(self.legs.values())
        return self._story

    def moved(self) -> None:
        """Somebody has come or gone."""
        self._story = None

    # ------------------------------------------------------------------- parts

    @property
    def root(self) -> Leg | None:
        """The leg that began it, if we have heard of it."""
        roots = [leg for leg in self.legs.values() if leg.is_root and not leg.spies]
        return min(roots, key=lambda leg: leg.since, default=None)

    def of(self, kind: Kind) -> list[Leg]:
        """Legs of this kind without those who listen in, the oldest first."""
        root = self.root
        legs = [leg for leg in self.legs.values() if leg.kind is kind and not visits(leg, root)]
        return sorted(legs, key=lambda leg: leg.since)

    @property
    def customer(self) -> Leg | None:
        """The customer's leg: who called us, else who answered, else who was called last."""
        trunks = self.of(Kind.TRUNK)
        called_in = [leg for leg in trunks if is_inbound(leg)]
        answered = [leg for leg in trunks if leg.up_at]
        return next(iter([*called_in, *answered, *trunks[::-1]]), None)

    @property
    def caller(self) -> Leg | None:
        """The leg of the agent who calls, where an agent began it."""
        root = self.root
        if root is None and (customer := self.customer):
            root = self.legs.get(customer.dialled_by)
        return root if root and root.kind is Kind.PHONE else None

    # --------------------------------------------------------------------- life

    @property
    def is_over(self) -> bool:
        """Nobody is left but those who listen in."""
        if self.lost_at or not self.legs:
            return bool(self.lost_at or (self.originated and not self.originated.ok))
        root = self.root
        return all(leg.ended_at or visits(leg, root) for leg in self.legs.values())

    @property
    def is_call(self) -> bool:
        """Others may know of it: somebody outside takes part, or is to; or two agents do.

        A phone that is called by us for an unknown purpose is none yet: its next event tells whether
        it is there to listen in.
        """
        if self.told or self.placed or (self.originated and self.originated.number):
            return True
        root = self.root
        if trunks := self.of(Kind.TRUNK):
            return bool(self.ccid or trunks[0].called_in or trunks[0].dialled or root is None)
        if root is None or root.kind is not Kind.PHONE:
            return False
        if len({leg.endpoint for leg in self.of(Kind.PHONE)}) > 1:
            return True
        return not root.called_in and bool(self.ccid or shown_number(root))


def visits(leg: Leg, root: Leg | None) -> bool:
    """A leg with a beginning of its own that has joined nobody: a supervisor about to listen in."""
    return leg.spies or (leg.is_root and leg is not root and not leg.entered)


def is_inbound(leg: Leg) -> bool:
    """Whether this trunk leg called us; one that we found talking did if it began its conversation."""
    if leg.called_in is not None:
        return leg.called_in
    return leg.is_root and not leg.automatic


def shown_number(leg: Leg) -> str | None:
    """The number on the display of a phone that we called for its agent: who will be called."""
    number = leg.connected[1] if leg.connected else None
    return number if number and number != leg.endpoint else None
