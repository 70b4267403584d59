"""How many AMI events a second we hear, against panoramisk 1.4: python -m tests.bench.bench_ami

Both get the same stream in the same pieces, and call the same twelve handlers. `ours` parses every
event in full; `filtered` only what somebody wants, as the link does; `floor` only cuts and splits.
"""

import asyncio
import gc
import platform
import random
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

from panoramisk import Manager
from panoramisk.ami_protocol import AMIProtocol

from callcenter.asterisk.ami import Ami
from callcenter.asterisk.protocol import Protocol
from tests.bench.ami_stream import HANDLED, as_bytes, events
from tests.bench.report import keep

EVENTS, RUNS, PIECE = 60_000, 7, 16_384  # a piece: bytes a read gives


class Wire:
    """Where a protocol would write and pause."""

    def write(self, data: bytes) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def close(self) -> None: ...

    abort = close


class Handlers:
    """Twelve of them, each reads one header, as a handler does."""

    def __init__(self, manager: Any) -> None:
        self.called = 0
        for name in HANDLED:
            manager.register_event(name, self.handle)

    def handle(self, manager: Any, event: Any) -> None:
        event["Uniqueid"]
        self.called += 1


def panoramisk_as_it_is() -> tuple[AMIProtocol, Handlers]:
    manager = Manager(loop=asyncio.get_running_loop())
    handlers = Handlers(manager)
    protocol = AMIProtocol()
    protocol.connection_made(Wire())
    protocol.factory, protocol.encoding, manager.protocol = manager, "utf8", protocol
    return protocol, handlers


def ours(hear: Callable[[Any], None] | None) -> tuple[Protocol, Handlers]:
    ami = Ami("127.0.0.1", 0, "u", "s", hear=hear)
    handlers = Handlers(ami)
    protocol = Protocol(ami)
    protocol.connection_made(Wire())
    return protocol, handlers


def floor(pieces: Iterable[bytes]) -> int:
    """The least that Python needs to make dicts of this stream."""
    rest, number = b"", 0
    for piece in pieces:
        *blocks, rest = (rest + piece).split(b"\r\n\r\n")
        for block in blocks:
            message = {}
            for line in block.decode().split("\r\n"):
                name, _, value = line.partition(": ")
                message[name] = value
            number += 1
    return number


async def feed(protocol: Any, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        protocol.data_received(piece)
        while getattr(protocol, "_blocks", None):  # a slow machine: the rest of a piece comes later
            await asyncio.sleep(0)


async def events_a_second(kind: str, pieces: list[bytes], handled: int) -> float:
    gc.collect()
    if kind == "floor":
        start = time.perf_counter()
        assert floor(pieces) == EVENTS
        return EVENTS / (time.perf_counter() - start)
    if kind == "reference":
        protocol, handlers = panoramisk_as_it_is()
    else:
        protocol, handlers = ours((lambda event: None) if kind == "ours" else None)
    start = time.perf_counter()
    await feed(protocol, pieces)
    taken = time.perf_counter() - start
    assert handlers.called == handled, f"{kind}: {handlers.called} of {handled}"
    return EVENTS / taken


async def damaged(stream: list[dict[str, str]], raw: bytes) -> tuple[int, int]:
    """Events lost or changed in pieces of 1 to 3,000 bytes: ours, panoramisk's."""
    chance, pieces, at = random.Random(4), [], 0
    while at < len(raw):
        size = chance.randint(1, 3000)
        pieces.append(raw[at : at + size])
        at += size
    heard: list[dict[str, str]] = []
    await feed(ours(heard.append)[0], pieces)
    theirs: list[dict[str, str]] = []
    protocol, _ = panoramisk_as_it_is()
    protocol.factory.dispatch = lambda m: theirs.append({k: m[k] for k in m if k != "content"})
    await feed(protocol, pieces)
    return _differing(heard, stream), _differing(theirs, stream)


def _differing(heard: list[dict[str, str]], stream: list[dict[str, str]]) -> int:
    differing = sum(one != other for one, other in zip(heard, stream, strict=False))
    return differing + abs(len(heard) - len(stream))


async def longest_hold_ms(raw: bytes) -> float:
    """How long one read of 256 KB keeps the loop from everything else."""
    holds = []
    for start in range(0, 40 * 262_144, 262_144):
        protocol, _ = ours(lambda event: None)
        began = time.perf_counter()
        protocol.data_received(raw[start : start + 262_144])
        holds.append(time.perf_counter() - began)
        while protocol._blocks:
            await asyncio.sleep(0)
    return max(holds) * 1000


async def measure() -> dict[str, Any]:
    stream = events(EVENTS)
    raw = as_bytes(stream)
    pieces = [raw[at : at + PIECE] for at in range(0, len(raw), PIECE)]
    handled = sum(event["Event"] in HANDLED for event in stream)
    found: dict[str, list[float]] = {"ours": [], "reference": [], "filtered": [], "floor": []}
    for _ in range(RUNS):  # interleaved: whatever else the machine does hits all alike
        for kind, rates in found.items():
            rates.append(await events_a_second(kind, pieces, handled))
    middle = {kind: statistics.median(rates) for kind, rates in found.items()}
    ours_lost, theirs_lost = await damaged(stream, raw)
    return {
        "name": "ami",
        "ours": round(middle["ours"]),
        "reference": round(middle["reference"]),
        "ratio": round(middle["ours"] / middle["reference"], 2),
        "unit": "events/s",
        "runs": RUNS,
        "goal": 3.5,
        "filtered": round(middle["filtered"]),
        "filtered_ratio": round(middle["filtered"] / middle["reference"], 2),
        "floor": round(middle["floor"]),
        "spread": {kind: [round(min(r)), round(max(r))] for kind, r in found.items()},
        "events": EVENTS,
        "headers": round(sum(map(len, stream)) / EVENTS, 1),
        "bytes": round(len(raw) / EVENTS),
        "damaged_in_pieces": ours_lost,
        "reference_damaged_in_pieces": theirs_lost,
        "longest_hold_ms": round(await longest_hold_ms(raw), 2),
        "python": platform.python_version(),
    }


def main() -> dict[str, Any]:
    result = asyncio.run(measure())
    keep(result)
    return result


if __name__ == "__main__":
    main()
