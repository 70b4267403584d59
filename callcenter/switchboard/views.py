"""/switchboard: the map of the way of a call, the way in to all that can be set; trying a call."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from callcenter.errors import Invalid
from callcenter.keys import CONFIG, DIRECTORY, SESSIONS
from callcenter.people.permissions import Permission, needs
from callcenter.switchboard import versions
from callcenter.switchboard.checks import Problem, problems
from callcenter.switchboard.difference import differences
from callcenter.switchboard.drawing import Drawing, address, drawn
from callcenter.switchboard.graph import Branch, Crew, Key, Map, branches, lit, mapped
from callcenter.switchboard.plan import Plan
from callcenter.switchboard.publishing import known
from callcenter.switchboard.shared_views import page, problem_of
from callcenter.switchboard.typed import read_keys, read_moment
from callcenter.switchboard.walk import Walk, walk

routes = web.RouteTableDef()

OTHER = "other"  # in the form: a number that is not in the list


@dataclass(frozen=True, slots=True)
class Tried:
    """What was typed, and what becomes of that call."""

    texts: Mapping[str, str]
    walked: Walk | None = None
    problem: Invalid | None = None


@routes.get("/switchboard")
@needs(Permission.SWITCHBOARD)
async def overview(request: web.Request) -> web.StreamResponse:
    """?of=live: what the exchange has while there is a draft; number, day, time, keys: a call."""
    async with request.app[SESSIONS]() as session:
        live, draft = await versions.live(session), await versions.draft(session)
    is_draft = draft is not None and request.query.get("of") != "live"
    plan = draft.plan if draft and is_draft else live.plan
    crews, tried = _crews(request, plan), _tried(request, plan)
    changed = {(each.part, each.name) for each in differences(live.plan, plan)}
    wrong = _by_part(problems(plan, await known(request.app[SESSIONS])))
    way = lit(crews, tried.walked) if tried.walked else {}

    def draw() -> tuple[Map, Drawing, list[Branch]]:
        found = mapped(plan, crews)
        return found, drawn(found, wrong, changed, way), branches(found)

    found, drawing, lines = await asyncio.to_thread(draw)  # hundreds of queues take a while
    return await page(
        request,
        "switchboard/map.html",
        problem_of(tried.problem) if tried.problem else None,
        plan=plan,
        drawing=drawing,
        branches=lines,
        nodes=found.nodes,
        wrong=wrong,
        changed=changed,
        is_draft=is_draft,
        tried=tried,
        address=address,
        OTHER=OTHER,
    )


def _tried(request: web.Request, plan: Plan) -> Tried:
    now = datetime.now(UTC).astimezone(request.app[CONFIG].zone)
    first = plan.numbers[0].number if plan.numbers else OTHER
    texts = {
        "number": request.query.get("number", first)[:32],
        "day": request.query.get("day", f"{now:%d/%m/%Y}")[:12].strip(),
        "time": request.query.get("time", f"{now:%H:%M}")[:8].strip(),
        "keys": request.query.get("keys", "")[:32].replace(" ", ""),
    }
    if "number" not in request.query:
        return Tried(texts)
    try:
        at, keys = read_moment(texts), read_keys(texts)
    except Invalid as problem:
        return Tried(texts, problem=problem)
    return Tried(texts, walk(plan, texts["number"], at, keys))


def _by_part(found: list[Problem]) -> dict[Key, list[Problem]]:
    by_part: dict[Key, list[Problem]] = {}
    for each in found:
        by_part.setdefault((each.part, each.name), []).append(each)
    return by_part


def _crews(request: web.Request, plan: Plan) -> dict[str, Crew]:
    """Who answers in each queue; queues with the same people have the same."""
    directory = request.app[DIRECTORY]
    of_department: defaultdict[int | None, set[int]] = defaultdict(set)
    of_skill: defaultdict[int, set[int]] = defaultdict(set)
    for each in directory.people():
        if each.extension:
            of_department[each.department_id].add(each.id)
            for skill in directory.skills_of(each.id):
                of_skill[skill].add(each.id)
    crews: dict[str, Crew] = {}
    for queue in plan.queues:
        department = directory.departments.get(queue.department_id or 0)
        if department or queue.skills:
            own = of_department[department.id] if department else set()
            crews[queue.name] = Crew(
                f"{department.id if department else ''}_{'_'.join(map(str, sorted(queue.skills)))}",
                department.name if department else "",
                len(own.union(*(of_skill[each] for each in queue.skills))),
                f"/team?department={department.id}" if department else "/team/skills",
            )
    return crews
