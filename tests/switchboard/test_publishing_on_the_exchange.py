"""A plan made live under calls, on the real exchange: they go on, and nobody is left hanging."""

import asyncio
import itertools
import os
import re
import signal

import pytest
import pytest_asyncio
from msgspec.structs import replace

from callcenter.asterisk import reload
from callcenter.db import database
from callcenter.errors import ExchangeUnavailable, Invalid
from callcenter.people.models import Department
from callcenter.switchboard import versions
from callcenter.switchboard.editing import removed
from callcenter.switchboard.lunar import date_of, length
from callcenter.switchboard.plan import Holiday, Menu, Queue
from tests.asterisk.spectrum import seconds, strength
from tests.stage import stage, to
from tests.switchboard.house import MENU, PLAN, hops, joined, presses, rings_in, way
from tests.switchboard.published import Office, today

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]

SALES = "02873001211"
STAFFED = tuple(replace(each, department_id=1) for each in PLAN.queues)
PLAN = replace(
    PLAN,
    queues=STAFFED,
    numbers=(*PLAN.numbers, replace(PLAN.numbers[0], number=SALES, way=to("sales"))),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_stage(tmp_path_factory):
    async with stage(tmp_path_factory.mktemp("publishing"), plan=PLAN) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def office(house, sqlite_url):
    async with database(sqlite_url) as (_, sessions):
        async with sessions.begin() as session:
            session.add(Department(id=1, name="Sales"))
        office = Office(house, sessions)
        await office.begins_with(PLAN)
        yield office


async def test_what_is_published_is_what_callers_find(house, office):
    def night(plan):
        hours = tuple(replace(each, openings=()) for each in plan.hours)
        return replace(plan, hours=hours)

    await office.publishes(night, "Closed for today")
    call = await rings_in(house, PLAN.numbers[0].number)
    await house.heard.event("Hangup", Uniqueid=call["CCID"])

    assert hops(house) == [("closed", "office"), ("message", "closed")]


async def test_who_stands_in_a_menu_that_changes_goes_by_the_new_one(house, office):
    call = await rings_in(house, MENU)
    await house.heard.event("Newstate", Uniqueid=call["CCID"], ChannelStateDesc="Up")

    def other_way_round(plan):
        [menu] = plan.menus
        keys = {"1": to("care"), "2": to("sales")}
        return replace(plan, menus=(replace(menu, keys=keys, wait_s=20),))

    await office.publishes(other_way_round)
    await presses(house, call, "1")
    await joined(house, "care")


async def test_who_stands_in_a_menu_that_is_deleted_goes_the_default_way(house, office):
    call = await rings_in(house, MENU)
    await house.heard.event("Newstate", Uniqueid=call["CCID"], ChannelStateDesc="Up")

    def without(plan):
        numbers = tuple(each for each in plan.numbers if each.number != MENU)
        return removed(replace(plan, numbers=numbers), Menu, "main")

    await office.publishes(without)
    await presses(house, call, "1")
    await joined(house, "care")


async def test_who_waits_in_a_queue_that_is_deleted_goes_where_its_calls_go_now(house, office):
    await house.ready("sales", "102")
    call = await rings_in(house, SALES)
    await joined(house, "sales")

    await office.publishes(lambda plan: replace(without_sales(plan), default=way("hang_up")))
    again = await joined(house, "care")

    assert again["Uniqueid"] == call["CCID"]
    assert "sales" not in await house.exchange.cli("queue show")


def without_sales(plan):
    """The queue is gone, and everything that led there leads to care."""
    care = to("care")
    numbers = tuple(
        replace(each, way=care) if each.way == to("sales") else each for each in plan.numbers
    )
    hours = tuple(replace(each, open=care) for each in plan.hours)
    menus = tuple(replace(each, keys={"1": care, "2": care}) for each in plan.menus)
    plan = replace(plan, numbers=numbers, hours=hours, menus=menus)
    return removed(plan, Queue, "sales")


async def test_what_was_live_once_can_be_taken_back(house, office):
    before = await office.publishes(lambda plan: replace(plan, caller_id="1900"))
    await office.publishes(without_sales)

    async with office.sessions.begin() as session:
        await versions.restore(session, 1, before.id)
        draft = await versions.draft(session)
    await office.publishes(lambda _: draft.plan)
    await rings_in(house, SALES)

    await joined(house, "sales")


async def test_a_plan_with_an_error_is_refused_in_words_and_nothing_has_changed(house, office):
    def leads_nowhere(plan):
        return replace(plan, default=way("queue", "gone"))

    with pytest.raises(Invalid, match="Calls to any other number lead to something that is gone"):
        await office.publishes(leads_nowhere)

    await rings_in(house, "02800000000")
    await joined(house, "care")


async def test_what_the_exchange_does_not_take_leaves_the_former_one(house, office, monkeypatch):
    async def forgets_to(asterisk):
        return set()

    monkeypatch.setattr(reload, "queues", forgets_to)
    with pytest.raises(ExchangeUnavailable, match="has not taken the change"):
        await office.publishes(lambda plan: replace(plan, default=to("sales")))
    monkeypatch.undo()

    await rings_in(house, "02800000000")
    await joined(house, "care")
    async with office.sessions() as session:
        assert (await versions.live(session)).plan == PLAN
        assert (await versions.draft(session)).plan.default == to("sales")  # to try again


async def test_an_exchange_that_is_started_again_has_what_was_published(house, office):
    await office.publishes(lambda plan: replace(plan, default=to("sales")))

    os.kill(house.exchange.pid, signal.SIGKILL)
    await house.back()
    await rings_in(house, "02800000000")

    await joined(house, "sales")


# ------------------------------------------------------------------ holidays


def moon_day_of(day):
    """The month and day of the lunar year that it is, and the year."""
    for year, month in itertools.product((day.year - 1, day.year), range(1, 13)):
        for moon_day in range(1, length(year, month) + 1):
            if date_of(year, month, moon_day) == day:
                return month, moon_day
    raise AssertionError("it is the second of two months")


async def test_on_a_holiday_of_the_moons_calendar_it_is_closed(house, office):
    month, day = moon_day_of(today())
    holiday = Holiday(title="Today", month=month, day=day, days=2, lunar=True)

    await office.publishes(lambda plan: replace(plan, holidays=(holiday,)))
    call = await rings_in(house, PLAN.numbers[0].number)
    await house.heard.event("Hangup", Uniqueid=call["CCID"])

    assert hops(house) == [("holiday", "office"), ("message", "closed")]


async def test_the_exchange_knows_tet_of_the_years_to_come(house, office):
    tet = Holiday(title="Tết", month=1, day=1, days=3, lunar=True)

    await office.publishes(lambda plan: replace(plan, holidays=(tet,)))
    shown = await house.exchange.cli("dialplan show callcenter-holidays")

    told = [f"{date_of(today().year + more, 1, 1):%Y%m%d}" for more in range(3)]
    assert all(f"'{day}'" in shown for day in told)


# ------------------------------------------------------------------ many calls

CALLS = 50
TALKING, WAITED = 2, 4
AUDIBLE = 0.08


async def test_fifty_calls_do_not_notice(house, office):
    await house.ready("sales", "100", "103")  # whistle 1000 and 1200 Hz
    for first in range(0, CALLS, 10):
        some = range(first, first + 10)
        await asyncio.gather(
            *(house.carrier.call(SALES, f"09123456{n:02}", then="tone") for n in some)
        )
    await joined(house, "sales", count=CALLS)
    await house.heard.event("BridgeEnter", BridgeNumChannels="2", count=TALKING)
    before, members = await channels(house), await members_of(house, "sales")

    await office.publishes(much_else)
    await office.publishes(lambda plan: replace(plan, caller_id="1900"))

    assert await channels(house) == before
    assert await members_of(house, "sales") == members
    assert not house.heard.found("Hangup") and not house.heard.found("BridgeLeave")
    talking = [
        each
        for each in house.heard.found("BridgeEnter")[: 2 * TALKING]
        if each["Channel"].startswith("PJSIP/carrier")
    ]
    for each in talking:
        await is_whole(house, each)
    for place in range(TALKING, TALKING + WAITED):  # who waited then is talked with now
        await house.heard.event("AgentConnect", count=place + 1)
        connected = house.heard.found("AgentConnect")[place]["Channel"]
        talking = await house.heard.event("BridgeEnter", Channel=connected)
        await has_recorded(house, talking["Uniqueid"])
        await is_whole(house, talking)


async def has_recorded(house, call_id):
    """Wait until there is something of the customer's, half a second or so."""
    async with asyncio.timeout(10):
        while not any(each.stat().st_size > 8000 for each in house.spool.glob(f"{call_id}*-in*")):
            await asyncio.sleep(0.05)


async def is_whole(house, talking):
    """End that call; both sides were recorded for as long as it lasted."""
    await house.exchange.cli(f"channel request hangup {talking['Channel']}")
    left = await house.heard.event("BridgeLeave", Uniqueid=talking["Uniqueid"])
    talked = float(left["Timestamp"]) - float(talking["Timestamp"])
    files = await house.recording(talking["Uniqueid"])

    assert strength(files["in"], 440) > AUDIBLE
    assert max(strength(files["out"], hertz) for hertz in (1000, 1200)) > AUDIBLE
    assert [seconds(path) for path in files.values()] == pytest.approx([talked] * 3, abs=0.5)


def much_else(plan):
    """Another menu, another queue, other hours; what the calls are in has other values."""
    [menu] = plan.menus
    sales = replace(plan.queues[0], ring_s=30, longest_wait_s=600, overflow=to("care"))
    more = replace(plan.queues[1], name="more", title="More")
    return replace(
        plan,
        menus=(replace(menu, keys={"5": to("more")}),),
        hours=tuple(replace(each, openings=()) for each in plan.hours),
        queues=(sales, *plan.queues[1:], more),
    )


async def channels(house):
    shown = await house.exchange.cli("core show channels concise")
    return {line.partition("!")[0] for line in shown.splitlines() if "!" in line}


async def members_of(house, queue):
    """Each member's phone with its state, as the exchange has them."""
    shown = await house.exchange.cli(f"queue show {queue}")
    return sorted(re.findall(r"(PJSIP/[0-9]+) .*?\((In use|Not in use|Ringing)\)", shown))
