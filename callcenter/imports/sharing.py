"""Who receives the rows that are accepted, piece by piece: each piece goes on where the last ended.

A piece is (owner, department) for each of its rows; what must be remembered between two pieces is
kept with the import, so that a run that was cut off shares as if it had not been.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from callcenter.assignment.mechanisms import Shares, at_random, by_priority, in_turn
from callcenter.imports.choices import Choices


class Place(NamedTuple):
    """Where a customer goes. Without an owner it waits among the unassigned."""

    owner_id: int | None
    department_id: int | None


@dataclass
class Sharer:
    """`departments`: of all people who may receive rows, by their id. `home` is the department
    of those who are unassigned. `named` of `shares` is the employee of each row in the file."""

    choices: Choices
    departments: Mapping[int, int | None]
    home: int | None
    seed: int
    last: int | None = None  # who received the last row
    taken: dict[int, int] = field(default_factory=dict)  # by person

    def shares(self, named: Sequence[int | None], place: int) -> list[Place]:
        """Where the next rows go; `place` is that of the first, and only stirs the dice."""
        nowhere = Place(None, self.home)
        match self.choices.destination:
            case "department":
                return [Place(None, self.choices.department_id)] * len(named)
            case "file":
                return [self._of(each) if each else nowhere for each in named]
            case "people":
                receivers = self._divided(len(named), place).receiver_of()
                return [
                    self._of(receivers[row]) if row in receivers else nowhere
                    for row in range(len(named))
                ]
        return [nowhere] * len(named)

    def kept(self) -> dict[str, Any]:
        return {"last": self.last, "taken": {str(each): n for each, n in self.taken.items()}}

    def only(self, active: Set[int]) -> None:
        """Whoever was given a piece and is gone since gets none of the next."""
        if not self.departments.keys() <= active:
            there = self.departments.items()
            self.departments = {each: department for each, department in there if each in active}

    def go_on(self, kept: Mapping[str, Any]) -> None:
        """Where `kept` says that one ended."""
        self.last = kept.get("last")
        self.taken = {int(each): n for each, n in kept.get("taken", {}).items()}

    def _divided(self, n: int, place: int) -> Shares[int]:
        there = [each for each in self.choices.people if each.user_id in self.departments]
        ids = [each.user_id for each in there]
        if not ids:  # the last of them left a moment ago
            return Shares({}, list(range(n)), self.last)
        match self.choices.mechanism:
            case "random":
                return at_random(n, ids, Random(f"{self.seed} {place}"))
            case "priority":
                free = [(each.user_id, self._free(each.user_id, each.capacity)) for each in there]
                shares = by_priority(n, free)
                for person, rows in shares.of.items():
                    self.taken[person] = self.taken.get(person, 0) + len(rows)
                return shares
        shares = in_turn(n, ids, self.last)
        self.last = shares.last
        return shares

    def _free(self, person: int, capacity: int) -> int:
        return max(0, capacity - self.taken.get(person, 0))

    def _of(self, person: int) -> Place:
        return Place(person, self.departments[person])
