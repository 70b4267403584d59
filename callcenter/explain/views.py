"""/explain: why a call rang where it did, and why nothing rang at an agent."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.agent import DECLINED, MISSED
from callcenter.calls import queries as calls
from callcenter.calls.models import CallRecord
from callcenter.calls.rows import steps_of
from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.catalogues.queries import items
from callcenter.customers.numbers import digits_of, key_of
from callcenter.errors import N_, Invalid, Missing, Word
from callcenter.explain import queries
from callcenter.explain.agent_chain import Day, counts, day_chain
from callcenter.explain.chain import chain, verdict
from callcenter.explain.facts import Facts
from callcenter.explain.words import WHY
from callcenter.keys import BOARD, DIRECTORY, PRESENCE, SESSIONS, TEMPLATES
from callcenter.pages.call_lines import CallLine, lines, names_of
from callcenter.pages.language import current
from callcenter.pages.templates import render
from callcenter.people.directory import Person
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import SignedIn, signed_in
from callcenter.recordings.models import Proof, Recording

routes = web.RouteTableDef()

LONGEST = 64  # letters of a call's id or a number
HOUR = timedelta(hours=1)
MOST = timedelta(days=1)  # that an agent's time is explained for at once
SHOWN = 300  # lines of it


@routes.get("/explain")
@needs(Permission.CALLS)
async def explain(request: web.Request) -> web.StreamResponse:
    """`call`: an id; `number`: any writing of a number; `q`: either, as it was typed."""
    who, asked = signed_in(request), _asked(request)
    async with request.app[SESSIONS]() as session:
        found: Sequence[CallRecord] = []
        record = None
        if asked["call"]:
            record = await calls.one_call(session, who.scope.one_call, asked["call"])
        elif asked["number"]:
            key = key_of(asked["number"])
            found = await queries.calls_of_number(session, who.scope.one_call, key)
            record = found[0] if found else None
        else:
            found = await queries.latest(session, who.scope.calls)
        if record and record.number_key and not asked["number"]:
            found = await queries.calls_of_number(session, who.scope.one_call, record.number_key)
        shown = await lines(request, session, [(each, None) for each in found])
        facts = await _facts(request, session, who, record) if record else None
        line = await _line(request, session, shown, record)
    return render(
        request,
        "explain/call.html",
        asked=asked["number"] or asked["call"],
        line=line,
        links=chain(facts) if facts else [],
        verdict=verdict(facts) if facts else None,
        kept=bool(facts and any(hop.call_id for hop in facts.hops)),
        others=shown,
        people=_people(request, who),
    )


@routes.get("/explain/agent")
@needs(Permission.CALLS)
async def agent(request: web.Request) -> web.StreamResponse:
    """`agent`: a user's id, by itself oneself; `since` and `until`: times of the company's."""
    who, app = signed_in(request), request.app
    people = _people(request, who)
    person = _person(request, who, people)
    problem: Invalid | None = None
    try:
        since, until = _period(request)
    except Invalid as error:
        problem, (since, until) = error, _last_hour()
    async with app[SESSIONS]() as session:
        pictures = await queries.pictures(session, since, until)
        own = await queries.hops_of_person(session, person.id, since, until)
        ids = {hop.call_id for hop in (*pictures, *own)} - {""}
        unskilled = _unskilled(request, person, await items(session, Catalogue.SKILL))
        day = Day(
            user_id=person.id,
            since=since,
            states=await queries.states_of(session, person.id, since, until),
            own=own,
            pictures=pictures,
            may_open=frozenset(await queries.may_see(session, who.scope.one_call, ids)),
            who=lambda user_id: _name(request, user_id),
            queue=lambda name: app[DIRECTORY].queues.get(name, (name, None))[0],
            reason=lambda code: _reason(request, code),
        )
    rang, past = counts(day)
    formats, typed = app[TEMPLATES].formats, request.query
    links = day_chain(day)
    return render(
        request,
        "explain/agent.html",
        status=problem.status if problem else 200,
        person=person,
        people=people,
        queues=[app[DIRECTORY].queues[name][0] for name in _queues(request, person)],
        unskilled=unskilled,
        since=typed.get("since") if problem else f"{formats.local(since):%Y-%m-%dT%H:%M}",
        until=typed.get("until") if problem else f"{formats.local(until):%Y-%m-%dT%H:%M}",
        problem=problem,
        rang=rang,
        past=[(WHY.get(why, ""), n) for why, n in past],
        missed=sum(n for _, n in past),
        links=links[:SHOWN],
        more=len(links) > SHOWN,
        now=_now(request, person),
    )


def _asked(request: web.Request) -> dict[str, str]:
    """What is to be explained. What is typed is a call's id where it looks like one."""
    given = {name: request.query.get(name, "").strip() for name in ("call", "number", "q")}
    typed = given.pop("q")
    if typed and not any(given.values()):
        given["number" if key_of(typed) or digits_of(typed) == typed else "call"] = typed
    return {name: text[:LONGEST] for name, text in given.items()}


