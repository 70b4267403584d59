"""The exchange's event log played to a board of its own: which calls there were, and their end.

No task, no database. Reading goes on where it stopped, across restarts and rotations.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callcenter.asterisk.cel import HEAD, Record, Words, records
from callcenter.asterisk.translate import translate
from callcenter.calls.board import Board, Change
from callcenter.calls.call import Call, State
from callcenter.calls.events import ChannelEvent, SnapshotBegan, SnapshotEnded
from callcenter.calls.talks import EVER

log = logging.getLogger(__name__)

CHUNK = 262_144  # bytes read at once: a thousand lines
LONGEST_LINE = 1_000_000
BEGINNING = 4096  # bytes within which a log's first record has to begin
A_MOMENT = timedelta(microseconds=1)  # killed in the moment of the answer, it was answered
LONG_AGO = datetime.min.replace(tzinfo=UTC)
PLACE = re.compile(r"(\S{26}[+-]\d{4}) (\d{1,15})")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the log: the file by the time of its first record, so it is known under any name."""

    file: datetime
    offset: int  # in bytes

    def __str__(self) -> str:
        return f"{self.file.strftime('%Y-%m-%dT%H:%M:%S.%f%z')} {self.offset}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """The place that was written so; None for anything else."""
        found = PLACE.fullmatch(text)
        try:
            return cls(datetime.fromisoformat(found[1]), int(found[2])) if found else None
        except ValueError:
            return None


@dataclass(slots=True, eq=False)
class Story:
    """The channels that one channel brought with it, until all have ended."""

    place: Place  # of its first line
    linked_id: str
    ccid: str = ""
    last_at: datetime = LONG_AGO
    alive: set[str] = field(default_factory=set)

    @property
    def call_id(self) -> str:
        """What the recording is named by."""
        return self.ccid or self.linked_id


@dataclass(frozen=True, slots=True)
class Finished:
    """A call that has ended. `is_sure`: we know when, and not only that it is no more."""

    call: Call
    place: Place  # to read from should it not reach the database
    is_sure: bool


class Tape:
    """`path` is the log that the exchange appends to; its older parts lie beside it, their names
    begin with its own. `place` is where to go on; None: at the beginning of all there is.
    """

    def __init__(self, path: Path, place: Place | None, trunk: str = "carrier") -> None:
        self.finished: dict[str, Finished] = {}  # until taken out by whoever has kept them
        self._path = path
        self._next = place
        self._rest = b""  # of the last line, as far as it is written
        self._words = Words()
        self._board = Board([self._told], trunk)
        self._stories: dict[str, Story] = {}  # by linked_id, in the order of their beginning
        self._channels: dict[str, Story] = {}  # those alive
        self._is_sure = True

    @property
    def place(self) -> Place | None:
        """Where to begin should this be forgotten: before whatever is unfinished or not kept."""
        unfinished = [story.place for story in self._stories.values()]
        waiting = [finished.place for finished in self.finished.values()]
        here = [self._next] if self._next else []
        return min([*unfinished, *waiting, *here], key=_order, default=None)

    @property
    def alive(self) -> frozenset[str]:
        """The ids of the channels whose end was not read."""
        return frozenset(self._channels)

    # ------------------------------------------------------------------ reading

    def read(self) -> bool:
        """Take in the next piece; False when there was nothing more. Raises OSError."""
        logs = self._logs()
        if not logs:
            return False
        file, path = logs[0]
        size, read = path.stat().st_size, self._next.offset + len(self._rest) if self._next else 0
        if self._next is None or self._next.file != file or size < read:
            self._turn_to(file)
        elif size == read and len(logs) > 1:
            file, path = logs[1]
            self._turn_to(file)
        assert self._next  # where the next whole line begins
        with path.open("rb") as opened:
            if _first_at(opened.read(BEGINNING)) != file:
                return True  # rotated this moment: look again
            opened.seek(self._next.offset + len(self._rest))
            piece = opened.read(CHUNK)
        self._take(file, self._rest + piece)
        return bool(piece) or len(logs) > 1

    def _logs(self) -> list[tuple[datetime, Path]]:
        """What is to be read, the oldest first, from the one that we are in."""
        found = []
        for path in self._path.parent.glob(f"{self._path.name}*"):
            with path.open("rb") as file:
                if first_at := _first_at(file.read(BEGINNING)):
                    found.append((first_at, path))
        return sorted(each for each in found if self._next is None or each[0] >= self._next.file)

    def _turn_to(self, file: datetime) -> None:
        if self._rest:
            log.warning("the log of calls ends in half a line: %r", self._rest[:300])
        self._next, self._rest = Place(file, 0), b""

    def _take(self, file: datetime, data: bytes) -> None:
        assert self._next
        offset, used = self._next.offset, 0
        for start, end, record in records(data):
            if record is None:
                log.warning("no line of a log of calls: %r", data[start:end][:300])
            else:
                self.play(Place(file, offset + start), record)
            used = end
        if len(data) - used > LONGEST_LINE:
            log.warning("no line of a log of calls: %r", data[used:][:300])
            used = len(data)
        self._next, self._rest = Place(file, offset + used), data[used:]

    def rotate(self, limit: int) -> None:
        """Put the log aside when it has `limit` bytes and an earlier one is done with."""
        place = self.place
        if not place or not self._path.exists() or self._path.stat().st_size < limit:
            return
        with self._path.open("rb") as file:
            first_at = _first_at(file.read(BEGINNING))
        if place.file == first_at:
            self._path.replace(self._path.with_name(f"{self._path.name}.old"))

    # ------------------------------------------------------------------ playing

    def play(self, place: Place, record: Record) -> None:
        """Take one line in."""
        channel_id = record.channel_id
        if record.kind == "CHAN_START" and channel_id not in self._channels:
            story = self._stories.get(record.linked_id)
            if story is None and record.channel_id == record.linked_id:
                story = self._stories[record.linked_id] = Story(place, record.linked_id)
            if story is None:
                return  # of a call whose beginning was not read
            self._channels[channel_id] = story
            story.alive.add(channel_id)
        story = self._channels.get(channel_id)
        if story is not None:
            story.ccid, story.last_at = record.ccid or story.ccid, record.at
            for message in self._words.of(record):
                if event := translate(message):
                    self._board.apply(event)
        if record.kind == "CHAN_END":
            self._end(channel_id)

    def _end(self, channel_id: str) -> None:
        self._words.forget(channel_id)
        if story := self._channels.pop(channel_id, None):
            story.alive.discard(channel_id)
            if not story.alive:
                del self._stories[story.linked_id]

    def lose(self, channels: frozenset[str], last_sign: Callable[[str], datetime | None]) -> None:
        """These channels are no more, and their end was never written: the exchange was killed.

        `last_sign` tells from elsewhere until when a call, by its id, was certainly alive.
        """
        for story in [each for each in self._stories.values() if each.alive & channels]:
            sign = last_sign(story.call_id)
            self._is_sure = sign is not None
            last = max(filter(None, (story.last_at, sign)))
            self._lose(story.alive & channels, last + A_MOMENT)
            self._is_sure = True

    def _lose(self, lost: set[str], at: datetime) -> None:
        """To the board this is a snapshot in which they are missing."""
        self._board.apply(SnapshotBegan(at=at))
        for channel_id in self._channels.keys() - lost:
            self._board.apply(ChannelEvent(at=EVER, channel_id=channel_id))  # still there
        self._board.apply(SnapshotEnded(at=at))
        for channel_id in lost:
            self._end(channel_id)

    def _told(self, change: Change) -> None:
        call = change.after
        if call.state is State.ENDED:
            oldest = next(iter(self._stories.values()))
            self.finished[call.call_id] = Finished(call, oldest.place, self._is_sure)


def _order(place: Place) -> tuple[datetime, int]:
    return place.file, place.offset


def _first_at(beginning: bytes) -> datetime | None:
    """The time of a log's first record; None when it has none."""
    found = HEAD.search(beginning)
    try:
        return datetime.fromisoformat(found[2].decode()) if found else None
    except ValueError:
        return None
