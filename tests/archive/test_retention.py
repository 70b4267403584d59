"""What the night deletes is what a plain reading of the terms says, on both databases; and that a
night that was cut off goes on."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from callcenter.archive import retention
from callcenter.archive.erasing import Why
from callcenter.archive.retention import RAN, Retention, going, save_plan
from callcenter.archive.terms import COMPANY, Plan, in_force, term_of
from callcenter.people.models import User
from callcenter.recordings.models import Hold, Listening, Proof, Recording
from callcenter.settings.queries import keep_value, value
from tests.archive.shelf import a_call, a_recording, eraser_in

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 27, 19, 5, tzinfo=UTC)  # five past two, the 28th in the company
PARENTS = {1: None, 2: None, 3: 1}
TERMS = {COMPANY: 30, 1: 5, 2: 0}


@pytest.fixture
async def shelf(sessions, tmp_path):
    eraser = eraser_in(sessions, tmp_path)
    yield Retention(sessions, eraser, lambda: PARENTS, ZONE, tmp_path / "recordings")
    eraser.close()


async def plans(sessions, terms):
    async with sessions.begin() as session:
        await save_plan(session, Plan(wanted=terms))


async def erased(sessions):
    async with sessions() as session:
        return set(await session.scalars(select(Proof.call_id)))


def days_kept(started_at):
    """How many whole days of the company lie between a call and tonight: read slowly."""
    day, today, count = started_at.astimezone(ZONE).date(), NOW.astimezone(ZONE).date(), 0
    while day < today:
        day += timedelta(days=1)
        count += 1
    return count


@pytest.mark.parametrize("seed", range(4))
async def test_the_night_deletes_what_a_plain_reading_of_the_terms_does(
    shelf, sessions, tmp_path, seed, monkeypatch
):
    monkeypatch.setattr(retention, "AT_ONCE", 7)
    dice, wanted, rows = random.Random(seed), set(), []
    terms = {each: dice.choice([0, 1, 5, 30, 400]) for each in (COMPANY, 1, 2, 3)}
    for each in dice.sample(list(terms), 2):
        if each != COMPANY:
            del terms[each]
    for n in range(60):
        call_id, department = f"c{n}", dice.choice([None, 1, 2, 3, 77])
        started = NOW - timedelta(hours=dice.choice([1, 30, 24 * 5, 24 * 6 + 3, 24 * 40, 24 * 500]))
        state = dice.choice(["ready"] * 5 + ["waiting", "failed"])
        held, heard = dice.random() < 0.15, dice.random() < 0.1
        over = dice.random() < 0.9
        ended = started + timedelta(minutes=1) if over else None
        rows.append(a_call(call_id, started, department_id=department, ended_at=ended))
        rows.append(a_recording(tmp_path / "recordings", call_id, started, state=state))
        if held:
            rows.append(Hold(call_id=call_id, reason="x", user_id=1, at=started))
        if heard:
            at = NOW - timedelta(minutes=10)
            rows.append(Listening(call_id=call_id, user_id=1, at=at))
        known = department if department in PARENTS else None
        days = term_of(terms, known, PARENTS)
        if state == "ready" and over and not held and days and days_kept(started) > days:
            wanted |= set() if heard else {call_id}
    async with sessions.begin() as session:
        session.add_all(rows)
    await plans(sessions, terms)

    await shelf.night(NOW)

    assert await erased(sessions) == wanted


async def test_what_would_go_is_what_goes(shelf, sessions, tmp_path):
    async with sessions.begin() as session:
        for n, (department, age) in enumerate(
            [(1, 9), (1, 7), (3, 9), (2, 900), (None, 40), (8, 31)]
        ):
            started = NOW - timedelta(days=age)
            session.add(a_call(f"c{n}", started, department_id=department))
            session.add(a_recording(tmp_path / "recordings", f"c{n}", started))
        session.add(Hold(call_id="c0", reason="x", user_id=1, at=NOW))
    await plans(sessions, TERMS)

    async with sessions() as session:
        found = await going(session, in_force(Plan(wanted=TERMS), NOW, PARENTS), NOW, ZONE)
    count = await shelf.night(NOW)

    by_department = {each.department_id: (each.count, each.held) for each in found}
    assert by_department == {1: (1, 1), 3: (1, 0), None: (2, 0)}
    [sales] = [each for each in found if each.department_id == 1]
    assert sales.oldest == sales.newest == NOW - timedelta(days=7)
    assert sales.size == len(b"the sound of c1")
    assert (count, await erased(sessions)) == (4, {"c1", "c2", "c4", "c5"})
    async with sessions() as session:
        proof = await session.get_one(Proof, "c1")
    assert (proof.user_id, proof.days, proof.department_id) == (None, 5, 1)


async def test_a_night_that_was_cut_off_goes_on(shelf, sessions, tmp_path, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    async with sessions.begin() as session:
        for n in range(5):
            started = NOW - timedelta(days=90 + n)
            session.add(a_call(f"c{n}", started))
            session.add(a_recording(tmp_path / "recordings", f"c{n}", started))
        await keep_value(session, RAN, (NOW - timedelta(days=1)).isoformat())
    await plans(sessions, TERMS)
    whole, times = shelf._eraser.erase, []

    async def cut(call_ids, why: Why):
        times.append(len(call_ids))
        if len(times) == 2:
            raise KeyboardInterrupt
        return await whole(call_ids, why)

    shelf._eraser.erase = cut
    with pytest.raises(KeyboardInterrupt):
        await shelf.night(NOW)
    assert len(await erased(sessions)) == 2
    assert await shelf._is_due(NOW)

    await shelf.night(NOW)

    assert len(await erased(sessions)) == 5
    assert not await shelf._is_due(NOW + timedelta(hours=23))
    assert await shelf._is_due(NOW + timedelta(hours=24))


async def a_shelf_of(sessions, tmp_path, count):
    async with sessions.begin() as session:
        for n in range(count):
            started = NOW - timedelta(days=90 + n)
            session.add(a_call(f"c{n}", started))
            session.add(a_recording(tmp_path / "recordings", f"c{n}", started))


def after_the_first_piece(shelf, monkeypatch, happens):
    """A night in pieces of two, in the middle of which something happens; the pieces."""
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    whole, times = shelf._eraser.erase, []

    async def erase(call_ids, why: Why):
        times.append(call_ids)
        outcome = await whole(call_ids, why)
        if len(times) == 1:
            await happens()
        return outcome

    shelf._eraser.erase = erase
    return times


@pytest.mark.parametrize(("days", "left"), [(0, 3), (91, 2)])
async def test_terms_that_are_made_longer_in_the_night_count_at_once(
    shelf, sessions, tmp_path, monkeypatch, days, left
):
    await a_shelf_of(sessions, tmp_path, 5)  # 90 to 94 days old: the oldest two go first
    await plans(sessions, TERMS)
    after_the_first_piece(shelf, monkeypatch, lambda: plans(sessions, {COMPANY: days}))

    assert await shelf.night(NOW) == 5 - left

    async with sessions() as session:
        assert len((await session.scalars(select(Recording))).all()) == left


async def test_a_disk_that_goes_away_in_the_night_ends_it(shelf, sessions, tmp_path, monkeypatch):
    await a_shelf_of(sessions, tmp_path, 5)
    await plans(sessions, TERMS)

    async def unplugged():
        (tmp_path / "recordings").rename(tmp_path / "elsewhere")
        (tmp_path / "recordings").mkdir()

    pieces = after_the_first_piece(shelf, monkeypatch, unplugged)

    assert await shelf.night(NOW) == 2

    assert pieces == [["c4", "c3"]]  # it has not even asked for the others
    assert await erased(sessions) == {"c3", "c4"}


async def test_what_is_not_found_or_not_read_stays_without_a_proof(shelf, sessions, tmp_path):
    await a_shelf_of(sessions, tmp_path, 3)
    await plans(sessions, TERMS)
    day = tmp_path / "recordings/2026/11/20"
    (day / "c0.mp3").unlink()
    (day / "c1.mp3").unlink()
    (day / "c1.mp3").mkdir()  # nobody reads a folder

    assert await shelf.night(NOW) == 1

    assert await erased(sessions) == {"c2"}


@pytest.mark.parametrize("ran", ["", "2026-10-01T19:00:00+00:00", "2031-01-01T00:00:00+00:00"])
async def test_a_clock_that_jumped_deletes_nothing_for_a_night(shelf, sessions, ran):
    async with sessions.begin() as session:
        await keep_value(session, RAN, ran)

    assert not await shelf._is_due(NOW)

    async with sessions() as session:
        assert await value(session, RAN) == NOW.isoformat()
    assert await shelf._is_due(NOW + timedelta(days=1))


async def test_terms_that_cannot_be_read_delete_nothing(shelf, sessions, tmp_path):
    async with sessions.begin() as session:
        session.add(User(id=1, username="root", name="Root", password="!", role="superadmin"))
        session.add(a_call("c0", NOW - timedelta(days=900)))
        session.add(a_recording(tmp_path / "recordings", "c0"))
        await keep_value(session, retention.PLAN, "{")

    assert await shelf.night(NOW) == 0
    async with sessions() as session:
        assert await session.get(Recording, "c0") is not None
