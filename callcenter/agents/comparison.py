"""Compares what we believe with what is so at the exchange, and puts right what differs.

Every 30 seconds, and after every login: members of queues, channels, phones; and the agents' calls
with the board's. Events may be on their way while we look, so channels and phones that differ are
looked at twice before anything is mended. Each mend is a line.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from callcenter.agents.parts import parts_of
from callcenter.agents.places import Difference
from callcenter.agents.presence import Presence
from callcenter.calls.board import Board, Change
from callcenter.calls.call import State
from callcenter.calls.endpoints import extension_of
from callcenter.calls.legs import Kind, endpoint_of, kind_of
from callcenter.errors import Conflict, ExchangeUnavailable
from callcenter.people.directory import Directory

log = logging.getLogger(__name__)

EVERY = 30.0  # seconds between comparisons
SECOND_LOOK = 2.0  # seconds until what differs is looked at again


class HangsUp(Protocol):
    """Of asterisk.moves."""

    async def hang_up(self, channel: str) -> None: ...


class Link(Protocol):
    """What we ask of asterisk.link; each may raise ExchangeUnavailable or Conflict."""

    @property
    def connected(self) -> bool: ...

    async def channels(self) -> dict[str, str]: ...

    async def phones(self) -> Mapping[str, Any]: ...

    async def snapshot(self) -> None: ...

    @property
    def moves(self) -> HangsUp: ...


@dataclass(frozen=True, slots=True)
class Open:
    """Something that differs and is not mended yet; of nobody in particular: None."""

    user_id: int | None
    what: str  # "queues", "call", "phone"


class Comparison:
    """`link` is set once it is there; `listeners` are told when what is open has changed.

    `phone_changed(endpoint, state)` is told of phones as the link tells.
    """

    def __init__(self, presence: Presence, directory: Directory, board: Board) -> None:
        self.link: Link | None = None
        self.open: list[Open] = []
        self.listeners: list[Callable[[], None]] = []
        self.phone_changed: Callable[[str, Any], None] = presence.phone_changed
        self.every, self.second_look = EVERY, SECOND_LOOK
        self._presence = presence
        self._directory = directory
        self._board = board
        self._now = asyncio.Event()
        self._looked = False  # the first list of calls is no mend: we knew nothing before
        self._refused: set[Difference] = set()  # what the exchange does not agree to
        self._strange: dict[str, str] = {}  # channels that no list could explain, id -> name
        self._alone: set[str] = set()  # channels that were alone the last time

    async def run(self) -> None:
        """Compare for as long as the application lives."""
        while True:
            self._now.clear()
            try:
                async with asyncio.timeout(self.every):
                    await self._now.wait()
            except TimeoutError:
                pass
            await self.compare()

    def soon(self) -> None:
        """The exchange is there again."""
        self._looked = True
        self._now.set()

    def push(self, change: Change) -> None:
        """A call has changed (listener of the board): was it a list that told?"""
        if not self._board.from_list or not self._looked:
            return
        call, before = change.after, change.before
        is_new, is_over = before is None, call.state is State.ENDED
        if is_new == is_over:  # a call that only changed; or that we learn of when it is over
            return
        people = [self._directory.of_extension(each) for each in change.extensions]
        number = {"number": call.number or "?"}
        owners: list[int | None] = [*{each.id for each in people if each}]
        for user_id in owners or [None]:
            self._presence.lines.note("unknown" if is_new else "phantom", user_id, **number)

    async def compare(self) -> None:
        """Once, everything. An exchange that is away is compared with at its next login."""
        if self.link is None or not self.link.connected:
            return
        try:
            await self._queues()
            suspects = await self._suspects(self.link)
            self._tell([Open(self._owner(name), what) for what, name in suspects.values()])
            if suspects:
                await asyncio.sleep(self.second_look)
                await self._mend(self.link, suspects)
            await self._hang_up_alone(self.link)
            self._calls()
        except (ExchangeUnavailable, Conflict) as error:
            log.warning("the comparison with the exchange was cut off: %s", error)
        refused = {each.user_id for each in self._refused}
        out = {*self._presence.places.behind(), *refused}
        behind = [Open(user_id, "queues") for user_id in sorted(out)]
        strange = [Open(self._owner(name), "call") for name in self._strange.values()]
        self._tell([*behind, *strange])

    async def _queues(self) -> None:
        presence, places = self._presence, self._presence.places
        endpoints = self._directory.endpoints()
        found = {*await places.compare(endpoints), *self._refused}
        moved = {*(each.user_id for each in found), *places.behind()}
        for user_id in moved:
            places.move(user_id)
        for user_id in moved:
            await places.settled(user_id)
        # What the exchange refuses differs as before: no line every half minute, but still open.
        self._refused = set(await places.compare(endpoints)) if moved else set()
        mended = sorted(found - self._refused, key=lambda each: (each.user_id, each.kind))
        presence.lines.note_places(mended, presence.roll, self._directory.queues)

    async def _suspects(self, link: Link) -> dict[tuple[str, str], tuple[str, str]]:
        """What differs now: ("channel", id) or ("phone", state there) … -> (what, its name)."""
        channels = await link.channels()
        known = self._board.alive()
        found = {
            ("channel", channel_id): ("call", name)
            for channel_id, name in _one_sided(known, channels)
            if channel_id not in self._strange
        }
        self._strange = {each: name for each, name in self._strange.items() if each in channels}
        phones, ours = await link.phones(), self._presence.roll.phones
        for endpoint, state in phones.items():
            if self._directory.rung_at(endpoint) and ours.get(endpoint) != state:
                found[f"phone {endpoint}", state] = ("phone", f"PJSIP/{endpoint}-")
        return found

    async def _mend(self, link: Link, before: dict[tuple[str, str], tuple[str, str]]) -> None:
        """Put right what differs still."""
        again = await self._suspects(link)
        suspects = before.keys() & again.keys()
        if any(kind == "channel" for kind, _ in suspects):
            await link.snapshot()
            left = await self._suspects(link)
            self._strange |= {
                key[1]: left[key][1] for key in left.keys() & suspects if key[0] == "channel"
            }
        for kind, state in suspects:
            if kind != "channel":
                self._phone(kind.removeprefix("phone "), state)

    async def _hang_up_alone(self, link: Link) -> None:
        """Whoever was alone the last time as well has nobody to wait for."""
        alone = self._board.left_alone()
        for name in alone.keys() & self._alone:
            with suppress(Conflict):  # gone meanwhile
                await link.moves.hang_up(name)
                number = alone[name].number or "?"
                self._presence.lines.note("alone", self._owner(name), number=number)
        self._alone = {*alone} - self._alone

    def _phone(self, endpoint: str, state: str) -> None:
        was = self._presence.roll.phone_of(endpoint)
        self.phone_changed(endpoint, state)
        if (person := self._directory.rung_at(endpoint)) and was != state:
            self._presence.lines.note("phone", person.id, was=was, now=state)

    def _calls(self) -> None:
        """The agents' calls are the board's."""
        real = parts_of(self._board.calls(), self._directory)
        for user_id, agent in list(self._presence.roll.agents.items()):
            if agent.calls != real.get(user_id, {}):
                self._presence.mend_calls(user_id, real.get(user_id, {}))

    def _owner(self, name: str) -> int | None:
        person = self._directory.of_extension(extension_of(endpoint_of(name)))
        return person.id if person else None

    def _tell(self, now: list[Open]) -> None:
        if now != self.open:
            self.open = now
            for listener in self.listeners:
                listener()


def _one_sided(ours: dict[str, str], theirs: dict[str, str]) -> Iterable[tuple[str, str]]:
    """Channels that only one of us has; pipes inside the exchange are nobody's call."""
    for channel_id in ours.keys() ^ theirs.keys():
        name = ours.get(channel_id) or theirs.get(channel_id, "")
        if not name or kind_of(name, "") is Kind.PHONE:  # phones and trunks alike
            yield channel_id, name
