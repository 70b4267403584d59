"""The three mechanisms by which rows are shared out: at random, in turn, by priority.

Rows are known by their place, 0 … n-1, people by whatever the caller knows them by (a user's id).
Every row is in exactly one share or unassigned; a person named twice counts once, in the first
place. Nothing here waits or remembers: whose turn comes next is for the caller to keep.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Generic, TypeVar

from callcenter.errors import N_, Invalid

Person = TypeVar("Person", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Shares(Generic[Person]):
    """Who receives which rows. Everyone asked is in `of`, those who receive nothing too."""

    of: dict[Person, list[int]]  # rows in their order
    unassigned: list[int]
    last: Person | None  # who received the last row: the next round begins behind them

    def receiver_of(self) -> dict[int, Person]:
        """The same by row."""
        return {row: person for person, rows in self.of.items() for row in rows}


def at_random(n: int, people: Sequence[Person], rng: Random) -> Shares[Person]:
    """Each row to anyone, all equally likely, so that shares differ as dice do.

    The same `rng` in the same state shares the same way. Raises Invalid without people.
    """
    asked = _asked(people)
    return _shares(asked, [rng.choice(asked) for _ in range(n)])


def in_turn(n: int, people: Sequence[Person], start_after: Person | None = None) -> Shares[Person]:
    """One row each, round and round: nobody has two more than anybody else.

    It begins behind `start_after`, the `last` of the round before, or with the first person when
    that one is not among them any more. Raises Invalid without people.
    """
    asked = _asked(people)
    first = asked.index(start_after) + 1 if start_after in asked else 0
    shares = _shares(asked, [asked[(first + row) % len(asked)] for row in range(n)])
    return shares if n else replace(shares, last=start_after)  # no row is nobody's turn


def by_priority(n: int, people: Sequence[tuple[Person, int]]) -> Shares[Person]:
    """The first person is filled up to their capacity, then the second; the rest is unassigned.

    `people`: each with how many rows they can take, the most important first. Raises Invalid
    without people, or when a capacity is below 0.
    """
    capacities: dict[Person, int] = {}
    for person, capacity in people:
        if capacity < 0:
            raise Invalid(N_("A capacity is 0 or more."), field="capacity")
        capacities.setdefault(person, capacity)
    asked = _asked(list(capacities))
    receivers: list[Person] = []
    for person in asked:
        receivers += [person] * min(capacities[person], n - len(receivers))
    return _shares(asked, receivers, range(len(receivers), n))


def _asked(people: Sequence[Person]) -> list[Person]:
    if not people:
        raise Invalid(N_("Choose who receives the customers."), field="people")
    return list(dict.fromkeys(people))


def _shares(
    asked: Sequence[Person], receivers: Sequence[Person], unassigned: Sequence[int] = ()
) -> Shares[Person]:
    of: dict[Person, list[int]] = {person: [] for person in asked}
    for row, person in enumerate(receivers):
        of[person].append(row)
    return Shares(of, list(unassigned), receivers[-1] if receivers else None)
