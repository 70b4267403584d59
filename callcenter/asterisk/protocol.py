"""AMI on the wire: bytes in pieces of any size become whole messages, in order."""

import asyncio
import logging
import time
from collections import deque
from typing import Any

from panoramisk.ami_protocol import AMIProtocol

log = logging.getLogger(__name__)

END = b"\r\n\r\n"
LONGEST = 1_000_000  # bytes of one message; Asterisk's own are below 10 KB
SLICE = 0.002  # seconds of parsing before others get their turn; a read may hold 400 messages
BANNER = b"Asterisk Call Manager/"


def parse(block: bytes) -> dict[str, str]:
    """The headers of one message, named as Asterisk writes them ("Linkedid").

    A header that is repeated (ChanVariable, Variable, Output) is one value with line feeds between.
    Lines that are no headers are left out; bytes that are not UTF-8 become U+FFFD.
    """
    message: dict[str, str] = {}
    lines = block.decode("utf-8", "replace").split("\r\n")
    for line in lines:
        name, colon, value = line.partition(": ")
        if colon:
            message[name] = value
    if len(message) != len(lines):
        return _parse_odd(lines)
    return message


def _parse_odd(lines: list[str]) -> dict[str, str]:
    message: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not (name and colon):
            continue
        value = value.removeprefix(" ")
        message[name] = f"{message[name]}\n{value}" if name in message else value
    return message


class Framer:
    """Cuts a stream into messages: the same ones, in whatever pieces it comes."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._skipping = False  # inside a message that is longer than we are willing to keep

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that `data` completes, without their empty line."""
        looked_at = max(0, len(self._rest) - len(END) + 1)
        self._rest += data
        end = self._rest.rfind(END, looked_at)
        if end < 0:
            if len(self._rest) >= LONGEST + len(END):
                self._skipping = True
                del self._rest[: 1 - len(END)]  # its last bytes may be the beginning of the end
            return []
        whole = bytes(self._rest[:end])
        del self._rest[: end + len(END)]
        blocks = [block.strip(b"\r\n") for block in whole.split(END)]
        if self._skipping:
            self._skipping = False
            blocks[0] = b""
            log.warning("dropped a message of more than %d bytes", LONGEST)
        return [block for block in blocks if block and _is_short(block)]


def _is_short(block: bytes) -> bool:
    if len(block) > LONGEST:
        log.warning("dropped a message of %d bytes", len(block))
        return False
    return True


class Protocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """panoramisk's protocol with our framing: its Ami gets each message, nothing is replayed."""

    def __init__(self, ami: Any) -> None:
        self._ami = ami

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.factory = self._ami
        self._ami.protocol = self
        self.encoding = "utf-8"
        self.heard = time.monotonic()
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._hello = b""
        self._framer = Framer()
        self._blocks: deque[bytes] = deque()

    def data_received(self, data: bytes) -> None:
        self.heard = time.monotonic()
        if self.version is None:
            self._read_banner(data)
        at_work = bool(self._blocks)
        self._blocks.extend(self._framer.feed(data))
        if not at_work:
            self._work()

    def _read_banner(self, data: bytes) -> None:
        self._hello = (self._hello + data)[:80]
        if self._hello.startswith(BANNER) and b"\r\n" in self._hello:
            line = self._hello[len(BANNER) :].partition(b"\r\n")[0]
            self.version = line.decode("ascii", "replace").strip()

    def _work(self) -> None:
        until = time.monotonic() + SLICE
        blocks, receive = self._blocks, self.factory.receive
        while blocks:
            receive(blocks.popleft())
            if len(blocks) % 16 == 15 and time.monotonic() > until:
                break
        self.factory.pause()
        if blocks:
            # The rest follows after the loop's other work, and nothing more is read until then.
            self.heard = time.monotonic()
            self.transport.pause_reading()
            asyncio.get_running_loop().call_soon(self._work)
        else:
            self.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._finish()
        if not self.gone.done():
            self.gone.set_result(None)

    def close(self) -> None:
        """End at once: a polite goodbye would wait for an exchange that may be silent."""
        self._finish()
        self.transport.abort()

    def _finish(self) -> None:
        self.closed = True
        while self._blocks:  # what has arrived has happened
            self.factory.receive(self._blocks.popleft())
        self.factory.pause()
        for action in self.responses.values():  # panoramisk would send them again after a login
            action.lose()
        self.responses.clear()
