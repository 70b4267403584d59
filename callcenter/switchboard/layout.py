"""Boxes and wires between them, in columns from left to right: the picture of a graph. Pure.

The wires that would lead back are left out (the graph may have circles). Each box is as far right
as the longest way to it; wires that pass columns have places of their own there, so that none runs
through a box. Orders within columns are those of fewest crossings that some sweeps of barycenters
find; heights are as near to what is wired with each as its neighbours leave room for.
"""

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

Id = Hashable

WIDTH: Final = 150  # of a box
GAP: Final = 42  # between columns
SPACE: Final = 14  # between boxes
HEAD: Final = 15  # how far below a box's top wires arrive
SWEEPS: Final = 6


@dataclass(frozen=True, slots=True)
class Box:
    id: Id
    column: int
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Wire:
    """The n-th of those asked for, as points: straight within a column, curved between two."""

    number: int
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """`back`: the numbers of the wires that are left out."""

    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    back: frozenset[int]
    width: float
    height: float


Wanted = Sequence[tuple[Id, Id, float]]  # from, to, how far below the top of its box it begins


def arrange(heights: Mapping[Id, float], wanted: Wanted) -> Picture:
    """`heights`: of each box, in the order in which they should stand where nothing else matters.
    All wires are between boxes of those."""
    back = frozenset(_back(heights, wanted))
    forward = {n: wire for n, wire in enumerate(wanted) if n not in back}
    columns_of = _columns(heights, forward.values())
    chains = {n: _chain(n, wire, columns_of) for n, wire in forward.items()}
    columns = _ordered(_filled(heights, columns_of, chains), chains)
    tall = {**dict.fromkeys((slot for each in columns for slot in each), 0.0), **heights}
    tops = _tops(columns, tall, chains, wanted)
    boxes = tuple(
        Box(slot, column, column * (WIDTH + GAP), tops[slot], heights[slot])
        for column, slots in enumerate(columns)
        for slot in slots
        if slot in heights
    )
    wires = tuple(
        Wire(n, _points(chain, wanted[n][2], tops, columns_of)) for n, chain in chains.items()
    )
    height = max((box.y + box.height for box in boxes), default=0.0)
    height = max([height, *(y for wire in wires for _, y in wire.points)])
    return Picture(boxes, wires, back, max(0, len(columns) * (WIDTH + GAP) - GAP), height)


def _back(heights: Mapping[Id, float], wanted: Wanted) -> Iterable[int]:
    """The wires that close a circle when one walks from the first box on."""
    leaving: defaultdict[Id, list[tuple[int, Id]]] = defaultdict(list)
    for number, (source, target, _) in enumerate(wanted):
        leaving[source].append((number, target))
    open_, done = set(), set()
    for start in heights:
        stack = [(start, iter(leaving[start]))] if start not in done else []
        open_ |= {start} if stack else set()
        while stack:
            at, more = stack[-1]
            step = next(more, None)
            if step is None:
                stack.pop()
                open_.discard(at)
                done.add(at)
            elif step[1] in open_:
                yield step[0]
            elif step[1] not in done:
                open_.add(step[1])
                stack.append((step[1], iter(leaving[step[1]])))


def _columns(heights: Mapping[Id, float], wires: Iterable[tuple[Id, Id, float]]) -> dict[Id, int]:
    """How many boxes the longest way to each has passed."""
    leaving: defaultdict[Id, list[Id]] = defaultdict(list)
    arriving = dict.fromkeys(heights, 0)
    for source, target, _ in wires:
        leaving[source].append(target)
        arriving[target] += 1
    found = dict.fromkeys(heights, 0)
    free = [each for each, count in arriving.items() if not count]
    while free:
        source = free.pop()
        for target in leaving[source]:
            found[target] = max(found[target], found[source] + 1)
            arriving[target] -= 1
            if not arriving[target]:
                free.append(target)
    return found


def _chain(number: int, wire: tuple[Id, Id, float], columns: Mapping[Id, int]) -> list[Id]:
    """From box to box, with a place in each column between."""
    source, target, _ = wire
    passed = range(columns[source] + 1, columns[target])
    return [source, *(("via", number, column) for column in passed), target]


def _filled(
    heights: Mapping[Id, float], columns_of: Mapping[Id, int], chains: Mapping[int, list[Id]]
) -> list[list[Id]]:
    columns: list[list[Id]] = [[] for _ in range(max(columns_of.values(), default=-1) + 1)]
    for each in heights:
        columns[columns_of[each]].append(each)
    for chain in chains.values():
        for place, slot in enumerate(chain[1:-1], start=columns_of[chain[0]] + 1):
            columns[place].append(slot)
    return columns


