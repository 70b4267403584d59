"""The same figures from the calls themselves: for what no sums are kept of, and to compare."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func

from callcenter.calls.call import Direction, Result
from callcenter.calls.counting import SHORT_S
from callcenter.calls.models import CallRecord

ENDED = CallRecord.ended_at.is_not(None)
# Where a column holds nothing these are neither true nor false, and CASE takes it for false.
_OFFERED = and_(CallRecord.direction == Direction.INBOUND, CallRecord.queue != "")
_ANSWERED = CallRecord.result == Result.ANSWERED
_TAKEN = and_(_ANSWERED, _OFFERED)
_LEFT = and_(CallRecord.result == Result.ABANDONED, _OFFERED)
_WAITED = CallRecord.waited_s


def _count(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((condition, 1), else_=0))


def _seconds(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((condition, _WAITED), else_=0.0))


# calls.counting.figures_of as SQL, over ended calls
FIGURES: Mapping[str, ColumnElement[Any]] = {
    "calls": func.count(),
    "answered": _count(_ANSWERED),
    "offered": _count(_OFFERED),
    "offered_answered": _count(_TAKEN),
    "answered_in_time": _count(and_(_TAKEN, func.coalesce(CallRecord.within_s, -1) >= _WAITED)),
    "abandoned": _count(_LEFT),
    "abandoned_short": _count(and_(_LEFT, _WAITED < SHORT_S)),
    "waited_s": func.sum(_WAITED),
    "waited_answered_s": _seconds(_TAKEN),
    "waited_abandoned_s": _seconds(_LEFT),
    "talked_s": func.sum(CallRecord.talked_s),
    "held_s": func.sum(CallRecord.held_s),
    "wrapped_s": func.sum(CallRecord.wrapped_s),
    "longest_wait_s": func.max(case((_OFFERED, _WAITED), else_=0.0)),
}
COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "user_id": func.coalesce(CallRecord.user_id, 0),
    "department_id": func.coalesce(CallRecord.department_id, 0),
    "queue": func.coalesce(CallRecord.queue, ""),
    "direction": func.coalesce(CallRecord.direction, ""),
    "result": func.coalesce(CallRecord.result, ""),
    "did": func.coalesce(CallRecord.did, ""),
}
