"""Names and marks of parts: made here, so that nobody has to think of one. Pure."""

import hashlib
import re
import unicodedata
from collections.abc import Container

import msgspec

from callcenter.errors import N_, Conflict
from callcenter.switchboard.plan import Part

LONGEST = 32
LEAST = 3  # the exchange has extensions of its own with one letter: h, i, s, t


def name_for(title: str, taken: Container[str], otherwise: str) -> str:
    """A name out of a title: "Giờ hành chính" is gio_hanh_chinh, with _2 when that is taken.

    No dashes: the exchange reads over them, two names would be one. `otherwise` is for titles
    without a letter or digit that a name can have.
    """
    plain = unicodedata.normalize("NFD", title.lower().replace("đ", "d"))
    words = re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c)))
    name = "_".join(words)[:LONGEST].strip("_")
    if len(name) < LEAST:
        name = f"{otherwise}_{name}".rstrip("_")
    whole, count = name, 1
    while name in taken:
        count += 1
        ending = f"_{count}"
        name = whole[: LONGEST - len(ending)].rstrip("_") + ending
    return name


def mark_of(part: Part | None) -> str:
    """What tells whether a part is still as a page has shown it; "" for one that is not there."""
    if part is None:
        return ""
    return hashlib.sha256(msgspec.json.encode(part, order="deterministic")).hexdigest()[:16]


def check_mark(part: Part, mark: str) -> None:
    """Raises Conflict when somebody has changed the part since the page with that mark."""
    if mark != mark_of(part):
        raise Conflict(
            N_("Somebody else has changed this meanwhile. Look at what you typed, and save again.")
        )
