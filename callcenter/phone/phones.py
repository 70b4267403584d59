"""Passes SIP between pages and the exchange's websocket: one phone an agent, the newest one.

A page proves itself with a short-lived secret of its session; towards the exchange the proof is
made again with the real password, which never leaves the service.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from aiohttp import WSCloseCode, WSMsgType, web
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from callcenter.phone.sip import (
    LONGEST,
    Refused,
    answered,
    checked,
    is_of_register,
    page_of,
    unanswered,
)
from callcenter.tasks import Group, running

log = logging.getLogger(__name__)

LIFETIME = 600.0  # seconds a secret is good for
KEPT = 4  # secrets a session: each of its pages renews its own
PATIENCE = (1.0, 2.0, 4.0)  # seconds until a registration that nobody answers is sent again
HEARTBEAT = 6.0  # seconds: a network that is gone is noticed in half of it more

BAD_MESSAGE = 4000
TAKEN_OVER = 4001  # another window of the same agent has the phone now
SIGNED_OUT = 4002
THE_END = b"the service ends"
REFUSED = 4003  # another extension, a wrong or too old secret, a number


# extension, whether it is sure, and a way to ask later whether that page is there again
Lost = Callable[[str, bool, Callable[[], bool]], None]


@dataclass(eq=False, slots=True)
class Line:
    """One page's connection to the exchange. `ringing`: what to answer should the page go now."""

    session: str
    extension: str
    socket: web.WebSocketResponse
    ringing: dict[str, str] = field(default_factory=dict)
    page: str = ""  # what its registration is told apart by from other pages' of the agent
    by_us: bool = False  # we ended it
    registering: str = ""  # what the exchange has not answered yet


