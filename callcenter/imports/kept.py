"""What the check made of a file's rows, kept beside them for the run.

It is taken only where the run would make the same: the same rows, rules, day and program. Pieces
are known by the place of their first row; whatever is not there is made again from the row.
"""

import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any, Final

import msgspec

from callcenter.customers import search
from callcenter.imports.lines import DAYS, EMPTY, Line, Rules, line_of
from callcenter.imports.places import Places
from callcenter.imports.stored import rows_of
from callcenter.imports.verdicts import Reason
from callcenter.imports.writing import keys_of
from callcenter.sheets.tables import Row

_LINES, _NEW, _ABOUT = "lines.msgpack", "lines.new", "lines.json"
_ROOMS: Final = (Path(__file__).parent, Path(search.__file__).parent)  # what line_of is made of


class _Kept(msgspec.Struct, array_like=True, gc=False):
    """A Line with its row's number alone; of its values those that are not empty."""

    number: int
    values: dict[str, str | int | None]
    phones: list[tuple[str, str]]
    groups: list[int]
    named: int | None
    reasons: list[Reason]
    notes: int
    keys: dict[str, list[str]]
    restored: list[str]
    search_keys: tuple[str, ...] | None


class _About(msgspec.Struct):
    """`pieces`: the place of its first row, and where it ends in the file, of each."""

    made_by: str
    pieces: list[tuple[int, int]]


def lines_of(rows: Sequence[Row], rules: Rules) -> list[Line]:
    """As line_of makes them, with what those without a reason are searched by."""
    lines = [line_of(row, rules) for row in rows]
    for line in lines:
        line.search_keys = keys_of(line.values) if not line.reasons else None
    return lines


def encoded(lines: Sequence[Line]) -> bytes:
    """The lines of a piece, without their rows."""
    return _encoder.encode([_kept(line) for line in lines])


def decoded(rows: Sequence[Row], piece: bytes) -> list[Line] | None:
    """The lines that were encoded; None unless they are those of exactly these rows."""
    kept = _decoder.decode(piece)
    if [each.number for each in kept] != [row.number for row in rows]:
        return None
    return [_line(row, each) for row, each in zip(rows, kept, strict=True)]


@contextmanager
def keeping(folder: Path, rules: Rules) -> Iterator[Callable[[int, bytes], None]]:
    """Gives what keeps encoded lines by the place of the first; they count once all are there.

    Nothing that depends on other customers may be in them yet.
    """
    forget(folder)
    about = _About(_made_by(folder, rules), [])
    with (folder / _NEW).open("wb") as file:

        def keep(place: int, piece: bytes) -> None:
            file.write(piece)
            about.pieces.append((place, file.tell()))

        yield keep
    (folder / _NEW).replace(folder / _LINES)
    (folder / _ABOUT).write_bytes(msgspec.json.encode(about))


class Kept:
    """The lines in `folder`, if they are what these rules would make today."""

    def __init__(self, folder: Path, rules: Rules) -> None:
        self._path = folder / _LINES
        self._pieces: dict[int, tuple[int, int]] = {}  # by place: from where to where
        try:
            about = msgspec.json.decode((folder / _ABOUT).read_bytes(), type=_About)
        except FileNotFoundError:
            return
        if about.made_by == _made_by(folder, rules):
            begin = 0
            for place, end in about.pieces:
                self._pieces[place], begin = (begin, end), end

    def lines(self, place: int, rows: Sequence[Row]) -> list[Line] | None:
        """Those of the rows from `place` on; None unless exactly they were kept together."""
        if place not in self._pieces:
            return None
        begin, end = self._pieces[place]
        with self._path.open("rb") as file:
            file.seek(begin)
            return decoded(rows, file.read(end - begin))


def forget(folder: Path) -> None:
    for name in (_ABOUT, _LINES, _NEW):
        (folder / name).unlink(missing_ok=True)


def _kept(line: Line) -> _Kept:
    return _Kept(
        line.row.number,
        {name: value for name, value in line.values.items() if value},
        line.phones,
        line.groups,
        line.named,
        line.reasons,
        line.notes,
        line.keys,
        line.restored,
        line.search_keys,
    )


def _line(row: Row, kept: _Kept) -> Line:
    values: dict[str, Any] = {**EMPTY, **kept.values}
    for name in DAYS:
        if day := values[name]:
            values[name] = date.fromisoformat(day)
    return Line(
        row,
        values,
        kept.phones,
        kept.groups,
        kept.named,
        kept.reasons,
        kept.notes,
        kept.keys,
        kept.restored,
        kept.search_keys,
    )


def _made_by(folder: Path, rules: Rules) -> str:
    """The same for what would make the same lines."""
    rows = rows_of(folder).stat()
    about = (rows.st_size, rows.st_mtime_ns, rules, date.today(), _program())  # noqa: DTZ011 - as lines
    told = msgspec.json.encode(about, order="deterministic", enc_hook=_plain)
    return hashlib.sha256(told).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Places):
        return list(value.nodes)
    raise NotImplementedError(type(value))


@cache
def _program() -> str:
    digest = hashlib.sha256(f"{sys.version} {version('phonenumbers')}".encode())
    for path in sorted(chain.from_iterable(room.glob("*.py") for room in _ROOMS)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(list[_Kept])
