"""Birthdays and founding days come back: at the year's end and on 29 February too."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.customers.anniversaries import (
    back_within,
    birthdays,
    falls_on,
    founding_days,
    next_on,
)
from callcenter.customers.models import Customer
from callcenter.people.birthdays import is_shown
from callcenter.people.rights import Scope

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
ALL = Scope(everything=True, user_id=1)
DAYS = st.dates(date(1900, 1, 1), date(2026, 12, 31))
TODAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
YEARS = [date(2023, 12, 1) + timedelta(days=n) for n in range(6 * 366)]  # two leap years in them


@given(born=DAYS, today=TODAYS, before=st.integers(0, 60))
def test_a_day_is_told_exactly_from_so_many_days_before_it_comes_back(born, today, before):
    is_told = born in set(back_within(today, before))

    assert is_told is ((next_on(born, today) - today).days <= before)


@given(born=DAYS, today=TODAYS)
def test_every_day_comes_back_once_a_year_and_never_on_the_day_itself(born, today):
    on = next_on(born, today)

    assert on >= today and on.year > born.year
    assert falls_on(born, on.year) == on
    assert (on - today).days <= 366 or born >= today


@pytest.mark.parametrize(
    "born", [date(1990, 12, 20), date(1992, 2, 29), date(1991, 1, 1), date(1991, 12, 31)]
)
def test_a_colleagues_birthday_is_shown_from_the_first_of_its_month_until_the_day(born):
    for today in YEARS:
        on = falls_on(born, today.year)

        assert is_shown(born, today) is (date(today.year, on.month, 1) <= today <= on)


def test_20_december_is_shown_from_1_december_and_not_on_the_21st():
    born = date(1990, 12, 20)

    shown = [day for day in YEARS if day.year == 2026 and is_shown(born, day)]

    assert (shown[0], shown[-1], len(shown)) == (date(2026, 12, 1), date(2026, 12, 20), 20)


def test_29_february_is_kept_on_the_28th_in_a_common_year():
    assert falls_on(date(1992, 2, 29), 2026) == date(2026, 2, 28)
    assert falls_on(date(1992, 2, 29), 2028) == date(2028, 2, 29)
    assert date(1992, 2, 29) in back_within(date(2026, 2, 28), 0)
    assert date(1992, 2, 29) not in back_within(date(2026, 3, 1), 0)
    assert date(1992, 2, 29) not in back_within(date(2028, 2, 28), 0)


def customer(id, **values):
    now = JANUARY
    fields = {"code": f"KH-{id}", "name": f"C{id}", "search_key": f"c{id}", "created_at": now}
    return Customer(**fields | {"id": id, "updated_at": now} | values)


async def test_the_nearest_come_first_also_across_the_year(sessions):
    async with sessions() as session:
        session.add_all(
            [
                customer(1, birthday=date(1990, 1, 2)),
                customer(2, birthday=date(1985, 12, 31)),
                customer(3, birthday=date(1985, 12, 30)),
                customer(4, birthday=date(1970, 1, 4)),
                customer(5, birthday=date(1970, 12, 29)),
                customer(
                    6, birthday=date(1970, 12, 31), deleted_at=datetime(2026, 1, 1, tzinfo=UTC)
                ),
                customer(7, founded_on=date(2020, 12, 31)),
                customer(8, founded_on=date(2026, 12, 31)),
            ]
        )
        await session.commit()
        today = date(2026, 12, 30)

        born = await birthdays(session, ALL, today, 3, 10)
        founded = await founding_days(session, ALL, today, 3, 10)
        two = await birthdays(session, ALL, today, 3, 2)

    assert [(each.customer.id, each.on, each.years) for each in born] == [
        (3, date(2026, 12, 30), 41),
        (2, date(2026, 12, 31), 41),
        (1, date(2027, 1, 2), 37),
    ]
    assert [(each.customer.id, each.years) for each in founded] == [(7, 6)]
    assert [each.customer.id for each in two] == [3, 2]
