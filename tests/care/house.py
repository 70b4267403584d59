"""A company whose customers were called, visited and forgotten by chance, in a database; and the
same as plain rows, to count without one."""

from collections import namedtuple
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from callcenter.activities.models import Activity
from callcenter.calls.models import CallRecord
from callcenter.catalogues.models import CatalogueItem
from callcenter.customers.models import Customer
from callcenter.people.directory import Directory
from callcenter.people.models import Department, User
from callcenter.people.rights import Scope
from callcenter.reports.frame import Asker

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2026, 11, 20)
SALES, CARE, NORTH = 1, 2, 3  # the north is below sales
ROOT, LEA, MARA, JON, KIM, TOM = range(1, 7)
OF = {LEA: SALES, MARA: SALES, JON: SALES, KIM: CARE, TOM: NORTH}
NEW, WON, TYPE, VISIT, MAIL = range(1, 6)  # items of catalogues
SCOPES = {
    "everything": Scope(everything=True, user_id=ROOT),
    "sales": Scope(
        everything=False, user_id=LEA, departments=frozenset({SALES, NORTH}), department_id=SALES
    ),
    "own": Scope(everything=False, user_id=MARA, department_id=SALES),
}
Company = namedtuple("Company", "directory customers calls activities")


def at(chance):
    """Some time of the last 90 days, one in three within a minute of the company's midnight."""
    day = TODAY - timedelta(days=chance.randrange(90))
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)
    if chance.random() < 0.3:
        return midnight + timedelta(seconds=chance.randrange(-60, 60))
    return midnight + timedelta(seconds=chance.randrange(86_400))


def day_of(moment):
    return moment.astimezone(ZONE).date()


def asker(company, scope):
    return Asker(SCOPES[scope], company.directory, TODAY, ZONE.key)


async def company(sessions, seed=0):
    chance = Random(seed)
    customers = [_customer(chance, number) for number in range(1, 61)]
    calls = [_call(chance, number) for number in range(250)]
    activities = [_activity(chance, number) for number in range(1, 61)]
    async with sessions.begin() as session:
        session.add_all(
            Department(id=number, name=f"D{number}", parent_id=SALES if number == NORTH else None)
            for number in (SALES, CARE, NORTH)
        )
        session.add_all(
            CatalogueItem(id=number, catalogue=catalogue, name=name, position=place)
            for place, (number, catalogue, name) in enumerate(
                [
                    (WON, "status", "Won"),
                    (NEW, "status", "New"),
                    (TYPE, "employee_type", "Full-time"),
                    (VISIT, "activity_type", "Visit"),
                    (MAIL, "activity_type", "Mail"),
                ]
            )
        )
        await session.flush()
        session.add_all(
            User(
                id=user_id,
                username=f"u{user_id}",
                name=f"U{user_id}",
                password="",
                role="superadmin" if user_id == ROOT else "agent",
                department_id=OF.get(user_id),
                employee_type_id=TYPE if user_id == MARA else None,
                active=user_id != TOM,  # who has left still owns customers
            )
            for user_id in (ROOT, *OF)
        )
        await session.flush()
        for table, rows in ((Customer, customers), (CallRecord, calls), (Activity, activities)):
            await session.execute(insert(table), rows)
    directory = Directory()
    await directory.load(sessions)
    return Company(directory, customers, calls, activities)


def _customer(chance, number):
    made = at(chance)
    owner = chance.choice([None, *OF])
    return {
        "id": number,
        "code": f"KH-{number}",
        "name": f"Customer {number}",
        "search_key": f"customer {number}",
        "owner_id": owner,
        "department_id": chance.choice([OF.get(owner), None]),
        "status_id": chance.choice([None, NEW, WON]),
        "assigned_at": made if owner else None,
        "created_by": chance.choice([owner, ROOT, None]),
        "created_at": made,
        "updated_at": made,
        "deleted_at": made if chance.random() < 0.1 else None,
    }


def _call(chance, number):
    began, user_id = at(chance), chance.choice([None, *OF])
    result = chance.choice(["answered", "answered", "abandoned", "no_answer"])
    return {
        "call_id": f"{number}.1",
        "direction": chance.choice(["inbound", "outbound", "outbound", "internal"]),
        "state": "ended",
        "number": "0912345678",
        "number_key": "+84912345678",
        "customer_id": chance.choice([None, *range(1, 31)]),  # nobody calls the other half
        "user_id": user_id,
        "department_id": OF.get(user_id, CARE),
        "started_at": began,
        "answered_at": began if result == "answered" else None,
        "ended_at": began + timedelta(minutes=9),
        "result": result,
        "talked_s": float(chance.randrange(1, 500)) if result == "answered" else 0.0,
    }


def _activity(chance, number):
    moment = at(chance)
    return {
        "id": number,
        "customer_id": chance.randrange(16, 41),
        "type_id": chance.choice([VISIT, MAIL]),
        "name": "Visit",
        "search_key": "visit",
        "user_id": chance.choice([None, *OF]),
        "at": moment,
        "created_at": moment,
        "minutes": chance.choice([None, 5, 30]),
    }
