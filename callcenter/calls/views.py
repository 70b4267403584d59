"""All calls as a list, one call as a page, and the note that is written about it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from aiohttp import web
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from callcenter.calls import queries
from callcenter.calls.call import Result
from callcenter.calls.models import CallRecord
from callcenter.calls.quality import grade, quality_of
from callcenter.customers import queries as customers
from callcenter.customers.models import CustomerPhone
from callcenter.customers.numbers import digits_of
from callcenter.errors import N_, Conflict, Invalid
from callcenter.keys import DIRECTORY, SESSIONS, TEMPLATES
from callcenter.listening.log import of_call
from callcenter.listening.visits import WAYS
from callcenter.pages import period
from callcenter.pages.call_lines import lines
from callcenter.pages.call_words import DIRECTIONS, MISSED, RESULTS, Words
from callcenter.pages.templates import render, see_other
from callcenter.people.models import Role
from callcenter.people.permissions import Permission, needs
from callcenter.people.rights import Scope
from callcenter.people.session import signed_in
from callcenter.recordings.models import Recording
from callcenter.wrap_up.outcomes import catalogue, choices
from callcenter.wrap_up.unfinished import finish

routes = web.RouteTableDef()

GROUPS = {  # filters of several results, as the report's charts link to them
    queries.MISSED: Words(N_("Missed (incoming)"), MISSED.icon, MISSED.kind),
    queries.CURRENT: Words(N_("Still going on"), "phone", "acc"),
    queries.ENDED: Words(N_("Ended"), "check"),
    "abandoned": Words(N_("Missed (incoming)"), MISSED.icon, MISSED.kind),
    "no_answer,cancelled": Words(N_("No answer, cancelled"), "phone-missed"),
    "busy,rejected,unreachable,failed": Words(N_("Busy, declined, not reachable"), "alert"),
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
    queue: str
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
    chosen = period.read(request.query, today)
    given = {name: request.query.get(name, "").strip() for name in Asked.__slots__}
    asked = Asked(**given | chosen.query)
    filters, narrow = _filters(request, asked, chosen), _narrow(who.scope, asked)
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
        queues=directory.queues,
        outcomes=outcomes,
    )


@routes.get(r"/calls/{call_id:[A-Za-z0-9.-]{1,64}}")
@needs(Permission.CALLS)
async def one_call(request: web.Request) -> web.StreamResponse:
    return await _page(request, "calls/call.html")


@routes.get(r"/calls/{call_id:[A-Za-z0-9.-]{1,64}}/detail")
@needs(Permission.CALLS)
async def detail(request: web.Request) -> web.StreamResponse:
    """The same without a page around it, to unfold below its line in the list."""
    return await _page(request, "calls/detail.html")


@routes.post(r"/calls/{call_id:[A-Za-z0-9.-]{1,64}}/note")
@needs(Permission.CALLS)
async def note(request: web.Request) -> web.StreamResponse:
    who, call_id, form = signed_in(request), request.match_info["call_id"], await request.post()
    async with request.app[SESSIONS]() as session:
        await queries.one_call(session, who.scope.one_call, call_id)
        text, outcome = str(form.get("note", "")), str(form.get("outcome", ""))
        seen = str(form.get("version", ""))
        version = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else None
        try:
            row = await queries.save_note(
                session, call_id, who.user.id, text, outcome, version=version
            )
            await finish(session, row)
            await session.commit()
        except Invalid as error:
            return await _page(request, "calls/call.html", error=error, typed=text)
        except (Conflict, StaleDataError, IntegrityError):
            changed = Conflict(N_("This note has been changed in another window meanwhile."))
            return await _page(request, "calls/call.html", error=changed, typed=text)
    return see_other(f"/calls/{call_id}", done="note-saved")


async def _page(
    request: web.Request,
    name: str,
    error: Invalid | Conflict | None = None,
    typed: str | None = None,
) -> web.Response:
    who, call_id = signed_in(request), request.match_info["call_id"]
    directory = request.app[DIRECTORY]
    async with request.app[SESSIONS]() as session:
        record = await queries.one_call(session, who.scope.one_call, call_id)
        written = await queries.note_of(session, call_id)
        [line] = await lines(request, session, [(record, written)])
        chosen = written.outcome if written else None
        heard = [
            (directory.known(each.user_id), each, *grade(each.mos))
            for each in await quality_of(session, call_id)
        ]
        outcomes = choices(await catalogue(session), record.queue, chosen)
        leads = [
            (each, directory.known(each.user_id), directory.known(each.agent_id or 0))
            for each in (
                await of_call(session, call_id) if who.user.role == Role.SUPERADMIN else ()
            )
        ]
    author = directory.known(written.user_id) if written else None
    return render(
        request,
        name,
        status=error.status if error else 200,
        line=line,
        outcomes=outcomes,
        author=author,
        heard=heard,
        leads=leads,
        ways=WAYS,
        error=error,
        typed=typed,
    )


def _filters(request: web.Request, asked: Asked, chosen: period.Period) -> queries.CallFilters:
    zone = request.app[TEMPLATES].formats.zone

    def midnight(day: date | None) -> datetime | None:
        return datetime.combine(day, time(), zone).astimezone(UTC) if day else None

    return queries.CallFilters(
        since=midnight(chosen.since),
        until=midnight(chosen.until + timedelta(days=1) if chosen.until else None),
        direction=asked.direction,
        result=asked.result,
        outcome=asked.outcome[:32],
        user_id=_whole(asked.agent, "agent"),
        department_ids=_departments(request, _whole(asked.department, "department")),
        queue=asked.queue,
        digits="" if any(letter.isalpha() for letter in asked.number) else digits_of(asked.number),
    )


def _departments(request: web.Request, department_id: int | None) -> frozenset[int] | None:
    return None if department_id is None else request.app[DIRECTORY].below(department_id)


def _narrow(scope: Scope, asked: Asked) -> queries.Narrow:
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


def _whole(text: str, field: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(N_("“{word}” is not a filter here."), field=field, word=text[:40])
    return int(text)
