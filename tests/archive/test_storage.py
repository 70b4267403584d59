"""How much room there is and until when: by month and department on both databases, and a forecast
that a plain walk through the days agrees with."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from callcenter.archive import storage
from callcenter.archive.erasing import Why
from callcenter.archive.storage import Room, Used, full_on, growth, is_short, used
from tests.archive.shelf import a_call, a_recording, eraser_in

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 30, 18, tzinfo=UTC)  # the 1st of December in the company
TODAY = date(2026, 12, 1)
MB = 2**20


async def test_what_lies_there_is_told_by_month_of_the_company_and_by_department(
    sessions, tmp_path
):
    made = [
        ("c1", NOW, 1, 5),
        ("c2", NOW - timedelta(hours=2), 1, 7),  # November in the company
        ("c3", NOW - timedelta(days=3), 1, 1),
        ("c4", NOW - timedelta(days=3), None, 2),
        ("c5", NOW - timedelta(days=4000), 2, 9),
    ]
    async with sessions.begin() as session:
        for call_id, at, department, size in made:
            session.add(a_call(call_id, at, department_id=department))
            session.add(a_recording(tmp_path / "recordings", call_id, at, size=size))

    async with sessions() as session:
        found = await used(session, TODAY, ZONE)

    assert [(u.month, u.department_id, u.count, u.size) for u in found] == [
        (date(2025, 1, 1), 2, 1, 9),
        (date(2026, 11, 1), 0, 1, 2),
        (date(2026, 11, 1), 1, 2, 8),
        (date(2026, 12, 1), 1, 1, 5),
    ]


async def test_growth_counts_what_was_deleted_since_and_young_archives_by_their_age(
    sessions, tmp_path
):
    async with sessions.begin() as session:
        for n, (days, size) in enumerate([(10, 500), (4, 300), (2, 200)]):
            at = NOW - timedelta(days=days)
            session.add(a_call(f"c{n}", at, department_id=1))
            session.add(a_recording(tmp_path / "recordings", f"c{n}", at, size=size))
    eraser = eraser_in(sessions, tmp_path)
    await eraser.erase(["c2"], Why(user_id=1, reason="x"))
    eraser.close()
    file = len(b"the sound of c2")

    async with sessions() as session:
        lately, long = await growth(session, 5, NOW), await growth(session, 90, NOW)

    assert lately == {1: (300 + file) / 5}
    assert long == {1: (800 + file) / 10}


def test_a_disk_that_only_fills_is_full_when_it_is_used_up():
    assert full_on(TODAY, 100 * MB, {1: 10 * MB}, [], {0: 0}) == TODAY + timedelta(days=11)
    assert full_on(TODAY, 100 * MB, {}, [], {0: 0}) is None


def test_what_goes_makes_room_for_what_comes():
    month = Used(date(2026, 11, 1), 1, 30, 300 * MB, 0.0)

    assert full_on(TODAY, 50 * MB, {1: 10 * MB}, [month], {0: 0, 1: 29}) is None
    assert full_on(TODAY, 50 * MB, {1: 10 * MB}, [month], {0: 0, 1: 60}) is not None


@given(
    st.integers(1, 60),
    st.dictionaries(st.integers(0, 3), st.integers(0, 9), max_size=4),
    st.dictionaries(st.integers(0, 3), st.sampled_from([0, 1, 7, 40])),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 90)), max_size=5),
)
def test_the_forecast_is_what_a_walk_through_the_days_finds(free, per_day, terms, months):
    lying, pieces = [], []  # (department, day it was made, size)
    for back, department, size in months:
        month = date(2026, 11 - back, 1)
        lying.append(Used(month, department, 1, size, 0.0))
        days = [month + timedelta(days=n) for n in range(31)]
        days = [each for each in days if each.month == month.month]
        pieces += [(department, each, size / len(days)) for each in days]

    found = full_on(TODAY, free, per_day, lying, terms)

    def lies(piece, day):
        department, made, _ = piece
        days = terms.get(department, terms.get(0, 0))
        return not days or day <= made + timedelta(days=days)

    start = sum(size for _, _, size in pieces)
    for ahead in range(1, 400):
        day = TODAY + timedelta(days=ahead)
        pieces += [(department, day, size) for department, size in per_day.items()]
        pieces = [each for each in pieces if lies(each, day)]
        more = sum(size for _, _, size in pieces) - start
        if abs(more - free) < 1e-6:
            return  # a tie that rounding decides
        if more > free:
            assert found == day
            return
    assert found is None or found > day


def test_somebody_is_warned_a_month_before_or_when_little_is_left():
    much, little = Room(10**12, 10**11), Room(10**12, storage.LITTLE - 1)

    assert not is_short(much, None, TODAY)
    assert not is_short(much, TODAY + timedelta(days=30), TODAY)
    assert is_short(much, TODAY + timedelta(days=29), TODAY)
    assert is_short(little, None, TODAY)
