"""The columns of the agents' report: what each means, what it counts, what is behind it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from callcenter.agents.breaks import Break
from callcenter.agents.models import BreakReason
from callcenter.calls.queries import ENDED, RESOLVED
from callcenter.errors import N_
from callcenter.pages.formats import address, name_of
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Column, Kind, Value
from callcenter.staffing.lines import Line

BOTH = "inbound,outbound"  # calls between colleagues are in no report
UNANSWERED = ("missed", "declined")  # reasons of breaks that nobody chooses

NAMED = 100  # people in one address

Link = Callable[[Line, Asked], str]


@dataclass(frozen=True, slots=True)
class Figure:
    """A column with its value, None: nothing to say; `href` "" where nothing is behind it."""

    column: Column
    value: Callable[[Line], Value]
    href: Link = lambda line, asked: ""


def calls_link(**filters: str) -> Link:
    """The calls that the sums counted: those of the list with these filters. Of all together they
    are named, for calls that rang nobody are in no line; "" where they are too many to be named."""

    def link(line: Line, asked: Asked) -> str:
        people = (line.user_id,) if line.user_id else line.people
        if len(people) > NAMED:
            return ""
        return address(
            "/calls",
            period(asked),
            agent=",".join(map(str, people)),
            department=",".join(map(str, asked.departments)),
            **filters,
        )

    return link


answered_link = calls_link(direction=BOTH, result="answered")


def time_link(line: Line, asked: Asked) -> str:
    """Their days as lines, or the day of all."""
    if line.user_id:
        return address(f"/reports/agents/{line.user_id}", period(asked))
    return ""


def rings_link(line: Line, asked: Asked) -> str:
    days = time_link(line, asked)
    return days and days + "#rings"


def owed_link(line: Line, asked: Asked) -> str:
    return address("/to-finish", agent=str(line.user_id)) if line.user_id else ""


def period(asked: Asked) -> dict[str, str]:
    return {"since": asked.since.isoformat(), "until": asked.until.isoformat()}


def figures(reasons: Iterable[BreakReason], lines: Iterable[Line]) -> list[Figure]:
    """All columns but the name: time in states, each break, calls, what is worked out."""
    used = {reason for line in lines for reason in line.time.breaks}
    shown = [each for each in reasons if each.offered or each.code in used]
    return [*TIME, *map(_of_reason, shown), UNASKED, *BREAKS, *CALLS]


def _state(key: str, title: str, meaning: str) -> Figure:
    return Figure(
        Column(key, title, Kind.SECONDS, meaning), lambda line: line.time.of(key) / 1000, time_link
    )


def _of_reason(reason: BreakReason | Break) -> Figure:
    code = reason.code
    return Figure(
        Column(
            f"break_{code}",
            name_of(reason),
            Kind.SECONDS,
            N_("Time on breaks with this reason."),
            is_plain=True,
        ),
        lambda line: line.time.on(code).ms / 1000,
        time_link,
    )


TIME = (
    Figure(
        Column(
            "signed_in",
            N_("Signed in"),
            Kind.SECONDS,
            N_(
                "All time that was not offline: exactly the sum of the states. A state that lasts"
                " over midnight counts on both days; what lasts now counts until now."
            ),
        ),
        lambda line: line.time.signed_in / 1000,
        time_link,
    ),
    _state("ready", N_("Ready"), N_("Time in which a call could have been given to them.")),
    _state("ringing", N_("Ringing"), N_("Time in which their phone rang.")),
    _state(
        "talking",
        N_("In a call"),
        N_("Time in calls, from dialling on, also with colleagues and while listening in."),
    ),
    _state("on_hold", N_("On hold"), N_("Time in which their call was on hold.")),
    _state("wrap_up", N_("After the call"), N_("Time after calls, until they were ready again.")),
    _state(
        "unreachable",
        N_("Phone not connected"),
        N_("Time in which they wanted calls and their phone was not connected."),
    ),
    _state("break", N_("Break"), N_("Time on breaks of every reason.")),
)
UNASKED = Figure(
    Column(
        "break_unanswered",
        N_("Calls not answered"),
        Kind.SECONDS,
        N_("Time on breaks that began by themselves after too many calls not answered."),
    ),
    lambda line: sum(line.time.on(each).ms for each in UNANSWERED) / 1000,
    time_link,
)
BREAKS = (
    Figure(
        Column(
            "breaks",
            N_("Number of breaks"),
            Kind.COUNT,
            N_("How many breaks began; one that a call interrupts counts again after it."),
        ),
        lambda line: line.time.all_breaks.times,
        time_link,
    ),
    Figure(
        Column(
            "breaks_over",
            N_("Breaks over the limit"),
            Kind.COUNT,
            N_("Breaks longer than their reason allowed when they ended."),
        ),
        lambda line: line.time.all_breaks.over,
        time_link,
    ),
    Figure(
        Column(
            "breaks_over_time",
            N_("Time over the limit"),
            Kind.SECONDS,
            N_("By how much those breaks were too long, together."),
        ),
        lambda line: line.time.all_breaks.over_ms / 1000,
        time_link,
    ),
)
CALLS = (
    Figure(
        Column(
            "calls_in",
            N_("Calls in"),
            Kind.COUNT,
            N_("Ended calls that came in, in their name: they talked last, else were rung last."),
        ),
        lambda line: line.inbound.calls,
        calls_link(direction="inbound", result=ENDED),
    ),
    Figure(
        Column(
            "calls_out",
            N_("Calls out"),
            Kind.COUNT,
            N_("Ended calls that went out, in their name: they talked last, else placed them."),
        ),
        lambda line: line.outbound.calls,
        calls_link(direction="outbound", result=ENDED),
    ),
    Figure(
        Column(
            "answered",
            N_("Answered"),
            Kind.COUNT,
            N_("Calls, in and out, in which somebody talked with the customer."),
        ),
        lambda line: line.calls.answered,
        answered_link,
    ),
    Figure(
        Column(
            "missed",
            N_("Rings missed"),
            Kind.COUNT,
            N_("How often their phone rang for a queue and they did nothing."),
        ),
        lambda line: line.time.missed,
        rings_link,
    ),
    Figure(
        Column(
            "declined",
            N_("Rings declined"),
            Kind.COUNT,
            N_("How often they sent the call of a queue away."),
        ),
        lambda line: line.time.declined,
        rings_link,
    ),
    Figure(
        Column(
            "talked",
            N_("Talk time"),
            Kind.SECONDS,
            N_("Of the answered calls, the customer with us; without holding."),
        ),
        lambda line: line.calls.talked_s,
        answered_link,
    ),
    Figure(
        Column(
            "held",
            N_("Hold time"),
            Kind.SECONDS,
            N_("Of the answered calls, the customer on hold."),
        ),
        lambda line: line.calls.held_s,
        answered_link,
    ),
    Figure(
        Column(
            "wrapped",
            N_("Wrap-up time"),
            Kind.SECONDS,
            N_("What was spent on these calls afterwards, until each wrap-up was over."),
        ),
        lambda line: line.calls.wrapped_s,
        answered_link,
    ),
    Figure(
        Column(
            "handling",
            N_("Average handling time"),
            Kind.SECONDS,
            N_("(Talk time + hold time + wrap-up time) / answered calls."),
        ),
        lambda line: line.handling_s,
        answered_link,
    ),
    Figure(
        Column(
            "occupancy",
            N_("Occupancy"),
            Kind.SHARE,
            N_("(In a call + on hold + after the call) / (the same + ready)."),
        ),
        lambda line: line.occupancy,
        time_link,
    ),
    Figure(
        Column(
            "first_calls",
            N_("Solved at the first call"),
            Kind.SHARE,
            N_(
                "Of the incoming calls that were answered and showed a number: those whose number"
                " did not ring in again within 7 days. The last 8 days are not complete and do not"
                " count yet."
            ),
        ),
        lambda line: line.first.share,
        calls_link(direction="inbound", result="answered", first=RESOLVED),
    ),
    Figure(
        Column(
            "unfinished",
            N_("To finish"),
            Kind.COUNT,
            N_("Calls whose outcome is still to be chosen now, of whatever day."),
        ),
        lambda line: line.unfinished,
        owed_link,
    ),
)
