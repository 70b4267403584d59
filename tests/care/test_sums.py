"""Interactions are counted as one would by hand: before and after their days are summed up, and
whatever happens to calls, activities and customers afterwards."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import aiosqlite
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update

from callcenter.activities import queries as activities
from callcenter.activities.forms import ActivityForm
from callcenter.activities.models import Activity
from callcenter.calls import late
from callcenter.calls.board import Change
from callcenter.calls.call import Call, Direction, Result, State
from callcenter.calls.journal import Journal
from callcenter.calls.models import CallRecord, LateChange
from callcenter.care import summing, touched
from callcenter.care.models import CareDay, CareMonth, CareSummed, MetDay
from callcenter.care.sums import Known, known, split, summed
from callcenter.catalogues.models import CatalogueItem
from callcenter.customers.attaching import attach
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.customers.saving import phone_row
from callcenter.db import database
from callcenter.people.directory import DepartmentNode, Directory
from callcenter.people.models import Department, User
from callcenter.people.rights import Scope
from callcenter.profiles.bin import destroy, restore, throw
from callcenter.profiles.merging import merge
from callcenter.reports.asked import Asked, Step
from callcenter.reports.frame import Asker
from callcenter.reports.pieces import Piece, pieces
from callcenter.sums import check
from callcenter.sums.rebuild import rebuild
from callcenter.tasks import running
from tests.draws import cases

NOW = datetime.now(UTC)
SALES, CARE = 1, 2
OF = {1: SALES, 2: SALES, 3: CARE}
TYPES, CUSTOMERS = (1, 2), range(1, 5)
STRANGERS = ("+84988888881", "+84988888882")
SCOPES = [
    Scope(everything=True, user_id=9),
    Scope(everything=False, user_id=1, departments=frozenset({SALES}), department_id=SALES),
    Scope(everything=False, user_id=3),
]
FILTERS = [
    *({}, {"users": (1, 3)}, {"departments": (CARE,)}),
    *({"direction": "inbound"}, {"types": (2,)}, {"direction": "outbound", "types": (1,)}),
]


def number_of(customer):
    return f"+8491234560{customer}"


CALL = st.tuples(
    st.just("call"),
    st.sampled_from([f"1.{n}" for n in range(6)]),
    st.integers(0, 70 * 24 * 4),  # quarters of an hour ago
    st.sampled_from([*map(number_of, CUSTOMERS), *STRANGERS]),
    st.sampled_from([None, 1, 2, 3]),
    st.sampled_from(["inbound", "outbound", "internal"]),
    st.sampled_from(["answered", "answered", "abandoned"]),
    st.sampled_from([0.0, 7.5, 300.25]),
)
NOTED = st.tuples(
    st.sampled_from(["note", "change"]),
    st.sampled_from(CUSTOMERS),
    st.sampled_from([1, 2, 3]),
    st.integers(0, 70 * 24 * 4),
    st.sampled_from(TYPES),
    st.sampled_from([None, 5, 60]),
)
REST = st.one_of(
    st.tuples(st.just("unnote")),
    st.tuples(st.just("attach"), st.sampled_from(CUSTOMERS), st.sampled_from(STRANGERS)),
    st.tuples(st.just("merge"), st.sampled_from(CUSTOMERS), st.sampled_from(CUSTOMERS)),
    st.tuples(st.sampled_from(["destroy", "throw", "restore"]), st.sampled_from(CUSTOMERS)),
    st.tuples(st.just("come"), st.sampled_from(["+8491234569", *STRANGERS])),
    st.tuples(st.just("give"), st.sampled_from(CUSTOMERS), st.sampled_from([None, 1, 2, 3])),
    st.tuples(st.just("move"), st.sampled_from([1, 2, 3]), st.sampled_from([SALES, CARE])),
    st.tuples(st.just("sum up")),
)
EVENTS = st.lists(st.one_of(CALL, CALL, NOTED, REST), min_size=4, max_size=16)


class House:
    """Everything comes in as it does in the service."""

    def __init__(self, engine, sessions, zone, filters=()):
        self.engine, self.sessions, self.zone = engine, sessions, zone
        self.filters = filters  # of each scope
        self.departments = dict(OF)

    async def open(self):
        async with self.sessions.begin() as session:
            for table in (LateChange, CareDay, CareMonth, CallRecord, Customer, User):
                await session.execute(delete(table))
            await session.execute(update(CareSummed).values(zone="", until=None))
            if not await session.get(Department, SALES):
                session.add_all(Department(id=n, name=f"D{n}") for n in (SALES, CARE))
                session.add_all(
                    CatalogueItem(id=n, catalogue="activity_type", name=f"T{n}", position=n)
                    for n in TYPES
                )
            await session.flush()
            session.add_all(
                User(
                    id=n, username=f"u{n}", name=f"U{n}", password="", role="agent", department_id=d
                )
                for n, d in OF.items()
            )
            await session.execute(insert(Customer), [_customer(n) for n in CUSTOMERS])
            await session.execute(insert(CustomerPhone), [_phone(n) for n in CUSTOMERS])

    async def happens(self, what, *facts):
        match what:
            case "call":
                return await self._call(*facts)
            case "sum up":
                return await summing.catch_up(self.engine, self.zone)
        async with self.sessions.begin() as session:
            await getattr(self, f"_{what}")(session, *facts)

    async def _call(self, call_id, ago, number, user_id, direction, result, talked_s):
        began = NOW - ago * timedelta(minutes=15)
        call = Call(
            call_id=call_id,
            direction=Direction(direction),
            state=State.ENDED,
            number=number,
            started_at=began,
            ended_at=began + timedelta(minutes=9),
            result=Result(result),
            talked_s=talked_s,
        )
        journal = Journal(
            self.engine,
            zone=self.zone,
            whose=lambda _: (user_id, self.departments.get(user_id)),
            customers=self._customers,
            key_of=str,
        )
        async with running(journal.write(), name="journal"):
            journal.note(Change(None, call))
            await journal.drain()

    async def _customers(self, keys):
        async with self.sessions() as session:
            phones = await session.scalars(select(CustomerPhone))
            return {p.number_key: p.customer_id for p in phones if p.number_key in keys}

    async def _note(self, session, customer, user_id, ago, type_id, minutes):
        if there := await self._file(session, customer):
            at = NOW - ago * timedelta(minutes=15)
            form = ActivityForm("A", "", type_id, at, minutes)
            await activities.add(session, there.id, user_id, form)

    async def _change(self, session, customer, user_id, ago, type_id, minutes):
        if one := await self._last(session):
            at = NOW - ago * timedelta(minutes=15)
            form = ActivityForm("B", "", type_id, at, minutes)
            await activities.change(session, one, user_id, form)

    async def _unnote(self, session):
        if one := await self._last(session):
            await activities.remove(session, one, 1)

    async def _attach(self, session, customer, number):
        others = await session.scalars(select(CustomerPhone.number_key))
        there = await self._file(session, customer)
        if there and number not in set(others):
            await attach(session, there, number, 1)

    async def _merge(self, session, keep, other):
        one, two = await self._file(session, keep), await self._file(session, other)
        if one and two and one is not two:
            await merge(session, one, two, (), 1)

    async def _throw(self, session, customer):
        if there := await self._file(session, customer):
            await throw(session, there, 1)

    async def _restore(self, session, customer):
        there = await session.get(Customer, customer)
        if there and there.deleted_at and not there.merged_into:
            await restore(session, there, 1)

    async def _come(self, session, number):
        known = set(await session.scalars(select(CustomerPhone.number_key)))
        if number not in known:
            last = await session.scalar(select(func.max(Customer.id)))  # as SQLite gives ids anew
            there = Customer(**_customer((last or 0) + 1) | {"code": f"N{number}"})
            session.add(there)
            await session.flush()
            await attach(session, there, number, 1)

    async def _give(self, session, customer, user_id):
        if there := await self._file(session, customer):
            there.owner_id = user_id

    async def _destroy(self, session, customer):
        await destroy(session, [customer], 1)

    async def _move(self, session, user_id, department):
        self.departments[user_id] = department
        (await session.get(User, user_id)).department_id = department

    async def _file(self, session, customer):
        there = select(Customer).where(Customer.id == customer, Customer.deleted_at.is_(None))
        return await session.scalar(there)

    async def _last(self, session):
        return await session.scalar(select(Activity).order_by(Activity.id.desc()).limit(1))


def _customer(n):
    values = {"id": n, "code": f"K{n}", "name": f"C{n}", "search_key": f"c{n}"}
    return values | {"owner_id": 1 + n % 3, "created_at": NOW, "updated_at": NOW}


def _phone(n):
    return {"customer_id": n, **phone_row(number_of(n), 0)}


def asker(scope, zone):
    directory = Directory()
    directory.departments = {n: DepartmentNode(n, f"D{n}", None) for n in (SALES, CARE)}
    return Asker(scope, directory, NOW.astimezone(zone).date(), str(zone))


async def counted(session, scope, asked, zone):
    """{(month, channel, type): (how many, seconds of those that have any)}, row by row."""
    departments = {u.id: u.department_id for u in await session.scalars(select(User))}
    rows = [
        (c.started_at, c.direction, None, c.user_id, c.department_id, c.talked_s)
        for c in await session.scalars(select(CallRecord))
        if c.result == "answered" and c.direction != "internal" and c.customer_id
    ] + [
        (
            a.at,
            "activity",
            a.type_id,
            a.user_id,
            departments.get(a.user_id),
            a.minutes and a.minutes * 60,
        )
        for a in await session.scalars(select(Activity))
    ]
    found = defaultdict(list)
    for at, channel, type_id, user_id, department, seconds in rows:
        day = at.astimezone(zone).date()
        seen = scope.everything or user_id == scope.user_id or department in scope.departments
        named = not asked.users or user_id in asked.users
        there = not asked.departments or department in asked.departments
        way = not (asked.direction or asked.types)
        way = way or channel == asked.direction or type_id in asked.types
        if seen and named and there and way and asked.since <= day <= asked.until:
            found[max(asked.since, day.replace(day=1)), (channel, type_id)].append(seconds)
    return {key: (len(many), *_known(many)) for key, many in found.items()}


def _known(many):
    known = [each for each in many if each is not None]
    return len(known), sum(known), min(known, default=None), max(known, default=None)


async def assert_all_is_counted(house):
    today = NOW.astimezone(house.zone).date()
    async with house.sessions() as session:
        periods = (80, 30), (45, 0), (3, 1)  # days before today
        for (days, back), scope, filters in zip(periods, SCOPES, house.filters, strict=True):
            since = today - timedelta(days=days)
            asked = Asked(since=since, until=today, step=Step.MONTH, **filters)
            months = pieces(asked)
            found = await summed(session, asker(scope, house.zone), asked, months)
            ours = {(months[place].since, key): tuple(each) for (place, key), each in found.items()}
            assert ours == await counted(session, scope, asked, house.zone)
            asked = Asked(since=since, until=today - timedelta(days=back))
            table = await touched.answer(session, asker(scope, house.zone), asked)
            ours = {int(row.key): row.cells[1:4] for row in table.rows}
            assert ours == await met(session, scope, asked, house.zone)


async def met(session, scope, asked, zone):
    """{owner: (files, customers somebody had an interaction with, the others)}, row by row."""
    moments = [
        (c.customer_id, c.started_at)
        for c in await session.scalars(select(CallRecord))
        if c.result == "answered" and c.direction != "internal"
    ] + [(a.customer_id, a.at) for a in await session.scalars(select(Activity))]
    were = {
        customer
        for customer, at in moments
        if asked.since <= at.astimezone(zone).date() <= asked.until
    }
    people = {
        u.id
        for u in await session.scalars(select(User))
        if scope.everything or u.id == scope.user_id or u.department_id in scope.departments
    }
    found = defaultdict(list)
    for c in await session.scalars(select(Customer).where(Customer.deleted_at.is_(None))):
        if c.owner_id in people:
            found[c.owner_id].append(c.id in were)
    return {
        owner: (len(files), sum(files), len(files) - sum(files)) for owner, files in found.items()
    }


@given(
    EVENTS,
    st.sampled_from(["Asia/Ho_Chi_Minh", "America/New_York"]),
    st.tuples(*[st.sampled_from(FILTERS)] * len(SCOPES)),
)
@settings(max_examples=cases(12), suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_happens_is_counted_as_one_would_by_hand(
    engine, sessions, events, zone, filters
):
    house = House(engine, sessions, ZoneInfo(zone), filters)
    await house.open()
    for event in events:
        await house.happens(*event)
        if event[0] not in ("call", "note"):
            await assert_all_is_counted(house)
    await assert_all_is_counted(house)

    await house.happens("sum up")

    await assert_all_is_counted(house)
    async with sessions() as session:
        assert (await session.scalars(select(LateChange))).all() == []
        days = {
            *await session.scalars(select(CareDay.day)),
            *await session.scalars(select(MetDay.day)),
        }
        moments = [
            *await session.scalars(select(CallRecord.started_at)),
            *await session.scalars(select(Activity.at)),
        ]
    days |= {at.astimezone(house.zone).date() for at in moments}
    async with engine.connect() as connection:
        for day in days:
            assert await summing.differing(connection, day, house.zone) == 0


async def test_whose_interaction_it_was_may_change_after_its_day_is_summed_up(engine, sessions):
    house = House(engine, sessions, ZoneInfo("Asia/Ho_Chi_Minh"), ({}, {}, {}))
    await house.open()
    for customer, days in ((1, 50), (2, 5), (4, 50)):
        facts = (days * 96, number_of(customer), 1, "inbound", "answered", 60.0)
        await house.happens("call", f"1.{customer}", *facts)
    await house.happens("note", 1, 1, 60 * 96, 1, 5)
    await house.happens("sum up")

    await house.happens("merge", 2, 1)

    async with sessions() as session:
        assert (await known(session, house.zone)).changed == set()  # of those of employees
    await assert_all_is_counted(house)
    await house.happens("sum up")
    await assert_all_is_counted(house)

    await house.happens("destroy", 4)
    await house.happens("come", STRANGERS[0])  # with that one's id

    await assert_all_is_counted(house)
    await house.happens("sum up")
    await assert_all_is_counted(house)


async def test_a_customer_who_is_missing_on_a_day_is_found_at_night(engine, sessions):
    house = House(engine, sessions, ZoneInfo("Asia/Ho_Chi_Minh"), ({}, {}, {}))
    await house.open()
    for n in (1, 2):
        facts = (400 + 96 * n, number_of(n), 1, "inbound", "answered", 60.0)
        await house.happens("call", f"1.{n}", *facts)
    await check.nightly(engine, sessions, house.zone)
    async with sessions.begin() as session:
        await session.execute(update(MetDay).values(customers=b"\x02"))

    wrong = await check.compared(engine, sessions, house.zone)
    await check.anew(engine, sessions, house.zone)
    mended = await check.compared(engine, sessions, house.zone)

    assert (wrong.differences, mended.differences) == (2, 0)


async def test_a_sum_that_is_wrong_is_found_at_night_and_mended_by_rebuilding(engine, sessions):
    house = House(engine, sessions, ZoneInfo("Asia/Ho_Chi_Minh"))
    await house.open()
    for n in range(3):
        facts = (400 + 100 * n, number_of(1), 1, "inbound", "answered", 60.0)
        await house.happens("call", f"1.{n}", *facts)
    await check.nightly(engine, sessions, house.zone)
    async with sessions.begin() as session:
        await session.execute(update(CareDay).values(interactions=7))

    wrong = await check.compared(engine, sessions, house.zone)
    await check.anew(engine, sessions, house.zone)
    mended = await check.compared(engine, sessions, house.zone)

    assert (wrong.differences, mended.differences) == (3, 0)


def test_no_day_is_answered_twice_or_not_at_all():
    known = Known(date(2026, 3, 20), frozenset({date(2026, 1, 5), date(2026, 2, 28)}))
    asked = Piece(date(2025, 11, 3), date(2026, 3, 31))

    months, days, others = split([asked], known)

    assert set(months) == {date(2025, 12, 1), date(2026, 3, 1)}
    told = [piece for _, piece in (*days, *others)]
    found = [p.since + timedelta(days=n) for p in told for n in range(p.days)]
    whole = {asked.since + timedelta(days=n) for n in range(asked.days)}
    of_months = {d for d in whole if d.month == 12 or (d.month == 3 and d.day <= 20)}
    assert len(found) == len(set(found))
    assert set(found) == whole - of_months
    assert {p.since for _, p in others if p.days == 1} == known.changed


async def test_a_day_with_many_changes_is_summed_up_once(engine, sessions, monkeypatch):
    house = House(engine, sessions, ZoneInfo("Asia/Kathmandu"))  # its days begin at 18:15 UTC
    await house.open()
    for n in range(12):
        facts = (5000 + 40 * n, number_of(1), 1, "inbound", "answered", 60.0)
        await house.happens("call", f"1.{n}", *facts)
    await house.happens("sum up")
    began = [NOW - (5000 + 40 * n) * timedelta(minutes=15) for n in range(12)]
    days = {at.astimezone(house.zone).date() for at in began}
    async with sessions.begin() as session:
        await late.note_rows(session, CallRecord.started_at, CallRecord.customer_id)
        await late.note(session, [(at, None) for at in began])
        noted = set(await session.scalars(select(LateChange.at)))
    monkeypatch.setattr(summing, "NOTES", 1)
    made = []
    of_day = summing._of_day
    monkeypatch.setattr(summing, "_of_day", lambda day, zone: made.append(day) or of_day(day, zone))

    await house.happens("sum up")

    assert {at.astimezone(house.zone).date() for at in noted} == days
    assert all(at.timestamp() % 900 == 0 for at in noted)
    assert sorted(made) == sorted(days)


async def test_who_sums_up_many_days_lets_others_write_between_them(sqlite_url, monkeypatch):
    could = []

    async def pause(seconds):
        async with aiosqlite.connect(sqlite_url.partition("///")[2], timeout=0) as other:
            await other.execute("BEGIN IMMEDIATE")  # raises where somebody else writes
        could.append(seconds > 0)

    async with database(sqlite_url) as (engine, sessions):
        house = House(engine, sessions, ZoneInfo("Asia/Ho_Chi_Minh"))
        await house.open()
        for n in range(4):
            facts = (400 + 96 * n, number_of(1), 1, "inbound", "answered", 60.0)
            await house.happens("call", f"1.{n}", *facts)
        monkeypatch.setattr("callcenter.db.asyncio", SimpleNamespace(sleep=pause))
        await summing.catch_up(engine, house.zone)
        of_care = len(could)
        await rebuild(engine, house.zone)

    assert of_care >= 2  # of days that are over, and of those that changed
    assert len(could) - of_care >= 4 + 2  # each day, each month, and the first look
    assert all(could)
