"""The call report: how many calls, how long, by time or by what they had in common [7.1-7.3]."""

from aiohttp import web

from callcenter.calls.call import Direction, Result
from callcenter.errors import Invalid
from callcenter.keys import CONFIG, DIRECTORY, SESSIONS, TEMPLATES
from callcenter.pages.call_words import DIRECTIONS
from callcenter.pages.formats import address
from callcenter.pages.language import Words
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.reports import calls
from callcenter.reports.asked import Step
from callcenter.reports.call_charts import draw
from callcenter.reports.call_table import BY, REPORT, STEPS, link_of, of_both, table
from callcenter.reports.choices import Question, choices, our_numbers, periods, question
from callcenter.reports.comparing import beside
from callcenter.reports.frame import Asker

routes = web.RouteTableDef()

PATH = "/reports/calls"
TIMES = (Step.HOUR, Step.DAY, Step.WEEK, Step.MONTH)


@routes.get(PATH)
@needs(Permission.REPORTS)
async def call_report(request: web.Request) -> web.StreamResponse:
    who, directory, templates = signed_in(request), request.app[DIRECTORY], request.app[TEMPLATES]
    words, formats = templates.words, templates.formats
    asker = asker_of(request)
    asking = question(request.query, asker.today, calls.by_of)
    asked = asking.asked
    found = rows = then = None
    async with request.app[SESSIONS]() as session:
        dids = await our_numbers(session)
        try:
            if not asking.problem:
                found = await calls.found(session, asker, asked)
                rows = table(found, asked, directory)
                if before := asked.before:
                    then = await calls.found(session, asker, before)
                    rows = beside(rows, asked, table(then, before, directory), before)
        except Invalid as problem:  # no sums are kept of it
            asking, found, rows, then = Question(asked, problem), None, None, None
    link = link_of(asked)
    return render(
        request,
        "reports/calls.html",
        status=asking.problem.status if asking.problem else 200,
        report=REPORT,
        question=asking,
        asked=asked,
        found=found,
        table=rows,
        drawing=draw(found, asked, directory, words, formats) if found else None,
        link=link,
        answered=address("/calls", link, result=of_both("answered", asked)),
        missed=address("/calls", link, result=of_both("abandoned", asked)),
        series=found.series if found else {},
        missed_calls=_missed(found),
        then=then.total if then else None,
        missed_then=_missed(then),
        title=STEPS[asked.step] if found is None or found.by is None else BY[found.by],
        shapes=_shapes(asking, words),
        periods=periods(asker.today),
        choices=choices(directory, who.scope, words, dids),
        directions={d: DIRECTIONS[d] for d in (Direction.INBOUND, Direction.OUTBOUND)},
    )


def _missed(found: calls.Found | None) -> int | None:
    """None where the sums do not know."""
    if found is None or found.series is not calls.SERIES:
        return None
    return found.total.results.get(Result.ABANDONED, 0)


def asker_of(request: web.Request) -> Asker:
    return Asker(
        scope=signed_in(request).scope,
        directory=request.app[DIRECTORY],
        today=request.app[TEMPLATES].formats.today(),
        zone=request.app[CONFIG].zone.key,
    )


def _shapes(asking: Question, words: Words) -> list[list[tuple[str, str, bool]]]:
    """What the rows may be: times, and what else; as links, with whether one is chosen."""
    asked, query = asking.asked, asking.query | {"step": "", "by": ""}
    times = [
        (
            words.say(STEPS[step]),
            address(PATH, query, step="" if step is Step.DAY else step.value),
            not asked.by and asked.step is step,
        )
        for step in TIMES
    ]
    others = [
        (words.say(name), address(PATH, query, by=by.value), asked.by == by)
        for by, name in BY.items()
    ]
    return [times, others]
