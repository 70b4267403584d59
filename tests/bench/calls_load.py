"""The load of bench_calls: customers who ring in, and somebody who follows what becomes of them.

Whether a call was carried is read where nobody is disturbed: in the exchange's log of events (CEL)
and in the lengths of its recordings.
"""

import asyncio
import os
import time
from bisect import bisect
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from callcenter.asterisk.cel import Record, records
from callcenter.errors import CallcenterError
from callcenter.tasks import Group, running
from tests.bench.calls_house import CUSTOMERS, DID, House

# A call on average: half as long to one and a half times. At the end of each the exchange starts a
# program, the recording's mv, which costs all other calls some 5 ms of sound: with calls of a
# quarter of a minute that alone is the limit.
LENGTH_S = 30.0
RINGS_S = 1.7  # on average: the exchange looks for an agent, the phone rings for a second
AT_MOST_EVERY_S = 0.08  # a customer rings in
LOOK_S = 0.5
SETTLED_S = 2.0  # after a call its files are complete
HEADER, BYTES_A_SECOND = 44, 16_000  # of a wav: 8 kHz, 16 bits
TOLERANCE = 0.02  # of a recording's length
LAST = 30  # calls that are looked at together
WRONG = 3  # of them, which is too many


class Customers:
    """`wanted` of them talk at a time, as far as it is given; `refused` came to nothing."""

    def __init__(self, house: House) -> None:
        self.wanted = 0.0
        self.refused: list[str] = []
        self._carrier = house.carrier
        self._chance = Random(1)
        self._number = 0
        self._live = 0
        self._group = Group()

    async def ring_in(self) -> None:
        """As many as are wanted, until cancelled."""
        try:
            while True:
                if self._live < self.wanted * (LENGTH_S + RINGS_S) / LENGTH_S:
                    self._number += 1
                    self._group.start(self._call(self._number), name="customer")
                await asyncio.sleep(AT_MOST_EVERY_S)
        finally:
            await self._group.close()

    async def _call(self, number: int) -> None:
        self._live += 1
        try:
            caller = f"09{number * 7919 % CUSTOMERS:08}"
            channel = await self._carrier.call(DID, caller, then="tone")
            await asyncio.sleep(RINGS_S + LENGTH_S * (0.5 + self._chance.random()))
            await self._carrier.hang_up(channel)
        except CallcenterError as error:
            self.refused.append(str(error))
        finally:
            self._live -= 1


@dataclass(frozen=True, slots=True)
class Talk:
    """A call that is over. Times are POSIX seconds; `beside`: how many calls there were in the
    middle of it; `off`: by what share of the talk one of its recordings is too short or too long.
    """

    began: float
    ended: float
    beside: int
    off: float

    @property
    def is_whole(self) -> bool:
        return self.off <= TOLERANCE


class Watch:
    """Follows all calls of a house: those that talk now (`up`) and those that are over."""

    def __init__(self, house: House) -> None:
        self.talks: list[Talk] = []
        self._cel = house.cel
        self._spool = house.spool
        self._kept = (
            house.folder / "kept"
        )  # a second name of each file: the service takes the first one away
        self._read = 0
        self._talking: dict[str, float] = {}
        self._over: deque[tuple[str, float, float]] = deque()
        self._times: list[float] = []
        self._counts: list[int] = []
        self._kept.mkdir()

    @property
    def up(self) -> int:
        return len(self._talking)

    def limit(self, before: int) -> float | None:
        """How many calls there were when the recordings began to go wrong, but for the first
        `before` talks; None: they do not."""
        for end in range(before + LAST, len(self.talks) + 1):
            last = self.talks[end - LAST : end]
            if sum(not talk.is_whole for talk in last) >= WRONG:
                return sum(talk.beside for talk in last) / LAST
        return None

    def average(self, began: float, ended: float) -> float:
        """How many calls there were on average between the two."""
        there = [
            count for at, count in zip(self._times, self._counts, strict=True) if began < at < ended
        ]
        return sum(there) / max(1, len(there))

    async def look(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            self._keep_files()
            self._read_log()
            while self._over and self._over[0][2] < time.time() - SETTLED_S:
                self._judge(*self._over.popleft())

    def _keep_files(self) -> None:
        for entry in os.scandir(self._spool):
            kept = self._kept / entry.name
            if entry.name.endswith(".wav") and not kept.exists():
                try:
                    os.link(entry.path, kept)
                except FileNotFoundError:  # moved away meanwhile: a call of less than a moment
                    continue

    def _read_log(self) -> None:
        if not self._cel.exists():
            return
        with self._cel.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        read = 0
        for _, end, record in records(data):
            read = end
            if record and record.channel_id == record.linked_id:  # the customer's
                self._note(record)
        self._read += read

    def _note(self, record: Record) -> None:
        call_id, at = record.linked_id, record.at.timestamp()
        if record.kind == "BRIDGE_ENTER":
            self._talking[call_id] = at
        elif record.kind == "BRIDGE_EXIT" and call_id in self._talking:
            self._over.append((call_id, self._talking.pop(call_id), at))
        else:
            return
        self._times.append(at)
        self._counts.append(len(self._talking))

    def _judge(self, call_id: str, began: float, ended: float) -> None:
        beside = self._counts[bisect(self._times, (began + ended) / 2) - 1]
        talked = ended - began
        lengths = [
            (path.stat().st_size - HEADER) / BYTES_A_SECOND if path.exists() else 0.0
            for path in (self._kept / f"{call_id}{side}.wav" for side in ("", "-in", "-out"))
        ]
        off = max(abs(length - talked) / talked for length in lengths)
        self.talks.append(Talk(began, ended, beside, off))


@asynccontextmanager
async def customers_of(house: House) -> AsyncIterator[tuple[Customers, Watch]]:
    """Nobody rings in before somebody is wanted."""
    customers, watch = Customers(house), Watch(house)
    async with running(watch.look(), "watch"), running(customers.ring_in(), "customers"):
        yield customers, watch
