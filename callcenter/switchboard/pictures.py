"""Pictures of a plan's parts as numbers for an SVG. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from callcenter.switchboard.plan import Opening
from callcenter.switchboard.times import DAY, week

LEFT: Final = 34  # where midnight is
WIDE: Final = 576  # of a day: 24 to an hour
ROW: Final = 22


@dataclass(frozen=True, slots=True)
class Bar:
    """An open span in a picture of the week, 0 for Monday; `text` says it."""

    day: int
    x: float
    y: int
    width: float
    text: str


def week_bars(openings: Iterable[Opening]) -> list[Bar]:
    """Seven rows, one below the other, from midnight to midnight."""
    return [
        Bar(
            day,
            LEFT + begins * WIDE / DAY,
            day * ROW,
            (ends - begins) * WIDE / DAY,
            f"{begins // 60}:{begins % 60:02} – {ends // 60}:{ends % 60:02}",
        )
        for day, spans in enumerate(week(openings))
        for begins, ends in spans
    ]
