import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from callcenter.calls import journal as paper
from callcenter.calls.board import Change
from callcenter.calls.call import Call, Direction, Result, State, Transfer
from callcenter.calls.journal import Journal
from callcenter.calls.models import CallDay, CallRecord
from callcenter.calls.rows import Row
from callcenter.db import engine_for
from callcenter.tasks import running

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)  # in Saigon
MARA = (7, 2)  # her id and her department's


def a_call(call_id="1.1", **facts):
    facts = {"number": "0912345678", "queue": "sales", "started_at": NOON, **facts}
    return Call(
        **{"direction": Direction.INBOUND, "state": State.WAITING, **facts, "call_id": call_id}
    )


def answered(call, seconds=60.0):
    return replace(
        call,
        state=State.ENDED,
        agents=("201",),
        answered_at=call.started_at + timedelta(seconds=5),
        ended_at=call.started_at + timedelta(seconds=5 + seconds),
        result=Result.ANSWERED,
        waited_s=5.0,
        talked_s=seconds,
        ended_by="customer",
    )


def journal_of(engine, customers=None, zone=SAIGON):
    asked = []

    async def find(keys):
        asked.append(keys)
        return {key: (customers or {})[key] for key in keys if key in (customers or {})}

    journal = Journal(
        engine,
        zone=zone,
        whose=lambda call: MARA if call.agents else (None, 2),
        customers=find,
        key_of=lambda number: "+84" + number[1:] if number.isdigit() else "",
    )
    return journal, asked


async def written(journal, *calls):
    """Note the calls and return when they are on paper."""
    async with running(journal.write(), name="journal"):
        for call in calls:
            journal.note(Change(None, call))
        await journal.drain()
    assert journal.behind == 0


async def the_calls(sessions):
    async with sessions() as session:
        found = await session.scalars(select(CallRecord).order_by(CallRecord.call_id))
        return list(found)


async def the_days(sessions):
    async with sessions() as session:
        found = await session.scalars(select(CallDay).order_by(CallDay.day))
        return [
            (d.day, d.user_id, d.department_id, d.queue, d.direction, d.result, d.calls, d.talked_s)
            for d in found
            if d.calls
        ]


def test_a_row_has_the_columns_of_the_table():
    assert list(Row._fields) == [column.name for column in CallRecord.__table__.columns]


async def test_a_call_is_on_paper_while_it_lasts(engine, sessions):
    journal, _ = journal_of(engine)

    await written(journal, a_call())

    [row] = await the_calls(sessions)
    assert (row.call_id, row.state, row.number, row.number_key) == (
        *("1.1", "waiting", "0912345678", "+84912345678"),
    )
    assert (row.started_at, row.ended_at, row.department_id) == (NOON, None, 2)
    assert await the_days(sessions) == []


async def test_all_of_an_ended_call_is_kept(engine, sessions):
    journal, _ = journal_of(engine, {"+84912345678": 42})
    call = replace(
        answered(a_call(did="02873001234", caller_name="Nguyễn Văn An 🙂")),
        rung=("202", "201"),
        agents=("201", "203"),
        transfers=(Transfer(kind="blind", source="201", target="203"),),
        held_s=1.5,
        cause=16,
        digits="1",
    )

    await written(journal, call)

    [row] = await the_calls(sessions)
    assert (row.customer_id, row.user_id, row.agents, row.rung) == (42, 7, "201,203", "202,201")
    assert row.transfers == '[{"kind":"blind","from":"201","to":"203"}]'
    assert (row.caller_name, row.did, row.digits) == ("Nguyễn Văn An 🙂", "02873001234", "1")
    assert (row.result, row.cause, row.ended_by) == ("answered", 16, "customer")
    assert (row.waited_s, row.talked_s, row.held_s) == (5.0, 60.0, 1.5)


async def test_the_last_change_of_a_call_stands_whatever_was_waiting(engine, sessions):
    journal, _ = journal_of(engine)
    call = a_call()

    await written(journal, call, a_call("1.2"), replace(call, state=State.RINGING), answered(call))

    assert [row.state for row in await the_calls(sessions)] == ["ended", "waiting"]


