"""Calls that nobody here was there to hear, from the exchange's own log, put on paper afterwards.

After each login, and every few minutes, the log is read on. What ended while the service was away
or the connection cut gets its true row; what was left "talking" and is known to nobody is closed.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.asterisk.tape import Finished, Place, Tape
from callcenter.calls.board import Board, Change
from callcenter.calls.call import Call, Direction, Result, State
from callcenter.calls.journal import CALLS, Journal
from callcenter.calls.rows import Row, steps_of
from callcenter.calls.talks import seconds, without
from callcenter.db import DATABASE_ERRORS, is_away

log = logging.getLogger(__name__)

EVERY = 300.0  # seconds between two looks without a reason
SETTLE = 1.0  # seconds: the exchange writes its log beside what it says on AMI, not before
RETRY = 5.0  # seconds, while the database is away
LIMIT = 20_000_000  # bytes of a log, then it is put aside
MOST = 500  # calls the database is asked about, or told of, at once

LastSign = Callable[[str], datetime | None]


class BackFill:
    """`path` is the exchange's log (dialplan/exchange/cel_custom.conf), `live` the board that hears
    AMI, `exchange` the name in the rows that are ours, `trunk` the endpoint that leads outside.

    `keep` is told of calls that no board has told of, `corrected` awaited after rows have changed.
    `last_sign` says until when a call was certainly alive, by its recording; None: it cannot tell.
    `recall` and `remember` keep one line of text, where to read on. `rotates`: nobody else puts the
    log aside when it is long.
    """

    def __init__(
        self,
        path: Path,
        *,
        engine: AsyncEngine,
        live: Board,
        journal: Journal,
        keep: Callable[[Change], None],
        last_sign: LastSign,
        recall: Callable[[], Awaitable[str]],
        remember: Callable[[str], Awaitable[None]],
        corrected: Callable[[], Awaitable[None]],
        exchange: str,
        trunk: str,
        rotates: bool,
    ) -> None:
        self._path = path
        self._engine = engine
        self._live = live
        self._journal = journal
        self._keep = keep
        self._last_sign = last_sign
        self._recall = recall
        self._remember = remember
        self._corrected = corrected
        self._exchange = exchange
        self._trunk = trunk
        self._rotates = rotates
        self.listeners: list[Callable[[Change], None]] = []  # told of calls filled in
        self.caught_up: list[Callable[[], None]] = []  # called when it is not behind any more
        self.is_behind = True  # what was missed before the last login is not on paper yet
        self._logged_in = False
        self._wake = asyncio.Event()
        self._doubtful: set[str] = set()  # alive at a login: part of them we have not heard
        self._again: set[str] = set()  # doubtful ones that have ended
        self._complained = False

    def after_login(self) -> None:
        """The live board has just been told everything that is going on there."""
        self._doubtful |= {call.call_id for call in self._live.calls()}
        self._logged_in = self.is_behind = True
        self._wake.set()

    def heard(self, change: Change) -> None:
        """Listens to the live board."""
        call = change.after
        if call.state is State.ENDED and call.call_id in self._doubtful:
            self._doubtful.discard(call.call_id)
            self._again.add(call.call_id)
            self._wake.set()

    async def run(self) -> None:
        """Fill in what is missing, until cancelled."""
        tape: Tape | None = None
        while True:
            logged_in, again = self._logged_in, set(self._again)
            self._logged_in = False
            self._wake.clear()
            try:
                tape = tape or Tape(self._path, Place.read(await self._recall()), self._trunk)
                await self._catch_up(tape, logged_in, again)
            except DATABASE_ERRORS as error:
                if not is_away(error):
                    raise
                log.warning("calls cannot be filled in for now: %s", error)
                self._logged_in |= logged_in
                await asyncio.sleep(RETRY)
                continue
            self._again -= again
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await self._wake.wait()

    async def _catch_up(self, tape: Tape, logged_in: bool, again: set[str]) -> None:
        before = str(tape.place)
        await self._read(tape)
        if logged_in or again:
            alive = tape.alive
            await asyncio.sleep(SETTLE)
            await self._read(tape)
        if logged_in:
            tape.lose(
                frozenset(each for each in alive & tape.alive if not self._live.knows(each)),
                self._last_sign,
            )
        await self._settle(tape)
        if logged_in:
            await self._close_rows()
        if tape.place and str(tape.place) != before:
            await self._remember(str(tape.place))
        if self._rotates:
            tape.rotate(LIMIT)
        if logged_in and not self._logged_in:
            self.is_behind = False
            for listener in self.caught_up:
                listener()

    async def _read(self, tape: Tape) -> None:
        """All there is. In a thread, because after a long time it may be much; calls go on."""
        try:
            if not self._path.parent.is_dir():
                raise FileNotFoundError(f"there is no {self._path.parent}")
            while await asyncio.to_thread(tape.read):
                if len(tape.finished) > MOST:
                    await self._settle(tape)
        except OSError as error:
            if not self._complained:
                log.warning("what happens while nobody listens stays unknown: %s", error)
            self._complained = True

    async def _settle(self, tape: Tape) -> None:
        """Bring the calls that the log knows to be over onto paper; those still on the live board
        end there.
        """
        found = {
            call_id: each
            for call_id, each in tape.finished.items()
            if self._live.call(call_id) is None
        }
        await self._journal.drain()
        rows = await self._rows(found)
        news = [each for each in found.values() if self._is_news(each, rows.get(each.call.call_id))]
        for each in news:
            row = rows.get(each.call.call_id)
            change = Change(None, with_holds(each.call, row))
            self._journal.note(change)
            if row is None or row.ended_at is None:
                self._keep(change)
            for listener in self.listeners:
                listener(change)
        await self._journal.drain()
        for call_id in found:
            del tape.finished[call_id]
        if news:
            log.info("filled in from the exchange's log: %d calls", len(news))
            await self._corrected()

    def _is_news(self, found: Finished, row: Row | None) -> bool:
        """Whether the log knows better than what is on paper."""
        if row is None or row.ended_at is None:
            return True
        if found.call.call_id in self._again:
            return found.call.ended_by is not None
        return row.ended_by is None and found.is_sure

    async def _close_rows(self) -> None:
        """End on paper what neither the exchange nor its log knows any more."""
        alive = {call.call_id for call in self._live.calls()}
        await self._journal.drain()
        rows = await self._ask(
            select(CALLS).where(CALLS.c.ended_at.is_(None), CALLS.c.exchange == self._exchange)
        )
        left = [
            row for row in rows if row.call_id not in alive and self._live.call(row.call_id) is None
        ]
        for row in left:
            change = Change(None, closed(row, self._last_sign(row.call_id)))
            self._journal.note(change)
            self._keep(change)
        await self._journal.drain()
        if left:
            log.info("closed what nobody knows any more: %d calls", len(left))
            await self._corrected()

    async def _rows(self, call_ids: Collection[str]) -> dict[str, Row]:
        rows: dict[str, Row] = {}
        wanted = list(call_ids)
        for start in range(0, len(wanted), MOST):
            part = CALLS.c.call_id.in_(wanted[start : start + MOST])
            rows |= {row.call_id: row for row in await self._ask(select(CALLS).where(part))}
        return rows

    async def _ask(self, statement: Select[Any]) -> list[Row]:
        async with self._engine.connect() as connection:
            return [Row(*row) for row in await connection.execute(statement)]


def with_holds(call: Call, row: Row | None) -> Call:
    """The log knows of no hold, and takes one in the bridge for talk: what a row knows of it is
    kept, and is no talk. Where it does not know when they were, they lie between the first word
    and the last."""
    if row is None or row.held_s <= call.held_s:
        return call
    talks = [(each.at, each.until) for each in call.journey if each.kind == "talked" and each.until]
    held = [each for each in steps_of(row.journey) if each.kind == "held"]
    spoken = call.talked_s
    if talks and held:
        left = without(talks, [(each.at, each.until) for each in held])
        spoken = seconds([(at, until) for at, until in left if until])
    elif talks:
        span = max(until for _, until in talks) - min(at for at, _ in talks)
        spoken = max(0.0, span.total_seconds() - row.held_s)
    way = tuple(sorted([*call.journey, *held], key=lambda step: step.at))
    return replace(call, held_s=row.held_s, talked_s=min(call.talked_s, spoken), journey=way)


def closed(row: Row, sign: datetime | None) -> Call:
    """The call of a row that was left unfinished, ended with what is known of it.

    `sign` is the last of it, where there is one. Nobody knows who ended it.
    """
    ended_at = max(filter(None, (row.started_at, row.answered_at, sign)))
    talked_s = row.talked_s
    if row.answered_at and sign:
        talked_s = max(talked_s, (ended_at - row.answered_at).total_seconds() - row.held_s)
    return Call(
        call_id=row.call_id,
        direction=Direction(row.direction),
        started_at=row.started_at,
        state=State.ENDED,
        number=row.number,
        caller_name=row.caller_name,
        did=row.did,
        queue=row.queue,
        agents=tuple(filter(None, row.agents.split(","))),
        rung=tuple(filter(None, row.rung.split(","))),
        answered_at=row.answered_at,
        ended_at=ended_at,
        result=_result(row),
        waited_s=((row.answered_at or ended_at) - row.started_at).total_seconds(),
        talked_s=talked_s,
        held_s=row.held_s,
    )


def _result(row: Row) -> Result:
    if row.answered_at:
        return Result.ANSWERED
    if row.direction == Direction.INBOUND:
        return Result.ABANDONED
    return Result.FAILED if row.state == State.CALLING_AGENT else Result.CANCELLED
