"""/switchboard/numbers: our numbers and where each leads, and what customers see when we call."""

import msgspec
from aiohttp import web

from callcenter.customers.numbers import dialable
from callcenter.errors import N_, Conflict, Invalid, Missing
from callcenter.pages.templates import see_other
from callcenter.people.permissions import Permission, needs
from callcenter.switchboard.names import check_mark, mark_of
from callcenter.switchboard.plan import Number, Plan
from callcenter.switchboard.shared_views import Problems, page, problem_of, save, texts_of, working
from callcenter.switchboard.ways import read_way, text_of

routes = web.RouteTableDef()

PATH = "/switchboard/numbers"
ONE = PATH + r"/{did:\+?[0-9]{1,20}}"
LONGEST_TITLE = 100


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    plan = (await working(request)).plan
    texts = {"default": text_of(plan.default), "caller_id": plan.caller_id}
    return await _list(request, texts)


@routes.post(PATH)
@needs(Permission.SWITCHBOARD)
async def change_rest(request: web.Request) -> web.StreamResponse:
    """Where all other numbers lead, and the number shown when calling out."""
    texts = await texts_of(request)

    def edit(plan: Plan) -> Plan:
        default = read_way(plan, texts.get("default", ""), "default")
        shown = texts.get("caller_id", "")
        if shown not in {"", plan.caller_id, *(each.number for each in plan.numbers)}:
            raise Invalid(N_("Choose one of your numbers."), field="caller_id")
        return msgspec.structs.replace(plan, default=default, caller_id=shown)

    try:
        await save(request, edit)
    except Invalid as problem:
        return await _list(request, texts, problem_of(problem))
    return see_other(PATH, done="draft-saved")


@routes.get(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def new(request: web.Request) -> web.StreamResponse:
    return await _form(request, None, {})


@routes.post(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def add(request: web.Request) -> web.StreamResponse:
    texts = await texts_of(request)

    def edit(plan: Plan) -> Plan:
        number = _read(plan, texts)
        if any(each.number == number.number for each in plan.numbers):
            raise Invalid(N_("This number is in the list already."), field="number")
        return msgspec.structs.replace(plan, numbers=_sorted((*plan.numbers, number)))

    try:
        await save(request, edit)
    except Invalid as problem:
        return await _form(request, None, texts, problem_of(problem))
    return see_other(PATH, done="draft-saved")


@routes.get(ONE)
@needs(Permission.SWITCHBOARD)
async def edit_page(request: web.Request) -> web.StreamResponse:
    number = _one((await working(request)).plan, request)
    texts = {"number": number.number, "title": number.title, "way": text_of(number.way)}
    return await _form(request, number, texts)


@routes.post(ONE)
@needs(Permission.SWITCHBOARD)
async def change(request: web.Request) -> web.StreamResponse:
    texts = await texts_of(request)

    def edit(plan: Plan) -> Plan:
        before, after = _one(plan, request), _read(plan, texts)
        check_mark(before, texts.get("mark", ""))
        others = [each for each in plan.numbers if each is not before]
        if any(each.number == after.number for each in others):
            raise Invalid(N_("This number is in the list already."), field="number")
        shown = after.number if plan.caller_id == before.number else plan.caller_id
        return msgspec.structs.replace(plan, numbers=_sorted((*others, after)), caller_id=shown)

    try:
        await save(request, edit)
    except (Invalid, Conflict) as problem:
        now = _one((await working(request)).plan, request)
        return await _form(request, now, texts, problem_of(problem))
    return see_other(PATH, done="draft-saved")


@routes.post(ONE + "/remove")
@needs(Permission.SWITCHBOARD)
async def remove(request: web.Request) -> web.StreamResponse:
    def edit(plan: Plan) -> Plan:
        gone = _one(plan, request)
        return msgspec.structs.replace(
            plan,
            numbers=tuple(each for each in plan.numbers if each is not gone),
            caller_id="" if plan.caller_id == gone.number else plan.caller_id,
        )

    await save(request, edit)
    return see_other(PATH, done="draft-removed")


def _one(plan: Plan, request: web.Request) -> Number:
    did = request.match_info["did"]
    for each in plan.numbers:
        if each.number == did:
            return each
    raise Missing(N_("This is not in the switchboard (any more)."))


def _read(plan: Plan, texts: dict[str, str]) -> Number:
    """Raises Invalid."""
    title = texts.get("title", "")
    if len(title) > LONGEST_TITLE:
        raise Invalid(N_("Too long: {n} letters at most."), field="title", n=LONGEST_TITLE)
    number = dialable(texts.get("number", ""))
    return Number(number=number, title=title, way=read_way(plan, texts.get("way", ""), "way"))


def _sorted(numbers: tuple[Number, ...]) -> tuple[Number, ...]:
    return tuple(sorted(numbers, key=lambda each: each.number))


async def _list(
    request: web.Request, texts: dict[str, str], problems: Problems | None = None
) -> web.Response:
    return await page(request, "switchboard/numbers.html", problems, texts=texts)


async def _form(
    request: web.Request,
    number: Number | None,
    texts: dict[str, str],
    problems: Problems | None = None,
) -> web.Response:
    return await page(
        request,
        "switchboard/number.html",
        problems,
        number=number,
        texts=texts,
        here=("numbers", number.number) if number else None,
        mark=mark_of(number),
    )
