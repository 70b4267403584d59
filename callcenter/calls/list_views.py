"""All calls as a list, narrowed to what its address asks for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import ColumnElement, and_, or_, select

from callcenter.calls import clock, queries
from callcenter.calls.call import Result
from callcenter.calls.models import CallRecord
from callcenter.customers import queries as customers
from callcenter.customers.models import CustomerPhone
from callcenter.customers.numbers import digits_of
from callcenter.errors import N_, Invalid
from callcenter.keys import DIRECTORY, SESSIONS, TEMPLATES
from callcenter.pages import period
from callcenter.pages.call_lines import lines
from callcenter.pages.call_words import DIRECTIONS, MISSED, RESULTS, Words
from callcenter.pages.formats import WEEKDAYS, address, phone
from callcenter.pages.language import current
from callcenter.pages.templates import render
from callcenter.people.directory import Directory
from callcenter.people.permissions import Permission, needs
from callcenter.people.rights import Scope
from callcenter.people.session import signed_in
from callcenter.recordings.models import Recording
from callcenter.wrap_up.outcomes import catalogue

routes = web.RouteTableDef()

LONGEST = 8000  # letters of what the list is narrowed to
MOST = 1000  # people or departments of one list, as of one report

GROUPS = {  # filters of several results, as the report's charts link to them
    queries.MISSED: Words(N_("Missed (incoming)"), MISSED.icon, MISSED.kind),
    queries.CURRENT: Words(N_("Still going on"), "phone", "acc"),
    queries.ENDED: Words(N_("Ended"), "check"),
    "abandoned": Words(N_("Missed (incoming)"), MISSED.icon, MISSED.kind),
    "no_answer,cancelled": Words(N_("No answer, cancelled"), "phone-missed"),
    "busy,rejected,unreachable,failed": Words(N_("Busy, declined, not reachable"), "alert"),
}
WAITS = {
    queries.IN_TIME: N_("Answered in time"),
    queries.LATE: N_("Answered late"),
    queries.SHORT: N_("Hung up within 5 seconds"),
    queries.LONG: N_("Waited for 5 seconds at least"),
}


FIRST = {
    queries.RESOLVED: N_("Solved at the first call"),
    queries.AGAIN: N_("Rang in again within 7 days"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The filters of the list as they stand in its address."""

    since: str
    until: str
    direction: str
    result: str
    agent: str
    department: str
    alone: str  # the departments without those below them
    queue: str
    did: str
    wait: str
    first: str
    clock: str
    weekday: str
    number: str
    outcome: str
    recorded: str

    @property
    def given(self) -> dict[str, str]:
        return {n: getattr(self, n) for n in self.__slots__ if getattr(self, n)}


@routes.get("/calls")
@needs(Permission.CALLS)
async def all_calls(request: web.Request) -> web.StreamResponse:
    who = signed_in(request)
    today = request.app[TEMPLATES].formats.today()
    asked, chosen = read(request.query, today)
    filters = filters_of(request.app[DIRECTORY], request.app[TEMPLATES].formats.zone, asked, chosen)
    narrow = narrowed_to(who.scope, asked)
    async with request.app[SESSIONS]() as session:
        cut = await queries.calls_cut(
            session, narrow, filters, cursor=request.query.get("cursor", "")
        )
        count = await queries.calls_count(session, narrow, filters)
        shown = await lines(request, session, cut.rows)
        outcomes = await catalogue(session)
    directory = request.app[DIRECTORY]
    people = directory.within(who.scope)
    return render(
        request,
        "calls/list.html",
        lines=shown,
        cut=cut,
        count=count,
        asked=asked,
        period=chosen,
        periods={N_("All days"): period.ALWAYS, **period.presets(today, (7, 30))},
        directions=DIRECTIONS,
        results={**{k: GROUPS[k] for k in (queries.MISSED, queries.CURRENT)}, **_single_results()},
        groups=GROUPS,
        people=people if len(people) > 1 else [],
        departments=_offered(request, asked),
        queues=directory.queues,
        outcomes=outcomes,
        chips=list(_chips(request, asked)),
    )


def read(query: Mapping[str, str], today: date) -> tuple[Asked, period.Period]:
    """What an address of the list asks for, and its days. Raises Invalid."""
    chosen = period.read(query, today)
    given = {name: query.get(name, "").replace("\0", "").strip() for name in Asked.__slots__}
    return Asked(**given | chosen.query), chosen


def whole(of: str) -> str:
    """The list's query as a form brings it along. Raises Invalid for one that is too long: cut, it
    would ask for other calls."""
    if len(of) > LONGEST:
        raise Invalid(N_("These are too many filters at once. Choose fewer, please."), "of")
    return of


