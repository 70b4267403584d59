"""The heat map of a week: weekdays down, hours across, each cell as dark as its figure is high.

Geometry and shades only; a cell's number stands in it, so that nobody needs the colours.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from callcenter.sums import terms
from callcenter.sums.terms import Sum

LEFT, TOP = 76, 22  # px beside and above the cells
WIDEST, NARROWEST, HEIGHT, GAP = 72, 36, 30, 2  # px of a cell
ACROSS = 880  # px of a page
SHADES = 5
OFFICE = range(8, 18)  # hours that are shown, with calls or without
WORST_ABANDONMENT = 0.3  # as dark as it gets

Week = Mapping[tuple[int, int], Sum]  # (weekday, hour): 0 is Monday, 0 is midnight


@dataclass(frozen=True, slots=True)
class Cell:
    """In px; `shade` is 0 (nothing) to SHADES. `title` is what a hovering mouse is told."""

    x: int
    y: int
    text: str
    shade: int
    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Map:
    width: int
    height: int
    rows: Sequence[tuple[int, str]]  # y, weekday
    columns: Sequence[tuple[int, str]]  # x, hour
    cells: Sequence[Cell]
    wide: int  # of a cell
    tall: int


@dataclass(frozen=True, slots=True)
class Figure:
    """What a map may show. `of` a cell's sum, None: nothing to say; `share` of the darkest (0..1),
    given the highest of all cells; `text` for the cell."""

    name: str
    of: Callable[[Sum], float | None]
    share: Callable[[float, float], float]
    text: Callable[[float], str]


def hours_of(week: Week) -> range:
    """From the first to the last hour with calls, the office's at least."""
    busy = [hour for (_, hour), sum in week.items() if sum.offered]
    return range(min([OFFICE[0], *busy]), max([OFFICE[-1], *busy]) + 1)


def draw(
    week: Week,
    figure: Figure,
    weekdays: Sequence[str],
    title: Callable[[int, int, Sum], str],
    href: Callable[[int, int], str],
) -> Map:
    hours = hours_of(week)
    wide = max(NARROWEST, min(WIDEST, (ACROSS - LEFT) // len(hours)))
    found = {at: value for at, sum in week.items() if (value := figure.of(sum)) is not None}
    highest = max(found.values(), default=0.0)
    cells = []
    for weekday in range(7):
        for place, hour in enumerate(hours):
            sum = week.get((weekday, hour))
            if sum is None or not sum.offered:
                continue
            value = found.get((weekday, hour))
            cells.append(
                Cell(
                    x=LEFT + place * wide,
                    y=TOP + weekday * HEIGHT,
                    text="–" if value is None else figure.text(value),
                    shade=0 if value is None else shade(figure.share(value, highest)),
                    title=title(weekday, hour, sum),
                    href=href(weekday, hour),
                )
            )
    return Map(
        width=LEFT + len(hours) * wide,
        height=TOP + 7 * HEIGHT,
        rows=[(TOP + n * HEIGHT + HEIGHT // 2 + 4, name) for n, name in enumerate(weekdays)],
        columns=[(LEFT + n * wide + wide // 2, str(hour)) for n, hour in enumerate(hours)],
        cells=cells,
        wide=wide - GAP,
        tall=HEIGHT - GAP,
    )


def shade(share: float) -> int:
    """1 to SHADES, in equal steps; 0 for nothing at all."""
    return min(SHADES, int(share * SHADES) + 1) if share > 0 else 0


def of_calls(sum: Sum) -> float | None:
    return float(sum.offered)


def of_highest(value: float, highest: float) -> float:
    return value / highest if highest else 0.0


def as_it_is(value: float, _: float) -> float:
    return value


def of_worst(value: float, _: float) -> float:
    return min(1.0, value / WORST_ABANDONMENT)


def percent(value: float) -> str:
    return f"{round(value * 100)}%"


FIGURES: Mapping[str, Figure] = {
    "calls": Figure("calls", of_calls, of_highest, lambda value: f"{value:.0f}"),
    "level": Figure("level", terms.service_level, as_it_is, percent),
    "abandoned": Figure("abandoned", terms.abandonment, of_worst, percent),
}
