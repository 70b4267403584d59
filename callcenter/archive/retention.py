"""Deletes what is over its term, every night, in pieces, and never in a hurry."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    Select,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.archive import storage, terms
from callcenter.archive.erasing import AT_ONCE, LOST, Eraser, Outcome, Why
from callcenter.archive.terms import Group, Parents, Plan, Terms
from callcenter.calls.models import CallRecord
from callcenter.db import DATABASE_ERRORS, Sessions
from callcenter.recordings.holds import held
from callcenter.recordings.models import Listening, Recording
from callcenter.settings.queries import keep_value, value

log = logging.getLogger(__name__)

LOOK_S: Final = 60.0
PLAYED: Final = timedelta(hours=1)  # whoever began to listen so lately may be listening still
AWAY: Final = timedelta(days=7)
Question = Select[*tuple[Any, ...]]
PLAN, RAN = "retention_plan", "retention_ran_at"  # settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """What is over its term, of one department (None: of none); `held` stay though they are."""

    department_id: int | None
    days: int
    count: int
    size: int  # bytes
    oldest: datetime | None
    newest: datetime | None
    held: int


class Retention:
    def __init__(
        self,
        sessions: Sessions,
        eraser: Eraser,
        parents: Callable[[], Parents],
        zone: tzinfo,
        folder: Path,
    ) -> None:
        """`parents` are the departments', `folder` is where recordings lie."""
        self._sessions, self._eraser = sessions, eraser
        self._parents, self._zone, self._folder = parents, zone, folder

    async def run(self) -> None:
        """Every night, for ever; cut off, it goes on at the next start."""
        while True:
            try:
                now = datetime.now(UTC)
                if await self._is_due(now):
                    await self.night(now)
                    await self._forecast(now)
            except DATABASE_ERRORS:
                log.exception("recordings over their term stay for now")
            await asyncio.sleep(LOOK_S)

    async def night(self, now: datetime) -> int:
        """Delete all that is over its term at `now`; how many. Raises DATABASE_ERRORS."""
        outcome, disk = Outcome(), await asyncio.to_thread(_disk, self._folder)
        while await self._are_changed(now, outcome, disk):
            pass  # begin again with the terms as they are now
        async with self._sessions.begin() as session:
            await keep_value(session, RAN, now.isoformat())
        if outcome.erased:
            log.info("%d recordings were over their term and are deleted", len(outcome.erased))
        if lost := sum(sentence == LOST for sentence in outcome.stay.values()):
            log.error("%d recordings over their term stay: their files are not found", lost)
        return len(outcome.erased)

    async def _are_changed(self, now: datetime, outcome: Outcome, disk: int | None) -> bool:
        """Delete, as long as the terms stay as they are and the recordings lie on `disk`; whether
        the terms were changed meanwhile, by whoever must not wait for the end of a long night."""
        in_force = await self._in_force(now)
        for group in terms.groups(in_force):
            statement = _over(group, in_force, now, self._zone)
            last: tuple[Any, ...] = ()
            while rows := await self._next(statement, last):
                began = time.monotonic()
                if await self._in_force(now) != in_force:
                    return True
                if disk is None or await asyncio.to_thread(_disk, self._folder) != disk:
                    log.error("the folder of recordings is empty or another: nothing is deleted")
                    return False
                piece = await self._eraser.erase([id for _, id in rows], Why(days=group.days))
                outcome.erased += piece.erased
                outcome.stay |= piece.stay
                last = rows[-1]
                await asyncio.sleep(time.monotonic() - began)  # half of the time is others'
        return False

    async def _in_force(self, now: datetime) -> Terms:
        async with self._sessions() as session:
            return terms.in_force(await plan_of(session), now, self._parents())

    async def _is_due(self, now: datetime) -> bool:
        async with self._sessions.begin() as session:
            text = await value(session, RAN)
            ran = datetime.fromisoformat(text) if text else None
            if ran is None or now - ran > AWAY or ran > now:
                # A clock that has jumped must not empty an archive: look once more next night.
                await keep_value(session, RAN, now.isoformat())
                return False
        return ran < terms.last_night(now, self._zone)

    async def _forecast(self, now: datetime) -> None:
        """For whoever watches us: when the disk will be full."""
        room = await asyncio.to_thread(storage.room_in, self._folder)
        async with self._sessions.begin() as session:
            in_force = terms.in_force(await plan_of(session), now, self._parents())
            await storage.forecast(session, room, in_force, now, self._zone)

    async def _next(
        self, statement: Question, after: tuple[Any, ...]
    ) -> Sequence[tuple[datetime, str]]:
        if after:
            columns = (CallRecord.started_at, CallRecord.call_id)
            there = (literal(value, each.type) for value, each in zip(after, columns, strict=True))
            statement = statement.where(tuple_(*columns) > tuple_(*there))
        async with self._sessions() as session:
            rows = await session.execute(statement.limit(AT_ONCE))
            return [(at, call_id) for at, call_id in rows]


