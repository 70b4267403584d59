"""A conversation: the legs that belong to one call, and all else that is known of it."""

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
    has_news: bool = False  # they do not know all of it yet
    names: set[str] = field(default_factory=set)  # all ids it can be called by
    _slices: list[Slice] | None = None

    @property
    def call_id(self) -> str:
        """Fixed from the moment others know it: ours, else Asterisk's."""
        return self.told.call_id if self.told else (self.ccid or self.linked_id)[:LONGEST_ID]

    @property
    def slices(self) -> list[Slice]:
        """Who was in a bridge with whom, kept until somebody has `moved`."""
        if self._slices is None:
            self._slices = slices(self.legs.values())
        return self._slices

    @property
    def has_outsider(self) -> bool:
        return any(leg.kind is Kind.TRUNK for leg in self.legs.values())

    def moved(self) -> None:
        """Somebody has come or gone."""
        self._slices = None
