"""The call report as a table: its columns and what they mean, its rows and where they lead."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.call import Direction, Result
from callcenter.calls.queries import ENDED, NONE
from callcenter.errors import N_
from callcenter.pages.call_words import DIRECTIONS, RESULTS
from callcenter.pages.formats import address, phone
from callcenter.people.directory import Directory
from callcenter.reports import calls
from callcenter.reports.asked import Asked, Step
from callcenter.reports.calls import SERIES, WITH_CUSTOMERS, By, Found, Line
from callcenter.reports.frame import Asker, Column, Kind, Report, Row, Table, Value
from callcenter.reports.pieces import Piece
from callcenter.sums.terms import KeyValue

Link = dict[str, str]
BY: Mapping[By, str] = {
    By.AGENT: N_("Employee"),
    By.DEPARTMENT: N_("Department"),
    By.QUEUE: N_("Queue"),
    By.DID: N_("Number called"),
    By.DIRECTION: N_("Direction"),
    By.RESULT: N_("Result"),
}
STEPS: Mapping[Step, str] = {
    Step.MIN_5: N_("5 minutes"),
    Step.MIN_15: N_("15 minutes"),
    Step.MIN_30: N_("30 minutes"),
    Step.HOUR: N_("Hour of the day"),
    Step.DAY: N_("Day"),
    Step.WEEK: N_("Week"),
    Step.MONTH: N_("Month"),
}
MEANINGS = (
    N_("Called in and hung up, or was sent away, before any agent answered."),
    N_("It rang until the time was up, or the caller of ours hung up first."),
    N_("The line was busy, the call was declined, or the number could not be reached."),
)
CALLS = Column(
    "calls",
    N_("Calls"),
    meaning=N_(
        "Ended calls with customers, in and out; calls between colleagues are in no report. A call"
        " counts on the day it began, for whoever talked last, else who placed it, else who was"
        " rung last."
    ),
)
TALK = Column(
    "talked",
    N_("Talk time"),
    Kind.SECONDS,
    N_("How long agents and customers were connected; time on hold is not in it."),
)
AVERAGE = Column(
    "average", N_("Average"), Kind.SECONDS, N_("The talk time of an answered call, on average.")
)
RESULT_COLUMNS = tuple(
    Column(key, title, meaning=meaning)
    for key, title, meaning in zip(
        ("answered", "no_answer", "busy", "missed"),
        (N_("Answered"), N_("No answer"), N_("Busy, declined"), N_("Missed")),
        (N_("An agent and the customer talked."), MEANINGS[1], MEANINGS[2], MEANINGS[0]),
        strict=True,
    )
)
COARSE_COLUMNS = (
    RESULT_COLUMNS[0],
    Column("not_answered", N_("Not answered"), meaning=N_("Everything else, in and out.")),
)


async def answer(session: AsyncSession, asker: Asker, asked: Asked) -> Table:
    return table(await calls.found(session, asker, asked), asked, asker.directory)


REPORT = Report(
    "calls",
    N_("Call report"),
    answer,
    about=N_("How many calls there were, how long, by whom, by day."),
)


def table(found: Found, asked: Asked, directory: Directory) -> Table:
    """Times without calls are left out, the newest first; of a day's clock they stay in order."""
    parts = _columns(found)
    lines = [line for line in found.lines if line.calls]
    if found.by is None and not any(line.piece and line.piece.is_of_clock for line in lines):
        lines.reverse()
    name = names(found.by, asked, directory)
    all_calls = link_of(asked) | {"result": ""}
    of_row = {key for line in lines[:1] for key in link_to(found.by, line, directory)}
    # Encoded once: hundreds of people may be asked for, and each row has eight addresses.
    rest = address("/calls", {key: all_calls[key] for key in all_calls if key not in of_row})
    rows = []
    for line in lines:
        text, is_message = name(line)
        here = address(rest, link_to(found.by, line, directory) | {"result": ""})
        first = frozenset({"key"}) if is_message else frozenset[str]()
        cells = (text, *_cells(line, found))
        key = key_of(line.key, line.piece, asked)
        rows.append(Row(cells, links(line, here, asked, found), first, key))
    total = Row(
        (N_("Total"), *_cells(found.total, found)),
        links(found.total, address("/calls", all_calls), asked, found),
        frozenset({"key"}),
    )
    return Table((_first(found.by, asked), CALLS, *parts, TALK, AVERAGE), rows, total)


