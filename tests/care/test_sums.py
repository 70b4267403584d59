"""Interactions and files are counted as one would by hand: before and after they are summed up, and
whatever happens to calls, activities and customers afterwards."""

from datetime import date, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import aiosqlite
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from callcenter.activities.models import Activity
from callcenter.calls import late
from callcenter.calls.models import CallRecord, LateChange
from callcenter.care import owners, summing
from callcenter.care.models import CareDay, MetDay, OwnerChange
from callcenter.care.sums import Known, split
from callcenter.db import database
from callcenter.reports.pieces import Piece
from callcenter.sums.rebuild import rebuild
from tests.care.by_hand import assert_all_is_counted
from tests.care.happening import EVENTS, FILTERS, NOW, SCOPES, House, number_of
from tests.draws import cases


@given(
    EVENTS,
    st.sampled_from(["Asia/Ho_Chi_Minh", "America/New_York"]),
    st.tuples(*[st.sampled_from(FILTERS)] * len(SCOPES)),
)
@settings(max_examples=cases(12), suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_happens_is_counted_as_one_would_by_hand(
    engine, sessions, monkeypatch, events, zone, filters
):
    monkeypatch.setattr(owners, "PART", 3)
    house = House(engine, sessions, ZoneInfo(zone), filters)
    await house.open()
    for event in events:
        await house.happens(*event)
        if event[0] not in ("call", "note"):
            await assert_all_is_counted(house)
    await assert_all_is_counted(house)

    await house.happens("sum up")
    await house.happens("write down", 99)

    await assert_all_is_counted(house)
    async with sessions() as session:
        for noted in (LateChange, OwnerChange):
            assert (await session.scalars(select(noted))).all() == []
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
        assert await owners.differing(connection) == 0


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
