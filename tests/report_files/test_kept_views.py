"""Kept views of reports: their days move along, they open what was kept, and who sees whose."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from callcenter.report_files.models import ReportView
from callcenter.report_files.spans import Span, days, fitting, kept, opened
from callcenter.reports.asked import Asked

FRIDAY = date(2026, 11, 27)
TODAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        (Span.YESTERDAY, date(2026, 11, 26), date(2026, 11, 26)),
        (Span.LAST_14, date(2026, 11, 14), FRIDAY),
        (Span.THIS_WEEK, date(2026, 11, 23), FRIDAY),
        (Span.LAST_WEEK, date(2026, 11, 16), date(2026, 11, 22)),
        (Span.THIS_MONTH, date(2026, 11, 1), FRIDAY),
        (Span.LAST_MONTH, date(2026, 10, 1), date(2026, 10, 31)),
        (Span.THIS_YEAR, date(2026, 1, 1), FRIDAY),
    ],
)
def test_a_period_by_its_name(span, first, last):
    assert days(span, FRIDAY) == (first, last)


@given(st.sampled_from(Span), TODAYS)
def test_a_period_is_recognised_by_its_days(span, today):
    first, last = days(span, today)

    found = fitting(Asked(since=first, until=last), today)

    assert first <= last and days(found, today) == (first, last)


@given(st.sampled_from(["", *Span]), TODAYS, st.integers(0, 400))
def test_a_kept_question_opens_as_it_was_or_with_the_days_its_period_has_then(span, today, later):
    first, last = days(Span(span), today) if span else (date(2026, 3, 1), date(2026, 3, 9))
    asked = Asked(since=first, until=last, users=(3, 7), queues=("sales",), direction="inbound")

    found = opened(*_kept(asked, span), today + timedelta(days=later))

    wanted = days(Span(span), today + timedelta(days=later)) if span else (first, last)
    assert (found.since, found.until) == wanted
    assert (found.users, found.queues, found.direction) == ((3, 7), ("sales",), "inbound")


def _kept(asked, span):
    query, against = kept(asked, span)
    return query, span, against


def test_a_comparison_moves_along_as_well():
    asked = Asked(since=date(2026, 11, 21), until=FRIDAY, against=date(2026, 11, 14))

    week_later = opened(*_kept(asked, Span.LAST_7), FRIDAY + timedelta(days=7))

    assert week_later.against == date(2026, 11, 21)


def test_a_comparison_with_chosen_days_stays_with_them_while_the_period_moves_along():
    asked = Asked(since=date(2026, 11, 21), until=FRIDAY, against=date(2026, 3, 2))

    week_later = opened(*_kept(asked, Span.LAST_7), FRIDAY + timedelta(days=7))

    assert (week_later.since, week_later.against) == (date(2026, 11, 28), date(2026, 3, 2))


async def views_of(site):
    async with site.sessions() as session:
        return (await session.scalars(select(ReportView).order_by(ReportView.id))).all()


async def kept_by(site, who, name="Của tôi", **values):
    visitor = await site.signed_in(who)
    form = {"name": name, "asked": "agent=3&since=2026-11-01&until=2026-11-07", **values}
    answer = await visitor.post("/reports/made/views", form)
    return visitor, answer


async def test_a_view_is_kept_stands_in_the_bar_and_opens_what_was_kept(site, made):
    visitor, answer = await kept_by(site, "lea")
    [view] = await views_of(site)

    assert answer.status == 200 and "Của tôi" in answer.text
    opens = await visitor.get(f"/reports/views/{view.id}")
    assert (opens.status, opens.headers["Location"]) == (
        303,
        "/reports/made?since=2026-11-01&until=2026-11-07&agent=3",
    )
    assert "Của tôi" in (await visitor.get("/reports")).text


@pytest.mark.parametrize(
    ("name", "words"), [("  ", "Enter a name."), ("x" * 101, "Too long: 100 letters at most.")]
)
async def test_a_name_that_is_none_is_said_and_what_was_typed_is_kept(site, made, name, words):
    _, answer = await kept_by(site, "lea", name)

    assert (answer.status, await views_of(site)) == (400, [])
    assert words in answer.text and name.strip() in answer.text


@pytest.mark.parametrize(
    ("owner", "who", "sees"),
    [
        ("lea", "mara", True),
        ("lea", "tom", True),
        ("lea", "kim", False),
        ("root", "kim", True),
        ("mara", "lea", False),
        ("mara", "jon", False),
    ],
)
async def test_a_shared_view_is_seen_by_those_below_and_nobody_else(site, made, owner, who, sees):
    await kept_by(site, owner, "Chung", shared="1")
    [view] = await views_of(site)

    visitor = await site.signed_in(who)

    assert ("Chung" in (await visitor.get("/reports/made/views")).text) is sees
    assert (await visitor.get(f"/reports/views/{view.id}")).status == (303 if sees else 404)
    assert (await visitor.post(f"/reports/views/{view.id}", {"name": "Mine"})).status == 404
    assert (await visitor.post(f"/reports/views/{view.id}/delete")).status == 404


async def test_its_owner_renames_it_makes_it_the_default_deletes_it_and_brings_it_back(site, made):
    visitor, _ = await kept_by(site, "lea")
    await kept_by(site, "lea", "Thứ hai")
    first, second = await views_of(site)
    here = f"/reports/views/{first.id}"

    await visitor.post(here, {"name": "Tên mới", "default": "1"})
    assert f'href="{here}"' in (await visitor.get("/reports")).text
    await visitor.post(f"/reports/views/{second.id}", {"name": "Thứ hai", "default": "1"})
    assert [view.is_default for view in await views_of(site)] == [False, True]

    deleted = await visitor.post(f"{here}/delete")
    assert "Tên mới" not in (await visitor.get("/reports")).text
    assert f"{here}/restore" in deleted.headers["Set-Cookie"]
    await visitor.post(f"{here}/restore")
    assert "Tên mới" in (await visitor.get("/reports")).text


async def test_a_deleted_view_is_not_changed_and_comes_back_as_what_it_was(site, made):
    visitor, _ = await kept_by(site, "lea")
    await kept_by(site, "lea", "Thứ hai")
    first, second = await views_of(site)
    here, other = f"/reports/views/{first.id}", f"/reports/views/{second.id}"
    await visitor.post(here, {"name": "Của tôi", "default": "1"})

    await visitor.post(other, {"name": "Chỉ đổi tên"})
    assert [view.is_default for view in await views_of(site)] == [True, False]

    await visitor.post(f"{here}/delete")
    assert f'href="{here}"' not in (await visitor.get("/reports")).text
    assert (await visitor.post(here, {"name": "Sau đó"})).status == 404
    await visitor.post(f"{here}/restore")
    [back, _] = await views_of(site)
    assert (back.name, back.is_default) == ("Của tôi", True)

    await visitor.post(f"{here}/delete")
    await visitor.post(other, {"name": "Thứ hai", "default": "1"})
    await visitor.post(f"{here}/restore")
    assert [view.is_default for view in await views_of(site)] == [False, True]
