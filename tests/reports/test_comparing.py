"""A period beside another: which row stands beside which, and by how much it grew."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.people.directory import Directory
from callcenter.reports import call_table, calls
from callcenter.reports.asked import Asked, Step
from callcenter.reports.comparing import answered, beside, choices
from callcenter.reports.frame import Column, Kind, Row, Table
from callcenter.reports.pieces import pieces
from callcenter.reports.written import change
from callcenter.service import found as service
from callcenter.service import table as service_table
from callcenter.sums.terms import Sum

DAY, WHO, CALLS, TALK = (
    Column("day", "Day", Kind.DAY),
    Column("who", "Employee", Kind.TEXT),
    Column("calls", "Calls"),
    Column("talk", "Talk time", Kind.SECONDS),
)
NOW = Asked(since=date(2026, 11, 1), until=date(2026, 11, 7), against=date(2026, 10, 1))
THEN = NOW.before


def of_people(*rows):
    return Table((WHO, CALLS, TALK), [Row(cells) for cells in rows], Row((None, 1, 2)))


def pairs(table):
    return [
        (now.cells, then.cells) for now, then in zip(table.rows, table.before.rows, strict=True)
    ]


def test_the_same_people_stand_beside_each_other_and_whoever_is_in_one_only_has_nothing():
    now, then = of_people(("An", 5, 50), ("Bình", 2, 9)), of_people(("Chi", 7, 70), ("An", 4, 30))

    assert pairs(beside(now, NOW, then, THEN)) == [
        (("An", 5, 50), ("An", 4, 30)),
        (("Bình", 2, 9), ("Bình", 0, None)),
        (("Chi", 0, None), ("Chi", 7, 70)),
    ]


def test_two_people_of_one_name_are_told_apart_by_the_key_of_their_row():
    now = Table((WHO, CALLS), [Row(("An", 1), key="7"), Row(("An", 2), key="8")])
    then = Table((WHO, CALLS), [Row(("An", 20), key="8"), Row(("An", 10), key="7")])

    assert pairs(beside(now, NOW, then, THEN)) == [
        (("An", 1), ("An", 10)),
        (("An", 2), ("An", 20)),
    ]


def test_a_day_stands_beside_the_same_day_of_its_own_period():
    now = Table((DAY, CALLS), [Row((date(2026, 11, 3), 5))])
    then = Table((DAY, CALLS), [Row((date(2026, 10, 2), 8)), Row((date(2026, 10, 3), 4))])

    assert pairs(beside(now, NOW, then, THEN)) == [
        ((date(2026, 11, 3), 5), (date(2026, 10, 3), 4)),
        ((date(2026, 11, 2), 0), (date(2026, 10, 2), 8)),
    ]


@pytest.mark.parametrize(
    ("step", "since", "against", "now", "then"),
    [
        (Step.MONTH, date(2026, 1, 31), date(2025, 1, 31), date(2026, 3, 1), date(2025, 3, 1)),
        (Step.WEEK, date(2026, 11, 4), date(2026, 10, 7), date(2026, 11, 9), date(2026, 10, 12)),
    ],
)
def test_months_and_weeks_are_counted_in_their_own_calendar(step, since, against, now, then):
    asked = Asked(since=since, until=date(2026, 12, 1), step=step, against=against)
    table = Table((DAY, CALLS), [Row((now, 1))])

    both = beside(table, asked, Table((DAY, CALLS), [Row((then, 2))]), asked.before)

    assert pairs(both) == [((now, 1), (then, 2))]


def test_a_table_that_is_by_month_is_compared_by_month_whatever_was_asked_for():
    asked = Asked(since=date(2026, 1, 15), until=date(2026, 6, 13), against=date(2025, 8, 18))
    rows = [Row((date(2026, month, 1), month)) for month in (3, 2)]
    then = [Row((date(2025, 9, 1), 9)), Row((date(2025, 8, 18), 8)), Row((date(2025, 12, 1), 12))]

    both = beside(
        Table((DAY, CALLS), rows, step=Step.MONTH), asked, Table((DAY, CALLS), then), asked.before
    )

    assert pairs(both) == [
        ((date(2026, 3, 1), 3), (date(2026, 3, 1), 0)),
        ((date(2026, 2, 1), 2), (date(2025, 9, 1), 9)),
        ((date(2026, 1, 15), 0), (date(2025, 8, 18), 8)),
        ((date(2026, 5, 1), 0), (date(2025, 12, 1), 12)),
    ]


def of_calls(asked, firsts):
    """The call report with 1 call in the step that begins on each of those days."""
    lines = [
        calls.Line(piece.since, {"answered": 1} if piece.since in firsts else {}, piece=piece)
        for piece in pieces(asked)
    ]
    found = calls.Found(None, lines, calls.Line(""), calls.SERIES)
    return call_table.table(found, asked, Directory())


def of_service(asked, firsts):
    lines = [
        service.Line(piece.since, Sum(offered=int(piece.since in firsts)), piece)
        for piece in pieces(asked)
    ]
    return service_table.table(service.Found(None, lines, Sum()), asked, Directory())


@pytest.mark.parametrize("table", [of_calls, of_service])
@pytest.mark.parametrize(
    ("step", "now", "then"),
    [
        # The 5th day, in another month than the first day on one side only.
        (Step.DAY, date(2026, 11, 2), date(2026, 10, 19)),
        (Step.WEEK, date(2026, 11, 2), date(2026, 10, 19)),
        (Step.MONTH, date(2026, 11, 1), date(2026, 11, 1)),
    ],
)
def test_rows_of_time_stand_beside_those_at_their_place_across_months(table, step, now, then):
    since = date(2026, 10, 29)
    against = date(2026, 10, 2) if step is Step.MONTH else date(2026, 10, 15)
    asked = Asked(since=since, until=date(2026, 12, 1), step=step, against=against)

    both = beside(table(asked, {now}), asked, table(asked.before, {then}), asked.before)

    [(mine, theirs)] = pairs(both)
    assert (mine[1], theirs[1]) == (1, 1)


@given(st.lists(st.integers(0, 5)), st.lists(st.integers(0, 5)))
def test_no_row_of_either_period_is_lost_or_counted_twice(mine, theirs):
    now = Table((WHO, CALLS), [Row((str(n), 1)) for n in mine])
    then = Table((WHO, CALLS), [Row((str(n), 1)) for n in theirs])

    both = beside(now, NOW, then, THEN)

    assert sum(row.cells[1] for row in both.rows) == len(mine)
    assert sum(row.cells[1] for row in both.before.rows) == len(theirs)
    assert [row.cells[0] for row in both.rows] == [row.cells[0] for row in both.before.rows]


async def test_a_report_is_asked_of_both_periods_only_when_somebody_compares():
    asked_of = []

    async def answer(session, asker, asked):
        asked_of.append(asked.since)
        return of_people(("An", asked.since.month, 0))

    await answered(None, answer, None, replace_against(None))
    both = await answered(None, answer, None, NOW)

    assert asked_of == [NOW.since, NOW.since, THEN.since]
    assert pairs(both) == [(("An", 11, 0), ("An", 10, 0))]


def replace_against(day):
    return Asked(since=NOW.since, until=NOW.until, against=day)


async def test_what_happened_once_is_not_compared():
    moments = Table(
        (Column("at", "Time", Kind.MOMENT),), [Row((datetime(2026, 1, 1, tzinfo=UTC),))]
    )

    async def answer(session, asker, asked):
        return moments

    assert (await answered(None, answer, None, NOW)).before is None


def test_columns_that_have_changed_in_between_are_not_compared():
    now = of_people(("An", 5, 50))

    assert beside(now, NOW, replace(now, columns=(WHO, TALK, CALLS)), THEN) is now


def test_a_year_before_the_29th_of_february_is_the_28th_or_so():
    leap = Asked(since=date(2028, 2, 29), until=date(2028, 2, 29))

    assert choices(leap)["The same days a year ago"] == (date(2027, 3, 1), date(2027, 3, 1))


@pytest.mark.parametrize(
    ("now", "was", "kind", "grown"),
    [
        (120, 100, Kind.COUNT, 0.2),
        (0, 100, Kind.COUNT, -1),
        (5, 0, Kind.COUNT, None),
        (0.75, 0.5, Kind.SHARE, 0.25),
        (None, 3, Kind.SECONDS, None),
        ("An", "An", Kind.TEXT, None),
    ],
)
def test_growth_is_a_part_of_what_it_was_and_a_share_s_a_difference(now, was, kind, grown):
    assert change(now, was, kind) == pytest.approx(grown)
