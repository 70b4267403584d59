"""Whatever happens to calls, activities and customers' files, as it comes in in the service."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update

from callcenter.activities import queries as activities
from callcenter.activities.forms import ActivityForm
from callcenter.activities.models import Activity
from callcenter.calls.board import Change
from callcenter.calls.call import Call, Direction, Result, State
from callcenter.calls.journal import Journal
from callcenter.calls.models import CallRecord, LateChange
from callcenter.care import owners, summing
from callcenter.care.models import (
    CareDay,
    CareMonth,
    CareSummed,
    OwnerChange,
    OwnerPart,
    OwnersKept,
)
from callcenter.catalogues.models import CatalogueItem
from callcenter.customers.attaching import attach
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.customers.saving import phone_row
from callcenter.people.models import Department, User
from callcenter.people.rights import Scope
from callcenter.profiles.bin import destroy, restore, throw
from callcenter.profiles.merging import merge
from callcenter.staff.handover import Handover, give_customers
from callcenter.tasks import running

NOW = datetime.now(UTC)
SALES, CARE = 1, 2
OF = {1: SALES, 2: SALES, 3: CARE}
TYPES, CUSTOMERS = (1, 2), range(1, 5)
OWNERS = OwnerPart, OwnerChange  # last: who deletes customers notes that
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
    st.tuples(
        *(st.just("give"), st.sampled_from(CUSTOMERS), st.sampled_from([None, 1, 2, 3])),
        st.integers(0, 70 * 24 * 4),
    ),
    st.tuples(st.just("hand over"), st.sampled_from([1, 2, 3]), st.sampled_from([1, 2, 3])),
    st.tuples(st.just("move"), st.sampled_from([1, 2, 3]), st.sampled_from([SALES, CARE])),
    st.tuples(st.just("sum up")),
    st.tuples(st.just("write down"), st.integers(0, 8)),  # up to which customer
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
            for table in (LateChange, CareDay, CareMonth, CallRecord, Customer, User, *OWNERS):
                await session.execute(delete(table))
            await session.execute(update(CareSummed).values(zone="", until=None))
            await session.execute(update(OwnersKept).values(until=0))
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
            await session.execute(insert(Customer), [customer_row(n) for n in CUSTOMERS])
            await session.execute(insert(CustomerPhone), [_phone(n) for n in CUSTOMERS])

    async def happens(self, what, *facts):
        match what:
            case "call":
                return await self._call(*facts)
            case "sum up":
                return await summing.catch_up(self.engine, self.zone)
            case "write down":
                return await owners.catch_up(self.engine, *facts)
        async with self.sessions.begin() as session:
            await getattr(self, f"_{what}".replace(" ", "_"))(session, *facts)

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
            there = Customer(**customer_row((last or 0) + 1) | {"code": f"N{number}"})
            session.add(there)
            await session.flush()
            await attach(session, there, number, 1)

    async def _give(self, session, customer, user_id, ago):
        if there := await self._file(session, customer):
            there.owner_id = user_id
            there.assigned_at = NOW - ago * timedelta(minutes=15) if user_id else None

    async def _hand_over(self, session, leaver, successor):
        there = {each.id: each for each in await session.scalars(select(User))}
        facts = {"leaver": there[leaver], "successor": there[successor]}
        if leaver != successor:
            await give_customers(session, Handover(**facts, by=1, at=NOW))

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


def customer_row(n):
    values = {"id": n, "code": f"K{n}", "name": f"C{n}", "search_key": f"c{n}"}
    owner = {"owner_id": 1 + n % 3, "assigned_at": NOW - n * timedelta(days=9), "created_by": 2}
    return values | owner | {"created_at": NOW, "updated_at": NOW}


def _phone(n):
    return {"customer_id": n, **phone_row(number_of(n), 0)}