def filters_of(
    directory: Directory, zone: ZoneInfo, asked: Asked, chosen: period.Period
) -> queries.CallFilters:
    """The question as the table understands it. Raises Invalid for what is no filter."""

    def midnight(day: date | None) -> datetime | None:
        return datetime.combine(day, time(), zone).astimezone(UTC) if day else None

    return queries.CallFilters(
        since=midnight(chosen.since),
        until=midnight(chosen.until + timedelta(days=1) if chosen.until else None),
        direction=asked.direction,
        result=asked.result,
        outcome=asked.outcome[:32],
        user_ids=_whole(asked.agent, "agent"),
        department_ids=_departments(directory, asked),
        queue=asked.queue,
        did=asked.did,
        wait=asked.wait,
        first=asked.first,
        clock=clock.read(asked.clock, asked.weekday),
        zone=zone,
        digits="" if any(letter.isalpha() for letter in asked.number) else digits_of(asked.number),
    )


def _departments(directory: Directory, asked: Asked) -> frozenset[int] | None:
    """Those and all below them; 0, none, has nothing below it."""
    ids = _whole(asked.department, "department")
    if not ids or asked.alone:
        return ids or None
    return frozenset[int]().union(*map(directory.below, ids))


def narrowed_to(scope: Scope, asked: Asked) -> queries.Narrow:
    """To what that scope sees, and by what the filters cannot say."""

    def narrow(statement: queries.Statement) -> queries.Statement:
        if asked.recorded:
            ready = select(Recording.call_id).where(Recording.state == "ready")
            statement = statement.where(CallRecord.call_id.in_(ready))
        if any(letter.isalpha() for letter in asked.number):
            statement = statement.where(_with(asked.number))
        return scope.calls(statement)

    return narrow


def _with(name: str) -> ColumnElement[bool]:
    """Calls with somebody of that name, whether they were a customer then or are one now."""
    ids = customers.named(name)
    numbers = select(CustomerPhone.number_key).where(CustomerPhone.customer_id.in_(ids))
    strangers = CallRecord.customer_id.is_(None)
    return or_(
        CallRecord.customer_id.in_(ids),
        and_(strangers, CallRecord.number_key.in_(numbers)),
        and_(strangers, CallRecord.caller_name.icontains(name, autoescape=True)),
    )


def _single_results() -> dict[str, Words]:
    return {each.value: RESULTS[each] for each in Result if each is not Result.ABANDONED}


def _whole(text: str, field: str) -> frozenset[int]:
    """Several with commas between; 0 is none."""
    found = [each.strip() for each in text.split(",") if each.strip()]
    if len(found) > MOST:
        raise Invalid(N_("At most {n} at once, please."), field=field, n=MOST)
    for each in found:
        if not (each.isascii() and each.isdigit() and len(each) < 10):
            raise Invalid(N_("“{word}” is not a filter here."), field=field, word=each[:40])
    return frozenset(map(int, found))


def _offered(request: web.Request, asked: Asked) -> list[tuple[str, str]]:
    """The departments one may choose between; none where the address asks for what a choice of
    one cannot say."""
    scope = signed_in(request).scope
    found = [
        (str(each.id), each.name)
        for each in request.app[DIRECTORY].departments.values()
        if scope.everything or each.id in scope.departments
    ]
    simple = asked.department in {"", *(id for id, _ in found)} and not asked.alone
    return found if simple and len(found) > 1 else []


def _chips(request: web.Request, asked: Asked) -> Iterator[tuple[str, str]]:
    """What the list is narrowed to that its form has no field for: words, and the list without."""
    say, directory = request.app[TEMPLATES].words.say, request.app[DIRECTORY]
    shown: list[tuple[str, str]] = []
    if asked.department and not _offered(request, asked):
        names = [
            directory.departments[id].name if id in directory.departments else str(id)
            for id in sorted(_whole(asked.department, "department"))
            if id
        ]
        if "0" in asked.department.split(","):
            names.append(say(N_("No department")))
        alone = f" ({say(N_('without those below'))})" if asked.alone else ""
        shown.append(("department", _named(names) + alone))
    if asked.did:
        none = say(N_("No number of ours"))
        dids = [none if each == queries.NONE else phone(each) for each in asked.did.split(",")]
        shown.append(("did", _named(dids)))
    if asked.wait:
        words = WAITS.get(asked.wait, N_("Waited for {n} seconds at least"))
        shown.append(("wait", say(words, n=asked.wait.removesuffix("-"))))
    if asked.first:
        shown.append(("first", say(FIRST[asked.first])))
    if asked.weekday:
        shown.append(("weekday", WEEKDAYS[current()][int(asked.weekday)]))
    if asked.clock:
        shown.append(("clock", asked.clock.replace("-", "–")))
    for name, words in shown:
        gone = {name, "alone"} if name == "department" else {name}
        yield words, address("/calls", {n: v for n, v in asked.given.items() if n not in gone})


def _named(names: list[str]) -> str:
    """The first three, and how many more."""
    more = f" +{len(names) - 3}" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
