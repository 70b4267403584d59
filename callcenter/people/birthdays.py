"""Colleagues' birthdays: shown from the 1st of the month until the day itself [15.12]."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import extract, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers.anniversaries import falls_on
from callcenter.people.models import User


@dataclass(frozen=True, slots=True)
class Birthday:
    user: User
    on: date


def is_shown(born: date, today: date) -> bool:
    """Born on 20 December: from 1 December on, and no more on the 21st."""
    on = falls_on(born, today.year)
    return born < on and on.month == today.month and today <= on


async def birthdays(session: AsyncSession, today: date) -> list[Birthday]:
    """Of all who work here, the nearest first."""
    users = await session.scalars(
        select(User).where(User.active, extract("month", User.birthday) == today.month)
    )
    found = [
        Birthday(user, falls_on(user.birthday, today.year))
        for user in users
        if user.birthday and is_shown(user.birthday, today)
    ]
    return sorted(found, key=lambda each: (each.on, each.user.name))
