"""The load of bench_board, in its own process: pages that show the team and note when they hear.

Reads {"port", "cookie", "pages"} and answers once each page has the whole; then reads {"sent":
{call_id: moment}, "storm": [from, to]} (monotonic seconds) and answers with what was measured.
"""

import asyncio
import json
import re
import sys
import time
from typing import Any

from callcenter.people.session import COOKIE
from tests.bench.popup_load import percentiles

MARK = re.compile(rb'"call_id":"(b\d+)"')


class Page(asyncio.Protocol):
    """As a browser's, as far as it costs the service anything."""

    def __init__(self, port: int, cookie: str) -> None:
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.heard: dict[str, float] = {}  # call_id -> when it was heard of first
        self.updates: list[float] = []
        self._hello = (
            f"GET /live/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nOrigin: http://127.0.0.1:{port}\r\n"
            f"Cookie: {COOKIE}={cookie}\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()

    def connection_made(self, transport: Any) -> None:
        transport.write(self._hello)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        if not self.ready.done():
            if b'"house"' in data:  # the end of the whole
                self.ready.set_result(None)
            return
        self.updates += [now] * data.count(b'{"type":')
        for found in MARK.findall(data):
            self.heard.setdefault(found.decode(), now)


def most_in_a_second(moments: list[float]) -> int:
    """The largest number of these within less than one second."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


async def main() -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    about = json.loads(await reader.readline())
    pages = [Page(about["port"], about["cookie"]) for _ in range(about["pages"])]
    for page in pages:
        await loop.create_connection(lambda page=page: page, "127.0.0.1", about["port"])
    await asyncio.gather(*(page.ready for page in pages))
    print("{}", flush=True)
    asked = json.loads(await reader.readline())
    took = [
        page.heard[call_id] - moment
        for call_id, moment in asked["sent"].items()
        for page in pages
        if call_id in page.heard
    ]
    begin, end = asked["storm"]
    storms = [[each for each in page.updates if begin <= each <= end] for page in pages]
    lost = len(asked["sent"]) * len(pages) - len(took)
    rate = max(map(most_in_a_second, storms))
    found = {**percentiles(took), "not_heard": lost, "updates_a_second": rate}
    print(json.dumps(found), flush=True)


asyncio.run(main())
