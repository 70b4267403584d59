"""A company of two departments whose phones are those of the carrier's desks."""

from datetime import UTC, datetime, timedelta

from callcenter.calls.models import CallRecord
from callcenter.customers.models import Customer
from callcenter.customers.numbers import key_of
from callcenter.people.models import Department, User
from callcenter.settings.models import Queue
from tests.popups.office import phone_of

SALES, CARE = 1, 2
CUSTOMER, NOBODYS, STRANGER = "0912345678", "0987654321", "0978220415"
NOW = datetime.now(UTC)
PEOPLE = {  # extension: (user id, department); what each phone does: carrier/behaviour.py
    "100": (1, SALES),  # answers
    "101": (2, SALES),  # is never picked up
    "103": (4, SALES),  # answers
    "104": (5, CARE),  # answers, and hangs up three seconds later
}


async def furnish(sessions, owner="101"):
    """CUSTOMER's file belongs to whoever has the phone `owner`, NOBODYS's to nobody."""
    async with sessions.begin() as session:
        session.add_all([Department(id=SALES, name="Sales"), Department(id=CARE, name="Care")])
        await session.flush()
        session.add_all(
            [
                Queue(name="sales", title="Bán hàng", department_id=SALES),
                Queue(name="care", title="Chăm sóc", department_id=CARE),
            ]
        )
        session.add_all(
            User(
                id=user_id,
                username=f"agent{extension}",
                name=f"Agent {extension}",
                password="-",
                role="agent",
                department_id=department,
                extension=extension,
                language="vi",
                theme="system",
                active=True,
            )
            for extension, (user_id, department) in PEOPLE.items()
        )
        await session.flush()
        for number, user_id in (CUSTOMER, PEOPLE[owner][0]), (NOBODYS, None):
            customer = Customer(
                code=f"KH{number[-4:]}",
                name=f"Customer {number}",
                search_key=f"customer {number}",
                owner_id=user_id,
                created_at=NOW,
                updated_at=NOW,
            )
            session.add(customer)
            await session.flush()
            session.add(phone_of(customer.id, number))


def talked(extension, number, *, ago_h=1, answered=True):
    """The row of a call with that number, hours ago."""
    at = datetime.now(UTC) - timedelta(hours=ago_h)
    return CallRecord(
        call_id=f"old-{extension}-{ago_h}",
        direction="inbound",
        state="ended",
        number=number,
        number_key=key_of(number),
        user_id=PEOPLE[extension][0],
        started_at=at,
        answered_at=at if answered else None,
        ended_at=at,
    )
