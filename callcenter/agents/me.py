"""An agent as their own pages see them."""

from datetime import datetime

import msgspec

from callcenter.agents.agent import AgentStateName, Phone
from callcenter.agents.queries import Today


class Me(msgspec.Struct, kw_only=True):
    """Times are UTC, `wrap_up` is a call_id.

    The wrap-up ends by itself at `wrap_up_ends` (null: it does not), and may be made longer by
    `wrap_up_more` seconds.
    """

    user_id: int
    name: str
    extension: str | None
    state: AgentStateName
    reason: str
    since: datetime
    phone: Phone
    queues: list[str]
    exchange: bool
    wrap_up: str | None
    wrap_up_ends: datetime | None
    wrap_up_more: float
    today: Today
