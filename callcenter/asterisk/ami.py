"""The AMI connection: hears all in order, asks each thing once, comes back by itself."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Any

from panoramisk import Manager

from callcenter.asterisk.action import Answer, CheckedAction
from callcenter.asterisk.patience import NORMAL, Patience
from callcenter.asterisk.protocol import Protocol, parse
from callcenter.errors import N_, Conflict, ExchangeUnavailable
from callcenter.tasks import running

__all__ = ["NORMAL", "SILENT", "Ami", "Answer", "Patience"]

log = logging.getLogger(__name__)

Hear = Callable[[Mapping[str, str]], None]

NOT_YET = N_("The exchange has not been reached yet.")
NOBODY = N_("Nothing answers at the address of the exchange.")
STRANGER = N_("What answers at the address of the exchange is no Asterisk manager.")
REFUSED = N_("The exchange refuses the user or the secret.")
SILENT = N_("The exchange is silent.")
LOST = N_("The connection to the exchange was lost.")
BROKEN = N_("The connection to the exchange failed; the log says why.")


class Refused(ExchangeUnavailable):
    """Wrong user or secret: trying again soon would not help, and looks like an attack."""


class Ami(Manager):  # type: ignore[misc]  # panoramisk has no types
    """One lasting connection to one Asterisk manager: panoramisk's Manager, defects mended.

    `hear(event)` is called for every event, in order, on the loop, with Asterisk's header names;
    what it raises is logged and costs nothing. `paused()` is called after all that came together,
    before anything else happens on the loop. `wanted`, if given, are the only names it hears:
    others are not even parsed. `register_event(name, callback)` adds callbacks for exact names,
    called as callback(ami, event). `ready` is awaited after each login; if it raises
    ExchangeUnavailable the connection is made anew.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        secret: str,
        *,
        hear: Hear | None = None,
        paused: Callable[[], None] | None = None,
        ready: Callable[[], Awaitable[None]] | None = None,
        events: str = "on",
        wanted: Collection[str] | None = None,
        patience: Patience = NORMAL,
    ) -> None:
        self._hear = hear
        self._paused = paused or (lambda: None)
        self._wanted = None if wanted is None else frozenset(wanted)
        self._names: set[bytes] | None = None  # whose events are parsed; None: all
        super().__init__(host=host, port=port, username=user, secret=secret, events=events)
        self.callbacks.clear()  # of the library's own
        self._limit_names()
        self.connected = False
        self.problem = NOT_YET
        self._ready = ready
        self._patience = patience
        self._up = asyncio.Event()
        self._runner: asyncio.Task[Any] | None = None

    # ---------------------------------------------------------------- hearing

    def register_event(self, pattern: str, callback: Any = None) -> Any:
        """Call callback(ami, event) for each event of exactly this name."""
        if callback is None:
            return lambda function: self.register_event(pattern, function)
        if asyncio.iscoroutinefunction(callback) or set(pattern) & set("*?["):
            raise TypeError("plain functions for exact names: anything else loses order or time")
        self.callbacks[pattern].append(callback)
        self._limit_names()
        return callback

    def send_awaiting_actions(self, *_: object) -> None:
        """Nothing: the library would send what has no answer again, and dial a customer twice."""

    def _limit_names(self) -> None:
        if self._hear and self._wanted is None:
            self._names = None
        else:
            names = self.callbacks.keys() | (self._wanted or set() if self._hear else set())
            self._names = {name.encode() for name in names}

    def receive(self, block: bytes) -> None:
        """One message as it came from the wire. Whatever is wrong with it stays here."""
        try:
            pending = self.protocol.responses
            if self._names is not None and block.startswith(b"Event: "):
                end = block.find(b"\r", 7)
                if block[7 : end if end > 0 else None] not in self._names and not (
                    pending and b"\r\nActionID: " in block
                ):
                    return
            message = parse(block)
            if pending and (action := pending.get(message.get("ActionID"))):
                action.add_message(message)
            if "Event" in message:
                self.dispatch(message)
        except Exception:  # one bad message must not cost us the connection
            log.exception("could not use %r", block[:300])

    def dispatch(self, event: dict[str, str]) -> None:
        """Call whoever wants this event; one that fails takes nothing from the others."""
        name = event["Event"]
        for callback in self.callbacks.get(name, ()):
            try:
                callback(self, event)
            except Exception:
                log.exception("%s failed on %r", callback, event)
        if self._hear and (self._wanted is None or name in self._wanted):
            self._hear(event)

    def pause(self) -> None:
        """That was all for now."""
        try:
            self._paused()
        except Exception:  # nor must this cost us the connection
            log.exception("%s failed", self._paused)

    @property
    def heard_at(self) -> datetime | None:
        """When the last byte came (UTC); None before the first connection."""
        if not self.protocol:
            return None
        return datetime.now(UTC) - timedelta(seconds=time.monotonic() - self.protocol.heard)

    # ----------------------------------------------------------------- asking

    async def ask(
        self,
        action: str,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        *,
        deadline: float = 5.0,
        collect: str | None = None,
    ) -> Answer:
        """Ask once, and wait at most `deadline` seconds; with `collect`, for the list that it ends.

        Raises Invalid (nothing was sent), Conflict (refused, in Asterisk's words) or
        ExchangeUnavailable (not connected, or no answer; it is never sent again).
        """
        pairs = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
        request = CheckedAction(action, pairs, collect)
        if not self.connected:
            raise ExchangeUnavailable(self.problem or LOST)
        return await self._ask(request, deadline)

    async def _ask(self, request: CheckedAction, deadline: float) -> Answer:
        protocol = self.protocol
        future = self.send_action(request)
        try:
            async with asyncio.timeout(deadline):
                answer: Answer = await future
                return answer
        except TimeoutError as error:
            raise request.unanswered() from error
        finally:
            protocol.responses.pop(request.id, None)  # a late answer finds nobody

    async def wait_connected(self, timeout: float) -> None:
        """Return when signed in; ExchangeUnavailable, with the reason, after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._up.wait()
        except TimeoutError as error:
            raise ExchangeUnavailable(self.problem or LOST) from error

    # ------------------------------------------------------------- being there

    async def run(self) -> None:
        """Stay connected until cancelled or closed."""
        self._runner = asyncio.current_task()
        attempt = 0
        while True:
            began = time.monotonic()
            try:
                await self._live()
            except ExchangeUnavailable as error:
                self._failed(str(error))
                attempt = 10 if isinstance(error, Refused) else attempt
            except OSError as error:
                self._failed(NOBODY, error)
            except Exception as error:
                self._failed(BROKEN, error)
                log.exception("the connection failed")
            if time.monotonic() - began > self._patience.last:
                attempt = 0
            pause = min(self._patience.last, self._patience.first * 2 ** min(attempt, 10))
            attempt += 1
            await asyncio.sleep(pause * random.uniform(0.5, 1))

    async def connect(self) -> Protocol:
        """Reach the exchange; OSError (a TimeoutError too) when nothing is there."""
        self.loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._patience.connect):
            _, protocol = await self.loop.create_connection(
                lambda: Protocol(self), self.config["host"], self.config["port"]
            )
        assert isinstance(protocol, Protocol)
        return protocol

    async def _live(self) -> None:
        protocol = await self.connect()
        try:
            await self._sign_in(protocol)
            log.info("signed in at the exchange, manager %s", protocol.version)
            self.problem = ""
            self.connected = True
            self._up.set()
            async with running(self._follow_up(), name="after sign-in", vital=False):
                await self._watch(protocol)
        finally:
            self.connected = False
            self._up.clear()
            protocol.close()

    async def _sign_in(self, protocol: Protocol) -> None:
        # By challenge, so that the secret itself never travels.
        try:
            ask = CheckedAction("Challenge", [("AuthType", "MD5")])
            challenge = (await self._ask(ask, self._patience.login)).headers.get("Challenge", "")
            key = md5(f"{challenge}{self.config['secret']}".encode(), usedforsecurity=False)
            login = {
                "AuthType": "MD5",
                "Username": self.config["username"],
                "Key": key.hexdigest(),
                "Events": self.config["events"],
            }
            await self._ask(CheckedAction("Login", login.items()), self._patience.login)
        except Conflict as error:
            raise Refused(REFUSED) from error
        except ExchangeUnavailable as error:
            raise ExchangeUnavailable(error.sentence if protocol.version else STRANGER) from error

    async def _follow_up(self) -> None:
        try:
            if self._ready:
                await self._ready()
        except ExchangeUnavailable as error:
            self.reconnect(str(error))
        except Exception:  # a mistake in what follows is no reason to hear nothing
            log.exception("what follows the sign-in failed")

    async def _watch(self, protocol: Protocol) -> None:
        """Return only by raising: when the connection has gone, or is as silent as one that has."""
        while True:
            rest = protocol.heard + self._patience.quiet - time.monotonic()
            await asyncio.wait([protocol.gone], timeout=max(rest, 0))
            if protocol.gone.done():
                raise ExchangeUnavailable(self.problem or LOST)
            asked = time.monotonic()
            if asked - protocol.heard < self._patience.quiet:
                continue
            try:
                await self._ask(CheckedAction("Ping"), self._patience.silent)
            except ExchangeUnavailable as error:
                if protocol.heard < asked and not protocol.gone.done():
                    raise ExchangeUnavailable(SILENT) from error

    def _failed(self, problem: str, error: Exception | None = None) -> None:
        if problem != self.problem:
            log.warning("%s (%s)", problem, error or "trying again")
        self.problem = problem

    def reconnect(self, problem: str) -> None:
        """Give this connection up, for a reason in words, and make a new one."""
        self.problem = problem
        if self.protocol:
            self.protocol.close()

    def close(self) -> None:
        """End, also in the middle of an attempt to connect: run() is cancelled."""
        if self._runner:
            self._runner.cancel()
        if self.protocol:
            self.protocol.close()