class Phones:
    """`url` is the exchange's websocket, `password_of(extension)` its password there.

    `session` is anything that names a sign-in and is gone with it.
    """

    def __init__(
        self,
        url: str,
        password_of: Callable[[str], str],
        *,
        lifetime: float = LIFETIME,
        clock: Callable[[], float] = time.monotonic,
        patience: Sequence[float] = PATIENCE,
    ) -> None:
        self._url = url
        self._password_of = password_of
        self._lifetime = lifetime
        self._clock = clock
        self._patience = patience
        self._secrets: dict[tuple[str, str], list[tuple[float, str]]] = {}
        self._lines: dict[str, Line] = {}  # by extension
        self.lost: list[Lost] = []
        self._group = Group()
        self._closing = False

    def secret(self, session: str, extension: str) -> tuple[str, float]:
        """A new secret of this session for its own extension, and the seconds it is good for."""
        self._forget_old()
        secret = secrets.token_urlsafe(24)
        mine = self._secrets.setdefault((session, extension), [])
        mine.append((self._clock() + self._lifetime, secret))
        del mine[:-KEPT]
        return secret, self._lifetime

    async def serve(self, socket: web.WebSocketResponse, session: str, extension: str) -> None:
        """Pass on what this page and the exchange say to each other, until one of them leaves."""
        if self._closing:  # it was on its way in while all others were sent away
            await socket.close(code=WSCloseCode.GOING_AWAY, message=THE_END)
            return
        line = Line(session, extension, socket)
        older, self._lines[extension] = self._lines.get(extension), line
        if older:
            self._hang_up_soon(older, TAKEN_OVER, "used in another window")
        try:
            async with (
                connect(
                    self._url,
                    subprotocols=[Subprotocol("sip")],
                    compression=None,
                    max_size=LONGEST,
                    open_timeout=5,
                    close_timeout=1,
                    proxy=None,
                ) as exchange,
                running(_down(exchange, line), f"phone {extension}", vital=False),
            ):
                await self._up(line, exchange)
                await _decline(line, exchange)
        except (OSError, TimeoutError, WebSocketException) as error:
            log.warning("phone %s: the exchange is away: %s", extension, error)
            await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"the exchange is away")
        finally:
            if self._lines.get(extension) is line:
                del self._lines[extension]
            self._tell_lost(line)

    def _tell_lost(self, line: Line) -> None:
        """Its page has gone; a call that it has must not go with it."""
        taken = self._lines.get(line.extension)
        if line.by_us and not taken:
            return
        # A page that is left says so; one that crashed, or a network, does not.
        left = line.socket.close_code == WSCloseCode.GOING_AWAY

        def is_back() -> bool:
            now = self._lines.get(line.extension)
            return now is not None and now.page == line.page

        for listener in self.lost:
            listener(line.extension, bool(left or taken), is_back)

    def extensions_of(self, session: str) -> set[str]:
        """The extensions of the session's open phones."""
        return {line.extension for line in self._lines.values() if line.session == session}

    def sign_out(self, session: str) -> None:
        """That sign-in is over: its secrets open nothing any more, its phone is hung up."""
        for key in [key for key in self._secrets if key[0] == session]:
            del self._secrets[key]
        for line in [line for line in self._lines.values() if line.session == session]:
            self._hang_up_soon(line, SIGNED_OUT, "signed out")

    async def close(self) -> None:
        """The service ends: every page is told to come back later."""
        self._closing = True
        ends = [
            self._hang_up(line, WSCloseCode.GOING_AWAY, THE_END.decode())
            for line in self._lines.values()
        ]
        await asyncio.gather(*ends)  # one that is asleep holds up no other
        await self._group.close()

    @property
    def sessions(self) -> set[str]:
        """Those with a phone open."""
        return {line.session for line in self._lines.values()}

    async def _up(self, line: Line, exchange: ClientConnection) -> None:
        async for message in line.socket:
            if message.type is WSMsgType.ERROR:  # the heartbeat: a network that is gone
                return
            if message.type is not WSMsgType.TEXT:
                await self._hang_up(line, BAD_MESSAGE, "SIP is text")
                return
            good = self._good_secrets(line)
            password = self._password_of(line.extension)
            try:
                text = checked(message.data, line.extension, good, password)
            except Refused as error:
                log.warning("phone %s: not passed on: %s", line.extension, error)
                await self._hang_up(line, REFUSED, str(error))
                return
            await exchange.send(text)
            if text.startswith("REGISTER "):
                line.registering = text
                self._group.start(self._insist(line, exchange, text), f"phone {line.extension}")
            line.page = line.page or page_of(text)
            line.ringing.pop(answered(text), None)

    async def _insist(self, line: Line, exchange: ClientConnection, text: str) -> None:
        """An exchange that is still starting takes no notice of what it hears, and a page would
        wait for half a minute.
        """
        for seconds in self._patience:
            await asyncio.sleep(seconds)
            if line.registering != text:
                return
            with suppress(ConnectionClosed):
                await exchange.send(text)

    async def _hang_up(self, line: Line, code: int, why: str) -> None:
        line.by_us = True
        if self._lines.get(line.extension) is line:
            del self._lines[line.extension]
        await line.socket.close(code=code, message=why.encode())

    def _hang_up_soon(self, line: Line, code: int, why: str) -> None:
        """The page may be asleep: nobody waits for its goodbye."""
        self._group.start(self._hang_up(line, code, why), name=f"phone {line.extension}: {why}")

    def _good_secrets(self, line: Line) -> list[str]:
        now = self._clock()
        mine = self._secrets.get((line.session, line.extension), ())
        return [secret for until, secret in mine if until > now]

    def _forget_old(self) -> None:
        now = self._clock()
        for key, mine in list(self._secrets.items()):
            if mine[-1][0] <= now:
                del self._secrets[key]


async def _decline(line: Line, exchange: ClientConnection) -> None:
    """What rings at a page that has gone would ring on for nobody; the queue has others to ask."""
    for answer in line.ringing.values():
        with suppress(ConnectionClosed):
            await exchange.send(answer)


def _unanswered(text: str) -> tuple[str, str] | None:
    try:
        return unanswered(text)
    except Refused as error:  # the page may understand it all the same
        log.warning("the exchange rings in a way we do not understand: %s", error)
        return None


async def _down(exchange: ClientConnection, line: Line) -> None:
    socket = line.socket
    try:
        async for message in exchange:
            text = message if isinstance(message, str) else message.decode(errors="replace")
            if line.registering and is_of_register(text):
                line.registering = ""
            if ring := _unanswered(text):
                call, answer = ring
                line.ringing[call] = answer
            await socket.send_frame(text.encode(), WSMsgType.TEXT)
    except (ConnectionClosed, ConnectionError):
        pass  # said below
    if not socket.closed:
        await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"the exchange is away")
