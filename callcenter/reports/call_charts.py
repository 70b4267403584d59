"""The call report's charts: numbers of calls and talk time, each bar a link to its calls."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callcenter.calls.call import Result
from callcenter.errors import N_
from callcenter.pages.formats import Formats, address, duration
from callcenter.pages.language import Words, number
from callcenter.people.directory import Directory
from callcenter.reports import charts
from callcenter.reports.asked import Asked, Step
from callcenter.reports.call_table import link_of, link_to, names
from callcenter.reports.calls import Found, Line
from callcenter.reports.pieces import Piece
from callcenter.reports.zooming import Series, chart, is_long

SHOWN = 20  # lying bars; the table has the others
BESIDE = 32  # bars of two charts that stand beside each other
LONGEST_LABEL = 20  # letters


@dataclass(frozen=True, slots=True)
class Drawing:
    """Either charts of bars, or two of lines to zoom into (reports.zooming). `left_out`: how many
    lines have no bar."""

    calls: charts.Chart | None = None
    talk: charts.Chart | None = None
    zoomed_calls: str = ""
    zoomed_talk: str = ""
    is_wide: bool = True
    left_out: int = 0


def draw(
    found: Found, asked: Asked, directory: Directory, words: Words, formats: Formats
) -> Drawing:
    """Upright bars of time, lying ones of everything else."""
    if is_long(asked):
        return _lines(found, asked, words)
    shown = _shown(found)
    link = link_of(asked)
    calls, talk = [], []
    for line, (label, below, title) in zip(
        shown, _labels(found, shown, asked, directory, words, formats), strict=True
    ):
        href = address("/calls", link | link_to(found.by, line, directory))
        calls.append(
            charts.Bar(
                label,
                line.counts(found.series),
                number(line.calls),
                f"{title}: {_results(line, found, words)}",
                href,
                below,
            )
        )
        spoken = duration(line.talked_s)
        talk.append(charts.Bar(label, [line.talked_s], spoken, f"{title}: {spoken}", href, below))
    hours = hours_in(words)
    if found.by:
        return Drawing(
            charts.rows(calls, _count, 520, scale_of=charts.of_counts),
            charts.rows(talk, hours, 520),
            is_wide=False,
            left_out=len(found.lines) - len(shown),
        )
    is_wide = len(shown) > BESIDE
    width = 1000 if is_wide else 520
    return Drawing(
        charts.columns(calls, _count, width),
        charts.columns(talk, hours, width, scale_of=charts.of_time),
        is_wide=is_wide,
    )


def _lines(found: Found, asked: Asked, words: Words) -> Drawing:
    days = [line.piece.since for line in found.lines if line.piece]

    def counted(name: str, color: str, values: list[float | None]) -> Series:
        return Series(name=words.say(name), color=color, values=values)

    calls = [
        counted(N_("Calls"), "c1", [line.calls for line in found.lines]),
        counted(N_("Answered"), "c2", [line.answered for line in found.lines]),
        counted(
            N_("Missed (incoming)"),
            "c4",
            [line.results.get(Result.ABANDONED, 0) for line in found.lines],
        ),
    ]
    hours: list[float | None] = [round(line.talked_s / 3600, 2) for line in found.lines]
    talk = [counted(N_("Talk time in hours"), "c2", hours)]
    link = link_of(asked)
    return Drawing(zoomed_calls=chart(days, calls, link), zoomed_talk=chart(days, talk, link))


def _shown(found: Found) -> Sequence[Line]:
    """The longest, or all times; of a day's clock those between the first and the last call."""
    if found.by:
        return found.lines[:SHOWN]
    if not any(line.piece and line.piece.is_of_clock for line in found.lines):
        return found.lines
    busy = [place for place, line in enumerate(found.lines) if line.calls]
    return found.lines[busy[0] : busy[-1] + 1] if busy else []


Label = tuple[str, str, str]  # below the bar, in a second line, and in full


def _labels(
    found: Found,
    lines: Sequence[Line],
    asked: Asked,
    directory: Directory,
    words: Words,
    formats: Formats,
) -> list[Label]:
    if found.by is None:
        return [time_label(line.piece, asked.step, words, formats) for line in lines if line.piece]
    name = names(found.by, asked, directory)
    labels = []
    for line in lines:
        text, is_message = name(line)
        full = words.say(str(text)) if is_message else str(text)
        cut = full if len(full) <= LONGEST_LABEL else full[: LONGEST_LABEL - 1].rstrip() + "…"
        labels.append((cut, "", full))
    return labels


def time_label(piece: Piece, step: Step, words: Words, formats: Formats) -> Label:
    if piece.is_of_clock:
        return piece.clock[:5].removesuffix(":00").lstrip("0") or "0", "", piece.clock
    if step is Step.MONTH:
        return f"{piece.since:%m}", f"{piece.since:%Y}", f"{piece.since:%m/%Y}"
    short = formats.short_day(piece.since)
    if step is Step.WEEK:
        return short, "", f"{short} – {formats.day(piece.until)}"
    return short, formats.weekend(piece.since), formats.day(piece.since)


def _results(line: Line, found: Found, words: Words) -> str:
    return ", ".join(
        f"{words.say(name)} {number(count)}"
        for name, count in zip(found.series.values(), line.counts(found.series), strict=True)
    )


def _count(value: float) -> str:
    return number(int(value))


def hours_in(words: Words) -> Callable[[float], str]:
    """Writes seconds on a scale: 30 min, 2 h."""

    def shown(seconds: float) -> str:
        if seconds and seconds % 3600:
            return words.say(N_("{n} min"), n=number(int(seconds // 60)))
        return words.say(N_("{n} h"), n=number(int(seconds // 3600)))

    return shown
