"""Agents at work: what they wish, what happens to them, and where it leaves them in the queues."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from callcenter.agents import recall
from callcenter.agents.models import AgentState
from callcenter.agents.presence import Presence
from callcenter.agents.recall import beat, leave_sign
from callcenter.calls.board import Change
from callcenter.calls.call import Direction, Result, State
from callcenter.calls.models import CallDay, CallRecord
from callcenter.errors import Conflict, ExchangeUnavailable, Invalid, Missing
from callcenter.settings.queries import keep_value
from callcenter.tasks import running
from tests.popups.office import office

ANH, BINH, CUONG, BOSS = 1, 2, 3, 4


@pytest.fixture
async def place(sessions, engine):
    async with office(sessions, engine, grace=0.02) as place:
        for extension in ("201", "202", "203"):
            place.presence.phone_changed(extension, "reachable")
        yield place


class Told:
    """Waits for what a listener is told."""

    def __init__(self, presence):
        self._presence = presence
        self._news = asyncio.Event()
        presence.listeners.append(lambda _: self._news.set())

    async def until(self, true):
        async with asyncio.timeout(5):
            while not true():
                self._news.clear()
                await self._news.wait()


async def test_ready_means_standing_in_the_queues_of_ones_department(place):
    me = await place.presence.want(ANH, "ready")

    assert (me.state, me.queues) == ("ready", ["sales"])
    assert place.exchange.members == {("sales", "201"): (False, "")}


async def test_ready_without_a_phone_is_refused_in_words(place):
    place.presence.phone_changed("201", "unreachable")

    with pytest.raises(Conflict, match="Your phone is not connected"):
        await place.presence.want(ANH, "ready")
    assert place.presence.of(ANH).state == "offline"


async def test_a_break_needs_a_reason(place):
    with pytest.raises(Invalid, match="needs a reason"):
        await place.presence.want(ANH, "break", "  ")


@pytest.mark.parametrize("state", ["talking", "", "READY"])
async def test_states_that_are_not_for_wishing_are_refused(place, state):
    with pytest.raises(Invalid):
        await place.presence.want(ANH, state)


async def test_a_break_pauses_with_its_reason(place):
    await place.presence.want(ANH, "ready")

    me = await place.presence.want(ANH, "break", "  Lunch \r\n\x00")

    assert (me.state, me.reason) == ("break", "lunch")
    assert place.exchange.members == {("sales", "201"): (True, "lunch")}


async def test_offline_means_leaving_the_queues(place):
    await place.presence.want(ANH, "ready")

    await place.presence.want(ANH, "offline")

    assert place.exchange.members == {}


async def test_who_is_there_already_is_simply_there(place):
    place.exchange.members["sales", "201"] = (True, "an old reason")

    await place.presence.want(ANH, "ready")

    assert place.exchange.members == {("sales", "201"): (False, "")}


async def test_a_call_pauses_and_its_end_leaves_a_wrap_up_until_the_agent_says_ready(place):
    await place.presence.want(ANH, "ready")
    call = place.calls.answers(place.calls.rings("201"), "201")
    await place.presence._places.settled(ANH)
    assert place.exchange.members["sales", "201"] == (True, "in call")

    place.calls.ends(call, result=Result.ANSWERED, talked_s=12.5)
    await place.presence._places.settled(ANH)

    me = place.presence.of(ANH)
    assert (me.state, me.wrap_up) == ("wrap_up", "c1")
    assert place.exchange.members["sales", "201"] == (True, "wrap-up")
    assert (await place.presence.want(ANH, "ready")).wrap_up is None
    assert place.exchange.members["sales", "201"] == (False, "")


async def test_the_colleague_whose_phone_only_rang_is_ready_again(place):
    await place.presence.want(BINH, "ready")
    call = place.calls.rings("202")
    assert place.presence.of(BINH).state == "ringing"

    place.calls.ends(place.calls.answers(call, "201"))

    assert place.presence.of(BINH).state == "ready"


async def test_an_exchange_that_is_away_gets_to_know_the_wish_at_the_next_login(place):
    place.exchange.connected = False
    me = await place.presence.want(ANH, "ready")
    assert (me.state, me.exchange, place.exchange.members) == ("ready", False, {})

    place.exchange.connected = True
    await place.presence.after_login()

    assert place.exchange.members == {("sales", "201"): (False, "")}
    assert place.presence.of(ANH).exchange


async def test_an_exchange_that_goes_away_in_the_middle_leaves_no_half_state(place):
    await place.presence.want(ANH, "ready")

    async def goes_away(*_, **__):
        place.exchange.connected = False
        raise ExchangeUnavailable("gone")

    place.exchange.queue_pause = goes_away
    me = await place.presence.want(ANH, "break", "Lunch")
    assert (me.state, me.exchange) == ("break", False)

    del place.exchange.queue_pause
    place.exchange.connected = True
    await place.presence.after_login()

    assert place.exchange.members == {("sales", "201"): (True, "lunch")}


async def test_an_exchange_that_did_not_answer_once_is_asked_again(place, monkeypatch):
    monkeypatch.setattr("callcenter.agents.places.AGAIN", 0.01)
    agreed = asyncio.Event()
    queue_add, tries = place.exchange.queue_add, []

    async def slow_at_first(*what, **how):
        tries.append(what)
        if len(tries) == 1:
            raise ExchangeUnavailable("no answer within 5 seconds")
        await queue_add(*what, **how)
        agreed.set()

    place.exchange.queue_add = slow_at_first
    assert (await place.presence.want(ANH, "ready")).state == "ready"

    async with asyncio.timeout(5):
        await agreed.wait()
    await place.presence._places.settled(ANH)
    assert place.exchange.members == {("sales", "201"): (False, "")}


async def test_an_exchange_that_forgot_everything_gets_it_all_again(place):
    await place.presence.want(ANH, "ready")
    await place.presence.want(CUONG, "break", "Meeting")
    place.exchange.members.clear()

    await place.presence.after_login()

    assert place.exchange.members == {
        ("sales", "201"): (False, ""),
        ("care", "203"): (True, "meeting"),
    }


async def test_who_stands_in_a_queue_without_being_at_work_is_taken_out(place):
    place.exchange.members = {("sales", "202"): (False, ""), ("sales", "999"): (False, "")}

    await place.presence.after_login()

    assert place.exchange.members == {("sales", "999"): (False, "")}  # none of our agents


async def test_an_exchange_that_leaves_during_the_login_breaks_nothing(place):
    await place.presence.want(ANH, "ready")
    place.exchange.connected = False

    await place.presence.after_login()

    assert place.presence.of(ANH).state == "ready"


async def test_a_page_that_is_closed_for_long_takes_its_agent_offline(place):
    told = Told(place.presence)
    place.presence.page_opened(ANH)
    await place.presence.want(ANH, "ready")

    place.presence.page_closed(ANH)

    await told.until(lambda: place.presence.of(ANH).state == "offline")
    await place.presence._places.settled(ANH)
    assert place.exchange.members == {}


async def test_a_page_that_is_reloaded_does_not(sessions, engine):
    async with office(sessions, engine, grace=3600) as place:
        place.presence.phone_changed("201", "reachable")
        place.presence.page_opened(ANH)
        await place.presence.want(ANH, "ready")
        place.presence.page_closed(ANH)
        place.presence.page_opened(ANH)

        assert place.presence._leaving.timers == {}
        assert place.presence.of(ANH).state == "ready"


async def test_the_other_page_of_the_same_agent_keeps_them_there(place):
    place.presence.page_opened(ANH)
    place.presence.page_opened(ANH)

    place.presence.page_closed(ANH)

    assert place.presence._leaving.timers == {}


async def test_a_wrap_up_survives_the_closing_of_the_page(place):
    told = Told(place.presence)
    place.presence.page_opened(ANH)
    await place.presence.want(ANH, "ready")
    place.calls.ends(place.calls.answers(place.calls.rings("201"), "201"))

    place.presence.page_closed(ANH)

    await told.until(lambda: not place.presence._leaving.timers)
    assert place.presence.of(ANH).wrap_up == "c1"


async def test_a_phone_that_goes_and_comes_back_is_shown(place):
    await place.presence.want(ANH, "ready")

    place.presence.phone_changed("201", "unreachable")
    assert place.presence.of(ANH).state == "unreachable"

    place.presence.phone_changed("201", "in_use")
    assert (place.presence.of(ANH).state, place.presence.of(ANH).phone) == ("ready", "in_use")


async def test_calls_are_refused_in_words_when_they_cannot_be_made(place):
    place.presence.may_place(ANH)

    call = place.calls.rings("201")
    with pytest.raises(Conflict, match="ringing at your phone"):
        place.presence.may_place(ANH)
    place.calls.answers(call, "201")
    with pytest.raises(Conflict, match="You are in a call"):
        place.presence.may_place(ANH)
    place.presence.phone_changed("202", "unreachable")
    with pytest.raises(Conflict, match="not connected"):
        place.presence.may_place(BINH)
    with pytest.raises(Conflict, match="no extension"):
        place.presence.may_place(BOSS)
    place.exchange.connected = False
    with pytest.raises(ExchangeUnavailable, match="does not answer"):
        place.presence.may_place(CUONG)


async def test_who_does_not_work_here_has_no_state(place):
    with pytest.raises(Missing):
        place.presence.of(99)


async def test_the_day_is_summed_as_calls_end(place):
    place.calls.ends(
        place.calls.answers(place.calls.rings("201"), "201"), result=Result.ANSWERED, talked_s=30.0
    )
    place.calls.ends(place.calls.rings("201", call_id="c2"), result=Result.ABANDONED)

    today = place.presence.of(ANH).today
    assert (today.calls, today.talked_s, today.missed) == (2, 30.0, 1)
    assert place.presence.of(BINH).today.calls == 0


async def test_every_change_is_written_down_in_order(place):
    await place.presence.want(ANH, "ready")
    await place.presence.want(ANH, "break", "Lunch")
    await place.presence.want(ANH, "ready")
    place.calls.rings("201")
    await place.presence.drain()

    async with place.sessions() as session:
        rows = await session.scalars(select(AgentState).order_by(AgentState.id))
        written = [(row.user_id, row.state, row.reason, row.cause) for row in rows]
    assert written == [
        (ANH, "ready", "", "agent"),
        (ANH, "break", "lunch", "agent"),
        (ANH, "ready", "", "agent"),
        (ANH, "ringing", "", "call c1"),
    ]


async def test_a_database_that_fails_loses_no_state(place, monkeypatch, caplog):
    monkeypatch.setattr("callcenter.agents.diary.PATIENCE", 0.01)
    begin, tries = place.presence.roll.diary._sessions.begin, []

    class Once:
        def begin(self):
            tries.append(1)
            if len(tries) == 1:
                raise OSError("the disk is full")
            return begin()

    monkeypatch.setattr(place.presence.roll.diary, "_sessions", Once())
    await place.presence.want(ANH, "ready")
    async with asyncio.timeout(5):
        await place.presence.drain()

    assert len(tries) == 2
    async with place.sessions() as session:
        assert (await session.scalars(select(AgentState.state))).all() == ["ready"]


async def test_a_service_that_starts_again_knows_where_everybody_stood(place):
    await place.presence.want(ANH, "break", "Lunch")
    await place.presence.want(BINH, "ready")
    call = place.calls.answers(place.calls.rings("202", call_id="c7"), "202")
    place.calls.ends(call, result=Result.ANSWERED, talked_s=5.0)
    await place.presence.drain()
    async with place.sessions.begin() as session:
        session.add(a_record("c7", agents="202"))
        day = datetime.now(UTC).date()
        sums = {"department_id": 1, "queue": "sales", "direction": "inbound"}
        session.add(
            CallDay(day=day, user_id=BINH, result="answered", calls=3, talked_s=60.0, **sums)
        )
        session.add(CallDay(day=day, user_id=BINH, result="abandoned", calls=1, **sums))

    again = Presence(place.directory, place.sessions, grace=3600)
    await again.load()

    assert (again.of(ANH).state, again.of(ANH).reason) == ("break", "lunch")
    assert (again.of(BINH).state, again.of(BINH).wrap_up) == ("wrap_up", "c7")
    assert again.unfinished(BINH).talked_s == 5.0
    today = again.of(BINH).today
    assert (today.calls, today.talked_s, today.missed) == (4, 60.0, 1)
    assert again.of(CUONG).state == "offline"
    await again.close()


async def test_after_a_restart_who_opens_no_page_goes_offline(place):
    await place.presence.want(ANH, "ready")
    await place.presence.drain()

    again = Presence(place.directory, place.sessions, grace=0.01)
    told = Told(again)
    await again.load()

    await told.until(lambda: again.of(ANH).state == "offline")
    await again.close()


@pytest.mark.parametrize("minutes", [1, 90])
async def test_a_service_that_stood_still_counts_nobody_as_working_meanwhile(
    sessions, engine, minutes
):
    clock = [datetime.now(UTC)]
    began = clock[0]
    async with office(sessions, engine, now=lambda: clock[0]) as place:
        await place.presence.want(ANH, "break", "Lunch")
        place.presence.phone_changed("202", "reachable")
        await place.presence.want(BINH, "ready")
        call = place.calls.answers(place.calls.rings("202", call_id="c7"), "202")
        place.calls.ends(call, result=Result.ANSWERED, talked_s=5.0)
        await place.presence.drain()
        async with sessions.begin() as session:
            session.add(a_record("c7", agents="202"))
            await keep_value(session, "alive_at", (began + timedelta(minutes=5)).isoformat())

        clock[0] = began + timedelta(minutes=5 + minutes)
        again = Presence(place.directory, sessions, grace=3600, now=lambda: clock[0])
        wrapped = []
        again.roll.wrapped_up = lambda *of: wrapped.append(of)
        await again.load()
        async with running(again.write(), "states"):
            await again.drain()
        await again.close()

    async with sessions() as session:
        rows = await session.scalars(select(AgentState).order_by(AgentState.id))
        found = {ANH: [], BINH: []}
        for row in rows:
            found[row.user_id].append((row.state, (row.at - began).total_seconds() / 60))
    assert (again.of(ANH).state, again.of(ANH).reason) == ("break", "lunch")
    assert (again.of(BINH).state, again.of(BINH).wrap_up) == ("wrap_up", "c7")
    if minutes == 1:  # a restart
        assert (found[ANH], found[BINH][-1]) == ([("break", 0)], ("wrap_up", 0))
        assert (again.of(ANH).since, wrapped) == (began, [])
    else:
        assert found[ANH] == [("break", 0), ("offline", 5), ("break", 95)]
        assert found[BINH][-3:] == [("wrap_up", 0), ("offline", 5), ("wrap_up", 95)]
        assert (again.of(ANH).since, wrapped) == (clock[0], [("c7", 300.0)])


async def test_a_call_that_a_crash_has_cut_off_is_not_talked_on_in_after_it(place):
    await place.presence.want(ANH, "break", "Lunch")
    place.calls.answers(place.calls.rings("201"), "201")
    await place.presence.drain()
    await leave_sign(place.sessions)

    again = Presence(place.directory, place.sessions, grace=3600)
    await again.load()
    again.roll.settle()  # nobody is in a call
    async with running(again.write(), "states"):
        await again.drain()
    await again.close()

    async with place.sessions() as session:
        last = await session.scalar(select(AgentState).order_by(AgentState.id.desc()).limit(1))
    assert (last.state, last.reason, last.cause) == ("break", "lunch", "service started")


async def rows_after(place, happens):
    """The states of Ánh and Bình in their rows after a short restart in which that happens, and who
    it was told."""
    await place.presence.drain()
    await leave_sign(place.sessions)
    again = Presence(place.directory, place.sessions, grace=3600)
    await again.load()
    await happens(again)
    async with running(again.write(), "states"):
        await again.drain()
    await again.close()
    async with place.sessions() as session:
        rows = list(await session.scalars(select(AgentState).order_by(AgentState.id)))
    of = {user_id: [row for row in rows if row.user_id == user_id] for user_id in (ANH, BINH)}
    return of, again


async def test_a_talk_that_outlasts_a_restart_stays_one_talk(place):
    place.presence.phone_changed("201", "reachable")
    await place.presence.want(ANH, "ready")
    call = place.calls.answers(place.calls.rings("201"), "201")

    async def is_told_of(again):
        again.phone_changed("201", "in_use")
        again.push(Change(None, call))
        await again.after_login()

    rows, again = await rows_after(place, is_told_of)

    assert [row.state for row in rows[ANH]] == ["ready", "ringing", "talking"]
    assert again.of(ANH).since == rows[ANH][-1].at


async def test_whose_phone_is_gone_after_a_restart_is_not_ready(place):
    for user_id, endpoint in ((ANH, "201"), (BINH, "202")):
        place.presence.phone_changed(endpoint, "reachable")
        await place.presence.want(user_id, "ready")

    async def is_told_of(again):
        again.phone_changed("202", "reachable")
        await again.after_login()

    rows, _ = await rows_after(place, is_told_of)

    assert [row.state for row in rows[ANH]][-2:] == ["ready", "unreachable"]
    assert [row.state for row in rows[BINH]].count("ready") == 1
    assert rows[BINH][-1].state == "ready"


async def test_a_wish_before_the_exchange_is_there_is_written_at_once(place):
    place.presence.phone_changed("201", "reachable")
    await place.presence.want(ANH, "ready")

    async def wishes(again):
        again.exchange = place.presence.exchange
        await again.want(ANH, "break", "Lunch")

    rows, _ = await rows_after(place, wishes)

    assert [(row.state, row.cause) for row in rows[ANH]][-1] == ("break", "agent")
    assert rows[ANH][-2].state == "ready"


async def test_the_first_sign_of_life_waits_for_what_the_one_before_says(sessions):
    told, written = [], asyncio.Event()
    signs = Signs(sessions, told)

    async def recalled():
        told.append("asked")
        await written.wait()
        told.append("written")

    async with running(beat(signs, recalled), "signs"):
        while not told:
            await asyncio.sleep(0)
        written.set()
        await signs.left.wait()

    assert told == ["asked", "written", "sign", "sign"]  # the last as it ends


async def test_a_database_that_is_stuck_does_not_hold_the_end_up(sessions, monkeypatch, caplog):
    monkeypatch.setattr(recall, "LAST_S", 0.01)
    signs = Signs(sessions, [])

    async def nothing():
        pass

    async with running(beat(signs, nothing), "signs"):
        await signs.left.wait()
        signs.stuck = asyncio.Event()

    assert "no last sign of life" in caplog.text


class Signs:
    """Sessions that tell of each transaction; none begins while `stuck` is not set."""

    def __init__(self, sessions, told):
        self._sessions, self._told = sessions, told
        self.left, self.stuck = asyncio.Event(), None

    @asynccontextmanager
    async def begin(self):
        if self.stuck:
            await self.stuck.wait()
        async with self._sessions.begin() as session:
            yield session
        self._told.append("sign")
        self.left.set()


async def test_the_sums_begin_again_with_the_companys_day(sessions, engine):
    clock = [datetime(2026, 11, 20, 16, 59, tzinfo=UTC)]
    vietnam = ZoneInfo("Asia/Ho_Chi_Minh")
    async with office(sessions, engine, now=lambda: clock[0], zone=vietnam) as place:
        place.calls.ends(place.calls.rings("201"), result=Result.ABANDONED)
        assert place.presence.of(ANH).today.missed == 1

        clock[0] += timedelta(minutes=2)  # midnight in Vietnam

        assert place.presence.of(ANH).today.missed == 0


def a_record(call_id, agents):
    now = datetime.now(UTC)
    return CallRecord(
        call_id=call_id,
        direction=Direction.INBOUND,
        state=State.ENDED,
        agents=agents,
        started_at=now,
        ended_at=now,
        result=Result.ANSWERED,
        talked_s=5.0,
    )


async def test_a_note_can_be_finished_while_the_phone_is_away(place):
    await place.presence.want(ANH, "ready")
    call = place.calls.answers(place.calls.rings("201"), "201")
    place.presence.phone_changed("201", "unreachable")
    place.calls.ends(call, result=Result.ANSWERED, talked_s=12.5)

    me = await place.presence.want(ANH, "ready")

    assert (me.state, me.wrap_up) == ("unreachable", None)
