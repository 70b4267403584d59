"""Keeps an eye on the trunks that the exchange has: how each is, since when, and why.

The exchange is asked by its console every ten seconds: its AMI would need rights for this that the
service must not have. Of somebody else's exchange nothing is known here.
"""

import asyncio
import itertools
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from callcenter.asterisk.trunks import TrunkLine, lines_of
from callcenter.db import DATABASE_ERRORS, Sessions, is_away
from callcenter.errors import ExchangeUnavailable
from callcenter.switchboard import versions
from callcenter.switchboard.plan import Plan
from callcenter.trunks.console import (
    BAD,
    CONTACTS,
    IDENTIFIES,
    REGISTRATIONS,
    Kind,
    seen,
    unknown,
)
from callcenter.trunks.probe import probe
from callcenter.trunks.verdict import Verdict

log = logging.getLogger(__name__)

EVERY_S = 10.0
NAMES_S = 600.0  # then the addresses of providers' names are looked up again
RETRY_S = 60.0  # between two looks whether they are found
NAME_S = 5.0  # for one of them to be found
MISSING_S = 300.0  # so long one that the exchange lacks waits for one that is not found now
OLD_S = 3600.0  # and so long all others wait, whose addresses may be old

Cli = Callable[[str], Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a trunk is. `why`: what it told us when we asked it ourselves, of one that is bad."""

    name: str
    title: str
    kind: Kind
    since: datetime
    ms: float | None = None
    why: Verdict | None = None

    @property
    def is_bad(self) -> bool:
        return self.kind in BAD


class Watch:
    """`now`: by the trunk's name, in the plan's order; those that the installation brings are not
    in it. `is_known` once the exchange has told of them. `cli` asks the exchange's console; None:
    it is not ours. `look_up` lets it look up names again. `address` as `probe` has it.
    """

    def __init__(
        self,
        sessions: Sessions,
        cli: Cli | None,
        address: str = "",
        look_up: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.now: dict[str, Condition] = {}
        self.is_known = False
        self.listeners: list[Callable[[], None]] = []  # told of each change
        self.looked = asyncio.Event()  # set after each look: for whoever waits for one
        self._sessions, self._cli, self._address = sessions, cli, address
        self._look_up, self._names_at, self._found_at = look_up, time.monotonic(), -RETRY_S
        self._gone: dict[str, float] = {}  # names the exchange knows that are not found, since when
        self._asked: dict[str, TrunkLine] = {}  # as they were at the last look
        self._wanted = asyncio.Event()

    def soon(self) -> None:
        """Look now: something may have changed."""
        self._wanted.set()

    async def run(self) -> None:
        """For ever."""
        while True:
            self._wanted.clear()
            try:
                await self.look()
            except ExchangeUnavailable as error:
                log.warning("the trunks' states are not known: %s", error)
            except DATABASE_ERRORS as error:
                if not is_away(error):
                    raise
                log.warning("the trunks' states are not known: %s", error)
            self.looked.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._wanted.wait()

    async def look(self) -> None:
        """Ask once. Raises ExchangeUnavailable."""
        if self._cli is None:
            return
        async with self._sessions() as session:
            plan = (await versions.live(session)).plan
        lines = lines_of(plan)
        if not any(each.host for each in lines):
            return self._tell({})
        there = seen(lines, await self._cli(REGISTRATIONS), await self._cli(CONTACTS))
        asked, self._asked = self._asked, {each.name: each for each in lines}
        found = {}
        for line in lines:
            if state := there.get(line.name):
                before = self.now.get(line.name)
                if before and (before.kind != state.kind or asked.get(line.name) != line):
                    before = None
                found[line.name] = Condition(
                    name=line.name,
                    title=_title(plan, line.name),
                    kind=state.kind,
                    since=before.since if before else datetime.now(UTC),
                    ms=state.ms,
                    why=before.why if before else await self._why(line, state.kind),
                )
        self._tell(found)
        await self._names([each for each in lines if each.has_name])

    async def _names(self, lines: Sequence[TrunkLine]) -> None:
        """A provider may move to another address, or nobody knew its name when the exchange
        started: it takes no calls from where it does not know anybody. Looking up forgets the
        addresses of before: while a name that the exchange knows is not found the others wait, but
        not for ever."""
        if not lines or self._cli is None or self._look_up is None:
            return
        now, missing = time.monotonic(), unknown(lines, await self._cli(IDENTIFIES))
        is_old = now - self._names_at > NAMES_S
        if not (missing or is_old) or now - self._found_at < RETRY_S:
            return
        self._found_at = now
        names = sorted({each.host for each in lines})
        are_there = await asyncio.gather(*(is_found(name) for name in names))
        found = set(itertools.compress(names, are_there))
        gone = set(names) - found - {each.host for each in missing}
        for name in gone - self._gone.keys():
            log.warning("the name %s is not found; its last address stays for now", name)
        self._gone = {name: self._gone.get(name, now) for name in gone}
        is_lacking = any(each.host in found for each in missing)
        waits = MISSING_S if is_lacking else OLD_S
        if any(now - since <= waits for since in self._gone.values()):
            return
        if is_lacking or (is_old and found):
            self._names_at = now
            await self._look_up()

    async def _why(self, line: TrunkLine, kind: Kind) -> Verdict | None:
        return await probe(line, self._address) if kind in BAD else None

    def _tell(self, found: dict[str, Condition]) -> None:
        before, self.now, self.is_known = self.now, found, True
        if _told(before) == _told(found):
            return
        for each in found.values():
            was = before.get(each.name)
            if was is None or was.kind != each.kind:
                log.log(
                    logging.WARNING if each.is_bad else logging.INFO,
                    "trunk %s: %s%s",
                    each.name,
                    each.kind,
                    f" ({each.why.sentence.format(**each.why.values)})" if each.why else "",
                )
        for listener in self.listeners:
            listener()


async def is_found(host: str) -> bool:
    """Whether somebody knows that name now. It may have no address itself: the exchange asks for
    its SRV records as well, which are below it."""
    try:
        async with asyncio.timeout(NAME_S):
            await asyncio.get_running_loop().getaddrinfo(host, None)
    except socket.gaierror as error:
        return error.errno == socket.EAI_NODATA
    except (OSError, TimeoutError, UnicodeError):
        return False
    return True


def _told(conditions: dict[str, Condition]) -> list[tuple[str, str, Kind]]:
    """What is worth telling: not that an answer took a millisecond longer."""
    return [(each.name, each.title, each.kind) for each in conditions.values()]


def _title(plan: Plan, name: str) -> str:
    return next((each.title for each in plan.trunks if each.name == name), name)
