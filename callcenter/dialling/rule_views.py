"""/switchboard/dialling: which roles may call where, how often, and a number to try it with."""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
from aiohttp import web

from callcenter.customers.numbers import dialable, key_of
from callcenter.dialling import listed
from callcenter.dialling.models import DoNotCall
from callcenter.dialling.rules import Verdict, prefix_of, verdict
from callcenter.errors import N_, Conflict, Invalid, Missing
from callcenter.keys import SESSIONS, TEMPLATES
from callcenter.pages.templates import see_other
from callcenter.people.models import Role
from callcenter.people.permissions import COLUMNS, Permission, needs
from callcenter.switchboard.names import check_mark, mark_of
from callcenter.switchboard.plan import Dialling, Plan
from callcenter.switchboard.shared_views import Problems, page, problem_of, save, texts_of, working

routes = web.RouteTableDef()

PATH = "/switchboard/dialling"
ONE = PATH + r"/{prefix:\+?[0-9]{1,15}|\+}"
LONGEST_TITLE = 100
MOST_PER_HOUR = 10_000
EVERYBODY = frozenset(role.value for role in Role)
LEADING = frozenset({Role.SUPERADMIN.value, Role.TEAM_LEAD.value})
SUGGESTED = (  # beginning, what it is called, who, how often an hour
    ("+84", N_("Vietnam: mobile and landline"), EVERYBODY, 0),
    ("+841900", N_("1900: expensive service numbers"), LEADING, 10),
    ("+", N_("Abroad"), LEADING, 10),
)


@routes.get(PATH)
@needs(Permission.SWITCHBOARD)
async def show(request: web.Request) -> web.StreamResponse:
    """?number= is tried with the rules as they are on the page."""
    plan, typed = (await working(request)).plan, request.query.get("number", "")[:64]
    problems: Problems = {}
    found: Verdict | None = None
    entry: DoNotCall | None = None
    try:
        if typed.strip():
            number = dialable(typed)
            found = verdict(plan, number)
            async with request.app[SESSIONS]() as session:
                entry = await listed.entry(session, key_of(number), datetime.now(UTC))
    except Invalid as problem:
        problems = problem_of(problem)
    return await page(
        request,
        "dialling/rules.html",
        problems,
        rules=sorted(plan.dialling, key=lambda each: each.prefix),
        all_roles=COLUMNS,
        typed=typed,
        found=found,
        entry=entry if found and found.always not in ("emergency", "ours") else None,
    )


@routes.post(PATH + "/suggested")
@needs(Permission.SWITCHBOARD)
async def suggested(request: web.Request) -> web.StreamResponse:
    """Those that most companies begin with, beside the rules there are."""
    say = request.app[TEMPLATES].words.say

    def edit(plan: Plan) -> Plan:
        there = {each.prefix for each in plan.dialling}
        new = [
            Dialling(prefix=prefix, title=say(title), roles=roles, per_hour=per_hour)
            for prefix, title, roles, per_hour in SUGGESTED
            if prefix not in there
        ]
        return _with(plan, (*plan.dialling, *new))

    await save(request, edit)
    return see_other(PATH, done="draft-saved")


@routes.get(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def new(request: web.Request) -> web.StreamResponse:
    return await _form(request, None, {"per_hour": ""}, LEADING)


@routes.post(PATH + "/new")
@needs(Permission.SWITCHBOARD)
async def add(request: web.Request) -> web.StreamResponse:
    texts, roles = await texts_of(request), await _roles(request)

    def edit(plan: Plan) -> Plan:
        return _with(plan, (*plan.dialling, _read(texts, roles, plan.dialling)))

    try:
        await save(request, edit)
    except Invalid as problem:
        return await _form(request, None, texts, roles, problem_of(problem))
    return see_other(PATH, done="draft-saved")


@routes.get(ONE)
@needs(Permission.SWITCHBOARD)
async def edit_page(request: web.Request) -> web.StreamResponse:
    rule = _one((await working(request)).plan, request)
    texts = {
        "prefix": rule.prefix,
        "title": rule.title,
        "per_hour": str(rule.per_hour) if rule.per_hour else "",
    }
    return await _form(request, rule, texts, rule.roles)


@routes.post(ONE)
@needs(Permission.SWITCHBOARD)
async def change(request: web.Request) -> web.StreamResponse:
    texts, roles = await texts_of(request), await _roles(request)

    def edit(plan: Plan) -> Plan:
        before = _one(plan, request)
        others = tuple(each for each in plan.dialling if each is not before)
        after = _read(texts, roles, others)
        check_mark(before, texts.get("mark", ""))
        return _with(plan, (*others, after))

    try:
        await save(request, edit)
    except (Invalid, Conflict) as problem:
        now = _one((await working(request)).plan, request)
        return await _form(request, now, texts, roles, problem_of(problem))
    return see_other(PATH, done="draft-saved")


@routes.post(ONE + "/remove")
@needs(Permission.SWITCHBOARD)
async def remove(request: web.Request) -> web.StreamResponse:
    def edit(plan: Plan) -> Plan:
        gone = _one(plan, request)
        return _with(plan, (each for each in plan.dialling if each is not gone))

    await save(request, edit)
    return see_other(PATH, done="rule-removed")


def _with(plan: Plan, rules: Iterable[Dialling]) -> Plan:
    ordered = tuple(sorted(rules, key=lambda each: each.prefix))
    return msgspec.structs.replace(plan, dialling=ordered)


def _one(plan: Plan, request: web.Request) -> Dialling:
    prefix = "+" + request.match_info["prefix"].removeprefix("+")
    for each in plan.dialling:
        if each.prefix == prefix:
            return each
    raise Missing(N_("This is not in the switchboard (any more)."))


def _read(texts: dict[str, str], roles: frozenset[str], others: Iterable[Dialling]) -> Dialling:
    """Raises Invalid."""
    prefix, title = prefix_of(texts.get("prefix", "")), texts.get("title", "")
    if not (prefix[1:] == "" or (prefix[1:].isascii() and prefix[1:].isdigit())):
        raise Invalid(N_("A beginning is digits, with + or 0 in front."), field="prefix")
    if len(prefix) > 16:
        raise Invalid(N_("Too long: {n} digits at most."), field="prefix", n=15)
    if any(each.prefix == prefix for each in others):
        raise Invalid(N_("There is a rule for this beginning already."), field="prefix")
    if len(title) > LONGEST_TITLE:
        raise Invalid(N_("Too long: {n} letters at most."), field="title", n=LONGEST_TITLE)
    return Dialling(
        prefix=prefix, title=title, roles=roles, per_hour=_per_hour(texts.get("per_hour", ""))
    )


def _per_hour(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and int(text) <= MOST_PER_HOUR):
        raise Invalid(
            N_("A whole number up to {n}, or nothing for no limit."),
            field="per_hour",
            n=MOST_PER_HOUR,
        )
    return int(text)


async def _roles(request: web.Request) -> frozenset[str]:
    """Those ticked in the form; nobody is a choice, too."""
    given = {str(each) for each in (await request.post()).getall("roles", [])}
    return frozenset(given & EVERYBODY)


async def _form(
    request: web.Request,
    rule: Dialling | None,
    texts: dict[str, str],
    roles: frozenset[str],
    problems: Problems | None = None,
) -> web.Response:
    return await page(
        request,
        "dialling/rule.html",
        problems,
        rule=rule,
        texts=texts,
        ticked=roles,
        all_roles=COLUMNS,
        mark=mark_of(rule),
    )
