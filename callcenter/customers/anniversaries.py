"""Days that come back each year: customers' birthdays and founding days, and who is next [2.27]."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import case, extract, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from callcenter.customers.models import Customer
from callcenter.people.rights import Scope

FIRST_YEAR = 1900  # nobody who is older has a telephone


@dataclass(frozen=True, slots=True)
class Reminder:
    """`on` is the day to come, `years` how many years it will have been."""

    customer: Customer
    on: date
    years: int


def falls_on(day: date, year: int) -> date:
    """The day of that year; 29 February is kept on the 28th in years that have none."""
    if (day.month, day.day) == (2, 29) and not _is_leap(year):
        return date(year, 2, 28)
    return day.replace(year=year)


def next_on(day: date, today: date) -> date:
    """When it comes back, today at the earliest. The day itself is none that comes back."""
    year = max(today.year, day.year + 1)
    found = falls_on(day, year)
    return found if found >= today else falls_on(day, year + 1)


def back_within(today: date, days: int) -> list[date]:
    """All days, since FIRST_YEAR, that come back from today until so many days later."""
    found = []
    for after in range(days + 1):
        coming = today + timedelta(days=after)
        for year in range(FIRST_YEAR, coming.year):
            if (coming.month, coming.day) != (2, 29) or _is_leap(year):
                found.append(coming.replace(year=year))
            last = (coming.month, coming.day) == (2, 28) and not _is_leap(coming.year)
            if last and _is_leap(year):
                found.append(date(year, 2, 29))
    return found


async def birthdays(
    session: AsyncSession, scope: Scope, today: date, days: int, limit: int
) -> list[Reminder]:
    """Whose birthday comes within so many days, of those one holds; the nearest first."""
    return await _coming(session, scope, Customer.birthday, today, days, limit)


async def founding_days(
    session: AsyncSession, scope: Scope, today: date, days: int, limit: int
) -> list[Reminder]:
    """Whose founding day comes within so many days, of those one holds; the nearest first."""
    return await _coming(session, scope, Customer.founded_on, today, days, limit)


async def _coming(
    session: AsyncSession,
    scope: Scope,
    column: InstrumentedAttribute[date | None],
    today: date,
    days: int,
    limit: int,
) -> list[Reminder]:
    found: list[Reminder] = []
    first, span = 0, 1
    while first <= days and len(found) < limit:  # today, two days, four, … until there are enough
        begin = today + timedelta(days=first)
        dates = back_within(begin, min(span - 1, days - first))
        for customer in await _born(session, scope, column, begin, dates, limit - len(found)):
            if day := getattr(customer, column.key):
                on = next_on(day, today)
                found.append(Reminder(customer, on, on.year - day.year))
        first, span = first + span, span * 2
    return sorted(found, key=lambda each: (each.on, each.customer.id))


async def _born(
    session: AsyncSession,
    scope: Scope,
    column: InstrumentedAttribute[date | None],
    begin: date,
    dates: list[date],
    limit: int,
) -> Sequence[Customer]:
    """Customers one holds who have one of these dates, in the order in which they come back."""
    month_day = extract("month", column) * 100 + extract("day", column)
    order = case((month_day >= begin.month * 100 + begin.day, month_day), else_=month_day + 1300)
    # By the days' own index first, which SQLite would not take beside other conditions.
    coming = select(Customer.id).where(column.in_(dates))
    nearest = scope.held_customers(select(Customer).where(Customer.id.in_(coming)))
    return (await session.scalars(nearest.order_by(order, Customer.id).limit(limit))).all()


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