def _first(by: By | None, asked: Asked) -> Column:
    if by:
        return Column("key", BY[by], Kind.TEXT)
    kind = Kind.DAY if asked.step in (Step.DAY, Step.WEEK) else Kind.TEXT
    title = N_("Week from") if asked.step is Step.WEEK else STEPS[asked.step]
    return Column("key", title, kind)


def _columns(found: Found) -> Sequence[Column]:
    if found.by is By.RESULT:
        return ()
    return RESULT_COLUMNS if found.series is SERIES else COARSE_COLUMNS


def _cells(line: Line, found: Found) -> Sequence[Value]:
    results = line.counts(found.series) if _columns(found) else ()
    return line.calls, *results, line.talked_s, line.average_talk_s


def key_of(key: KeyValue, piece: Piece | None, asked: Asked) -> str:
    """By which a row stands beside that of another period: of months, which are words here, the
    how-manieth it is; days and weeks are found by their dates."""
    if piece is None or piece.is_of_clock:
        return str(key)
    if asked.step is not Step.MONTH:
        return ""
    since = asked.since
    return str((piece.since.year - since.year) * 12 + piece.since.month - since.month)


def names(
    by: By | None, asked: Asked, directory: Directory
) -> Callable[[Line], tuple[Value, bool]]:
    """How a line is called, and whether that is a sentence to translate."""

    def name(line: Line) -> tuple[Value, bool]:
        key = line.key
        match by:
            case None:
                return _time(line, asked), False
            case By.AGENT:
                known = directory.known(int(str(key)))
                return (known.name, False) if known else (_nobody(key), True)
            case By.DEPARTMENT:
                node = directory.departments.get(int(str(key)))
                return (node.name, False) if node else (_no_department(key), True)
            case By.QUEUE:
                return (directory.title_of(str(key)), False) if key else (N_("No queue"), True)
            case By.DID:
                return (phone(str(key)), False) if key else (N_("No number of ours"), True)
            case By.DIRECTION:
                return DIRECTIONS[Direction(str(key))].text, True
            case By.RESULT:
                return RESULTS[Result(str(key))].text if key else N_("Ended"), True

    return name


def _nobody(key: object) -> str:
    return N_("Deleted employee") if key else N_("No employee")


def _no_department(key: object) -> str:
    return N_("Deleted department") if key else N_("No department")


def _time(line: Line, asked: Asked) -> Value:
    piece = line.piece
    if piece is None:
        return None
    if piece.is_of_clock:
        return piece.clock
    return f"{piece.since:%m/%Y}" if asked.step is Step.MONTH else piece.since


def link_of(asked: Asked) -> Link:
    """What the list of calls must be asked for to show all that is counted."""
    return {
        "since": asked.since.isoformat(),
        "until": asked.until.isoformat(),
        "direction": asked.direction or ",".join(WITH_CUSTOMERS),
        "result": ",".join(asked.results) or ENDED,  # the sums know no others
        "department": ",".join(map(str, asked.departments)),
        "agent": ",".join(map(str, asked.users)),
        "queue": ",".join(asked.queues),
        "did": ",".join(asked.dids),
    }


def link_to(by: By | None, line: Line, directory: Directory) -> Link:
    """What narrows that list to one line."""
    if by is None:
        return line.piece.link if line.piece else {}
    word = {By.QUEUE: NONE, By.DID: NONE, By.RESULT: ENDED}.get(by, "0")
    found = {by.value: str(line.key or word)}
    if by is By.DEPARTMENT and len(directory.below(int(str(line.key)))) > 1:
        found["alone"] = "1"  # those below it have lines of their own
    return found


def links(line: Line, here: str, asked: Asked, found: Found) -> Link:
    """Of the columns of one line; a number that is 0 leads nowhere. `here` is the list of its calls
    but for their results."""
    if found.by is By.RESULT and line.key:
        return {"calls": address(here, result=str(line.key))} if line.calls else {}
    led = {}
    if line.calls:
        led["calls"] = address(here, result=",".join(asked.results) or ENDED)
    counts = zip(_columns(found), found.series, line.counts(found.series), strict=False)
    for column, results, count in counts:
        if count:
            led[column.key] = address(here, result=of_both(results, asked))
    if line.answered:
        led["talked"] = address(here, result=Result.ANSWERED)
    return led


def of_both(results: str, asked: Asked) -> str:
    """Of the results of a series those that are asked for."""
    return ",".join(
        each for each in results.split(",") if not asked.results or each in asked.results
    )
