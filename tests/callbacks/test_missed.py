"""Who rang and was not reached since: read from the calls, in whatever order they came."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from callcenter.callbacks import marks
from callcenter.callbacks.missed import missed_lines
from callcenter.callbacks.models import MissedMark
from callcenter.calls.models import CallRecord
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.errors import Conflict, Invalid
from callcenter.people.directory import Directory
from tests.draws import cases

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=14)
ANH, BINH = "+84912345678", "+84987654321"
KINDS = {  # what a call can be: (direction, result)
    "missed": ("inbound", "abandoned"),
    "rejected": ("inbound", "rejected"),
    "answered": ("inbound", "answered"),
    "reached": ("outbound", "answered"),
    "not reached": ("outbound", "no_answer"),
    "ringing": ("inbound", None),
    "talking": ("outbound", None),
    "colleague": ("internal", "answered"),
}
MISSED, REACHES = {"missed", "rejected"}, {"answered", "reached", "talking"}


def a_call(place: int, kind: str, key: str = ANH, **values) -> CallRecord:
    """The `place`-th call, ten minutes after the one before."""
    direction, result = KINDS[kind]
    at = NOW - timedelta(days=1) + timedelta(minutes=10 * place)
    talks = kind in REACHES | {"colleague"}
    return CallRecord(
        **{
            "call_id": f"call-{place}",
            "direction": direction,
            "state": "ended" if result else "talking",
            "number": key,
            "number_key": key,
            "queue": "sales" if direction == "inbound" else None,
            "user_id": 3,
            "department_id": 1,
            "started_at": at,
            "answered_at": at + timedelta(seconds=5) if talks else None,
            "ended_at": at + timedelta(seconds=60) if result else None,
            "result": result,
            "waited_s": 20.0,
            **values,
        }
    )


async def put(sessions, *rows) -> None:
    async with sessions.begin() as session:
        session.add_all(rows)


async def a_customer(sessions, id: int, name: str, *keys: str, owner: int | None = None) -> None:
    async with sessions.begin() as session:
        session.add(
            Customer(
                id=id,
                code=f"KH-{id}",
                name=name,
                search_key=name.lower(),
                created_at=NOW,
                updated_at=NOW,
            )
        )
        await session.flush()
        session.add_all(
            CustomerPhone(customer_id=id, number_key=key, raw=key, reversed_digits=key[::-1])
            for key in keys
        )


async def lines(sessions, keys=None):
    async with sessions() as session:
        return await missed_lines(session, SINCE, keys)


async def test_several_missed_calls_are_one_line_that_tells_of_all(sessions):
    await put(sessions, a_call(0, "missed"), a_call(1, "missed"), a_call(2, "not reached"))

    [line] = await lines(sessions)

    assert (line.calls, line.attempts, line.number_key) == (2, 1, ANH)
    assert line.last_at - line.first_at == timedelta(minutes=10)
    assert (line.queue, line.department_id, line.waited_s) == ("sales", 1, 20.0)


async def test_tries_before_the_first_missed_call_are_no_tries_to_call_back(sessions):
    await put(sessions, a_call(0, "not reached"), a_call(1, "missed"))

    [line] = await lines(sessions)

    assert line.attempts == 0


@pytest.mark.parametrize("kind", sorted(REACHES))
async def test_whoever_talks_with_them_takes_the_line_away(sessions, kind):
    await put(sessions, a_call(0, "missed"), a_call(1, kind, user_id=4, department_id=2))

    assert await lines(sessions) == []


@pytest.mark.parametrize("kind", ["not reached", "ringing", "colleague"])
async def test_what_reaches_nobody_leaves_it(sessions, kind):
    await put(sessions, a_call(0, "missed"), a_call(1, kind))

    assert len(await lines(sessions)) == 1


async def test_after_a_talk_a_new_missed_call_begins_anew(sessions):
    await put(sessions, a_call(0, "missed"), a_call(1, "answered"), a_call(2, "missed"))

    [line] = await lines(sessions)

    assert line.calls == 1


async def test_a_call_answered_while_they_still_waited_in_the_queue_reaches_them(sessions):
    begun_before = a_call(0, "reached")
    begun_before.answered_at = a_call(1, "missed").started_at + timedelta(seconds=30)
    await put(sessions, begun_before, a_call(1, "missed"))

    assert await lines(sessions) == []


async def test_all_numbers_of_a_customer_are_one_line_and_any_of_them_reaches(sessions):
    await a_customer(sessions, 7, "Ánh", ANH, BINH)
    await put(sessions, a_call(0, "missed"), a_call(1, "missed", BINH))

    [line] = await lines(sessions)
    assert (line.party, line.name, line.calls) == ("c7", "Ánh", 2)
    assert (line.number_key, line.number_keys) == (BINH, {ANH, BINH})
    assert await lines(sessions, [ANH]) == [line]

    await put(sessions, a_call(2, "reached", ANH))
    assert await lines(sessions) == await lines(sessions, [BINH]) == []


async def test_withheld_numbers_and_calls_before_the_days_are_left_out(sessions):
    await put(
        sessions,
        a_call(0, "missed", number=None, number_key=None),
        a_call(1, "missed", started_at=SINCE - timedelta(seconds=1)),
    )

    assert await lines(sessions) == []


async def test_what_is_put_aside_comes_back_with_the_next_missed_call(sessions):
    await put(sessions, a_call(0, "missed"))
    [line] = await lines(sessions)
    async with sessions.begin() as session:
        await marks.dismiss(session, line, 3, " Sai số ", NOW)
    [aside] = await lines(sessions)
    assert (aside.dismissed_by, aside.reason) == (3, "Sai số")

    async with sessions.begin() as session:
        await marks.bring_back(session, aside)
    assert await lines(sessions) == [line]

    async with sessions.begin() as session:
        await marks.dismiss(session, line, 3, "Sai số", line.last_at + timedelta(minutes=1))
    await put(sessions, a_call(1, "missed"))
    [again] = await lines(sessions)
    assert again.dismissed_by is None and again.calls == 2


async def test_nothing_is_put_aside_without_a_reason(sessions):
    await put(sessions, a_call(0, "missed"))
    [line] = await lines(sessions)

    async with sessions() as session:
        with pytest.raises(Invalid):
            await marks.dismiss(session, line, 3, "  ", NOW)


async def test_one_takes_it_and_the_other_is_told(sessions):
    await put(sessions, a_call(0, "missed"))
    [line] = await lines(sessions)
    async with sessions.begin() as session:
        await marks.claim(session, line, 3, Directory(), NOW)
    [taken] = await lines(sessions)

    assert taken.claimed_by == 3
    async with sessions() as session:
        with pytest.raises(Conflict):
            await marks.claim(session, taken, 4, Directory(), NOW)


async def test_a_mark_from_before_a_talk_is_void_when_they_ring_again(sessions):
    await put(sessions, a_call(0, "missed"))
    [line] = await lines(sessions)
    async with sessions.begin() as session:
        await marks.claim(session, line, 3, Directory(), line.last_at + timedelta(minutes=1))
    await put(sessions, a_call(1, "reached"), a_call(2, "missed"))

    [again] = await lines(sessions)

    assert again.claimed_by is None


HISTORIES = st.lists(st.tuples(st.sampled_from([ANH, BINH]), st.sampled_from(sorted(KINDS))))


@settings(
    deadline=None,
    max_examples=cases(30),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(calls=HISTORIES.flatmap(lambda calls: st.permutations(list(enumerate(calls)))))
def test_a_number_is_in_the_inbox_exactly_when_nobody_talked_with_it_since_it_was_missed(
    database_url, calls
):
    """Written in any order, as calls filled in after an outage are."""
    expected = set()
    for _, (key, kind) in sorted(calls):
        if kind in MISSED:
            expected.add(key)
        elif kind in REACHES:
            expected.discard(key)

    assert run(database_url, calls) == expected


def run(url, calls) -> set[str]:
    import asyncio

    from sqlalchemy.ext.asyncio import async_sessionmaker

    from callcenter.db import engine_for

    async def written() -> set[str]:
        engine = engine_for(url)
        sessions = async_sessionmaker(engine, expire_on_commit=False)
        async with sessions.begin() as session:
            await session.execute(delete(CallRecord))
            await session.execute(delete(MissedMark))
            session.add_all(a_call(place, kind, key) for place, (key, kind) in calls)
        found = {line.number_key for line in await lines(sessions)}
        await engine.dispose()
        return found

    return asyncio.run(written())
