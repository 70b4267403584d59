"""An agent as their own pages see them."""

from datetime import datetime

import msgspec

from callcenter.agents.agent import AgentStateName, Phone, Wish
from callcenter.agents.queries import Today
from callcenter.people.directory import Rings


class BookedState(msgspec.Struct, kw_only=True):
    """What begins after the call; `reason` is that of a break."""

    state: Wish
    reason: str


class Me(msgspec.Struct, kw_only=True):
    """Times are UTC, `wrap_up` is a call_id; `rings` says which of their phones calls come to.

    `reason` is a code of GET /breaks, or "missed" or "declined" for whoever left `missed` and
    `declined` calls unanswered in a row; a break should be over at `break_ends` (null: no limit).
    `standing` is what they are between calls, and `booked` what they will be after this one. After
    a missed ring no call comes until `rests_until`.
    The wrap-up ends by itself at `wrap_up_ends` (null: it does not), and may be made longer by
    `wrap_up_more` seconds.
    """

    user_id: int
    name: str
    extension: str | None
    rings: Rings
    state: AgentStateName
    reason: str
    standing: Wish
    standing_reason: str
    since: datetime
    break_ends: datetime | None
    booked: BookedState | None
    missed: int
    declined: int
    rests_until: datetime | None
    phone: Phone
    queues: list[str]
    exchange: bool
    wrap_up: str | None
    wrap_up_ends: datetime | None
    wrap_up_more: float
    today: Today
