"""The world outside: numbers that behave, people who ring in, phones on desks."""

import asyncio
import re
from collections import Counter

import pytest

from callcenter.carrier.behaviour import CALLERS, DESKS, NUMBERS
from callcenter.errors import Conflict, ExchangeUnavailable, Invalid
from callcenter.tasks import running
from tests.stage import stage

inside = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]

SALES = "02873001234"


def marked(test):
    for mark in inside:
        test = mark(test)
    return test


@marked
async def test_every_number_of_the_table_is_there_and_every_step_is_known(house):
    dialplan = await house.carrier.asterisk.cli("dialplan show numbers")
    applications = await house.carrier.asterisk.cli("core show applications")
    known = set(re.findall(r"^\s+(\w+):", applications.lower(), re.MULTILINE))

    assert all(f"'{number}'" in dialplan for number in NUMBERS)
    for behaviour in (*NUMBERS.values(), *CALLERS.values(), *DESKS):
        assert {step.partition("(")[0].lower() for step in behaviour.steps} <= known


@marked
async def test_it_comes_up_without_a_complaint(house):
    log = house.carrier.asterisk.log.read_text()

    assert [line for line in log.splitlines() if " ERROR" in line or " WARNING" in line] == []


@marked
async def test_a_person_does_the_same_every_time_and_most_answer(house):
    """The arithmetic of the dialplan, tried on the real Asterisk for a sample."""
    fates = Counter(fate(f"09{n:08}") for n in range(0, 100_000_00, 37))
    total = sum(fates.values())

    assert 0.70 < fates["answers"] / total < 0.78
    assert {"busy", "absent", "rejects", "off", "unknown"} < set(fates)
    for wanted, cause in {"busy": "17", "rejects": "21", "off": "27", "unknown": "1"}.items():
        number = quickest("090000", wanted)
        call_id = await house.click("103", number)
        ended = await house.heard.event(
            "Hangup", ChanVariable=f"CCID={call_id}", Context="from-trunk"
        )
        assert ended["Cause"] == cause


@marked
@pytest.mark.parametrize("begin", ["091234", "0283812", "+4420794", "1900"])
async def test_numbers_that_could_exist_are_people(house, begin):
    number = quickest(begin, "answers")
    await house.click("103", number)
    answered = await house.world.event("Newstate", ChannelStateDesc="Up", CallerIDNum=SALES)

    assert (answered["Context"], answered["Exten"]) == ("person", number)


def mixed(number):
    return (int(number[-8:]) * 7919 + 104729) % 1000


def fate(number):
    limits = {"answers": 74, "busy": 82, "absent": 92, "rejects": 96, "off": 99, "unknown": 100}
    return next(name for name, limit in limits.items() if mixed(number) % 100 < limit)


def quickest(begin, wanted):
    """A number of that fate which rings for two seconds, if at all."""
    short = {"off": 1, "unknown": 1}.get(wanted, 5)
    numbers = (f"{begin}{n:04}" for n in range(10**4))
    return next(n for n in numbers if fate(n) == wanted and mixed(n) % short == 0)


@marked
async def test_someone_may_press_keys(house):
    await house.carrier.call(SALES, "0912345678", then="keys")
    digits = [
        (await house.heard.event("DTMFEnd", Direction="Received", count=n))["Digit"]
        for n in (1, 2, 3)
    ]

    assert digits == ["1", "2", "3"]


@marked
async def test_who_rings_in_can_hang_up_once(house):
    caller = await house.carrier.call(SALES, "0912345678", then="silent")
    await house.heard.event("QueueCallerJoin")

    await house.carrier.hang_up(caller)
    await house.heard.event("Hangup")
    with pytest.raises(Conflict):
        await house.carrier.hang_up(caller)


@marked
async def test_two_may_ring_in_at_the_same_moment(house):
    await asyncio.gather(
        *(house.carrier.call(SALES, f"091234567{n}", then="silent") for n in range(5))
    )
    await house.heard.event("QueueCallerJoin", count=5)

    numbers = {e["CallerIDNum"] for e in house.heard.found("QueueCallerJoin")}
    assert len(numbers) == 5


@marked
@pytest.mark.parametrize(
    "did, number, then, sentence",
    [
        (SALES, "", "talks", "cannot be a caller's number"),
        (SALES, "0912 345", "talks", "cannot be a caller's number"),
        (SALES, "x\r\nAction: Ping", "talks", "cannot be a caller's number"),
        ("1;2", "0912345678", "talks", "cannot be a number of ours"),
        (SALES, "0912345678", "sings", "no caller who sings"),
    ],
)
async def test_a_call_that_makes_no_sense_is_refused(house, did, number, then, sentence):
    with pytest.raises(Invalid, match=sentence):
        await house.carrier.call(did, number, then=then)

    assert house.world.events == []


@pytest.mark.exchange
async def test_an_exchange_that_is_away_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("callcenter.carrier.carrier.TAKEN_WITHIN_S", 0.5)
    async with stage(tmp_path, watched=False) as house, running(house.carrier.run(), "carrier"):
        await house.exchange.stop()

        with pytest.raises(ExchangeUnavailable, match="does not take the call"):
            await house.carrier.call(SALES, "0912345678")
