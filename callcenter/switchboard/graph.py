"""A plan as boxes and wires, and as a nested list: the map of the way of a call. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from callcenter.errors import N_
from callcenter.switchboard.editing import FIELDS, KINDS, titled
from callcenter.switchboard.layout import Picture, arrange
from callcenter.switchboard.plan import HANG_UP, Hours, Kind, Menu, Message, Plan, Queue, Voicemail
from callcenter.switchboard.walk import MOST_HOPS, Hop, Walk
from callcenter.switchboard.ways import KIND_TITLES, Leg, legs

Key = tuple[str, str]  # a part: its field of the plan, its name there
DEFAULT: Final[Key] = ("", "")
PEOPLE: Final = "people"  # as a field: who answers
TOP, ROW, BOTTOM = 42.0, 20.0, 6.0  # heights within a box
SHOWN: Final = (Hours, Menu, Queue, Message, Voicemail)
KIND_OF: Final = {FIELDS[is_a]: kind for kind, is_a in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Crew:
    """Who answers the calls of queues: the same `name` is the same box."""

    name: str
    title: str
    count: int
    address: str


@dataclass(frozen=True, slots=True)
class Row:
    """A way out of a box. `to` is the box that it leads to; None for hanging up, and for what is
    not there (`lacking`). `is_back`: to a box that the call has come by, so that no wire is drawn.
    """

    leg: Leg
    to: Key | None
    title: str
    lacking: bool = False
    is_back: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """`kind` is a message id. `unused`: nothing leads there."""

    key: Key
    title: str
    kind: str
    rows: tuple[Row, ...] = ()
    unused: bool = False
    crew: Crew | None = None

    @property
    def shows_rows(self) -> bool:
        """Whether there is something to say of its ways: names that tell them apart, or an end."""
        return any(row.leg.label or row.to is None for row in self.rows)

    @property
    def height(self) -> float:
        lines = len(self.rows) if self.shows_rows else 0
        return TOP + lines * ROW + (BOTTOM if lines else 0.0)

    def leaves(self, row: int) -> float:
        """How far below its top the wire of that row begins."""
        return TOP + row * ROW + ROW / 2 if self.shows_rows else TOP / 2


@dataclass(frozen=True, slots=True)
class Map:
    """`wires`: of each wire in the picture, the box and the row that it begins at."""

    nodes: Mapping[Key, Node]
    picture: Picture
    wires: tuple[tuple[Key, int], ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A line of the nested list: by which leg it is reached, and what follows. `again`: it is to
    be found with all that follows further up."""

    leg: Leg | None
    row: Row | None
    node: Node | None
    below: tuple["Branch", ...] = ()
    again: bool = False


def mapped(plan: Plan, crews: Mapping[str, Crew]) -> Map:
    """`crews`: by the name of the queue."""
    nodes = _nodes(plan, crews)
    wires = [
        (node.key, number)
        for node in nodes.values()
        for number, row in enumerate(node.rows)
        if row.to in nodes
    ]
    picture = arrange(
        {key: node.height for key, node in nodes.items()},
        [(key, nodes[key].rows[n].to, nodes[key].leaves(n)) for key, n in wires],
    )
    for number in picture.back:
        key, n = wires[number]
        nodes[key] = _marked_back(nodes[key], n)
    return Map(nodes, picture, tuple(wires))


def _nodes(plan: Plan, crews: Mapping[str, Crew]) -> dict[Key, Node]:
    found: dict[Key, Node] = {}
    for number in plan.numbers:
        key = ("numbers", number.number)
        found[key] = Node(key, number.title, N_("Number"), _rows(plan, legs(number)))
    found[DEFAULT] = Node(
        DEFAULT, "", N_("All other numbers"), _rows(plan, (Leg("", {}, plan.default),))
    )
    for is_a in SHOWN:
        for part in getattr(plan, FIELDS[is_a]):
            key = (FIELDS[is_a], part.name)
            rows = _rows(plan, legs(part))
            if isinstance(part, Queue) and (crew := crews.get(part.name)):
                rows = (_to_crew(crew, bool(rows)), *rows)
            found[key] = Node(key, part.title, KIND_TITLES[KIND_OF[key[0]]], rows)
    for crew in crews.values():
        key = (PEOPLE, crew.name)
        found[key] = Node(key, crew.title, N_("Who answers"), crew=crew)
    led_to = {row.to for node in found.values() for row in node.rows if row.to != node.key}
    return {key: replace(node, unused=_is_unused(key, led_to)) for key, node in found.items()}


def _is_unused(key: Key, led_to: Collection[Key | None]) -> bool:
    return key not in led_to and key[0] not in ("", "numbers", PEOPLE)


def _rows(plan: Plan, found: tuple[Leg, ...]) -> tuple[Row, ...]:
    return tuple(_row(plan, leg) for leg in found)


def _row(plan: Plan, leg: Leg) -> Row:
    if leg.way == HANG_UP:
        return Row(leg, None, "")
    title = titled(plan, leg.way)
    if title is None:
        return Row(leg, None, "", lacking=True)
    return Row(leg, (FIELDS[KINDS[leg.way.kind]], leg.way.name), title)


def _to_crew(crew: Crew, is_one_of_several: bool) -> Row:
    label = N_("answers") if is_one_of_several else ""
    return Row(Leg(label, {}, HANG_UP), (PEOPLE, crew.name), crew.title)


def _marked_back(node: Node, number: int) -> Node:
    rows = list(node.rows)
    rows[number] = replace(rows[number], is_back=True)
    return replace(node, rows=tuple(rows))


def branches(found: Map) -> list[Branch]:
    """The same as a nested list: from each number on, from what nothing leads to, and from what is
    left: parts that lead to each other alone, and what is deeper than any call comes."""
    shown: set[Key] = set()

    def from_(key: Key, leg: Leg | None, row: Row | None, depth: int) -> Branch:
        node, again = found.nodes[key], key in shown and key[0] != PEOPLE
        if again or depth > MOST_HOPS:
            return Branch(leg, row, node, again=again and bool(node.rows))
        shown.add(key)
        return Branch(leg, row, node, tuple(below(each, depth + 1) for each in node.rows))

    def below(row: Row, depth: int) -> Branch:
        return from_(row.to, row.leg, row, depth) if row.to else Branch(row.leg, row, None)

    first = [k for k, node in found.nodes.items() if k[0] in ("", "numbers") or node.unused]
    roots = []
    for key in (*first, *found.nodes):
        if key not in shown:
            roots.append(from_(key, None, None, 0))
    return roots


def lit(crews: Mapping[str, Crew], walked: Walk) -> dict[Key, int | None]:
    """The boxes that a call comes by, and which row of each it takes; None where it ends. One that
    it comes by again has the row that it took last."""

    def row(hop: Hop) -> int | None:
        if hop.part != FIELDS[Queue]:
            return hop.leg
        return 0 if hop.name in crews else None

    found: dict[Key, int | None] = {(hop.part, hop.name): row(hop) for hop in walked.hops}
    if walked.end and walked.end.kind is Kind.QUEUE and walked.end.name in crews:
        found[(PEOPLE, crews[walked.end.name].name)] = None
    return found
