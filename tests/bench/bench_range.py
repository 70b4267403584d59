"""Pieces of recordings for players: python -m tests.bench.bench_range

The whole application asked for 64 KiB at a time of a recording of twenty minutes by 32 players, who
are another process. `ours` is how many pieces a second of one core gives (CPU of our process,
the database's threads too), rights and all; `reference` the same pieces from a bare aiohttp server
with its own FileResponse, which asks nobody.
"""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from callcenter.calls.models import CallRecord
from callcenter.keys import LIBRARY
from callcenter.recordings.models import Recording
from tests.bench.range_load import PIECE
from tests.bench.report import Load, found_by, judged, keep, load
from tests.pages.site import IDS
from tests.people.whole import whole

PLAYERS, SECONDS, SIZE = 32, 5.0, 75 * PIECE
GOALS = {"fewer_than_2000": 0}
AT = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)


async def pieces(outside: Load, port: int, path: str, token: str = "") -> tuple[float, float]:
    """Pieces a second of CPU, and of the clock."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    asked = {"port": port, "head": head, "size": SIZE, "players": PLAYERS}
    outside.ask(asked | {"seconds": 0.5})  # what is asked first is remembered
    await outside.answer()
    began, spent = time.monotonic(), time.process_time()
    outside.ask(asked | {"seconds": SECONDS})
    count = await outside.answer()
    return count / (time.process_time() - spent), count / (time.monotonic() - began)


async def bare(path: Path, outside: Load) -> tuple[float, float]:
    async def answer(request: web.Request) -> web.FileResponse:
        return web.FileResponse(path)

    app = web.Application()
    app.router.add_get("/a.mp3", answer)
    async with TestServer(app) as server:
        return await pieces(outside, server.port or 0, "/a.mp3")


async def measured(folder: Path) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        async with whole(folder, patch, "x", ["lea"]) as house, load("range_load") as outside:
            path = house.app[LIBRARY].folder / "c1.mp3"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(bytes(range(256)) * (SIZE // 256))
            async with house.sessions.begin() as session:
                session.add(
                    CallRecord(
                        **{"call_id": "c1", "direction": "inbound", "state": "ended"},
                        **{"started_at": AT, "answered_at": AT, "ended_at": AT},
                        **{"user_id": IDS["mara"], "department_id": 1},
                    )
                )
                session.add(
                    Recording(call_id="c1", state="ready", path="c1.mp3", size=SIZE, created_at=AT)
                )
            port = house._client.port or 0
            ours = await pieces(outside, port, "/recordings/c1.mp3", house._tokens["lea"])
            reference = await bare(path, outside)
    return {
        "name": "range",
        "unit": "pieces of 64 KiB a second of one core",
        "ours": round(ours[0]),
        "reference": round(reference[0]),
        "reference_is": "a bare aiohttp server and its FileResponse, without rights",
        "ratio": round(ours[0] / reference[0], 2),
        "by_the_clock": round(ours[1]),
        "reference_by_the_clock": round(reference[1]),
        **judged({"fewer_than_2000": max(0, round(2000 - ours[0]))}, GOALS),
    }


if __name__ == "__main__":
    keep(found_by(measured))
