"""The figures of care as one would count them by hand, row by row, beside what reports say."""

from collections import defaultdict
from datetime import timedelta
from unittest.mock import patch

from sqlalchemy import select

from callcenter.activities.models import Activity
from callcenter.calls.models import CallRecord
from callcenter.care import newcomers, owners, touched
from callcenter.care.sums import summed
from callcenter.customers.models import Customer
from callcenter.people.directory import DepartmentNode, Directory
from callcenter.people.models import User
from callcenter.reports.asked import Asked, Step
from callcenter.reports.frame import Asker
from callcenter.reports.pieces import pieces
from tests.care.happening import CARE, NOW, SALES, SCOPES


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
            await assert_owners_are_right(session, scope, asked, house.zone)
            with patch.object(owners, "MANY", -1):  # the database counts
                await assert_owners_are_right(session, scope, asked, house.zone)


async def assert_owners_are_right(session, scope, asked, zone):
    table = await touched.answer(session, asker(scope, zone), asked)
    ours = {int(row.key): row.cells[1:4] for row in table.rows}
    assert ours == await met(session, scope, asked, zone)
    table = await newcomers.answer(session, asker(scope, zone), asked)
    ours = {(row.cells[0], int(row.key)): row.cells[2:] for row in table.rows}
    assert ours == await new(session, scope, asked, zone)


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
    people = await _seen(session, scope)
    found = defaultdict(list)
    for c in await session.scalars(select(Customer).where(Customer.deleted_at.is_(None))):
        if c.owner_id in people:
            found[c.owner_id].append(c.id in were)
    return {
        owner: (len(files), sum(files), len(files) - sum(files)) for owner, files in found.items()
    }


async def new(session, scope, asked, zone):
    """{(day, owner): (files they made, files they were given, both)}, row by row."""
    people = await _seen(session, scope)
    found = defaultdict(list)
    for c in await session.scalars(select(Customer).where(Customer.deleted_at.is_(None))):
        if c.owner_id in people and c.assigned_at:
            day = c.assigned_at.astimezone(zone).date()
            if asked.since <= day <= asked.until:
                found[day, c.owner_id].append(c.created_by == c.owner_id)
    return {key: (sum(own), len(own) - sum(own), len(own)) for key, own in found.items()}


async def _seen(session, scope):
    return {
        u.id
        for u in await session.scalars(select(User))
        if scope.everything or u.id == scope.user_id or u.department_id in scope.departments
    }
