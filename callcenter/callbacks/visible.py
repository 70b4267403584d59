"""Who sees which line of the inbox, and for whom it waits (pure)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from callcenter.callbacks.missed import Missed
from callcenter.callbacks.planned import Planned
from callcenter.customers.numbers import shown
from callcenter.people.rights import Scope

OWNER_FIRST = timedelta(minutes=30)  # a missed call is its owner's alone, then anybody's


def whose(line: Missed, now: datetime) -> int | None:
    """Who should call back: whoever took it, else its owner for a while, else (None) anybody."""
    if line.claimed_by is not None:
        return line.claimed_by
    return line.owner_id if now - line.last_at < OWNER_FIRST else None


def sees(scope: Scope, line: Missed) -> bool:
    """One's own customers', and those of the queue one works in, or that one leads."""
    if scope.everything or scope.user_id in (line.owner_id, line.claimed_by):
        return True
    return sees_queue(scope, line.queue, line.department_id)


def sees_queue(scope: Scope, queue: str, department_id: int | None) -> bool:
    """Whether what nobody has of that queue's is theirs to see; None: it is of no department."""
    if scope.everything:
        return True
    if department_id is None:
        return queue in scope.queues
    return department_id in scope.departments or department_id == scope.department_id


def home_of(line: Missed) -> int | str:
    """Where it belongs: the department, else the queue."""
    return line.queue if line.department_id is None else line.department_id


def for_me(scope: Scope, lines: Sequence[Missed], now: datetime) -> list[Missed]:
    """Of those, what waits for that very person: their own first, the longest waiting first."""
    theirs = [line for line in lines if whose(line, now) in (scope.user_id, None)]
    return sorted(theirs, key=lambda line: (whose(line, now) != scope.user_id, line.first_at))


def reminder(each: Planned) -> dict[str, Any]:
    """As /events tells it."""
    return {
        "id": each.id,
        "at": each.at,
        "number": each.number,
        "shown": shown(each.number),
        "name": each.name,
        "company": each.company,
        "customer_id": each.customer_id,
        "purpose": each.purpose,
        "anyone": each.user_id is None,
    }


def is_theirs(each: Planned, scope: Scope) -> bool:
    """Whether that callback waits for that person, or for anyone like them."""
    if each.user_id is not None:
        return each.user_id == scope.user_id
    return each.department_id is not None and (
        each.department_id in scope.departments or each.department_id == scope.department_id
    )
