"""A file's rows on disk, once they were read: looked at in any place, or gone through quickly.

Beside them one byte a row says what the check found (verdicts.Flag). Both belong to one import and
lie in its folder. Rows are known by their place, which counts from 0 below the headings.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from callcenter.sheets.tables import Row

AT_ONCE = 500  # rows of a piece: read and decoded together

_ROWS, _PLACES, _FLAGS = "rows.msgpack", "places.json", "flags"


def write_rows(folder: Path, rows: Sequence[Row]) -> None:
    """Keep the rows, the headings among them."""
    places = [0]
    with (folder / _ROWS).open("wb") as file:
        for start in range(0, len(rows), AT_ONCE):
            file.write(msgspec.msgpack.encode(rows[start : start + AT_ONCE]))
            places.append(file.tell())
    (folder / _PLACES).write_bytes(msgspec.json.encode(places))


def rows_of(folder: Path) -> Path:
    """The file in which they are."""
    return folder / _ROWS


class Stored:
    """The rows in `folder`; the first is left out where it holds the headings.

    Raises FileNotFoundError once the folder is gone.
    """

    def __init__(self, folder: Path, *, has_headings: bool) -> None:
        self.folder = folder
        self._skipped = int(has_headings)
        self._places = msgspec.json.decode((folder / _PLACES).read_bytes(), type=list[int])

    def rows(self, start: int, end: int) -> list[Row]:
        """The rows from place `start` up to `end`, fewer at the end of the file."""
        start, end = start + self._skipped, end + self._skipped
        found: list[Row] = []
        with (self.folder / _ROWS).open("rb") as file:
            last = min(-(-end // AT_ONCE), len(self._places) - 1)
            for piece in range(start // AT_ONCE, last):
                file.seek(self._places[piece])
                rows = _decoder.decode(file.read(self._places[piece + 1] - self._places[piece]))
                first = piece * AT_ONCE
                found += rows[max(0, start - first) : end - first]
        return found

    def at(self, places: Sequence[int]) -> list[Row]:
        """The rows at these places, which ascend."""
        found: list[Row] = []
        for piece, group in _by_piece(places, self._skipped):
            first = piece * AT_ONCE - self._skipped
            rows = self.rows(max(0, first), first + AT_ONCE)
            found += [rows[place - max(0, first)] for place in group]
        return found

    def pieces(self, start: int, size: int) -> Iterator[tuple[int, list[Row]]]:
        """All from `start` on, `size` at a time, each with the place of its first row."""
        while rows := self.rows(start, start + size):
            yield start, rows
            start += len(rows)

    def flags(self) -> bytes:
        """What was found, by place; b"" before the first check."""
        path = self.folder / _FLAGS
        return path.read_bytes() if path.exists() else b""

    def keep_flags(self, flags: bytes) -> None:
        (self.folder / _FLAGS).write_bytes(flags)

    def note_flags(self, start: int, flags: bytes) -> None:
        """Write those of the rows from `start` on over the ones that are there."""
        with (self.folder / _FLAGS).open("r+b") as file:
            file.seek(start)
            file.write(flags)


def _by_piece(places: Sequence[int], skipped: int) -> Iterator[tuple[int, list[int]]]:
    groups: dict[int, list[int]] = {}
    for place in places:
        groups.setdefault((place + skipped) // AT_ONCE, []).append(place)
    yield from groups.items()


_decoder = msgspec.msgpack.Decoder(list[Row])
