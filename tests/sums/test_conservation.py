"""The sums are those of the calls, by whatever they are asked, whatever happened to the calls."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from callcenter.calls.board import Change
from callcenter.calls.call import Call, Direction, Result, State
from callcenter.calls.journal import Journal
from callcenter.calls.models import CallRecord
from callcenter.calls.summing import TABLES
from callcenter.people.directory import DepartmentNode, Directory
from callcenter.people.rights import Scope
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker
from callcenter.sums.plan import Key
from callcenter.sums.queries import by, slots
from callcenter.sums.rebuild import rebuild
from callcenter.sums.terms import total
from callcenter.tasks import running
from tests.draws import cases
from tests.sums import plain

MARA, JON, TEA = (1, 2), (2, None), (3, 3)  # ids of people and of their departments
WHOSE = {"201": MARA, "202": JON, "203": TEA}
EVERYTHING = Scope(everything=True, user_id=0)
LEAD = Scope(everything=False, user_id=2, departments=frozenset({2}))
AGENT = Scope(everything=False, user_id=3)


def asker(scope, zone):
    directory = Directory()
    directory.departments = {
        1: DepartmentNode(1, "Sales", None),
        2: DepartmentNode(2, "South", 1),
        3: DepartmentNode(3, "Care", None),
    }
    return Asker(scope, directory, date(2027, 1, 20), zone)


def call_of(told):
    began = told["moment"] + timedelta(minutes=told["minutes"])
    return Call(
        call_id=told["call_id"],
        direction=Direction(told["direction"]),
        state=State.ENDED if told["ended"] else State.TALKING,
        started_at=began,
        ended_at=began + timedelta(hours=2) if told["ended"] else None,
        queue=told["queue"],
        did=told["did"],
        agents=told["agents"],
        result=Result(told["result"]) if told["result"] and told["ended"] else None,
        waited_s=told["waited_s"],
        talked_s=told["talked_s"],
        held_s=told["held_s"],
    )


async def happened(engine, calls, zone):
    """All of it comes to the journal: calls that are told again with other facts too (filled in
    after an outage, handed to somebody else), wrap-ups when they end, a restart in the middle."""
    within = {"sales": 20, "care": 5}

    async def nobodys(keys):
        return {}

    for some in (calls[: len(calls) // 2], calls[len(calls) // 2 :]):
        journal = Journal(
            engine,
            zone=ZoneInfo(zone),
            whose=lambda call: WHOSE[call.agents[-1]] if call.agents else (None, None),
            customers=nobodys,
            key_of=str,
            within=lambda queue: within[queue],
        )
        async with running(journal.write(), name="journal"):
            for number, told in enumerate(some):
                journal.note(Change(None, call_of(told)))
                if told["wrapped_s"] is not None:
                    journal.wrapped_up(told["call_id"], told["wrapped_s"])
                if number % 4 == 3:
                    await journal.drain()
                    within["sales"] += 1  # set anew: calls of before keep what counted for them
            await journal.drain()


async def tables(sessions):
    """All rows of sums that say anything."""
    found = {}
    async with sessions() as session:
        for name, table in TABLES.items():
            keys = len(table.primary_key)
            rows = await session.execute(select(table).where(table.c.calls != 0))
            found[name] = {(*row[:keys],): tuple(round(n, 6) for n in row[keys:]) for row in rows}
    return found


def sees(scope):
    """What the scope allows, on a row."""
    return lambda row: (
        scope.everything or row.user_id == scope.user_id or (row.department_id in scope.departments)
    )


def within(asked, zone):
    return lambda row: (
        asked.since <= row.started_at.astimezone(ZoneInfo(zone)).date() <= asked.until
        and (not asked.queues or (row.queue or "-") in asked.queues)
        and (not asked.results or row.result in asked.results)
        and (not asked.departments or row.department_id in (1, 2))
        and (not asked.direction or row.direction == asked.direction)
    )


EACH = [(), *((str(key),) for key in Key)]
MORE = [
    *(("day", "result"), ("week", "queue"), ("month", "user"), ("user", "queue", "did")),
    *(("hour", "weekday"), ("hour", "queue"), ("month", "hour"), ("day", "hour", "department")),
    *(("user", "result"), ("month", "did"), ("weekday", "user"), ("queue", "direction", "result")),
]
PERIODS = [
    {"since": date(2026, 1, 1), "until": date(2027, 1, 31)},
    {"since": date(2026, 1, 31), "until": date(2026, 10, 25)},
    {"since": date(2026, 3, 8), "until": date(2026, 3, 30)},
]
TURNED = {
    **{"call_id": "1.2", "moment": plain.MOMENTS[0], "minutes": 0, "agents": (), "queue": "sales"},
    **{"did": None, "direction": "outbound", "result": "answered", "waited_s": 0.0},
    **{"talked_s": 0.0, "held_s": 0.0, "ended": False, "wrapped_s": None},
}
WAITED = {
    **{**TURNED, "direction": "inbound", "moment": plain.MOMENTS[2], "ended": True},
    **{"agents": ("201",), "waited_s": 12.5, "talked_s": 60.0, "held_s": 4.5, "wrapped_s": 8.0},
}
FILTERS = [
    *({}, {}, {"queues": ("sales", "-")}, {"departments": (1,)}, {"direction": "inbound"}),
    {"results": (Result.ANSWERED, Result.BUSY)},
]


SOME = ("calls", "talked_s", "longest_wait_s")


def _some(one):
    return (one.key, *(getattr(one, name) for name in SOME))


@given(
    st.lists(plain.TOLD, max_size=16),
    *map(st.sampled_from, (plain.ZONES, [EVERYTHING, LEAD, AGENT], PERIODS, FILTERS)),
    st.lists(st.sampled_from(MORE), min_size=4, max_size=4),
)
@example(  # a queue is known from before the direction was
    [TURNED, {**TURNED, "queue": None, "direction": "inbound", "ended": True}],
    *(plain.ZONES[0], EVERYTHING, PERIODS[0], {}, MORE[:4]),
)
@example(  # two who waited, within an hour and on two days
    [WAITED, *(WAITED | {"call_id": f"1.{n}", "minutes": n, "waited_s": 20.5} for n in (5, 2000))],
    *(plain.ZONES[0], EVERYTHING, PERIODS[2], {}, MORE[:4]),
)
@settings(max_examples=cases(12), suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_asked_is_what_one_would_count_by_hand(
    engine, sessions, told, zone, scope, period, filters, more
):
    await forgotten(sessions)
    await happened(engine, told, zone)
    asked, who = Asked(**period, **filters), asker(scope, zone)

    async with sessions() as session:
        rows = await the_calls(session, sees(scope), within(asked, zone))
        for keys in (*EACH, *more):
            if "hour" in keys and filters.get("results") and asked.days > 31:
                continue  # refused in words, but for one's own
            found = await by(session, who, asked, *keys)
            assert plain.of(found) == plain.counted(rows, zone, keys), keys
            some = await by(session, who, asked, *keys, only=SOME)
            assert [_some(each) for each in some] == [_some(each) for each in found]
        if asked.days <= 31:
            found = await slots(session, who, asked, 15, "day", "user")
            assert plain.of(found) == plain.counted(rows, zone, ("slot", "day", "user"))
            some = await slots(session, who, asked, 15, "day", "user", only=SOME)
            assert [_some(each) for each in some] == [_some(each) for each in found]


@given(st.lists(plain.TOLD, min_size=4, max_size=16), st.sampled_from(plain.ZONES))
@settings(max_examples=cases(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_agents_queues_and_the_list_of_calls_add_up_to_the_same(engine, sessions, told, zone):
    """Also of calls that two agents had: these count once, for the last of them."""
    await forgotten(sessions)
    handed_over = [each | {"agents": ("201", "202")} for each in told[::2]]
    await happened(engine, [*handed_over, *told[1::2]], zone)
    asked, who = Asked(**PERIODS[0]), asker(EVERYTHING, zone)

    async with sessions() as session:
        rows = await the_calls(session, within(asked, zone), counts)
        every = {
            key: total(await by(session, who, asked, key))
            for key in ("user", "queue", "department", "day", "result")
        }

    for found in every.values():
        assert (found.calls, found.answered) == (
            len(rows),
            sum(row.result == Result.ANSWERED for row in rows),
        )
        assert round(found.talked_s - sum(row.talked_s for row in rows), 6) == 0


@given(st.lists(plain.TOLD, max_size=16), st.sampled_from(plain.ZONES))
@settings(max_examples=cases(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_what_is_kept_call_by_call_is_what_a_rebuilding_makes(engine, sessions, told, zone):
    await forgotten(sessions)
    await happened(engine, told, zone)
    kept = await tables(sessions)

    await rebuild(engine, ZoneInfo(zone))

    assert await tables(sessions) == kept


def counts(row):
    """Calls that last are in no report, nor those between colleagues."""
    return row.ended_at is not None and row.direction != Direction.INTERNAL


async def forgotten(sessions):
    async with sessions.begin() as session:
        for table in (CallRecord.__table__, *TABLES.values()):
            await session.execute(delete(table))


async def the_calls(session, *conditions):
    rows = await session.scalars(select(CallRecord))
    return [row for row in rows if all(holds(row) for holds in conditions)]