async def _line(
    request: web.Request,
    session: AsyncSession,
    shown: Sequence[CallLine],
    record: CallRecord | None,
) -> CallLine | None:
    if record is None:
        return None
    known = next((each for each in shown if each.record.call_id == record.call_id), None)
    return known or (await lines(request, session, [(record, None)]))[0]


async def _facts(
    request: web.Request, session: AsyncSession, who: SignedIn, record: CallRecord
) -> Facts:
    directory = request.app[DIRECTORY]
    seen = {each.id for each in directory.within(who.scope)}
    steps = steps_of(record.journey)
    if record.ended_at is None and BOARD in request.app:
        steps = list(request.app[BOARD].journey(record.call_id))

    def user_of(extension: str) -> int | None:
        person = directory.of_extension(extension)
        return person.id if person else None

    return Facts(
        record=record,
        steps=steps,
        hops=await queries.hops_of(session, record),
        recording=await session.get(Recording, record.call_id),
        erased=await session.get(Proof, record.call_id),
        names=names_of(directory, record),
        user_of=user_of,
        who=lambda user_id: _name(request, user_id),
        # Agents learn how many colleagues were on a break, not who.
        seen=lambda user_id: who.scope.everything or user_id in seen,
    )


def _name(request: web.Request, user_id: int) -> str:
    person = request.app[DIRECTORY].known(user_id)
    return person.name if person else "–"


def _reason(request: web.Request, code: str) -> str:
    """A break's name; a message id where nobody chose it."""
    if code in (MISSED, DECLINED):
        return Word(N_("Calls not answered"))
    breaks = request.app[PRESENCE].breaks.all if PRESENCE in request.app else []
    found = next((each for each in breaks if each.code == code), None)
    if found is None:
        return code
    return found.name_vi if current() == "vi" else found.name_en


def _people(request: web.Request, who: SignedIn) -> list[Person]:
    """Those who have a phone, and whose work may be seen."""
    return [each for each in request.app[DIRECTORY].within(who.scope) if each.extension]


def _person(request: web.Request, who: SignedIn, people: Sequence[Person]) -> Person:
    """Raises Missing for nobody, or somebody whose work may not be seen."""
    text = request.query.get("agent", "")
    if not text:
        own = [each for each in people if each.id == who.person.id]
        chosen = next(iter([*own, *people]), None)
    else:
        chosen = next((each for each in people if str(each.id) == text), None)
    if chosen is None:
        raise Missing(N_("There is no such agent."))
    return chosen


def _queues(request: web.Request, person: Person) -> list[str]:
    return sorted(request.app[DIRECTORY].queues_of(person))


def _unskilled(
    request: web.Request, person: Person, skills: Sequence[CatalogueItem]
) -> list[tuple[str, str]]:
    """(queue, skill), by their titles, of the queues that do not ask them for want of a skill."""
    directory = request.app[DIRECTORY]
    return [
        (directory.queues[queue][0], skill.name)
        for skill in skills
        for queue in sorted(directory.queues_asking(skill.id) - directory.queues_of(person))
    ]


def _last_hour() -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    return now - HOUR, now + timedelta(minutes=1)


def _period(request: web.Request) -> tuple[datetime, datetime]:
    """The time that is asked about; by itself the last hour. Raises Invalid, in words."""
    zone = request.app[TEMPLATES].formats.zone
    texts = [request.query.get(name, "").strip() for name in ("since", "until")]
    if not any(texts):
        return _last_hour()
    times = []
    for text in texts:
        try:
            times.append(datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC))
        except (ValueError, OverflowError):
            raise Invalid(N_("Choose a beginning and an end."), field="since") from None
    since, until = times
    if not since < until:
        raise Invalid(N_("The end has to come after the beginning."), field="until")
    if until - since > MOST:
        raise Invalid(N_("One day at most can be explained at once."), field="since")
    return since, until


def _now(request: web.Request, person: Person) -> object:
    """That agent as they are now, where this is known."""
    return request.app[PRESENCE].of(person.id) if PRESENCE in request.app else None