async def test_an_ended_call_counts_on_its_day_for_its_agent(engine, sessions):
    journal, _ = journal_of(engine)

    await written(journal, answered(a_call("1.1"), 60.0), answered(a_call("1.2"), 30.0))

    assert await the_days(sessions) == [
        (date(2026, 3, 2), 7, 2, "sales", "inbound", "answered", 2, 90.0)
    ]


async def test_the_day_is_the_companys_not_the_worlds(engine, sessions):
    journal, _ = journal_of(engine)
    late = a_call(started_at=datetime(2026, 3, 2, 18, tzinfo=UTC))  # one in the morning in Saigon

    await written(journal, answered(late))

    assert [day for day, *_ in await the_days(sessions)] == [date(2026, 3, 3)]


async def test_a_call_that_ends_twice_counts_once(engine, sessions):
    journal, _ = journal_of(engine)
    call = answered(a_call())

    await written(journal, call)
    await written(journal, call, call)

    assert [day[6:] for day in await the_days(sessions)] == [(1, 60.0)]


async def test_a_call_that_ends_again_after_a_restart_counts_once(engine, sessions):
    before, _ = journal_of(engine)
    await written(before, a_call(), answered(a_call()))

    after, _ = journal_of(engine)
    await written(after, answered(a_call()))

    assert [day[6:] for day in await the_days(sessions)] == [(1, 60.0)]


async def test_a_late_correction_corrects_the_sums(engine, sessions):
    journal, _ = journal_of(engine)
    call = answered(a_call())

    await written(journal, call)
    await written(journal, replace(call, result=Result.ABANDONED, talked_s=0.0, agents=()))

    assert [day[5:] for day in await the_days(sessions)] == [("abandoned", 1, 0.0)]


async def test_a_restart_in_mid_call_forgets_nothing_that_was_known(engine, sessions):
    before, _ = journal_of(engine)
    await written(
        before, replace(answered(a_call()), state=State.TALKING, ended_at=None, result=None)
    )

    after, _ = journal_of(engine)
    later = NOON + timedelta(seconds=90)
    await written(
        after, a_call(number=None, queue=None, started_at=later, ended_at=later, state=State.ENDED)
    )

    [row] = await the_calls(sessions)
    assert (row.number, row.number_key, row.queue) == ("0912345678", "+84912345678", "sales")
    assert (row.started_at, row.agents, row.user_id) == (NOON, "201", 7)
    assert (row.state, row.ended_at) == ("ended", later)


async def test_whose_number_it_was_is_asked_once_and_kept(engine, sessions):
    journal, asked = journal_of(engine, {"+84912345678": 42})

    await written(journal, a_call())
    await written(journal, answered(a_call()))

    assert asked == [{"+84912345678"}]
    assert [row.customer_id for row in await the_calls(sessions)] == [42]


async def test_a_customer_made_during_the_call_is_found_at_its_end(engine, sessions):
    customers = {}
    journal, asked = journal_of(engine, customers)

    await written(journal, a_call())
    customers["+84912345678"] = 43
    await written(journal, answered(a_call()))

    assert len(asked) == 2
    assert [row.customer_id for row in await the_calls(sessions)] == [43]


async def test_a_withheld_number_is_nobodys_and_nobody_is_asked(engine, sessions):
    journal, asked = journal_of(engine, {"": 1})

    await written(journal, a_call("1.1", number=None), a_call("1.2", number="anonymous"))

    assert asked == []
    assert [(r.number, r.number_key, r.customer_id) for r in await the_calls(sessions)] == [
        (None, None, None),
        ("anonymous", None, None),
    ]


async def test_what_no_column_can_hold_is_cut_to_fit_and_does_not_stop_the_others(engine, sessions):
    journal, _ = journal_of(engine)
    odd = a_call("1.1", number="9" * 300, caller_name="\0\ud800" + "Ư" * 400, digits="1" * 99)

    await written(journal, odd, a_call("1.2"))

    first, second = await the_calls(sessions)
    assert (len(first.number), len(first.caller_name), len(first.digits)) == (64, 300, 64)
    assert second.number == "0912345678"