def _ordered(columns: list[list[Id]], chains: Mapping[int, list[Id]]) -> list[list[Id]]:
    """The best order that sweeps to the right and to the left come by."""
    after: defaultdict[Id, list[Id]] = defaultdict(list)
    for chain in chains.values():
        for one, other in pairwise(chain):
            after[one].append(other)
    # beside a slot there is a slot, and how far down in that one the wire begins: 0 to 1
    to_left: defaultdict[Id, list[tuple[Id, float]]] = defaultdict(list)
    to_right = {one: [(other, 0.0) for other in others] for one, others in after.items()}
    for one, others in after.items():
        for place, other in enumerate(others):
            to_left[other].append((one, place / len(others)))
    best, fewest = columns, _crossings(columns, after)
    for sweep in range(SWEEPS):
        columns = [list(each) for each in columns]
        beside, step = (to_right, 1) if sweep % 2 else (to_left, -1)
        places = range(len(columns) - 2, -1, -1) if sweep % 2 else range(1, len(columns))
        for place in places:
            rank = {slot: n for n, slot in enumerate(columns[place + step])}
            columns[place] = _by_barycenter(columns[place], beside, rank)
        crossings = _crossings(columns, after)
        if crossings < fewest:
            best, fewest = columns, crossings
    return best


def _by_barycenter(
    column: list[Id], beside: Mapping[Id, list[tuple[Id, float]]], rank: Mapping[Id, int]
) -> list[Id]:
    """What is wired with nothing there keeps its place."""
    means: dict[Id, float] = {}
    for place, slot in enumerate(column):
        ranks = [rank[each] + below for each, below in beside.get(slot, ())]
        means[slot] = sum(ranks) / len(ranks) if ranks else float(place)
    return sorted(column, key=means.__getitem__)


def _crossings(columns: Sequence[Sequence[Id]], after: Mapping[Id, Sequence[Id]]) -> int:
    """How many pairs of wires cross between two columns; those of one slot begin in their order."""
    count = 0
    for left, right in pairwise(columns):
        rank = {slot: n for n, slot in enumerate(right)}
        seen: list[int] = []
        for slot in left:
            for end in (rank[each] for each in after.get(slot, ())):
                count += len(seen) - bisect_right(seen, end)
                insort(seen, end)
    return count


def _tops(
    columns: Sequence[Sequence[Id]],
    tall: Mapping[Id, float],
    chains: Mapping[int, Sequence[Id]],
    wanted: Wanted,
) -> dict[Id, float]:
    """How far down each slot begins: first one below the other, then drawn towards what it is
    wired with, and the highest at 0."""
    tops: dict[Id, float] = {}
    for column in columns:
        tops |= _spread(column, tall, dict.fromkeys(column, 0.0))
    pulls: defaultdict[Id, list[tuple[Id, float]]] = defaultdict(list)  # slot: (other, how far off)
    for number, chain in chains.items():
        for place, (one, other) in enumerate(pairwise(chain)):
            leaves = wanted[number][2] if place == 0 else 0.0
            arrives = HEAD if other == chain[-1] else 0.0
            pulls[other].append((one, leaves - arrives))
            pulls[one].append((other, arrives - leaves))
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            wish = {
                slot: sum(tops[other] + off for other, off in near) / len(near)
                if (near := pulls.get(slot))
                else tops[slot]
                for slot in column
            }
            tops |= _spread(column, tall, wish)
    highest = min(tops.values(), default=0.0)
    return {slot: top - highest for slot, top in tops.items()}


def _spread(
    column: Sequence[Id], tall: Mapping[Id, float], wish: Mapping[Id, float]
) -> dict[Id, float]:
    """As near to the wishes as the order and the heights allow, in the sum of squares: slots that
    would overlap become a block, which stands at the mean of what its slots wish."""
    blocks: list[tuple[float, int]] = []  # where it would begin, of how many slots
    offset, offsets = 0.0, []
    for slot in column:
        offsets.append(offset)
        blocks.append((wish[slot] - offset, 1))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (first, n), (second, m) = blocks[-2:]
            blocks[-2:] = [((first * n + second * m) / (n + m), n + m)]
        offset += tall[slot] + SPACE
    begins = [begin for begin, count in blocks for _ in range(count)]
    return {slot: begin + off for slot, begin, off in zip(column, begins, offsets, strict=True)}


def _points(
    chain: Sequence[Id], leaves: float, tops: Mapping[Id, float], columns: Mapping[Id, int]
) -> tuple[tuple[float, float], ...]:
    x = columns[chain[0]] * (WIDTH + GAP) + WIDTH
    points = [(float(x), tops[chain[0]] + leaves)]
    for slot in chain[1:-1]:
        points += [(x + GAP, tops[slot]), (x + GAP + WIDTH, tops[slot])]
        x += GAP + WIDTH
    return (*points, (float(x + GAP), tops[chain[-1]] + HEAD))
