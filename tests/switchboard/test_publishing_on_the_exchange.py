"""A plan made live under calls, on the real exchange: they go on, and nobody is left hanging."""

import os
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
from callcenter.switchboard.plan import Menu, Queue
from tests.stage import stage, to
from tests.switchboard.house import MENU, PLAN, hops, joined, presses, rings_in, way
from tests.switchboard.published import Office

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


async def test_who_waits_in_a_queue_that_is_deleted_goes_the_default_way(house, office):
    await house.ready("sales", "102")
    call = await rings_in(house, SALES)
    await joined(house, "sales")

    await office.publishes(without_sales)
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
