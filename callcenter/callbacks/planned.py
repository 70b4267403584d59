"""The open callbacks in memory: which are due, for whom, and when the next one is (pure)."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from callcenter.callbacks.models import Callback
from callcenter.customers.models import Customer

PATIENCE = timedelta(seconds=60)  # that one agent has to take what is anyone's
AGAIN = timedelta(minutes=5)  # until those who let it pass are asked once more


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An open callback, as far as a reminder shows it."""

    id: int
    at: datetime
    remind_at: datetime
    number: str
    number_key: str
    purpose: str
    user_id: int | None
    department_id: int | None
    customer_id: int | None
    name: str
    company: str


@dataclass(slots=True)
class Offer:
    """One that is anyone's, shown to one ready agent at a time."""

    user_id: int | None = None
    until: datetime | None = None
    passed: frozenset[int] = frozenset()


def planned_of(callback: Callback, customer: Customer | None) -> Planned:
    return Planned(
        id=callback.id,
        at=callback.at,
        remind_at=callback.remind_at,
        number=callback.number,
        number_key=callback.number_key,
        purpose=callback.purpose,
        user_id=callback.user_id,
        department_id=callback.department_id,
        customer_id=callback.customer_id,
        name=customer.name if customer else "",
        company=customer.company if customer else "",
    )


class Agenda:
    """All open callbacks. Nothing here waits or knows the time; it is told. `listeners` are told
    the numbers of those that have changed."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[Collection[str]], None]] = []
        self.all: dict[int, Planned] = {}
        self._later: list[tuple[datetime, int]] = []  # a heap; those that moved since are skipped
        self._due: set[int] = set()
        self._offers: defaultdict[int, Offer] = defaultdict(Offer)
        self._turn: dict[int, int] = {}  # user id -> when they were last asked, counted
        self._keys: defaultdict[str, set[int]] = defaultdict(set)
        self._customers: defaultdict[int, set[int]] = defaultdict(set)

    def load(self, planned: Iterable[Planned]) -> None:
        self.all = {each.id: each for each in planned}
        self._later = [(each.remind_at, each.id) for each in self.all.values()]
        heapify(self._later)
        self._due.clear()
        self._keys.clear()
        self._customers.clear()
        self._offers = defaultdict(Offer, {k: v for k, v in self._offers.items() if k in self.all})
        for each in self.all.values():
            self._index(each)

    def put(self, ids: Collection[int], planned: Iterable[Planned]) -> None:
        """Those of `ids` that are not among `planned` are open no more."""
        planned = list(planned)
        changed = {each.number_key for each in planned}
        for id in ids:
            if old := self.all.pop(id, None):
                changed.add(old.number_key)
                self._keys[old.number_key].discard(id)
                self._customers[old.customer_id or 0].discard(id)
            self._due.discard(id)
        for each in planned:
            before = self._offers.get(each.id)
            if before and each.user_id is not None:
                del self._offers[each.id]
            self.all[each.id] = each
            heappush(self._later, (each.remind_at, each.id))
            self._index(each)
        for id in set(ids) - self.all.keys():
            self._offers.pop(id, None)
        for listener in self.listeners if changed else ():
            listener(changed)

    def concerned(self, number_key: str, customer_id: int | None) -> bool:
        """Whether anything is planned with that number or customer."""
        return bool(self._keys.get(number_key) or self._customers.get(customer_id or 0))

    def of_number(self, number_key: str) -> frozenset[int]:
        """The ids of what is planned with that number."""
        return frozenset(self._keys.get(number_key, ()))

    def first_with(self, number_key: str, customer_id: int | None) -> Planned | None:
        """The earliest that is planned with that number or customer."""
        ids = self._keys.get(number_key, set()) | self._customers.get(customer_id or 0, set())
        return min((self.all[id] for id in ids), key=lambda each: (each.at, each.id), default=None)

    def next_at(self) -> datetime | None:
        """When something becomes due, or an offer has waited long enough."""
        waits = [
            offer.until for id, offer in self._offers.items() if offer.until and id in self._due
        ]
        if self._later:
            waits.append(self._later[0][0])
        return min(waits, default=None)

    def pass_on(self, id: int, user_id: int, now: datetime) -> None:
        """That agent does not take it: the next one is asked."""
        offer = self._offers[id]
        if offer.user_id == user_id:
            offer.passed |= {user_id}
            offer.user_id, offer.until = None, None

    def offered_to(self, id: int) -> int | None:
        return self._offers[id].user_id if id in self._offers else None

    def settle(self, now: datetime, ready: Callable[[int | None], list[int]]) -> None:
        """Bring what is due up to date; `ready(department_id)`: agents who could call now."""
        while self._later and self._later[0][0] <= now:
            at, id = heappop(self._later)
            if id in self.all and self.all[id].remind_at == at:
                self._due.add(id)
        for id in self._due:
            each = self.all[id]
            if each.user_id is None:
                self._offer(each, now, ready(each.department_id))

    def due(self) -> list[Planned]:
        """The earliest first."""
        return sorted((self.all[id] for id in self._due), key=lambda each: (each.at, each.id))

    @property
    def has_offers(self) -> bool:
        """Whether something that is anyone's is due."""
        return any(self.all[id].user_id is None for id in self._due)

    def picture(self) -> object:
        """Another one whenever other reminders are due, or offered to others."""
        offers = {(id, self.offered_to(id)) for id in self._due}
        return frozenset(self._due), frozenset(offers)

    def _offer(self, each: Planned, now: datetime, ready: Collection[int]) -> None:
        offer = self._offers[each.id]
        if offer.user_id is not None:
            waits = offer.until is not None and now < offer.until
            if waits and offer.user_id in ready:
                return
            if offer.user_id in ready:
                offer.passed |= {offer.user_id}
            offer.user_id, offer.until = None, None
        elif offer.passed and offer.until and now >= offer.until:
            offer.passed, offer.until = frozenset(), None
        able = [user_id for user_id in ready if user_id not in offer.passed]
        if able:
            offer.user_id = min(able, key=lambda user_id: (self._turn.get(user_id, 0), user_id))
            offer.until = now + PATIENCE
            self._turn[offer.user_id] = max(self._turn.values(), default=0) + 1
        elif offer.passed and offer.until is None:
            offer.until = now + AGAIN

    def _index(self, each: Planned) -> None:
        self._keys[each.number_key].add(each.id)
        if each.customer_id is not None:
            self._customers[each.customer_id].add(each.id)
