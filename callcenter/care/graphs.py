"""The charts above the tables, out of the tables themselves: what is drawn is what is counted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from callcenter.calls.call import Direction
from callcenter.care.models import ACTIVITY
from callcenter.care.newcomers import stepped
from callcenter.care.times import by_month
from callcenter.errors import N_
from callcenter.pages.formats import Formats, address, duration, given_name
from callcenter.pages.language import Words, number
from callcenter.reports.asked import Asked, query_of
from callcenter.reports.charts import Bar, Chart, columns
from callcenter.reports.frame import Row, Table
from callcenter.reports.pieces import Piece, pieces

MOST = 40  # columns next to each other that one can tell apart
WIDTH = 900  # px
HOUR = 3600  # seconds
MONTH_LEAST = 7  # days: longer pieces are months

PARTS: Final[Mapping[str, Mapping[str, str]]] = {  # of the bars, from the bottom: class of colour
    "interacted": {N_("Interacted"): "f1", N_("Not interacted"): "f3"},
    "new-customers": {N_("Self-created"): "f1", N_("Assigned to them"): "f5"},
    "care-time": {
        N_("Incoming calls"): "f1",
        N_("Outgoing calls"): "f5",
        N_("Activities"): "f3",
    },
}
_CHANNELS = (Direction.INBOUND.value, Direction.OUTBOUND.value, ACTIVITY)  # in that order


class Drawing:
    """In the language of the request. A chart is None where it would say nothing."""

    def __init__(self, words: Words, formats: Formats) -> None:
        self._words = words
        self._formats = formats

    def interacted(self, table: Table) -> Chart | None:
        """A column for each employee."""
        bars = []
        for row in table.rows:
            name, files, touched, untouched, _ = row.cells
            parts = (_whole(touched), _whole(untouched))
            bars.append(
                Bar(
                    label=given_name(str(name)),
                    parts=parts,
                    total=number(_whole(files)),
                    title=self._told(str(name), "interacted", [number(each) for each in parts]),
                    href=row.links.get("untouched", ""),
                )
            )
        return _chart(bars)

    def newcomers(self, table: Table, asked: Asked) -> Chart | None:
        """A column for each day, week or month, everybody together."""
        parts = pieces(stepped(asked))
        made, given = defaultdict[date, int](int), defaultdict[date, int](int)
        for row in table.rows:
            day, _, own, others, _ = row.cells
            if isinstance(day, date):
                made[day] += _whole(own)
                given[day] += _whole(others)
        total = table.total or Row(())
        bars = [
            self._piece(
                piece,
                "new-customers",
                (made[piece.since], given[piece.since]),
                number(made[piece.since] + given[piece.since]),
                _came(total.links.get("new", ""), piece),
            )
            for piece in parts
        ]
        return _chart(bars)

    def times(self, table: Table, asked: Asked) -> Chart | None:
        """A column for each month, in hours."""
        seconds = defaultdict[tuple[date, str], float](float)
        for row in table.rows:
            month, _, _, length = row.cells[:4]
            if isinstance(month, date) and isinstance(length, int | float):
                seconds[month, row.key.split("-")[0]] += length
        bars = []
        for piece in pieces(by_month(asked)):
            found = [seconds[piece.since, channel] for channel in _CHANNELS]
            bars.append(
                self._piece(
                    piece,
                    "care-time",
                    [each / HOUR for each in found],
                    duration(sum(found)),
                    address("/reports/interactions", query_of(asked), **piece.link),
                    [duration(each) for each in found],
                )
            )
        return _chart(bars)

    def _piece(
        self,
        piece: Piece,
        name: str,
        parts: Sequence[float],
        total: str,
        href: str,
        written: Sequence[str] = (),
    ) -> Bar:
        told = written or [number(int(each)) for each in parts]
        return Bar(
            label=self._label(piece),
            parts=parts,
            total=total,
            title=self._told(self._formats.day(piece.since), name, told),
            href=href,
            below=self._formats.weekend(piece.since) if piece.since == piece.until else "",
        )

    def _label(self, piece: Piece) -> str:
        if piece.since.day == 1 and piece.days > MONTH_LEAST:
            return f"{piece.since.month:02}/{piece.since.year}"
        return self._formats.short_day(piece.since)

    def _told(self, what: str, name: str, values: Sequence[str]) -> str:
        parts = zip(PARTS[name], values, strict=True)
        return f"{what}: " + ", ".join(f"{self._words.say(part)} {value}" for part, value in parts)


def _chart(bars: Sequence[Bar]) -> Chart | None:
    if not bars or len(bars) > MOST or not any(sum(bar.parts) for bar in bars):
        return None
    return columns(bars, lambda value: number(int(value)), WIDTH)


def _came(link: str, piece: Piece) -> str:
    """The list of all new customers, of that piece of the period alone."""
    if not link:
        return ""
    path, _, query = link.partition("?")
    kept = [each for each in query.split("&") if each and not each.startswith("came=")]
    days = f"{piece.since.isoformat()},{piece.until.isoformat()}"
    return address("?".join([path, "&".join(kept)]) if kept else path, came=days)


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
