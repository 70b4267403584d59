"""The geometry of charts, for templates to draw as SVG: where each bar stands and how long it is.

Widths are near those the chart is shown at, so that its 12 px letters stay 12 px.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

LEFT, TOP, BOTTOM = 40, 26, 40  # px around the columns: scale, totals above, labels below
WIDE_LEFT = 58  # of a scale of times: 30 min
GAP = 1  # between the parts of a stack
THICKEST = 26
LABEL = 40  # px of the widest label that is beside others
STEPS_OF_TIME = (60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)  # seconds


@dataclass(frozen=True, slots=True)
class Bar:
    """What is to be shown: the `parts` of a stack from the bottom, in the units of the chart."""

    label: str
    parts: Sequence[float]
    total: str  # as text
    title: str  # what a reader or a hovering mouse is told
    href: str
    below: str = ""  # a second line of the label


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a bar, in px. `series` counts from 1."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bar with its boxes; `x`, `y` is where its total stands, `at` where its label does, where
    there is room for them."""

    bar: Bar
    boxes: Sequence[Box]
    x: float
    y: float
    at: float
    labelled: bool
    totalled: bool = True


@dataclass(frozen=True, slots=True)
class Tick:
    at: float  # px
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    width: int
    height: int
    ticks: Sequence[Tick]
    bars: Sequence[Drawn]
    left: float  # where the scale begins
    right: float
    bottom: float
    step: float = 0.0  # from one bar to the next


def columns(
    bars: Sequence[Bar],
    shown: Callable[[float], str],
    width: int = 520,
    *,
    beside: bool = False,
    scale_of: Callable[[float], list[float]] | None = None,
) -> Chart:
    """Upright bars, their parts stacked or `beside` each other; `shown` writes a value of the
    scale, which is `of_counts` or `of_time`. The total stands above a stack, or above the first of
    the parts."""
    height, right = 236, width - 4.0
    left_of_all = WIDE_LEFT if scale_of is of_time else LEFT
    narrow = (right - left_of_all) / max(1, len(bars))
    right = min(right, width - (LABEL - narrow) / 2)  # nothing of the last label is cut off
    bottom = height - BOTTOM
    tallest = max if beside else sum
    scale = (scale_of or of_counts)(max((tallest(bar.parts) for bar in bars), default=0))
    pixels = (bottom - TOP) / scale[-1]
    step = (right - left_of_all) / max(1, len(bars))
    thick = min(THICKEST, step * 0.72)
    every = -(-len(bars) * 36 // (right - left_of_all)) or 1  # labels must not run into each other
    room = all(len(bar.total) * 7 <= step for bar in bars)
    drawn = []
    for place, bar in enumerate(bars):
        middle = left_of_all + step * (place + 0.5)
        left, draw = middle - thick / 2, _beside if beside else _stack
        boxes, x, y = draw(bar.parts, left, bottom, thick, pixels)
        drawn.append(Drawn(bar, boxes, x, y - 5, middle, place % every == 0, room))
    ticks = [Tick(round(bottom - value * pixels, 1), shown(value)) for value in scale]
    return Chart(width, height, ticks, drawn, left_of_all, right, bottom, round(step, 1))


def rows(
    bars: Sequence[Bar],
    shown: Callable[[float], str],
    width: int = 410,
    *,
    scale_of: Callable[[float], list[float]] | None = None,
) -> Chart:
    """Lying bars, in seconds where nothing else is said, the label on the left."""
    left, thick, step = 152, 18, 28
    right, bottom = width - 56, TOP // 2 + step * len(bars)
    scale = (scale_of or of_time)(max((sum(bar.parts) for bar in bars), default=0))
    pixels = (right - left) / scale[-1]
    drawn = []
    for place, bar in enumerate(bars):
        y = TOP / 2 + step * place + (step - thick) / 2
        boxes, x = [], float(left)
        for series, part in enumerate(bar.parts, start=1):
            if length := round(part * pixels, 1):
                boxes.append(Box(round(x, 1), y, max(1.0, length - GAP), thick, series))
                x += length
        drawn.append(Drawn(bar, boxes, x + 6, y + thick / 2 + 4, left - 8, True))
    ticks = [Tick(round(left + value * pixels, 1), shown(value)) for value in scale]
    return Chart(width, bottom + 24, ticks, drawn, left, right, bottom)


def _stack(
    parts: Sequence[float], x: float, bottom: float, thick: float, pixels: float
) -> tuple[list[Box], float, float]:
    boxes, y = [], bottom
    for series, part in enumerate(parts, start=1):
        if part:
            y -= part * pixels
            boxes.append(_box(x, y, thick, part * pixels, series))
    return boxes, x + thick / 2, y


def _beside(
    parts: Sequence[float], x: float, bottom: float, thick: float, pixels: float
) -> tuple[list[Box], float, float]:
    each = thick / len(parts)
    boxes = [
        _box(x + each * place, bottom - part * pixels, each - GAP, part * pixels, place + 1)
        for place, part in enumerate(parts)
        if part
    ]
    return boxes, x + each / 2, bottom - parts[0] * pixels


def _box(x: float, y: float, width: float, tall: float, series: int) -> Box:
    tall = max(1.0, tall - GAP)  # a single missed call among hundreds must still be seen
    return Box(round(x, 1), round(y, 1), round(width, 1), round(tall, 1), series)


def of_counts(most: float) -> list[float]:
    """A scale from 0 in three to five round steps to `most` or a little beyond."""
    step, power = 1.0, 0
    while most > 4 * step:
        step = (1, 2, 5)[power % 3] * 10.0 ** (power // 3)
        power += 1
    steps = max(1, -(-int(most) // int(step)))
    return [step * each for each in range(steps + 1)]


def of_time(most: float) -> list[float]:
    """The same of seconds, in steps that clocks have."""
    step = next((s for s in STEPS_OF_TIME if most <= 4 * s), 86400 * (-(-int(most) // 345600)))
    steps = max(1, -(-int(most) // step))
    return [float(step * each) for each in range(steps + 1)]
