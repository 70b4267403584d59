"""/switchboard/queues: who waits for whom, for how long, and what they hear meanwhile."""

from collections.abc import Mapping, Sequence

from aiohttp import web

from callcenter.asterisk.spoken import prompt_for
from callcenter.catalogues.models import Catalogue
from callcenter.catalogues.queries import items
from callcenter.errors import N_, CallcenterError, Conflict, Invalid
from callcenter.keys import BOARD, DIRECTORY, PRESENCE, SESSIONS
from callcenter.live.rules import load_rules
from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission, needs
from callcenter.prompts.queries import prompts, sounds
from callcenter.settings.wrap_up import wrap_up_rules
from callcenter.switchboard.editing import part_of, put, removed
from callcenter.switchboard.names import check_mark, mark_of, name_for
from callcenter.switchboard.plan import HANG_UP, KEYS, Plan, Queue, Strategy
from callcenter.switchboard.queue_forms import (
    SAID,
    STRATEGIES,
    Choices,
    Problems,
    read_queue,
    texts_of_queue,
)
from callcenter.switchboard.queue_people import Staff, staff_of
from callcenter.switchboard.shared_views import page, problem_of, save, texts_of, working
from callcenter.switchboard.waiting import waiting_in
from callcenter.switchboard.ways import address_of, led_elsewhere, read_way, text_of, uses, way_to

routes = web.RouteTableDef()

PATH = "/switchboard/queues"
ONE = PATH + r"/{queue_name:[A-Za-z0-9_-]{1,32}}"
NEW = Queue(name="new", title="-", strategy=Strategy.IN_TURN)  # what a form begins with


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    plan = (await working(request)).plan
    skills = await _skill_names(request)
    return await page(
        request,
        "switchboard/queues.html",
        staff={each.name: _staff(request, each) for each in plan.queues},
        taken_by={each.name: _taken_by(request, each, skills) for each in plan.queues},
        strategies=STRATEGIES,
    )


