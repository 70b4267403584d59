"""How much room recordings take, how fast it grows, and when the disk will be full."""

import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Final

from sqlalchemy import case, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.archive.terms import COMPANY, FOR_EVER, Terms
from callcenter.calls.models import CallRecord
from callcenter.recordings.models import Proof, Recording
from callcenter.settings.queries import keep_value, value

MONTHS: Final = 24  # told apart; what is older counts with the first of them
FAR: Final = 3650  # days that are looked ahead
SOON: Final = 30  # days before the disk is full that somebody should know
LITTLE: Final = 2 * 2**30  # bytes free
LATELY: Final = 30  # days whose growth goes on, in the forecast
FULL_ON = "storage_full_on"  # the setting that machines are told from: ISO day, or ""


@dataclass(frozen=True, slots=True)
class Used:
    """Recordings of a month (its first day), of a department (COMPANY: of none)."""

    month: date
    department_id: int
    count: int
    size: int  # bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of the disk that recordings lie on."""

    total: int
    free: int


def room_in(folder: Path) -> Room:
    """Of the disk of that folder, or of the next one above it that is there. Blocking."""
    while not folder.exists():
        folder = folder.parent
    found = shutil.disk_usage(folder)
    return Room(found.total, found.free)


async def used(session: AsyncSession, today: date, zone: tzinfo) -> list[Used]:
    """By month and department, the oldest first; nothing of months without recordings."""
    months = [today.replace(day=1)]
    while len(months) < MONTHS:
        months.insert(0, (months[0] - timedelta(days=1)).replace(day=1))
    ends = [_midnight(month, zone) for month in months[1:]]
    which = case(
        *((Recording.created_at < end, place) for place, end in enumerate(ends)),
        else_=len(ends),
    )
    asked = (
        select(
            which.label("month_place"),
            func.coalesce(CallRecord.department_id, COMPANY).label("whose"),
            func.count(),
            func.sum(Recording.size),
            func.sum(Recording.duration_s),
        )
        .outerjoin(CallRecord, CallRecord.call_id == Recording.call_id)
        .where(Recording.state == "ready")
        .group_by(literal_column("month_place"), literal_column("whose"))
    )
    rows = await session.execute(asked)
    found = [
        Used(months[place], whose, count, int(size), float(seconds))
        for place, whose, count, size, seconds in rows
    ]
    return sorted(found, key=lambda each: (each.month, each.department_id))


async def growth(session: AsyncSession, days: int, now: datetime) -> dict[int, float]:
    """Bytes a day of each department, over the last so many days, or over as many as there are
    recordings of; what was made then and is deleted counts as well."""
    since = now - timedelta(days=days)
    first = [
        await session.scalar(select(func.min(Recording.created_at))),
        await session.scalar(select(func.min(Proof.made_at))),
    ]
    oldest = min([each for each in first if each], default=now)
    over = max(1.0, min(float(days), (now - oldest) / timedelta(days=1)))
    lying = (
        select(func.coalesce(CallRecord.department_id, COMPANY), func.sum(Recording.size))
        .outerjoin(CallRecord, CallRecord.call_id == Recording.call_id)
        .where(Recording.created_at >= since)
        .group_by(CallRecord.department_id)
    )
    gone = (
        select(func.coalesce(Proof.department_id, COMPANY), func.sum(Proof.size))
        .where(Proof.made_at >= since)
        .group_by(Proof.department_id)
    )
    found = defaultdict[int, float](float)
    for asked in lying, gone:
        for department_id, size in await session.execute(asked):
            found[department_id] += int(size or 0) / over
    return dict(found)


def full_on(
    today: date,
    free: int,
    per_day: Mapping[int, float],
    lying: Sequence[Used],
    in_force: Terms,
) -> date | None:
    """The day when `free` bytes are used up if each department goes on so, and what is over its
    term goes; None: not within FAR days. Pure."""
    leaving = defaultdict[int, float](float)  # by days from today
    for each in lying:
        days = in_force.get(each.department_id, in_force.get(COMPANY, FOR_EVER))
        if days == FOR_EVER:
            continue
        made = _days(each.month, today)
        for day in made:
            leaving[max(1, (day - today).days + days + 1)] += each.size / len(made)
    more = 0.0
    for ahead in range(1, FAR + 1):
        more -= leaving.pop(ahead, 0.0)
        for department_id, size in per_day.items():
            more += size
            days = in_force.get(department_id, in_force.get(COMPANY, FOR_EVER))
            if days != FOR_EVER:
                leaving[ahead + days + 1] += size
        if more > free:
            return today + timedelta(days=ahead)
    return None


def is_short(room: Room, full: date | None, today: date) -> bool:
    """Whether somebody should make room now."""
    return room.free < LITTLE or (full is not None and (full - today).days < SOON)


async def forecast(
    session: AsyncSession, room: Room, in_force: Terms, now: datetime, zone: tzinfo
) -> date | None:
    """`full_on` as things are, kept for whoever asks often and may not wait; without committing."""
    today = now.astimezone(zone).date()
    per_day, lying = await growth(session, LATELY, now), await used(session, today, zone)
    full = full_on(today, room.free, per_day, lying, in_force)
    await keep_value(session, FULL_ON, str(full or ""))
    return full


async def days_left(session: AsyncSession, today: date) -> int | None:
    """Until the disk is full, as the last forecast had it; None: that is far."""
    text = await value(session, FULL_ON)
    return max(0, (date.fromisoformat(text) - today).days) if text else None


def _days(month: date, today: date) -> list[date]:
    """Those of the month until today."""
    end = min(today, (month + timedelta(days=32)).replace(day=1) - timedelta(days=1))
    return [month + timedelta(days=each) for each in range((end - month).days + 1)]


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
