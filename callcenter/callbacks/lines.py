"""The lines of missed calls in memory, and how many of them wait for whom (pure)."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from callcenter.callbacks.missed import Missed
from callcenter.callbacks.visible import home_of, whose
from callcenter.people.rights import Scope


class Lines:
    """`news`: department, or queue of none -> how often its lines have changed; None: those of all.
    `listeners` are told the numbers whose lines have changed."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[Collection[str]], None]] = []
        self.news: Counter[int | str | None] = Counter()
        self._lines: dict[str, Missed] = {}
        self._by_key: dict[str, str] = {}  # number key -> party
        self._waiting: Counter[tuple[int | None, int | str]] = Counter()  # (owner, home)

    def all(self) -> Collection[Missed]:
        return self._lines.values()

    def of_number(self, number_key: str) -> Missed | None:
        return self._lines.get(self._by_key.get(number_key, ""))

    def with_siblings(self, number_keys: Iterable[str]) -> set[str]:
        """These keys, and the others of the lines they are in."""
        found = set(number_keys)
        for key in number_keys:
            if line := self.of_number(key):
                found |= line.number_keys
        return found

    def load(self, lines: Iterable[Missed], now: datetime) -> None:
        """All there are, in place of all before."""
        self._lines, self._by_key = {}, {}
        for line in lines:
            self._put(line)
        self.news[None] += 1
        self.count_anew(now)

    def replace(self, number_keys: Iterable[str], lines: Iterable[Missed], now: datetime) -> None:
        """`lines` are all that there are of these keys now."""
        before = {line.party: line for key in number_keys if (line := self.of_number(key))}
        after = {line.party: line for line in lines}
        changed: set[str] = set()
        for party, line in before.items():
            if after.get(party) != line:
                self._forget(line)
                changed |= line.number_keys
        for party, line in after.items():
            if before.get(party) != line:
                self._put(line)
                changed |= line.number_keys
        self.count_anew(now)
        for listener in self.listeners if changed else ():
            listener(changed)

    def count_anew(self, now: datetime) -> None:
        """Lines grow old, and an owner's becomes anybody's."""
        self._waiting = Counter(
            (whose(line, now), home_of(line))
            for line in self._lines.values()
            if line.dismissed_at is None
        )

    def count(self, scope: Scope) -> int:
        """Lines that wait for that person: all of whom they lead, else their own and nobody's."""
        leads = scope.everything or scope.departments
        return sum(
            count
            for (owner_id, home), count in self._waiting.items()
            if owner_id == scope.user_id
            or (scope.everything or home in scope.departments)
            or (leads and home in scope.queues)
            or (not leads and owner_id is None and home in (scope.department_id, *scope.queues))
        )

    def picture(self) -> object:
        """Another one whenever any page could look different."""
        return sum(self.news.values()), frozenset(self._waiting.items())

    def mark(self, scope: Scope) -> int:
        """Another number whenever a line that they may see has changed."""
        if scope.everything:
            return sum(self.news.values())
        mine = {*scope.departments, scope.department_id, *scope.queues, None}
        return sum(self.news[each] for each in mine)

    def _put(self, line: Missed) -> None:
        if old := self._lines.get(line.party):
            self._forget(old)
        self._lines[line.party] = line
        self._by_key |= dict.fromkeys(line.number_keys, line.party)
        self.news[home_of(line)] += 1

    def _forget(self, line: Missed) -> None:
        self._lines.pop(line.party, None)
        for key in line.number_keys:
            if self._by_key.get(key) == line.party:
                del self._by_key[key]
        self.news[home_of(line)] += 1
