"""Compares all the time: each minute what is new, once a night everything; never in a hurry.

What can be mended without a person is: files that wait are taken up again, a file whose call is
known and has no recording becomes its recording. The rest is written down.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from callcenter.calls.call import Call, State
from callcenter.db import DATABASE_ERRORS, Sessions
from callcenter.reconciler import judging, queries
from callcenter.reconciler.judging import Kind, Known, Seen, Verdict, judged
from callcenter.reconciler.looking import day_folders, kept_in, size_of, strange_in
from callcenter.reconciler.mends import attached
from callcenter.recordings.disk import sha256_of
from callcenter.recordings.library import Library
from callcenter.recordings.models import Finding
from callcenter.settings.queries import keep_value, value

log = logging.getLogger(__name__)

LOOK_S = 60.0
NEW = timedelta(days=2)  # what a small look looks at
NIGHT = 3  # o'clock, in the company's zone
SUMS_AGAIN = timedelta(days=30)
MOST_SUMMED = 20 * 2**30  # bytes of files read in one night
RECORDED_AFTER_S = 10.0  # of a conversation, the exchange should be recording
LONGEST_KEY = 400
COMPARED = "recordings_compared_at"  # the setting that says when everything was, ISO


class Reconciler:
    def __init__(
        self,
        sessions: Sessions,
        library: Library,
        lasting: Callable[[], Iterable[Call]],
        zone: tzinfo,
    ) -> None:
        """`lasting` are the calls alive now; `zone` is the company's."""
        self._sessions, self._library, self._lasting, self._zone = sessions, library, lasting, zone
        self._all = asyncio.Event()  # everything is wanted, now
        self._idle = asyncio.Event()
        self._idle.set()
        self._changed = set[str]()  # calls whose files had another sum, last time
        self._left = 0  # bytes that may still be read for their sums tonight
        self.unlinked = 0  # in all three lists, as counted the last time

    @property
    def busy(self) -> bool:
        """Whether everything is being compared now."""
        return not self._idle.is_set()

    def compare_all(self) -> None:
        """Everything, as soon as possible."""
        self._idle.clear()
        self._all.set()

    async def count(self) -> None:
        """What nobody has accepted; machines that watch us ask every few seconds for it."""
        async with self._sessions() as session:
            self.unlinked = sum((await queries.counts(session)).values())

    async def idle(self) -> None:
        await self._idle.wait()

    async def run(self) -> None:
        """For ever. What cannot be compared now can be in a minute."""
        while True:
            try:
                await self.count()  # as an earlier life has left it
                if self._all.is_set() or await self._is_due():
                    await self.everything()
                else:
                    await self.news()
            except DATABASE_ERRORS:
                log.exception("recordings could not be compared for now")
                self._idle.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._all.wait()

    async def news(self) -> None:
        """What came lately, what waits, and what was wrong before. Raises DATABASE_ERRORS."""
        now = datetime.now(UTC)
        async with self._sessions() as session:
            rows = await queries.newest(session, now - NEW)
            changed = await queries.changed(session)
            old = set(await queries.keys(session)) - {f"call/{call_id}" for call_id in changed}
            calls = [key.removeprefix("call/") for key in old if key.startswith("call/")]
            rows += (await queries.of_calls(session, calls)).values()
        folder = self._library.folder
        days = {now.astimezone(self._zone).date() - timedelta(days=back) for back in range(2)}
        folders = [folder / f"{day:%Y/%m/%d}" for day in days]
        folders += {folder / key[5:].rpartition("/")[0] for key in old if key.startswith("kept/")}
        rows = [row for row in rows if row.call_id not in changed]
        await self._compare_rows(rows, now)
        for each in dict.fromkeys(folders):
            await self._compare_folder(each, now)
        await self._compare_exchange(now, [key for key in old if key not in _of_rows(rows)])
        await self.count()

    async def everything(self) -> None:
        """All rows and all folders, resting half of the time. Raises DATABASE_ERRORS."""
        self._idle.clear()
        self._all.clear()
        try:
            self._left = MOST_SUMMED
            async with self._sessions() as session:
                self._changed = await queries.changed(session)
            last = ""
            while rows := await self._after(last):
                began = time.monotonic()
                await self._compare_rows(rows, datetime.now(UTC), sums=True)
                last = rows[-1].call_id
                await asyncio.sleep(time.monotonic() - began)
            for folder in await asyncio.to_thread(lambda: [*day_folders(self._library.folder)]):
                await self._compare_folder(folder, datetime.now(UTC))
            await self.news()
            async with self._sessions.begin() as session:
                await keep_value(session, COMPARED, datetime.now(UTC).isoformat())
        finally:
            if not self._all.is_set():  # else it is wanted once more: files came meanwhile
                self._idle.set()

    async def _is_due(self) -> bool:
        """At night, once; also when the last time is more than a day ago."""
        async with self._sessions() as session:
            text = await value(session, COMPARED)
        now = datetime.now(self._zone)
        last = datetime.fromisoformat(text) if text else None
        night = now.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
        return last is None or now - last > timedelta(days=1) or last < night <= now

    async def _after(self, call_id: str) -> list[Known]:
        async with self._sessions() as session:
            return await queries.after(session, call_id)

    async def _compare_rows(
        self, rows: Sequence[Known], now: datetime, *, sums: bool = False
    ) -> None:
        busy = self._library.is_busy
        rows = [row for row in rows if not busy(row.call_id)]
        seen = await asyncio.to_thread(self._seen, rows, now if sums else None)
        found, right = dict[str, Finding](), dict[str, str]()
        for row, there in zip(rows, seen, strict=True):
            verdict = judged(row, there, now)
            if there.sha256 and row.sha256 in ("", there.sha256):
                right[row.call_id] = there.sha256
            if verdict and not busy(row.call_id):
                key = f"call/{row.call_id}"
                found[key] = _finding(key, verdict, row.call_id, there.size, now)
        async with self._sessions.begin() as session:
            await queries.summed(session, right, now)
            await queries.write_down(session, _of_rows(rows), found)

    def _seen(self, rows: Iterable[Known], summed_at: datetime | None) -> list[Seen]:
        """Blocking. `summed_at`: files whose sum was compared long before then are read."""
        seen = []
        for row in rows:
            path = self._library.folder / row.path
            size, sha256 = size_of(path) if row.path else None, ""
            due = summed_at and (
                row.call_id in self._changed
                or not row.checked_at
                or summed_at - row.checked_at > SUMS_AGAIN
            )
            if due and size is not None and size == row.size and self._left >= size:
                self._left -= size
                with suppress(OSError):
                    sha256 = sha256_of(path)
            in_spool = row.state != "ready" and self._library.spool.sides(row.call_id).any
            seen.append(Seen(size=size, sha256=sha256, in_spool=in_spool))
        return seen

    async def _compare_folder(self, folder: Path, now: datetime) -> None:
        """Every file has a row that means it; a file without one becomes a recording if it can."""
        lying = await asyncio.to_thread(kept_in, folder)
        ids = [each.call_id for each in lying if each.call_id]
        async with self._sessions() as session:
            rows = await queries.of_calls(session, ids)
        found: dict[str, Finding] = {}
        for each in lying:
            path = str(each.path.relative_to(self._library.folder))
            key, row = key_of("kept", path), rows.get(each.call_id)
            if self._library.is_busy(each.call_id) or (row and row.path == path):
                continue
            verdict = await attached(self._sessions, self._library, each)
            if verdict:
                found[key] = _finding(key, verdict, each.call_id, each.size, now)
        inside = f"kept/{folder.relative_to(self._library.folder)}/".replace("/./", "/")
        async with self._sessions.begin() as session:
            old = [
                key for key in await queries.keys(session, inside) if "/" not in key[len(inside) :]
            ]
            await queries.write_down(session, old, found)

    async def _compare_exchange(self, now: datetime, old: Iterable[str]) -> None:
        """Its folder, and the calls that last: each conversation is being recorded."""
        strange = await asyncio.to_thread(strange_in, self._library.spool.folder)
        lasting = {call.call_id: call for call in self._lasting()}
        found: dict[str, Finding] = {}
        for each in strange:
            if each.call_id in lasting or self._library.is_busy(each.call_id):
                continue
            verdict = (
                (Kind.BROKEN, judging.MIX_ONLY) if each.call_id else (Kind.NO_CALL, judging.STRANGE)
            )
            key = key_of("spool", each.path.name)
            found[key] = _finding(key, verdict, each.call_id, each.size, now)
        for call in lasting.values():
            talks = call.state in (State.TALKING, State.HELD) and call.answered_at
            if talks and not call.recordings and _since(call.answered_at, now) > RECORDED_AFTER_S:
                key = f"call/{call.call_id}"
                verdict = (Kind.NO_FILE, judging.NOT_RECORDED)
                found[key] = _finding(key, verdict, call.call_id, None, now)
        mine = [key for key in old if not key.startswith("kept/")]
        async with self._sessions.begin() as session:
            await queries.write_down(session, mine, found)


def key_of(place: str, path: str) -> str:
    """What a file is found under: its name may be of another system's letters, and long."""
    return f"{place}/{os.fsencode(path).decode(errors='replace')}"[:LONGEST_KEY]


def _of_rows(rows: Iterable[Known]) -> list[str]:
    return [f"call/{row.call_id}" for row in rows]


def _since(at: datetime | None, now: datetime) -> float:
    return (now - at).total_seconds() if at else 0.0


def _finding(key: str, verdict: Verdict, call_id: str, size: int | None, now: datetime) -> Finding:
    kind, reason = verdict
    return Finding(
        key=key,
        kind=kind,
        call_id=call_id,
        reason=reason,
        size=size,
        found_at=now,
        accepted_at=None,
    )
