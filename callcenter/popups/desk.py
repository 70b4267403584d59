"""Who is looking, and what they must see. Nothing here awaits a browser while a call waits.

A seat holds calls, not messages: the page's own sender turns each into a message, and waits for the
customer's card if it must. So a slow look-up delays nobody else, and the order that a page sees is
the order of the board.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiohttp import WSMsgType
from aiohttp.web import WebSocketResponse

from callcenter.agents.me import Me
from callcenter.agents.presence import Presence
from callcenter.calls.board import Change
from callcenter.calls.call import Call
from callcenter.customers.cards import Card, Cards, Miss
from callcenter.people.directory import Directory, Person
from callcenter.popups.call_card import CallCard, OpenCard, call_card
from callcenter.popups.queries import RecentCall
from callcenter.tasks import Group

log = logging.getLogger(__name__)

BACKLOG = 100  # items a page may be behind before it is sent away
KEPT_SHOWN = 1000  # acknowledgements in memory

Item = Call | dict[str, Any]  # a call that has changed, or a ready message


class Seat:
    """One open page, for as long as the `with` lasts: what it has not been sent yet."""

    __slots__ = ("_desk", "_items", "person", "session", "socket")

    def __init__(
        self, desk: "Desk", person: Person, session: str, socket: WebSocketResponse
    ) -> None:
        self.person = person
        self.session = session
        self.socket = socket
        self._desk = desk
        self._items: list[Item | int] | None = None  # nothing: an empty deque takes 600 bytes

    def __enter__(self) -> "Seat":
        self._desk.sit_down(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._desk.stand_up(self)

    def put(self, item: Item) -> None:
        """Never waits. A page too far behind is sent away (1013); on return it gets a new state."""
        if self._items and len(self._items) >= BACKLOG:
            self.leave(1013)
        elif not self._left:
            self._begin(item)

    def leave(self, code: int) -> None:
        """Forget what was not sent, and close with that code."""
        if not self._left:
            if self._items:
                self._items.clear()
            self._begin(code)

    def next(self) -> Item | int | None:
        """The oldest item; a number is the code to close with; None when there is nothing left."""
        if self._items:
            return self._items.pop(0)
        self._items = None
        return None

    @property
    def _left(self) -> bool:
        return isinstance(self._items[-1], int) if self._items else False

    def _begin(self, item: Item | int) -> None:
        if self._items is None:
            self._items = [item]
            self._desk.wake(self)
        else:
            self._items.append(item)


class Desk:
    """`push` is a listener of the board; `tell` is for whoever has something to say to an agent."""

    def __init__(self, directory: Directory, cards: Cards, presence: Presence) -> None:
        self._directory = directory
        self._cards = cards
        self._presence = presence
        self._seats: dict[int, tuple[Seat, ...]] = {}
        self._closing = False
        self.open_with: Callable[[str, int | None], OpenCard | None] = lambda number, customer: None
        self.also: list[Callable[[int], dict[str, Any]]] = []  # user's id -> more of the state
        self.shown: deque[tuple[datetime, int, str]] = deque(maxlen=KEPT_SHOWN)
        # Told of a call that was sent to a page, of one that a page has shown (the user's id, the
        # call's), and of a page that came or went (the user's id, how many are open now).
        self.sent: list[Callable[[Person, Call], None]] = []
        self.acknowledged: list[Callable[[int, str], None]] = []
        self.moved: list[Callable[[int, int], None]] = []
        self._group = Group()  # an idle page has no task: a thousand of them would cost megabytes
        presence.listeners.append(self._agent_changed)

    def seat(self, person: Person, session: str, socket: WebSocketResponse) -> Seat:
        """A seat for one page of `person`; enter it (`with`) for as long as the page is open."""
        return Seat(self, self._directory.person(person.id) or person, session, socket)

    def sit_down(self, seat: Seat) -> None:
        self._seats[seat.person.id] = (*self._seats.get(seat.person.id, ()), seat)
        if self._closing:  # it was on its way in while all others were sent away
            seat.leave(1001)
        self._presence.page_opened(seat.person.id)
        self._say_moved(seat.person.id)

    def stand_up(self, seat: Seat) -> None:
        user_id = seat.person.id
        others = tuple(other for other in self._seats[user_id] if other is not seat)
        if others:
            self._seats[user_id] = others
        else:
            del self._seats[user_id]
        self._presence.page_closed(user_id)
        self._say_moved(user_id)

    def _say_moved(self, user_id: int) -> None:
        for listener in self.moved:
            listener(user_id, len(self._seats.get(user_id, ())))

    def push(self, change: Change) -> None:
        """A call has changed: the pages of whoever sees it, or saw it until now, are told."""
        call = change.after
        if change.before is None or change.before.number != call.number:
            self._cards.ask_ahead(call.number)  # so that the card is here when a phone rings
        for extension in change.extensions:
            if person := self._directory.of_extension(extension):
                for seat in self._seats.get(person.id, ()):
                    seat.put(call)

    def tell(self, user_id: int, message: dict[str, Any]) -> None:
        """Send `message` (JSON; its "type" says what it is) to all pages of that user."""
        for seat in self._seats.get(user_id, ()):
            seat.put(message)

    def tell_all(self, message: dict[str, Any]) -> None:
        """Send `message` to every page."""
        for seat in self._all():
            seat.put(message)

    @property
    def people(self) -> set[int]:
        """The ids of those with a page open."""
        return set(self._seats)

    def has_page(self, user_id: int) -> bool:
        return user_id in self._seats

    def redraw(self, calls: Iterable[Call]) -> None:
        """These are drawn anew on the pages that show them: their customer is another now."""
        for call in calls:
            self.push(Change(call, call))

    def was_shown(self, person: Person, call_id: str) -> None:
        """The page says that it really showed this call; kept so that it can be explained later."""
        self.shown.append((datetime.now(UTC), person.id, call_id))
        for listener in self.acknowledged:
            listener(person.id, call_id)
        log.info("call %s was shown to %s", call_id, person.username)

    def extensions_of(self, session: str) -> set[str]:
        """Those that the session's pages began with."""
        return {s.person.extension or "" for s in self._all() if s.session == session} - {""}

    def sign_out(self, session: str) -> None:
        """That sign-in is over."""
        for seat in self._all():
            if seat.session == session:
                seat.leave(4002)

    def close(self) -> None:
        """The service ends: every page is told to come back later."""
        self._closing = True
        for seat in self._all():
            seat.leave(1001)

    @property
    def present(self) -> list[int]:
        """The users with a page open."""
        return list(self._seats)

    @property
    def sessions(self) -> set[str]:
        """Those with a page open."""
        return {seat.session for seat in self._all()}

    def state(
        self, person: Person, calls: Iterable[Call], recent: Iterable[RecentCall] = ()
    ) -> dict[str, Any]:
        """The first message: everything there is. Nothing may happen between this and the seat."""
        unfinished = self._presence.unfinished(person.id)
        picture = [*calls, *([unfinished] if unfinished else [])]
        more = {name: value for each in self.also for name, value in each(person.id).items()}
        return {
            "type": "state",
            "now": datetime.now(UTC),
            "me": self._presence.of(person.id),
            "calls": picture,
            "recent": list(recent),
            "breaks": self._presence.breaks.all,
            **more,
        }

    def wake(self, seat: Seat) -> None:
        """The seat has something to send, and nobody is sending it."""
        self._group.start(self._send(seat), name=f"events {seat.person.id}")

    async def _send(self, seat: Seat) -> None:
        while (item := seat.next()) is not None:
            if isinstance(item, int):
                await seat.socket.close(code=item)
                return
            message = await self._written(item, seat)
            try:
                await seat.socket.send_frame(message, WSMsgType.TEXT)
            except ConnectionError:  # the page has left; the reader of its socket sees it too
                return
            for call in _calls_in(item):
                for listener in self.sent:
                    listener(seat.person, call)

    async def _written(self, item: Item, seat: Seat) -> bytes:
        if isinstance(item, Call):
            (card,) = await self._drawn([item], seat.person)
            item = {"type": "call", "call": card}
        elif item["type"] == "state":
            item = item | {"calls": await self._drawn(item["calls"], seat.person)}
        return msgspec.json.encode(item)

    async def _drawn(self, calls: list[Call], person: Person) -> list[CallCard]:
        known = {call.number: self._cards.peek(call.number) for call in calls}
        cards: dict[str | None, Card | None] = {
            number: card for number, card in known.items() if not isinstance(card, Miss)
        }
        if len(cards) < len(known):
            cards.update(await self._cards.find(n for n in known if n not in cards))
        now = self._directory.person(person.id) or person  # the extension may be another by now
        queues = self._directory.queues
        return [
            call_card(c, card, _own(c, person, now), queues, self._name, self._open(c, card))
            for c in calls
            for card in [cards.get(c.number)]
        ]

    def _open(self, call: Call, card: Card | None) -> OpenCard | None:
        """From memory: a phone rings meanwhile."""
        if not call.number or call.ended_at:
            return None
        return self.open_with(call.number, card.customer_id if card else None)

    def _name(self, extension: str) -> str:
        person = self._directory.of_extension(extension)
        return person.name if person else ""

    def _agent_changed(self, user_id: int) -> None:
        if user_id in self._seats:
            me: Me = self._presence.of(user_id)
            self.tell(user_id, {"type": "agent", "me": me})

    def _all(self) -> list[Seat]:
        return [seat for seats in self._seats.values() for seat in seats]


def _calls_in(item: Item) -> list[Call]:
    if isinstance(item, Call):
        return [item]
    calls: list[Call] = item["calls"] if item["type"] == "state" else []
    return calls


def _own(call: Call, then: Person, now: Person) -> str:
    """The extension by which they have to do with the call: a new one counts from the next on."""
    if then.extension and then.extension in call.extensions:
        return then.extension
    return now.extension or ""
