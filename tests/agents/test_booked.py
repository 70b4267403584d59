"""A wish made in a call waits for its end, is shown, and can be taken back."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from callcenter.agents.agent import Agent, Booked
from callcenter.agents.models import AgentState
from callcenter.agents.presence import Presence
from callcenter.calls.call import State
from callcenter.errors import Conflict, Invalid
from tests.agents.test_agent import ENDED, QUEUES, READY, RINGING, TALKING, after
from tests.popups.office import office

ANH, BINH, CUONG, BOSS = 1, 2, 3, 4
LUNCH = Booked("break", "lunch")


@pytest.fixture
async def place(sessions, engine):
    async with office(sessions, engine) as place:
        for extension in ("201", "202", "203"):
            place.presence.phone_changed(extension, "reachable")
        yield place


def test_a_break_wished_in_a_call_is_booked_and_begins_after_the_wrap_up():
    talking = after(RINGING, TALKING).wanting("break", "lunch")

    assert (talking.state, talking.wish, talking.booked) == ("talking", "ready", LUNCH)
    ended = talking.after(ENDED, "201")
    assert (ended.state, ended.booked) == ("wrap_up", LUNCH)
    finished = ended.finished()
    assert (finished.state, finished.reason, finished.booked) == ("break", "lunch", None)


def test_what_was_booked_begins_at_once_when_there_is_no_wrap_up():
    ringing = after(RINGING, extension="202").wanting("offline", "")

    assert ringing.place("202", QUEUES) is not None
    assert ringing.after(TALKING, "202").state == "offline"


def test_wishing_for_what_one_is_takes_the_booking_back():
    talking = after(RINGING, TALKING).wanting("break", "lunch").wanting("ready", "")

    assert (talking.booked, talking.after(ENDED, "201").finished().state) == (None, "ready")


def test_the_agents_word_after_the_call_is_newer_than_what_was_booked():
    wrap_up = after(RINGING, TALKING).wanting("break", "lunch").after(ENDED, "201")

    assert (wrap_up.wanting("ready", "").state, wrap_up.wanting("ready", "").booked) == (
        "ready",
        None,
    )


def test_a_customer_who_hears_music_is_on_hold():
    held = after(RINGING, TALKING, replace(TALKING, state=State.HELD))

    assert held.state == "on_hold"
    assert held.place("201", QUEUES).reason == "in call"
    assert after(TALKING, agent=held).state == "talking"


def test_a_page_that_is_closed_for_good_takes_what_was_booked_with_it():
    talking = after(RINGING, TALKING).wanting("break", "lunch").put("offline")

    assert (talking.state, talking.booked) == ("talking", None)
    assert talking.place("201", QUEUES) is None


async def test_the_page_is_told_what_is_booked_and_the_row_has_it(place):
    await place.presence.want(ANH, "ready")
    call = place.calls.answers(place.calls.rings("201"), "201")
    await place.presence.want(ANH, "break", "lunch")

    me = place.presence.of(ANH)
    assert (me.state, me.standing, me.booked.state, me.booked.reason) == (
        "talking",
        "ready",
        "break",
        "lunch",
    )
    await place.presence.drain()
    async with place.sessions() as session:
        row = await session.scalar(select(AgentState).order_by(AgentState.id.desc()).limit(1))
    assert (row.state, row.booked, row.cause) == ("talking", "break lunch", "agent")

    again = Presence(place.directory, place.sessions, grace=3600)
    await again.load()
    assert again.of(ANH).booked.reason == "lunch"
    await again.close()
    place.calls.ends(call)
    assert place.presence.of(ANH).state == "wrap_up"


async def test_a_break_has_the_length_of_its_reason(place):
    me = await place.presence.want(ANH, "break", "Lunch")

    assert (me.reason, (me.break_ends - me.since).total_seconds()) == ("lunch", 3600)
    assert (await place.presence.want(ANH, "break", "Họp nhóm")).break_ends is None


async def test_a_reason_that_nobody_offers_is_refused_in_words(place):
    with pytest.raises(Invalid, match="no such reason"):
        await place.presence.want(ANH, "break", "golf")


async def test_the_limit_of_a_department_tells_who_is_away(place, monkeypatch):
    limit(place, 1)
    await place.presence.want(ANH, "break", "lunch")
    await place.presence.want(ANH, "break", "short")  # the reason may change
    since = place.presence.of(ANH).since

    with pytest.raises(Conflict, match=rf"At most 1 of Sales .* Ánh \({since:%H:%M}\)"):
        await place.presence.want(BINH, "break", "lunch")

    assert place.presence.of(BINH).state == "offline"
    assert (await place.presence.want(CUONG, "break", "lunch")).state == "break"  # another one
    me = await place.presence.put(BINH, "break", "lunch", by=BOSS)
    assert (me.state, place.presence.roll.cause_of(BINH)) == ("break", f"lead {BOSS}")


async def test_who_has_booked_a_break_counts_and_no_breaks_at_all_is_said_so(place):
    limit(place, 1)
    place.calls.answers(place.calls.rings("201"), "201")
    await place.presence.want(ANH, "break", "lunch")
    with pytest.raises(Conflict, match="Ánh"):
        await place.presence.want(BINH, "break", "lunch")

    limit(place, 0)
    await place.presence.put(ANH, "ready", "", by=BOSS)
    with pytest.raises(Conflict, match="No breaks in Sales"):
        await place.presence.want(BINH, "break", "lunch")


async def test_a_lead_sets_a_state_at_once_and_is_told_what_is_in_the_way(place):
    await place.presence.want(ANH, "ready")
    place.calls.answers(place.calls.rings("201"), "201")

    me = await place.presence.put(ANH, "offline", "", by=BOSS)

    assert (me.state, me.standing) == ("talking", "offline")
    place.presence.phone_changed("202", "unreachable")
    with pytest.raises(Conflict, match="The phone of Lê Thị Bình"):
        await place.presence.put(BINH, "ready", "", by=BOSS)
    with pytest.raises(Conflict, match="has no extension"):
        await place.presence.put(BOSS, "ready", "", by=BOSS)


def limit(place, n):
    departments = place.directory.departments
    departments[1] = replace(departments[1], break_limit=n)


def test_ready_is_where_one_begins_again():
    assert Agent(user_id=1).wanting("ready", "").state == "unreachable"
    assert READY.state == "ready"
