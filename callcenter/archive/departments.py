"""Departments that move or go: what that does to the terms of their recordings."""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.archive import terms
from callcenter.archive.retention import plan_of, save_plan
from callcenter.archive.terms import COMPANY, Parents, is_shorter, term_of
from callcenter.calls.models import CallRecord
from callcenter.people import audit
from callcenter.people.models import Department
from callcenter.recordings.models import Recording


def parents_among(departments: Iterable[Department]) -> dict[int, int | None]:
    return {each.id: each.parent_id for each in departments}


async def moved(
    session: AsyncSession, by: int, before: Parents, after: Parents, zone: tzinfo
) -> bool:
    """Whether some term gets shorter by it: then it is put off as on the page of terms. Without
    committing."""
    plan, now = await plan_of(session), datetime.now(UTC)
    new = terms.moved(plan, before, after, now, zone)
    if new == plan:
        return False
    await save_plan(session, new)
    audit.note(session, by, "retention-changed", f"({new.starts_at:%Y-%m-%d %H:%M} UTC)")
    return True


async def keeps_longer(session: AsyncSession, department_id: int, parents: Parents) -> bool:
    """Whether its recordings would be kept for a shorter time once it is there no more: as the
    company's, now or when what is wanted counts."""
    plan = await plan_of(session)
    now = terms.in_force(plan, datetime.now(UTC), parents)
    wanted = term_of(plan.wanted, department_id, parents)
    is_longer = is_shorter(now[COMPANY], now[department_id]) or is_shorter(
        term_of(plan.wanted, None, parents), wanted
    )
    there = (
        select(Recording.call_id)
        .join(CallRecord, CallRecord.call_id == Recording.call_id)
        .where(CallRecord.department_id == department_id)
        .limit(1)
    )
    return is_longer and await session.scalar(there) is not None
