"""/switchboard/trunks: the providers that carry calls, their order, how each is; and a trial."""

import json
from collections.abc import Mapping

import msgspec
from aiohttp import web

from callcenter.asterisk.trunks import line_of, trunk_address
from callcenter.errors import N_, CallcenterError, Conflict, Forbidden, Invalid
from callcenter.keys import CONFIG, SESSIONS, TEMPLATES, TRUNKS
from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission, needs
from callcenter.switchboard import versions
from callcenter.switchboard.editing import part_of, put, removed
from callcenter.switchboard.names import check_mark, mark_of
from callcenter.switchboard.plan import Plan, Trunk
from callcenter.switchboard.shared_views import page, problem_of, save, texts_of, working
from callcenter.trunks.forms import Reading, read_trunk, texts_of_trunk
from callcenter.trunks.news import told
from callcenter.trunks.probe import probe
from callcenter.trunks.words import rows_of

routes = web.RouteTableDef()

PATH = "/switchboard/trunks"
ONE = PATH + "/{part:[a-z0-9_-]{1,32}}"
NEW_ONES = {"knows": "account", "port": "5060", "is_on": "on"}


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        live = (await versions.live(session)).plan
        plan = (await versions.working(session)).plan
    watch = request.app.get(TRUNKS)
    ours = request.app[CONFIG].asterisk.mode == "embedded"
    rows = rows_of(plan, live, watch.now if watch else {}, ours=ours)
    outside = any(each.host for each in plan.trunks)
    return await page(
        request,
        "trunks/trunks.html",
        rows=rows,
        seen=json.dumps(told(watch) if watch else [], ensure_ascii=False, separators=(",", ":")),
        none_is_on=not any(each.is_on for each in plan.trunks),
        only_here=ours and outside and not trunk_address(request.app[CONFIG].asterisk),
        demo=request.app[CONFIG].demo.on,
    )


@routes.get(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def new(request: web.Request) -> web.StreamResponse:
    return await _form(request, None, NEW_ONES)


@routes.post(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def add(request: web.Request) -> web.StreamResponse:
    texts = await _texts(request)
    plan = (await working(request)).plan
    reading = _read(texts, None, plan)
    if reading.problems:
        return await _form(request, None, texts, reading.problems)

    def edit(plan: Plan) -> Plan:
        return put(plan, _read(texts, None, plan).trunk)

    await save(request, edit)
    return see_other(PATH, done="draft-saved")


@routes.post(PATH + "/try")
@needs(Permission.SWITCHBOARD)
async def try_new(request: web.Request) -> web.StreamResponse:
    """Try what is typed, before anything is saved; JSON {works, sentence}."""
    return await _tried(request, None)


@routes.get(ONE)
@needs(Permission.SWITCHBOARD)
async def edit_page(request: web.Request) -> web.StreamResponse:
    trunk = _one((await working(request)).plan, request)
    return await _form(request, trunk, texts_of_trunk(trunk))


@routes.post(ONE)
@needs(Permission.SWITCHBOARD)
async def change(request: web.Request) -> web.StreamResponse:
    texts = await _texts(request)
    plan = (await working(request)).plan
    trunk = _one(plan, request)
    if problems := _read(texts, trunk, plan).problems:
        return await _form(request, trunk, texts, problems)

    def edit(plan: Plan) -> Plan:
        before = _one(plan, request)
        check_mark(before, texts.get("mark", ""))
        return put(plan, _read(texts, before, plan).trunk)

    try:
        await save(request, edit)
    except Conflict as problem:
        now = _one((await working(request)).plan, request)
        return await _form(request, now, texts, problem_of(problem))
    return see_other(PATH, done="draft-saved")


@routes.post(ONE + "/try")
@needs(Permission.SWITCHBOARD)
async def try_one(request: web.Request) -> web.StreamResponse:
    """Try it as it stands in the plan, or, with a form, as it is typed; JSON {works, sentence}."""
    return await _tried(request, _one((await working(request)).plan, request))


@routes.post(ONE + "/move")
@needs(Permission.SWITCHBOARD)
async def move(request: web.Request) -> web.StreamResponse:
    """`to` is "up" (tried sooner) or "down"."""
    step = {"up": -1, "down": 1}.get((await texts_of(request)).get("to", ""))
    if step is None:
        raise Invalid(N_("A trunk moves up or down."), field="to")

    def edit(plan: Plan) -> Plan:
        trunks = list(plan.trunks)
        place = trunks.index(_one(plan, request))
        other = place + step
        if 0 <= other < len(trunks):
            trunks[place], trunks[other] = trunks[other], trunks[place]
        return msgspec.structs.replace(plan, trunks=tuple(trunks))

    await save(request, edit)
    return see_other(PATH)


@routes.post(ONE + "/switch")
@needs(Permission.SWITCHBOARD)
async def switch(request: web.Request) -> web.StreamResponse:
    """On or off, the other way round than it was."""

    def edit(plan: Plan) -> Plan:
        trunk = _one(plan, request)
        return put(plan, msgspec.structs.replace(trunk, is_on=not trunk.is_on))

    await save(request, edit)
    return see_other(PATH, done="draft-saved")


@routes.post(ONE + "/remove")
@needs(Permission.SWITCHBOARD)
async def remove(request: web.Request) -> web.StreamResponse:
    def edit(plan: Plan) -> Plan:
        trunk = _one(plan, request)
        if not trunk.host:
            raise Forbidden(N_("The installation brings this trunk: it can only be turned off."))
        return removed(plan, Trunk, trunk.name)

    await save(request, edit)
    return see_other(PATH, done="draft-removed")


async def _tried(request: web.Request, trunk: Trunk | None) -> web.StreamResponse:
    texts = await _texts(request)
    plan = (await working(request)).plan
    if "host" in texts:
        reading = _read(texts | {"title": texts.get("title") or "?"}, trunk, plan)
        for problem in reading.problems.values():
            raise problem
        trunk = reading.trunk
    if trunk is None or not trunk.host:
        raise Invalid(N_("There is nothing to try: the installation brings this trunk."))
    verdict = await probe(line_of(trunk), trunk_address(request.app[CONFIG].asterisk))
    sentence = request.app[TEMPLATES].words.say(verdict.sentence, **verdict.values)
    return web.json_response({"works": verdict.works, "sentence": sentence})


async def _texts(request: web.Request) -> dict[str, str]:
    """The form's fields; the password as it was typed, spaces and all."""
    texts = await texts_of(request)
    password = (await request.post()).get("password")
    if isinstance(password, str):
        texts["password"] = password[:2000].replace("\0", "")
    return texts


def _one(plan: Plan, request: web.Request) -> Trunk:
    """Raises Missing."""
    trunk: Trunk = part_of(plan, Trunk, request.match_info["part"])
    return trunk


def _read(texts: Mapping[str, str], before: Trunk | None, plan: Plan) -> Reading:
    taken = {each.name for each in plan.trunks if before is None or each.name != before.name}
    return read_trunk(texts, before, taken)


async def _form(
    request: web.Request,
    trunk: Trunk | None,
    texts: Mapping[str, str],
    problems: Mapping[str, CallcenterError] | None = None,
) -> web.Response:
    return await page(
        request,
        "trunks/trunk.html",
        problems,
        trunk=trunk,
        texts=texts,
        mark=mark_of(trunk),
        built_in=trunk is not None and not trunk.host,
        kept=bool(trunk and trunk.password),
        here=("trunks", trunk.name) if trunk else None,
    )
