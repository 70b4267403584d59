"""How many recorded calls at a time: python -m tests.bench.bench_calls

First of an exchange alone: ever more customers ring in and talk with agents, each for half a
minute, until recordings are too short; then ever fewer, until as many as that are carried for a
minute: the `reference`. Then of an exchange with the whole service beside it, and a page for every
agent: half, three quarters and nine tenths of that many, while popups are measured, and then again
ever more and ever fewer: `ours`.

The clock of a popup starts with the time that the exchange gives to "this agent's phone rings", and
stops when the message with the customer's name has come to the agent's websocket, as the kernel
says: what the page does then is done on another machine. A figure below zero: the page knew before
the phone rang, for it is told when the phone is called.

Customers and phones are a second Asterisk on the same machine, which costs as much as the exchange:
both figures are lower than those of a machine with one, and near the reference there is no time
left. What is late then waits for a core: the exchange that says that a phone rings as much as the
service that hears it.
"""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench.calls_house import AGENTS, House, Pages, alone, with_service
from tests.bench.calls_load import SETTLED_S, WRONG, Customers, Talk, Watch, customers_of
from tests.bench.popup_load import percentiles
from tests.bench.report import found_by, judged, keep

FIRST = 40  # calls at a time, at the beginning
FASTER = 1.5  # more of them in each second
MOST = AGENTS * 0.8
FEWER = 0.95  # each time that too many recordings were not whole
# Of what it carries alone, and for how many seconds: a percentile of popups needs hundreds of them.
PARTS = {"half": (0.5, 30.0), "three_quarters": (0.75, 30.0), "nine_tenths": (0.9, 180.0)}
CARRIED_S = 60.0
GOALS = {"lost": 0.1, "not_whole": 0.02, "popup_p99_ms": 20.0}


async def measured(folder: Path) -> dict[str, Any]:
    async with alone(folder / "alone") as house, customers_of(house) as (customers, watch):
        await _reach(customers, watch, FIRST)
        reference = await _carried(customers, watch)
        _say("reference", reference)
    async with with_service(folder / "ours") as house, customers_of(house) as (customers, watch):
        held = {}
        for name, (part, seconds) in PARTS.items():
            held[name] = await _held(house, customers, watch, part * reference, seconds)
            _say(name, held[name])
        ours = await _carried(customers, watch)
    return {"ours": ours, "reference": reference, "held": held}


def _say(what: str, found: Any) -> None:
    """At once: what comes after it may not end well on a machine that is full."""
    print(what, found, file=sys.stderr, flush=True)


async def _reach(customers: Customers, watch: Watch, calls: float) -> None:
    """Wait until nearly so many talk, and hardly more."""
    customers.wanted = calls
    async with asyncio.timeout(120):
        while not 0.95 * calls <= watch.up <= 1.05 * calls:
            await asyncio.sleep(0.1)


async def _carried(customers: Customers, watch: Watch) -> float:
    """As many as are carried for as long as one likes: what is reached by more and more customers
    is more than that."""
    calls = await _limit(customers, watch)
    while True:
        calls *= FEWER
        await _reach(customers, watch, calls)
        talks, average = await _hold(watch, CARRIED_S)
        if talks and _not_whole(talks) <= GOALS["not_whole"] * len(talks):
            return round(average, 1)


async def _limit(customers: Customers, watch: Watch) -> float:
    """More and more customers, until too many recordings are not whole."""
    began, first = time.monotonic(), customers.wanted
    refused, before = len(customers.refused), len(watch.talks)
    while customers.wanted < MOST:
        customers.wanted = first + FASTER * (time.monotonic() - began)
        await asyncio.sleep(0.2)
        limit = watch.limit(before)
        if limit is not None:
            return limit
        if len(customers.refused) - refused >= WRONG:
            break
    return watch.up


async def _hold(watch: Watch, seconds: float) -> tuple[list[Talk], float]:
    """For so long: the calls that ended meanwhile, and how many there were at a time."""
    began = time.time()
    await asyncio.sleep(seconds)
    ended = time.time()
    await asyncio.sleep(2 * SETTLED_S)
    talks = [talk for talk in watch.talks if began < talk.ended < ended]
    return talks, watch.average(began, ended)


def _not_whole(talks: list[Talk]) -> int:
    return sum(not talk.is_whole for talk in talks)


async def _held(
    house: House, customers: Customers, watch: Watch, calls: float, seconds: float
) -> dict[str, Any]:
    """What becomes of so many calls, and of their popups."""
    await _reach(customers, watch, calls)
    refused, began, before = len(customers.refused), time.time(), _cpu(house)
    talks, average = await _hold(watch, seconds)
    after, took = _cpu(house), time.time() - began
    assert house.pages
    popups = _popups(house.pages, began, began + seconds)
    return {
        "calls": round(average, 1),
        "ended": len(talks),
        "not_whole": _not_whole(talks),
        "refused": len(customers.refused) - refused,
        "popups": len(popups),
        "popup_ms": percentiles(popups) | {"max": round(max(popups) * 1000, 3)},
        "cores": {name: round((after[name] - before[name]) / took, 3) for name in after},
    }


def _popups(pages: Pages, began: float, ended: float) -> list[float]:
    """Seconds of each; one that never came is as late as can be."""
    rang = {key: at for key, at in pages.rang.items() if began < at < ended}
    return [pages.shown.get(key, time.time()) - at for key, at in rang.items()]


def _cpu(house: House) -> dict[str, float]:
    """Seconds so far: of the exchange, of the service, and of the programs that it has run."""
    exchange, _ = _cpu_of(house.exchange)
    assert house.service
    service, conversion = _cpu_of(house.service)
    return {"exchange": exchange, "service": service, "conversion": conversion}


def _cpu_of(pid: int) -> tuple[float, float]:
    """Its own, and that of its children which have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system, childrens_user, childrens_system = map(int, fields[11:15])
    tick = os.sysconf("SC_CLK_TCK")
    return (user + system) / tick, (childrens_user + childrens_system) / tick


def report(found: dict[str, Any]) -> dict[str, Any]:
    ratio, held = found["ours"] / found["reference"], found["held"]["nine_tenths"]
    reached = {
        "lost": round(1 - ratio, 3),
        "not_whole": round(held["not_whole"] / max(1, held["ended"]), 3),
        "popup_p99_ms": held["popup_ms"]["p99"],
    }
    return {
        "name": "calls",
        "unit": "recorded calls at a time whose recordings are whole",
        "ours": found["ours"],
        "reference": found["reference"],
        "reference_is": "the exchange alone, nobody attached to it",
        "ratio": round(ratio, 3),
        "at": found["held"],
        **judged(reached, GOALS),
    }


if __name__ == "__main__":
    keep(report(found_by(measured)))
