"""The time of the day as a filter: what the database finds is what a calendar says."""

import itertools
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from callcenter.calls.clock import Clock, read, shows, stretches
from callcenter.calls.models import CallRecord
from callcenter.errors import Invalid

BERLIN = ZoneInfo("Europe/Berlin")  # its clocks go forward and back
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("zone", [BERLIN, ZoneInfo("Asia/Ho_Chi_Minh")], ids=str)
async def test_calls_are_found_by_the_clock_on_the_wall(sessions, zone):
    chance = random.Random(7)
    times = {f"c{n}": START + timedelta(seconds=chance.randrange(365 * 86_400)) for n in range(800)}
    async with sessions() as session:
        session.add_all(
            CallRecord(call_id=id, direction="inbound", state="ended", started_at=at)
            for id, at in times.items()
        )
        await session.commit()
        for clock in (Clock(9 * 60, 9 * 60 + 30), Clock(weekday=6), Clock(120, 180, 2)):
            sought = shows(clock, zone, START, START + timedelta(days=365))
            found = set(await session.scalars(select(CallRecord.call_id).where(sought)))
            assert found == {id for id, at in times.items() if on(clock, at.astimezone(zone))}


def on(clock, at):
    minute = at.hour * 60 + at.minute
    return clock.start <= minute < clock.end and clock.weekday in (None, at.weekday())


def test_a_year_in_berlin_has_three_distances_from_utc_one_after_the_other():
    found = list(stretches(BERLIN, START, START + timedelta(days=365)))

    assert [offset for _, _, offset in found] == [3600, 7200, 3600]
    assert [start for start, _, _ in found][1:] == [
        datetime(2026, 3, 29, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 1, tzinfo=UTC),
    ]
    assert all(end == start for (_, end, _), (start, _, _) in itertools.pairwise(found))


@pytest.mark.parametrize(
    "typed", ["09:75-10:00", "09:00-09:75", "10:00-09:00", "09:00-25:00", "9-10"]
)
def test_a_time_that_no_clock_shows_is_no_filter(typed):
    with pytest.raises(Invalid):
        read(typed, "")
