"""Keeps an eye on the trunks that the exchange has: how each is, since when, and why.

The exchange is asked by its console every ten seconds: its AMI would need rights for this that the
service must not have. Of somebody else's exchange nothing is known here.
"""

import asyncio
import logging
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
NAME_S = 5.0  # for one of them to be found

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
        self._look_up, self._names_at = look_up, time.monotonic()
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
        addresses of before: not while a name that the exchange knows is not found."""
        if not lines or self._cli is None or self._look_up is None:
            return
        now, missing = time.monotonic(), unknown(lines, await self._cli(IDENTIFIES))
        if now - self._names_at <= NAMES_S and not missing:
            return
        for each in lines:
            if each not in missing and not await is_found(each.host):
                log.warning("the name %s is not found; its last address stays", each.host)
                return
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
    """Whether that name has an address now."""
    try:
        async with asyncio.timeout(NAME_S):
            await asyncio.get_running_loop().getaddrinfo(host, None)
    except (OSError, TimeoutError, UnicodeError):
        return False
    return True


def _told(conditions: dict[str, Condition]) -> list[tuple[str, str, Kind]]:
    """What is worth telling: not that an answer took a millisecond longer."""
    return [(each.name, each.title, each.kind) for each in conditions.values()]


def _title(plan: Plan, name: str) -> str:
    return next((each.title for each in plan.trunks if each.name == name), name)
