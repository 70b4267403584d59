"""The service report as a table: its columns and what they mean, its rows and where they lead."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.queries import ANY, ENDED, IN_TIME, LONG, NONE, SHORT
from callcenter.errors import N_
from callcenter.pages.formats import address
from callcenter.people.directory import Directory
from callcenter.reports.asked import Asked, Step
from callcenter.reports.call_table import STEPS, key_of
from callcenter.reports.frame import Asker, Column, Kind, Report, Row, Table, Value
from callcenter.service.found import Found, Line, found
from callcenter.sums import terms
from callcenter.sums.terms import Sum

Link = dict[str, str]
COLUMNS = (
    Column(
        "offered",
        N_("Offered"),
        meaning=N_("Calls that came in and reached a queue, whatever came of it."),
    ),
    Column("answered", N_("Answered"), meaning=N_("Offered calls that an agent answered.")),
    Column(
        "level",
        N_("Service level"),
        Kind.SHARE,
        N_(
            "Answered in time, of all offered calls but those that were abandoned within 5 seconds."
            " What counts as in time is set for each queue; a call keeps what was set then. The"
            " time runs from the call's beginning."
        ),
    ),
    Column(
        "speed",
        N_("Speed of answer"),
        Kind.SECONDS,
        N_("How long callers waited until they were answered, on average (ASA)."),
    ),
    Column(
        "abandoned",
        N_("Abandoned"),
        meaning=N_("Hung up before anybody answered, after 5 seconds or later."),
    ),
    Column(
        "abandonment",
        N_("Abandonment"),
        Kind.SHARE,
        N_("Abandoned calls, of all offered calls but those abandoned within 5 seconds."),
    ),
    Column(
        "short",
        N_("Short"),
        meaning=N_("Hung up within 5 seconds: nobody could have answered these; they stand apart."),
    ),
    Column(
        "handling",
        N_("Handling"),
        Kind.SECONDS,
        N_("Talk, hold and wrap-up of an answered incoming call together, on average (AHT)."),
    ),
    Column("talk", N_("Talk"), Kind.SECONDS, N_("Talk time of an answered call, on average.")),
    Column("hold", N_("Hold"), Kind.SECONDS, N_("Time on hold of an answered call, on average.")),
    Column(
        "wrap",
        N_("Wrap-up"),
        Kind.SECONDS,
        N_("What agents spent on an answered call afterwards, on average."),
    ),
    Column(
        "longest",
        N_("Longest wait"),
        Kind.SECONDS,
        N_("The longest time that one caller waited, answered or not."),
    ),
)


async def answer(session: AsyncSession, asker: Asker, asked: Asked) -> Table:
    return table(await found(session, asker, asked), asked, asker.directory)


REPORT = Report(
    "service",
    N_("Service report"),
    answer,
    about=N_("How soon callers were answered, how many gave up, how long agents were busy."),
)


def table(found: Found, asked: Asked, directory: Directory) -> Table:
    """Times without calls are left out, the newest first; of a day's clock they stay in order."""
    lines = [line for line in found.lines if line.sum.offered]
    if not any(line.piece is None or line.piece.is_of_clock for line in lines):
        lines.reverse()
    whole = link_of(asked)
    of_row = {key for line in lines[:1] for key in link_to(line)} | {"queue", "result"}
    rest = address("/calls", {key: whole[key] for key in whole if key not in of_row})  # once
    rows = []
    for line in lines:
        text, is_message = name(line, asked, directory)
        of_line = link_to(line)
        here = address(rest, {key: of_line[key] for key in of_line if key != "queue"})
        first = frozenset({"key"}) if is_message else frozenset[str]()
        cells = (text, *cells_of(line.sum))
        queue = of_line.get("queue", whole["queue"])
        key = key_of(line.key, line.piece, asked)
        rows.append(Row(cells, links(line.sum, here, queue), first, key))
    cells = (N_("Total"), *cells_of(found.total))
    total = Row(cells, links_of(found.total, asked), frozenset({"key"}))
    return Table((_first(found, asked), *COLUMNS), rows, total)


def _first(found: Found, asked: Asked) -> Column:
    if found.by:
        return Column("key", N_("Queue"), Kind.TEXT)
    kind = Kind.DAY if asked.step in (Step.DAY, Step.WEEK) else Kind.TEXT
    return Column("key", N_("Week from") if asked.step is Step.WEEK else STEPS[asked.step], kind)


def cells_of(of: Sum) -> tuple[Value, ...]:
    """In the order of COLUMNS."""
    return (
        of.offered,
        of.offered_answered,
        terms.service_level(of),
        terms.average_speed_of_answer(of),
        of.abandoned - of.abandoned_short,
        terms.abandonment(of),
        of.abandoned_short,
        terms.handling_time(of),
        terms.average_talk(of),
        of.held_s / of.answered if of.answered else None,
        of.wrapped_s / of.answered if of.answered else None,
        of.longest_wait_s if of.offered else None,
    )


def by_column(of: Sum) -> dict[str, Value]:
    """The same by the columns' keys."""
    return dict(zip((column.key for column in COLUMNS), cells_of(of), strict=True))


def name(line: Line, asked: Asked, directory: Directory) -> tuple[Value, bool]:
    """How a line is called, and whether that is a sentence to translate."""
    piece = line.piece
    if piece is None:
        return directory.title_of(str(line.key)), False
    if piece.is_of_clock:
        return piece.clock, False
    return (f"{piece.since:%m/%Y}" if asked.step is Step.MONTH else piece.since), False


def link_of(asked: Asked) -> Link:
    """What the list of calls must be asked for to show all offered calls."""
    return {
        "since": asked.since.isoformat(),
        "until": asked.until.isoformat(),
        "direction": "inbound",
        "result": ENDED,
        "department": ",".join(map(str, asked.departments)),
        "agent": ",".join(map(str, asked.users)),
        "queue": ",".join(each for each in asked.queues if each != NONE) or ANY,
        "did": ",".join(asked.dids),
    }


def link_to(line: Line) -> Link:
    """What narrows that list to one line."""
    return line.piece.link if line.piece else {"queue": str(line.key)}


def links_of(of: Sum, asked: Asked) -> Mapping[str, str]:
    """Of the columns of all calls."""
    whole = link_of(asked)
    queue, _ = whole.pop("queue"), whole.pop("result")
    return links(of, address("/calls", whole), queue)


def links(of: Sum, here: str, queue: str) -> Mapping[str, str]:
    """Of the columns of one line: `here` is the list of its calls, but for their queue. A number
    that is 0, and an average of nothing, lead nowhere."""
    answered = {"queue": queue, "result": "answered"}
    given_up = {"queue": queue, "result": "abandoned"}
    handled = answered | {"queue": queue.replace(ANY, "")}  # those without a queue too
    changes: dict[str, tuple[object, Link]] = {
        "offered": (of.offered, {"queue": queue, "result": ENDED}),
        "answered": (of.offered_answered, answered),
        "level": (of.answered_in_time, answered | {"wait": IN_TIME}),
        "speed": (of.offered_answered, answered),
        "abandoned": (of.abandoned - of.abandoned_short, given_up | {"wait": LONG}),
        "abandonment": (of.abandoned - of.abandoned_short, given_up | {"wait": LONG}),
        "short": (of.abandoned_short, given_up | {"wait": SHORT}),
        **{each: (of.answered, handled) for each in ("handling", "talk", "hold", "wrap")},
        "longest": (
            of.offered,
            {"queue": queue, "result": ENDED, "wait": f"{int(of.longest_wait_s)}-"},
        ),
    }
    return {column: address(here, change) for column, (count, change) in changes.items() if count}
