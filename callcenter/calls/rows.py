"""A call as a row of the table."""

from collections.abc import Iterable
from datetime import UTC, datetime
from operator import itemgetter
from typing import NamedTuple

import msgspec

from .call import Call, Step


class Row(NamedTuple):
    """The columns of calls, in their order."""

    call_id: str
    exchange: str
    direction: str
    state: str
    number: str | None
    number_key: str | None
    caller_name: str
    did: str | None
    queue: str | None
    user_id: int | None
    department_id: int | None
    customer_id: int | None
    agents: str
    rung: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    result: str | None
    cause: int | None
    waited_s: float
    talked_s: float
    held_s: float
    ended_by: str | None
    transfers: str
    digits: str
    pauses: str
    journey: str
    within_s: int | None = None
    wrapped_s: float = 0.0


# What hardly changes once it is known, and all that there are indexes over.
SETTLED = (
    *("exchange", "direction", "number", "number_key", "caller_name", "did", "queue"),
    *("user_id", "department_id", "customer_id", "started_at"),
)
settled = itemgetter(*(Row._fields.index(name) for name in SETTLED))


NOTHING = Row(
    *("", "", "", "", None, None, "", None, None, None, None, None, "", ""),
    *(
        datetime.max.replace(tzinfo=UTC),
        None,
        None,
        None,
        None,
        0.0,
        0.0,
        0.0,
        None,
        "[]",
        "",
        "[]",
        "[]",
    ),
)


def row_of(
    call: Call,
    *,
    exchange: str,
    number_key: str,
    whose: tuple[int | None, int | None],
    customer_id: int | None,
    before: Row | None,
    within_s: int | None = None,
) -> Row:
    """The row of a call, given the one that is there `before`; number_key "" is none, `within_s`
    what is in time for its queue now, which stays as it was first.

    After a restart the board knows a call that lasts only from then on. What an earlier row knows
    and the call does not stays as it was.
    """
    old, (user_id, department_id) = before or NOTHING, whose
    if call.queue in (None, old.queue) and old.within_s is not None:
        within_s = old.within_s
    return Row(
        text(call.call_id, 64),
        exchange,
        call.direction.value,
        call.state.value,
        text(call.number, 64) if call.number else old.number,
        text(number_key, 64) if number_key else old.number_key,
        text(call.caller_name, 300) if call.caller_name else old.caller_name,
        text(call.did, 64) if call.did else old.did,
        text(call.queue, 64) if call.queue else old.queue,
        user_id if user_id is not None else old.user_id,
        department_id if department_id is not None else old.department_id,
        old.customer_id if old.customer_id is not None else customer_id,
        ",".join(call.agents) or old.agents,
        ",".join(call.rung) or old.rung,
        min(call.started_at, old.started_at),
        call.answered_at or old.answered_at,
        call.ended_at,
        call.result.value if call.result else None,
        call.cause,
        call.waited_s,
        call.talked_s,
        call.held_s,
        call.ended_by,
        _transfers(call) if call.transfers else old.transfers,
        text(call.digits, 64) if call.digits else old.digits,
        msgspec.json.encode(call.pauses).decode() if call.pauses else old.pauses,
        steps_as_text(call.journey) if call.journey else old.journey,
        within_s,
        old.wrapped_s,
    )


def steps_as_text(steps: Iterable[Step]) -> str:
    """JSON: [[kind, at, length or null, what, how]], times in milliseconds (at: since 1970)."""
    rows = []
    for step in steps:
        length = _ms(step.until) - _ms(step.at) if step.until else None
        rows.append((step.kind, _ms(step.at), length, text(step.what, 64), step.how))
    return msgspec.json.encode(rows).decode()


def steps_of(written: str) -> list[Step]:
    """What `steps_as_text` has written."""
    rows = msgspec.json.decode(written, type=list[tuple[str, int, int | None, str, str]])
    return [
        Step(
            kind=kind,
            at=_time(at),
            until=None if length is None else _time(at + length),
            what=what,
            how=how,
        )
        for kind, at, length, what, how in rows
    ]


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _time(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def text(value: str, longest: int) -> str:
    """`value` as both databases take it: no NUL, no half letters, not too long for its column."""
    if value.isascii() and len(value) <= longest and "\0" not in value:
        return value
    whole = value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    return whole[:longest]


def _transfers(call: Call) -> str:
    """JSON: [{"kind": "blind", "from": "201", "to": "202"}]."""
    done = [{"kind": t.kind, "from": t.source, "to": t.target} for t in call.transfers]
    return msgspec.json.encode(done).decode()
