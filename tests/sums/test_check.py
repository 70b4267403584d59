"""The nightly comparison finds what is wrong, and says when nothing is."""

from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, update

from callcenter.calls.models import CallDay, CallRecord, QueueHour, QueueWeek
from callcenter.sums import check, rebuild

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = date(2026, 3, 31)
LATE = datetime(2026, 3, 31, 16, 30, tzinfo=UTC)  # half past eleven at night there


async def some_calls(sessions):
    rows = [
        {
            "call_id": f"1.{number}",
            "direction": "inbound",
            "state": "ended",
            "queue": "sales",
            "user_id": 1 + number % 2,
            "started_at": LATE + timedelta(minutes=20 * number),  # across midnight and the month
            "ended_at": LATE + timedelta(minutes=20 * number + 5),
            "result": "answered",
            "within_s": 20,
            "waited_s": 10.0 * number,
            "talked_s": 60.0,
        }
        for number in range(4)
    ]
    async with sessions.begin() as session:
        await session.execute(insert(CallRecord), rows)


async def test_the_first_night_makes_the_sums_and_finds_no_difference(engine, sessions):
    await some_calls(sessions)

    found = await check.nightly(engine, sessions, SAIGON)

    assert (found.calls, found.differences, found.wrong) == (4, 0, ())
    assert found.rebuilt_at is not None
    async with sessions() as session:
        assert await check.last(session) == found


async def test_what_is_wrong_is_found_by_its_day_and_mended_by_rebuilding(engine, sessions):
    await some_calls(sessions)
    await check.nightly(engine, sessions, SAIGON)
    async with sessions.begin() as session:
        await session.execute(update(CallDay).where(CallDay.day == DAY).values(calls=9))
        await session.execute(update(QueueHour).where(QueueHour.hour == 23).values(hour=22))

    found = await check.compared(engine, sessions, SAIGON)

    # two people; the hour that has none and the one that has some; people, number, hours of months
    assert found.differences == 2 + 2 + 2 + 1 + 2
    assert found.wrong == (date(2026, 3, 1), DAY)
    await check.anew(engine, sessions, SAIGON)
    assert (await check.compared(engine, sessions, SAIGON)).differences == 0


async def test_a_sum_of_a_month_that_is_wrong_alone_is_found(engine, sessions):
    await some_calls(sessions)
    await check.nightly(engine, sessions, SAIGON)
    async with sessions.begin() as session:
        await session.execute(update(QueueWeek).values(longest_wait_s=99.0))

    found = await check.nightly(engine, sessions, SAIGON)

    assert found.wrong == (date(2026, 3, 1), date(2026, 4, 1))


async def test_another_zone_has_other_days_and_all_are_made_anew(engine, sessions):
    await some_calls(sessions)
    await check.nightly(engine, sessions, SAIGON)

    found = await check.nightly(engine, sessions, ZoneInfo("America/New_York"))

    assert (found.zone, found.differences) == ("America/New_York", 0)


async def test_without_calls_there_is_nothing_to_compare(engine, sessions):
    found = await check.nightly(engine, sessions, SAIGON)

    assert (found.calls, found.days, found.differences) == (0, 0, 0)


async def test_a_call_that_ends_while_a_rebuilding_waits_to_begin_is_in_it(
    engine, sessions, monkeypatch
):
    locked, ended = rebuild.locked, []

    def waited(engine):
        @asynccontextmanager
        async def late():
            if not ended:
                ended.append(await some_calls(sessions))
            async with locked(engine) as connection:
                yield connection

        return late()

    monkeypatch.setattr(rebuild, "locked", waited)

    await check.anew(engine, sessions, SAIGON)

    assert (await check.compared(engine, sessions, SAIGON)).differences == 0
