"""What is summed up wrong is found at night, and mended by rebuilding."""

from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select, update

from callcenter.care.models import CareDay, MetDay, OwnerPart
from callcenter.sums import check
from tests.care.happening import House, number_of


async def differences(house):
    """As they are found, and after rebuilding."""
    wrong = await check.compared(house.engine, house.sessions, house.zone)
    await check.anew(house.engine, house.sessions, house.zone)
    await house.happens("write down", 99)
    mended = await check.compared(house.engine, house.sessions, house.zone)
    return wrong.differences, mended.differences


async def test_a_customer_who_is_missing_on_a_day_is_found_at_night(engine, sessions):
    house = House(engine, sessions, ZoneInfo("Asia/Ho_Chi_Minh"), ({}, {}, {}))
    await house.open()
    for n in (1, 2):
        facts = (400 + 96 * n, number_of(n), 1, "inbound", "answered", 60.0)
        await house.happens("call", f"1.{n}", *facts)
    await check.nightly(engine, sessions, house.zone)
    async with sessions.begin() as session:
        await session.execute(update(MetDay).values(customers=b"\x02"))

    assert await differences(house) == (2, 0)


async def test_a_sum_that_is_wrong_is_found_at_night_and_mended_by_rebuilding(engine, sessions):
    house = House(engine, sessions, ZoneInfo("Asia/Ho_Chi_Minh"))
    await house.open()
    for n in range(3):
        facts = (400 + 100 * n, number_of(1), 1, "inbound", "answered", 60.0)
        await house.happens("call", f"1.{n}", *facts)
    await check.nightly(engine, sessions, house.zone)
    async with sessions.begin() as session:
        await session.execute(update(CareDay).values(interactions=7))

    assert await differences(house) == (3, 0)


async def test_a_customer_who_is_another_s_is_found_at_night(engine, sessions):
    house = House(engine, sessions, ZoneInfo("Asia/Ho_Chi_Minh"))
    await house.open()
    await house.happens("write down", 99)
    async with sessions.begin() as session:
        whose = np.frombuffer(await session.scalar(select(OwnerPart.whose)), "<i4").copy()
        whose[[1, 3]] = 2 * 3
        await session.execute(update(OwnerPart).values(whose=whose.tobytes()))

    assert await differences(house) == (2, 0)
