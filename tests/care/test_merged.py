"""Interactions of customers whose files are merged, or go, after their days are summed up."""

from zoneinfo import ZoneInfo

from callcenter.care.sums import known
from tests.care.by_hand import assert_all_is_counted
from tests.care.happening import STRANGERS, House, number_of


async def test_whose_interaction_it_was_may_change_after_its_day_is_summed_up(engine, sessions):
    house = House(engine, sessions, ZoneInfo("Asia/Ho_Chi_Minh"), ({}, {}, {}))
    await house.open()
    for customer, days in ((1, 50), (2, 5), (4, 50)):
        facts = (days * 96, number_of(customer), 1, "inbound", "answered", 60.0)
        await house.happens("call", f"1.{customer}", *facts)
    await house.happens("note", 1, 1, 60 * 96, 1, 5)
    await house.happens("sum up")

    await house.happens("merge", 2, 1)

    async with sessions() as session:
        assert (await known(session, house.zone)).changed == set()  # of those of employees
    await assert_all_is_counted(house)
    await house.happens("sum up")
    await assert_all_is_counted(house)

    await house.happens("destroy", 4)
    await house.happens("come", STRANGERS[0])  # with that one's id

    await assert_all_is_counted(house)
    await house.happens("sum up")
    await assert_all_is_counted(house)
