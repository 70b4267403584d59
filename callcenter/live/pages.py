"""Open pages that show the team. A frame is made once and written to all that may see the same."""

from asyncio import Transport
from collections.abc import Callable
from typing import Any, Final

import msgspec
from aiohttp.web import WebSocketResponse

from callcenter.live.sight import Sight

BACKLOG: Final = 512 * 1024  # bytes a page may be behind before it is sent away


def frame(message: dict[str, Any]) -> bytes:
    """`message` as JSON, as a websocket sends it (RFC 6455): the same bytes for everybody."""
    text = msgspec.json.encode(message)
    length = len(text)
    if length < 126:
        return b"\x81" + length.to_bytes(1, "big") + text
    if length < 2**16:
        return b"\x81\x7e" + length.to_bytes(2, "big") + text
    return b"\x81\x7f" + length.to_bytes(8, "big") + text


class Page:
    """`look()` is what it may see as things are now, None: nothing any more.

    `session` is of whoever signed in, "" for a wallboard, whose id is `wall_id`.
    """

    __slots__ = ("look", "session", "sight", "socket", "transport", "wall_id")

    def __init__(
        self,
        socket: WebSocketResponse,
        transport: Transport,
        look: Callable[[], Sight | None],
        *,
        session: str = "",
        wall_id: int = 0,
    ) -> None:
        self.socket, self.transport, self.look = socket, transport, look
        self.session, self.wall_id = session, wall_id
        self.sight: Sight | None = None  # as it is being shown

    def send(self, frame: bytes) -> None:
        """Never waits. A page too far behind is cut off; when it comes back it is told all.

        Past aiohttp's writer, which would make the same frame again for each of a thousand pages.
        """
        if self.socket.closed or self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size() > BACKLOG:
            self.transport.abort()
        else:
            self.transport.write(frame)
