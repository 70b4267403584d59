"""What calls ended in: how many of each outcome, sub-outcomes below theirs. From the calls."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.call import Result
from callcenter.calls.models import CallNote, CallRecord, Outcome
from callcenter.calls.queries import CallFilters, Narrow, conditions


class OutcomeSum(msgspec.Struct, frozen=True, kw_only=True):
    """`calls` and `talked_s` (seconds) of a first-level outcome have its sub-outcomes' in them."""

    code: str
    name_vi: str
    name_en: str
    calls: int
    talked_s: float
    below: list["OutcomeSum"]


class OutcomeReport(msgspec.Struct, frozen=True, kw_only=True):
    """Outcomes that calls ended in, most frequent first; answered calls without one."""

    calls: int
    sums: list[OutcomeSum]
    without: int


async def outcome_report(
    session: AsyncSession, narrow: Narrow, filters: CallFilters
) -> OutcomeReport:
    """Of the calls that `filters` mean, as far as `narrow` may see them."""
    rows = await session.execute(
        narrow(
            select(CallNote.outcome, func.count(), func.sum(CallRecord.talked_s))
            .select_from(CallRecord)
            .join(CallNote, CallNote.call_id == CallRecord.call_id)
            .where(CallNote.outcome.is_not(None), *conditions(filters))
        ).group_by(CallNote.outcome)
    )
    counted = {code: (n, float(talked)) for code, n, talked in rows}
    chosen = select(CallNote.call_id).where(CallNote.outcome.is_not(None))
    without = await session.scalar(
        narrow(
            select(func.count())
            .select_from(CallRecord)
            .where(CallRecord.result == Result.ANSWERED.value, *conditions(filters))
            .where(CallRecord.call_id.not_in(chosen))
        )
    )
    outcomes = (await session.scalars(select(Outcome).order_by(Outcome.position))).all()
    return OutcomeReport(
        calls=sum(n for n, _ in counted.values()),
        sums=tree(outcomes, counted),
        without=without or 0,
    )


def tree(outcomes: Iterable[Outcome], counted: dict[str, tuple[int, float]]) -> list[OutcomeSum]:
    """The outcomes that have been counted, sub-outcomes below theirs, most frequent first."""
    below: defaultdict[str | None, list[Outcome]] = defaultdict(list)
    for row in outcomes:
        below[row.parent_code].append(row)
    return _level(below[None], below, counted)


def _level(
    rows: list[Outcome],
    below: dict[str | None, list[Outcome]],
    counted: dict[str, tuple[int, float]],
) -> list[OutcomeSum]:
    sums = []
    for row in rows:
        calls, talked_s = counted.get(row.code, (0, 0.0))
        under = _level(below.get(row.code, []), below, counted)
        calls += sum(each.calls for each in under)
        if calls:
            sums.append(
                OutcomeSum(
                    code=row.code,
                    name_vi=row.name_vi,
                    name_en=row.name_en,
                    calls=calls,
                    talked_s=talked_s + sum(each.talked_s for each in under),
                    below=under,
                )
            )
    return sorted(sums, key=lambda each: -each.calls)
