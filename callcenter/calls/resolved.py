"""First-call resolution as conditions on calls: whose callers needed not ring in again.

A call that came in, was answered by somebody and shows its number is resolved when that number does
not ring in again within DAYS days (DAYS times 24 hours from its beginning; answered or not, at any
agent). What happened after a day is known only DAYS days later: until then its calls are neither.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from sqlalchemy import ColumnElement, and_, extract, func, select
from sqlalchemy.orm import aliased

from callcenter.calls.call import Direction, Result
from callcenter.calls.models import CallRecord

DAYS = 7
NEVER = 10**10  # seconds, as a number that did not ring in again

_AGAIN = aliased(CallRecord)


def complete_until(today: date) -> date:
    """The last day of which everything is known."""
    return today - timedelta(days=DAYS + 1)


def counts() -> ColumnElement[bool]:
    """That a call is one of those that are resolved or not."""
    return and_(
        CallRecord.direction == Direction.INBOUND.value,
        CallRecord.result == Result.ANSWERED.value,
        CallRecord.user_id.is_not(None),
        CallRecord.number_key != "",
    )


def is_resolved() -> ColumnElement[bool]:
    """Of a call that counts."""
    again = (
        select(func.min(_AGAIN.started_at))
        .where(_AGAIN.number_key == CallRecord.number_key)
        .where(_AGAIN.started_at > CallRecord.started_at)
        .where(_AGAIN.direction == Direction.INBOUND.value)
        .correlate(CallRecord)
        .scalar_subquery()
    )
    after = extract("epoch", again) - extract("epoch", CallRecord.started_at)
    return func.coalesce(after, NEVER) > DAYS * 86_400


def known(zone: tzinfo) -> ColumnElement[bool]:
    """That a call began on a day of `zone` of which everything is known by now."""
    after = complete_until(datetime.now(zone).date()) + timedelta(days=1)
    return CallRecord.started_at < datetime.combine(after, time(), zone).astimezone(UTC)