class Away:
    """An engine whose database is away for its first few visitors."""

    def __init__(self, engine, times):
        self._engine = engine
        self.dialect = engine.dialect
        self.times = times

    @asynccontextmanager
    async def begin(self):
        if self.times:
            self.times -= 1
            raise ConnectionRefusedError
        async with self._engine.begin() as connection:
            yield connection


async def test_everything_is_written_even_if_the_database_was_away(engine, sessions, monkeypatch):
    monkeypatch.setattr(paper, "RETRY", 0)
    away = Away(engine, times=3)
    journal, _ = journal_of(away)

    await written(journal, a_call("1.1"), a_call("1.2"), answered(a_call("1.1")))

    assert away.times == 0
    assert [row.state for row in await the_calls(sessions)] == ["ended", "waiting"]
    assert [day[6] for day in await the_days(sessions)] == [1]


async def test_a_transaction_cut_in_its_middle_leaves_nothing_and_is_made_anew(
    engine, sessions, monkeypatch
):
    monkeypatch.setattr(paper, "RETRY", 0)
    journal, _ = journal_of(engine)
    add, failures = journal._sums.add, [ConnectionResetError, None]
    seen_between = []

    async def cut(connection, rows):
        await add(connection, rows)
        if failure := failures.pop(0):
            raise failure
        seen_between.extend(await the_calls(sessions))

    monkeypatch.setattr(journal._sums, "add", cut)
    await written(journal, answered(a_call()))

    assert seen_between == []
    assert [day[6:] for day in await the_days(sessions)] == [(1, 60.0)]


async def test_a_mistake_of_ours_is_not_tried_for_ever(engine):
    journal, _ = journal_of(engine)
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE call_days"))

    journal.note(Change(None, answered(a_call())))
    with pytest.raises(Exception, match="call_days"):
        async with asyncio.timeout(10):
            await journal.write()


async def test_changes_noted_while_the_database_is_away_are_written_in_their_order(
    engine, sessions, monkeypatch
):
    monkeypatch.setattr(paper, "RETRY", 0)
    monkeypatch.setattr(paper, "MOST", 1)  # one change a transaction: an old one must not overtake
    journal, _ = journal_of(Away(engine, times=2))
    call = a_call()

    states = [State.WAITING, State.RINGING, State.TALKING]
    await written(journal, *(replace(call, state=state) for state in states), answered(call))

    assert [row.state for row in await the_calls(sessions)] == ["ended"]


@pytest.mark.postgres
async def test_a_postgresql_that_stops_and_starts_loses_nothing(
    postgres_server, postgres_url, caplog, monkeypatch
):
    monkeypatch.setattr(paper, "RETRY", 0.05)
    engine = engine_for(postgres_url)
    journal, _ = journal_of(engine)
    try:
        async with running(journal.write(), name="journal"):
            journal.note(Change(None, a_call("1.1")))
            await journal.drain()
            postgres_server.stop()
            journal.note(Change(None, answered(a_call("1.1"))))
            journal.note(Change(None, a_call("1.2")))
            while "the database is away" not in caplog.text:
                await asyncio.sleep(0.01)
            postgres_server.start()
            await journal.drain()
        async with engine.connect() as connection:
            states = await connection.scalars(text("SELECT state FROM calls ORDER BY call_id"))
            assert list(states) == ["ended", "waiting"]
    finally:
        await engine.dispose()


async def test_a_thousand_calls_at_once_are_few_transactions(engine, sessions, monkeypatch):
    journal, _ = journal_of(engine)
    saved = []
    save = journal._saved

    async def count(calls, wrapped, failures):
        saved.append(len(calls))
        return await save(calls, wrapped, failures)

    monkeypatch.setattr(journal, "_saved", count)
    await written(journal, *(answered(a_call(f"1.{n}"), 10.0) for n in range(1000)))

    assert len(saved) <= 2
    assert [day[6:] for day in await the_days(sessions)] == [(1000, 10000.0)]