def _disk(folder: Path) -> int | None:
    """Which one it lies on; None: it is not there, or nothing is in it. Blocking."""
    try:
        return folder.stat().st_dev if any(folder.iterdir()) else None
    except OSError:
        return None


async def plan_of(session: AsyncSession) -> Plan:
    """As saved; everything for ever before the first time."""
    text = await value(session, PLAN)
    with suppress(msgspec.DecodeError):
        return msgspec.json.decode(text, type=Plan) if text else Plan()
    log.error("the terms of recordings cannot be read: nothing is deleted")
    return Plan()


async def save_plan(session: AsyncSession, plan: Plan) -> None:
    """Without committing."""
    await keep_value(session, PLAN, msgspec.json.encode(plan).decode())


async def going(session: AsyncSession, in_force: Terms, now: datetime, zone: tzinfo) -> list[Going]:
    """What those terms would delete if they were in force now, by department."""
    found = []
    for group in terms.groups(in_force):
        department = _department(in_force)
        asked = (
            select(
                department,
                func.count(),
                func.sum(Recording.size),
                func.min(CallRecord.started_at),
                func.max(CallRecord.started_at),
            )
            .join(CallRecord, CallRecord.call_id == Recording.call_id)
            .where(*_conditions(group, in_force, now, zone))
            .group_by(literal_column("place"))  # PostgreSQL knows no two questions as one
        )
        stay = {row[0]: row[1] for row in await session.execute(asked.where(held(now)))}
        go = {row[0]: row[1:] for row in await session.execute(asked.where(~held(now)))}
        for each in sorted({*stay, *go}):
            count, size, oldest, newest = go.get(each, (0, 0, None, None))
            found.append(
                Going(
                    department_id=each or None,
                    days=group.days,
                    count=count,
                    size=int(size),
                    oldest=oldest,
                    newest=newest,
                    held=stay.get(each, 0),
                )
            )
    return found


def _over(group: Group, in_force: Terms, now: datetime, zone: tzinfo) -> Question:
    """Began, call_id of what is to go, the oldest first."""
    heard = select(Listening.id).where(
        Listening.call_id == CallRecord.call_id, Listening.at > now - PLAYED
    )
    statement: Question = select(CallRecord.started_at, CallRecord.call_id)
    return (
        statement.join(Recording, Recording.call_id == CallRecord.call_id)
        .where(*_conditions(group, in_force, now, zone), ~held(now), ~heard.exists())
        .order_by(CallRecord.started_at, CallRecord.call_id)
    )


def _conditions(
    group: Group, in_force: Terms, now: datetime, zone: tzinfo
) -> list[ColumnElement[bool]]:
    """Over Recording and its call: whole, over, and older than the term."""
    today = now.astimezone(zone).date()
    own = CallRecord.department_id.in_(group.departments)
    others = CallRecord.department_id.is_(None) | CallRecord.department_id.not_in(
        terms.known(in_force)
    )
    return [
        Recording.state == "ready",
        CallRecord.ended_at.is_not(None),
        CallRecord.started_at < terms.kept_from(today, group.days, zone),
        or_(own, others) if group.rest else own,
    ]


def _department(in_force: Terms) -> ColumnElement[int]:
    """Of a call, as "place"; 0 of none, and of one that is there no more."""
    known = CallRecord.department_id.in_(terms.known(in_force))
    return case((known, CallRecord.department_id), else_=0).label("place")
