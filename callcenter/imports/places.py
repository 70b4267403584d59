"""Which place of the tree "Phường Bến Nghé, Quận 1, TP. Hồ Chí Minh" means."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from callcenter.customers.search import key_of

_DIVIDER = re.compile(r"\s*(?:,|;|/| - )\s*")
_LEVEL = re.compile(  # what stands before a name, and is left out by many
    r"^(?:tinh|thanh pho|tp|quan|q|huyen|h|thi xa|tx|thi tran|tt|phuong|p|xa|x)\b\.? *(?=\S)"
)


class Node(NamedTuple):
    id: int
    parent_id: int | None
    name: str


class Places:
    """Found by their names from the smallest to the largest, all of them or some."""

    def __init__(self, nodes: Iterable[Node] = ()) -> None:
        self.nodes = tuple(nodes)
        self._parents: dict[int, int | None] = {}
        self._keys: dict[int, set[str]] = {}
        self._of_key: dict[str, list[int]] = {}
        for node in self.nodes:
            self._parents[node.id] = node.parent_id
            self._keys[node.id] = keys = set(_keys(node.name))
            for key in keys:
                self._of_key.setdefault(key, []).append(node.id)

    def find(self, text: str) -> int | None:
        """The place's id; None when it is unknown, or may be one of several."""
        parts = [part for part in _DIVIDER.split(text.strip()) if part]
        if not parts:
            return None
        candidates = {each for key in _keys(parts[0]) for each in self._of_key.get(key, ())}
        fitting = [each for each in candidates if self._lies_in(each, parts[1:])]
        return fitting[0] if len(fitting) == 1 else None

    def _lies_in(self, place: int, above: Sequence[str]) -> bool:
        """Whether these are names of places above it, in their order."""
        for part in above:
            keys, parent = set(_keys(part)), self._parents[place]
            while parent is not None and not keys & self._keys[parent]:
                parent = self._parents.get(parent)
            if parent is None:
                return False
            place = parent
        return True


def _keys(name: str) -> list[str]:
    """With the word for its level and without: "quan 1" and "1", "tinh hue" and "hue"."""
    key = key_of(name)
    return [key, short] if (short := _LEVEL.sub("", key)) != key and short else [key]
