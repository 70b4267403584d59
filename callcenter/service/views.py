"""The service report: how soon callers were answered, how many gave up, and when in the week."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.clock import written
from callcenter.errors import N_, Invalid
from callcenter.keys import DIRECTORY, SESSIONS, TEMPLATES
from callcenter.live.rules import load_rules
from callcenter.pages.formats import WEEKDAYS, address
from callcenter.pages.language import Words, current, number
from callcenter.pages.templates import render
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.reports.asked import Asked, Step
from callcenter.reports.call_table import STEPS
from callcenter.reports.choices import Question, choices, our_numbers, periods, question
from callcenter.reports.comparing import beside
from callcenter.reports.frame import Asker
from callcenter.reports.views import asker_of
from callcenter.service import heat
from callcenter.service.charts import PARTS, draw, percent
from callcenter.service.found import By, by_of, found, week
from callcenter.service.table import REPORT, by_column, link_of, links_of, table
from callcenter.staffing.lines import Line as Agent
from callcenter.staffing.lines import together
from callcenter.staffing.queries import totals
from callcenter.sums.terms import Sum

routes = web.RouteTableDef()

PATH = "/reports/service"
NARROWS = ("department", "queue", "did")  # what makes sense of calls that came in
AGENTS = "/reports/agents"
PEOPLE = ("since", "until", "department", "agent")  # of its filters, what the agents' report has
MAPS = {"calls": N_("Calls"), "level": N_("Service level"), "abandoned": N_("Abandonment")}


@routes.get(PATH)
@needs(Permission.REPORTS)
async def service_report(request: web.Request) -> web.StreamResponse:
    who, directory, templates = signed_in(request), request.app[DIRECTORY], request.app[TEMPLATES]
    words, formats = templates.words, templates.formats
    asker = asker_of(request)
    asking = question(request.query, asker.today, by_of)
    asked = asking.asked
    figures = rows = occupied = None
    busy: heat.Week = {}
    no_week: Invalid | None = None
    async with request.app[SESSIONS]() as session:
        rules, _ = await load_rules(session)
        dids = await our_numbers(session)
        try:
            if not asking.problem:
                figures = await found(session, asker, asked)
                rows = table(figures, asked, directory)
                busy, no_week = await _week(session, asker, asked)
                occupied = await _occupancy(session, asker, asked)
                if before := asked.before:
                    rows = beside(rows, asked, await REPORT.answer(session, asker, before), before)
        except Invalid as problem:  # no sums are kept of it
            asking, figures, rows = Question(asked, problem), None, None
    goal = rules.company.target_percent / 100
    return render(
        request,
        "service/report.html",
        status=asking.problem.status if asking.problem else 200,
        report=REPORT,
        question=asking,
        asked=asked,
        total=figures.total if figures else None,
        figure=by_column(figures.total) if figures else {},
        leads=links_of(figures.total, asked) if figures else {},
        occupancy=occupied,
        agents=address(AGENTS, {n: v for n, v in asking.query.items() if n in PEOPLE}),
        by=figures.by if figures else None,
        table=rows,
        drawing=draw(figures, asked, directory, words, formats, goal) if figures else None,
        maps=_maps(busy, asked, words) if busy else {},
        map_names=MAPS,
        no_week=no_week,
        parts=PARTS,
        title=STEPS[asked.step] if not asked.by else N_("Queue"),
        shapes=_shapes(asking, words),
        rules=rules,
        periods=periods(asker.today),
        choices=[
            each for each in choices(directory, who.scope, words, dids) if each.name in NARROWS
        ],
    )


async def _week(
    session: AsyncSession, asker: Asker, asked: Asked
) -> tuple[heat.Week, Invalid | None]:
    """The rest of the report can be told where no sums by the hour are kept: of a number's calls
    over a long time."""
    try:
        return await week(session, asker, asked), None
    except Invalid as problem:
        return {}, problem


async def _occupancy(session: AsyncSession, asker: Asker, asked: Asked) -> float | None:
    """Of all agents together that are asked for. None for queues and numbers: an agent's time is
    of no queue."""
    if asked.queues or asked.dids:
        return None
    spent = await totals(session, asker, asked)
    return together(Agent(time=each) for each in spent.values()).occupancy


def _shapes(asking: Question, words: Words) -> list[list[tuple[str, str, bool]]]:
    """What the rows may be: times, or queues; as links, with whether one is chosen."""
    asked, query = asking.asked, asking.query | {"step": "", "by": ""}
    times = [
        (
            words.say(name),
            address(PATH, query, step="" if step is Step.DAY else step.value),
            not asked.by and asked.step is step,
        )
        for step, name in STEPS.items()
    ]
    queue = (words.say(N_("Queue")), address(PATH, query, by=By.QUEUE.value), bool(asked.by))
    return [times, [queue]]


def _maps(busy: heat.Week, asked: Asked, words: Words) -> dict[str, heat.Map]:
    """By the names of heat.FIGURES."""
    weekdays, link = WEEKDAYS[current()], link_of(asked)

    def title(weekday: int, hour: int, sum: Sum) -> str:
        level, gone = (heat.FIGURES[each].of(sum) for each in ("level", "abandoned"))
        return words.say(
            N_("{day}, {from_}–{to}: {n} calls, service level {level}, abandonment {gone}"),
            day=weekdays[weekday],
            from_=written(hour * 60),
            to=written(hour * 60 + 60),
            n=number(sum.offered),
            level="–" if level is None else percent(level),
            gone="–" if gone is None else percent(gone),
        )

    def href(weekday: int, hour: int) -> str:
        clock = f"{written(hour * 60)}-{written(hour * 60 + 60)}"
        return address("/calls", link, weekday=str(weekday), clock=clock)

    return {
        name: heat.draw(busy, figure, weekdays, title, href)
        for name, figure in heat.FIGURES.items()
    }
