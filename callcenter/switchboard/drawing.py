"""The map as a template draws it: boxes with their colours and signs, wires as paths. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from callcenter.switchboard.checks import Problem
from callcenter.switchboard.graph import DEFAULT, PEOPLE, Key, Map, Node
from callcenter.switchboard.layout import GAP
from callcenter.switchboard.ways import address_of

EDGE: Final = 10  # around the picture
ICONS: Final = {  # by field of the plan: what it looks like in icons.svg
    **{"": "phone-in", "numbers": "phone-in", "hours": "clock", "menus": "keypad"},
    **{"messages": "volume", "voicemails": "record", "queues": "headset", PEOPLE: "team"},
}
Lit = Mapping[Key, int | None]  # the boxes that a call comes by, and the row it takes


@dataclass(frozen=True, slots=True)
class DrawnBox:
    node: Node
    x: float
    y: float
    height: float
    address: str
    icon: str
    is_lit: bool
    lit_row: int | None
    is_changed: bool
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class DrawnWire:
    path: str
    is_lit: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lit wires are the last, above the others."""

    boxes: tuple[DrawnBox, ...]
    wires: tuple[DrawnWire, ...]
    width: float
    height: float


def drawn(
    found: Map,
    problems: Mapping[Key, Collection[Problem]],
    changed: Collection[Key],
    lit: Lit,
) -> Drawing:
    boxes = tuple(
        _box(found.nodes[box.id], (box.x + EDGE, box.y + EDGE), problems, changed, lit)  # type: ignore[index]  # ids of the picture are keys of the map
        for box in found.picture.boxes
    )
    wires = tuple(
        DrawnWire(path_of(wire.points), _is_lit(found.wires[wire.number], lit))
        for wire in found.picture.wires
    )
    return Drawing(
        boxes,
        tuple(sorted(wires, key=lambda wire: wire.is_lit)),
        found.picture.width + 2 * EDGE,
        found.picture.height + 2 * EDGE,
    )


def _box(
    node: Node,
    at: tuple[float, float],
    problems: Mapping[Key, Collection[Problem]],
    changed: Collection[Key],
    lit: Lit,
) -> DrawnBox:
    return DrawnBox(
        node=node,
        x=at[0],
        y=round(at[1], 1),
        height=node.height,
        address=address(node),
        icon=ICONS[node.key[0]],
        is_lit=node.key in lit,
        lit_row=lit.get(node.key),
        is_changed=node.key in changed and node.key != DEFAULT,
        problems=tuple(problems.get(node.key, ())),
    )


def address(node: Node) -> str:
    """Where what the box shows is edited."""
    return node.crew.address if node.crew else address_of(*node.key)


def _is_lit(wire: tuple[Key, int], lit: Lit) -> bool:
    key, row = wire
    return lit.get(key, -1) == row


def path_of(points: tuple[tuple[float, float], ...]) -> str:
    """An SVG path: curves between the columns, straight within them."""
    moved = [(x + EDGE, round(y + EDGE, 1)) for x, y in points]
    (x, y), text = moved[0], f"M{moved[0][0]:g} {moved[0][1]:g}"
    for place, (to_x, to_y) in enumerate(moved[1:]):
        if place % 2:
            text += f"H{to_x:g}"
        else:
            bend = (to_x - x) / 2 or GAP / 2
            text += f"C{x + bend:g} {y:g} {to_x - bend:g} {to_y:g} {to_x:g} {to_y:g}"
        x, y = to_x, to_y
    return text