@routes.get(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def new(request: web.Request) -> web.StreamResponse:
    plan = (await working(request)).plan
    texts = texts_of_queue(NEW) | {"title": "", "overflow": text_of(plan.default)}
    return await _form(request, None, texts, [])


@routes.post(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def add(request: web.Request) -> web.StreamResponse:
    texts, skills = await texts_of(request), await _ticked(request)
    choices, found = await _choices(request), Problems()
    known = request.app[DIRECTORY].queues

    def edit(plan: Plan) -> Plan:
        taken = {*known, *(each.name for each in plan.queues), "general", "default", "new"}
        name = name_for(texts.get("title", ""), taken, "queue")
        queue, wrong = read_queue(plan, name, texts, skills, choices)
        found.update(wrong)
        _raise_first(wrong)
        return put(plan, queue)

    try:
        await save(request, edit)
    except Invalid:
        return await _form(request, None, texts, skills, found)
    return see_other(PATH, done="draft-saved")


@routes.get(ONE)
@needs(Permission.SWITCHBOARD)
async def edit_page(request: web.Request) -> web.StreamResponse:
    queue = _one((await working(request)).plan, request)
    return await _form(request, queue, texts_of_queue(queue), [str(each) for each in queue.skills])


@routes.post(ONE)
@needs(Permission.SWITCHBOARD)
async def change(request: web.Request) -> web.StreamResponse:
    texts, skills = await texts_of(request), await _ticked(request)
    choices, found = await _choices(request), Problems()

    def edit(plan: Plan) -> Plan:
        before = _one(plan, request)
        queue, wrong = read_queue(plan, before.name, texts, skills, choices)
        found.update(wrong)
        _raise_first(wrong)
        check_mark(before, texts.get("mark", ""))
        return put(plan, queue)

    try:
        await save(request, edit)
    except (Invalid, Conflict) as problem:
        now = _one((await working(request)).plan, request)
        return await _form(request, now, texts, skills, found or problem_of(problem))
    return see_other(PATH, done="draft-saved")


@routes.get(ONE + "/delete")
@needs(Permission.SWITCHBOARD)
async def ask_to_remove(request: web.Request) -> web.StreamResponse:
    plan = (await working(request)).plan
    queue = _one(plan, request)
    # Nobody is hung up on for want of a choice.
    to = "" if plan.default in (HANG_UP, way_to(queue)) else text_of(plan.default)
    return await _removal(request, queue, {"to": to})


@routes.post(ONE + "/delete")
@needs(Permission.SWITCHBOARD)
async def remove(request: web.Request) -> web.StreamResponse:
    """Field `to`: where everything that led there leads instead, and who waits there goes on."""
    texts = await texts_of(request)

    def edit(plan: Plan) -> Plan:
        queue = _one(plan, request)
        without = removed(plan, Queue, queue.name)
        to = read_way(without, texts.get("to", ""), "to")
        if filled := next((each for each in plan.voicemails if each.queue == queue.name), None):
            sentence = N_("Messages of the voicemail {title} are this queue’s: change that first.")
            raise Conflict(sentence, title=filled.title)
        return led_elsewhere(without, way_to(queue), to)

    try:
        await save(request, edit)
    except (Invalid, Conflict) as problem:
        queue = _one((await working(request)).plan, request)
        return await _removal(request, queue, texts, problem_of(problem))
    return see_other(PATH, done="draft-removed")


# ------------------------------------------------------------------ what pages show


async def _form(
    request: web.Request,
    queue: Queue | None,
    texts: Mapping[str, str],
    skills: Sequence[str],
    problems: Mapping[str, CallcenterError] | None = None,
) -> web.Response:
    async with request.app[SESSIONS]() as session:
        rules, _ = await load_rules(session)
        wrap_up = await wrap_up_rules(session)
        every = await items(session, Catalogue.SKILL, put_away=True)
        music = [(each.name, each.title) for each in await prompts(session)]
    directory = request.app[DIRECTORY]
    offered = [each for each in every if each.active or str(each.id) in skills]
    return await page(
        request,
        "switchboard/queue.html",
        problems,
        queue=queue,
        texts=texts,
        ticked=frozenset(skills),
        mark=mark_of(queue),
        strategies=STRATEGIES,
        departments=list(directory.departments.values()),
        skills=[(each, _with_skill(request, each.id)) for each in offered],
        staff=_staff(request, queue) if queue else None,
        in_time_s=rules.company.service_level_s,
        wrap_up_s=wrap_up.after(queue.name if queue else None),
        music=music,
        keys=KEYS,
        said=[(prompt_for(each), words) for each, words in SAID.items()],
        recorded=dict(music),
        here=("queues", queue.name) if queue else None,
    )


async def _removal(
    request: web.Request,
    queue: Queue,
    texts: Mapping[str, str],
    problems: Mapping[str, CallcenterError] | None = None,
) -> web.Response:
    plan = (await working(request)).plan
    return await page(
        request,
        "switchboard/queue_delete.html",
        problems,
        plan=removed(plan, Queue, queue.name),
        queue=queue,
        uses=[(use, address_of(use.part, use.name)) for use in uses(plan, way_to(queue))],
        waiting=waiting_in(request.app[BOARD], queue.name) if BOARD in request.app else 0,
        texts=texts,
    )


def _staff(request: web.Request, queue: Queue) -> Staff:
    directory = request.app[DIRECTORY]
    if PRESENCE not in request.app:
        return staff_of(directory, queue)
    roll = request.app[PRESENCE].roll
    return staff_of(directory, queue, lambda user_id: roll.of(user_id).state)


def _taken_by(request: web.Request, queue: Queue, skills: Mapping[int, str]) -> str:
    """The department and the skills, as they are called."""
    department = request.app[DIRECTORY].departments.get(queue.department_id or 0)
    names = [department.name] if department else []
    return ", ".join([*names, *(skills[each] for each in queue.skills if each in skills)])


def _with_skill(request: web.Request, skill_id: int) -> int:
    directory = request.app[DIRECTORY]
    return sum(skill_id in directory.skills_of(each.id) for each in directory.people())


# ------------------------------------------------------------------ what forms bring


def _one(plan: Plan, request: web.Request) -> Queue:
    queue: Queue = part_of(plan, Queue, request.match_info["queue_name"])
    return queue


async def _ticked(request: web.Request) -> list[str]:
    return [str(each) for each in (await request.post()).getall("skill", [])]


async def _choices(request: web.Request) -> Choices:
    async with request.app[SESSIONS]() as session:
        names = await sounds(session)
    return Choices(
        departments=request.app[DIRECTORY].departments,
        skills=await _skill_names(request),
        prompts=names,
    )


async def _skill_names(request: web.Request) -> dict[int, str]:
    async with request.app[SESSIONS]() as session:
        return {each.id: each.name for each in await items(session, Catalogue.SKILL, put_away=True)}


def _raise_first(problems: Problems) -> None:
    for problem in problems.values():
        raise problem
