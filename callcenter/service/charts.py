"""The service report's charts: what became of offered calls, and the service level beside them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callcenter.errors import N_
from callcenter.pages.formats import Formats, address
from callcenter.pages.language import Words, number
from callcenter.people.directory import Directory
from callcenter.reports import charts
from callcenter.reports.asked import Asked
from callcenter.reports.call_charts import BESIDE, LONGEST_LABEL, SHOWN, Label, time_label
from callcenter.reports.zooming import Series, chart, is_long
from callcenter.service.found import Found, Line
from callcenter.service.table import link_of, link_to, name
from callcenter.sums import terms
from callcenter.sums.terms import Sum

PARTS = (  # of a stack, from the bottom
    N_("Answered in time"),
    N_("Answered late"),
    N_("Not answered"),
    N_("Hung up within 5 seconds"),
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Either charts of bars, or two of lines to zoom into (reports.zooming)."""

    calls: charts.Chart | None = None
    level: charts.Chart | None = None
    zoomed_calls: str = ""
    zoomed_level: str = ""
    is_wide: bool = True


def parts_of(of: Sum) -> list[int]:
    """In the order of PARTS; together they are the offered calls."""
    late = of.offered_answered - of.answered_in_time
    others = of.offered - of.offered_answered - of.abandoned_short
    return [of.answered_in_time, late, others, of.abandoned_short]


def draw(
    found: Found,
    asked: Asked,
    directory: Directory,
    words: Words,
    formats: Formats,
    target: float,
) -> Drawing:
    """`target` is the share of calls (0..1) that should be answered in time."""
    if is_long(asked):
        return _lines(found, asked, words, target)
    link = link_of(asked)
    calls, levels = [], []
    for line in _shown(found):
        label, below, title = _label(line, asked, directory, words, formats)
        href = address("/calls", link | link_to(line))
        level = terms.service_level(line.sum)
        said = ", ".join(
            f"{words.say(part)} {number(count)}"
            for part, count in zip(PARTS, parts_of(line.sum), strict=True)
        )
        counts = parts_of(line.sum)
        calls.append(
            charts.Bar(label, counts, number(line.sum.offered), f"{title}: {said}", href, below)
        )
        written = "–" if level is None else percent(level)
        told = f"{title}: {words.say(N_('Service level'))} {written}"
        levels.append(charts.Bar(label, [level or 0.0], written, told, href, below))
    if found.by:
        return Drawing(
            charts.rows(calls, _count, 520, scale_of=charts.of_counts),
            charts.rows(levels, percent, 520, scale_of=of_shares),
            is_wide=False,
        )
    is_wide = len(calls) > BESIDE
    width = 1000 if is_wide else 520
    return Drawing(
        charts.columns(calls, _count, width),
        charts.columns(levels, percent, width, scale_of=of_shares),
        is_wide=is_wide,
    )


def of_shares(_: float) -> list[float]:
    """The scale of all that is a part of something."""
    return [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]


def percent(share: float) -> str:
    return f"{round(share * 100)}%"


def _lines(found: Found, asked: Asked, words: Words, target: float) -> Drawing:
    days = [line.piece.since for line in found.lines if line.piece]

    def values(of: Callable[[Sum], float | None]) -> list[float | None]:
        return [of(line.sum) for line in found.lines]

    calls = [
        Series(name=words.say(N_("Offered")), color="c1", values=values(lambda of: of.offered)),
        Series(
            name=words.say(N_("Answered in time")),
            color="c2",
            values=values(lambda of: of.answered_in_time),
        ),
        Series(
            name=words.say(N_("Abandoned")),
            color="c4",
            values=values(lambda of: of.abandoned - of.abandoned_short),
        ),
    ]
    level = [
        Series(
            name=words.say(N_("Service level")),
            color="c1",
            values=values(terms.service_level),
            unit="share",
        ),
        Series(
            name=words.say(N_("Goal")),
            color="c5",
            values=[target] * len(days),
            unit="share",
            dash=(6, 4),
        ),
    ]
    link = link_of(asked)
    return Drawing(zoomed_calls=chart(days, calls, link), zoomed_level=chart(days, level, link))


def _shown(found: Found) -> Sequence[Line]:
    """Of queues those with the most calls; of a day's clock what lies between two busy times."""
    if found.by:
        return found.lines[:SHOWN]
    if not any(line.piece and line.piece.is_of_clock for line in found.lines):
        return found.lines
    busy = [place for place, line in enumerate(found.lines) if line.sum.offered]
    return found.lines[busy[0] : busy[-1] + 1] if busy else []


def _label(line: Line, asked: Asked, directory: Directory, words: Words, formats: Formats) -> Label:
    if line.piece:
        return time_label(line.piece, asked.step, words, formats)
    full = str(name(line, asked, directory)[0])
    cut = full if len(full) <= LONGEST_LABEL else full[: LONGEST_LABEL - 1].rstrip() + "…"
    return cut, "", full


def _count(value: float) -> str:
    return number(int(value))
