"""What may be said of a row: a byte for each, and reasons in words for those that are refused.

A reason is {"code": …, "field": a name of customers.fields, and what its sentence needs}.
"""

from collections.abc import Iterable, Mapping
from enum import IntFlag
from typing import Any, Final

from callcenter.errors import N_

Reason = dict[str, Any]


class Flag(IntFlag):
    """The first three refuse a row, the others are told of one that is accepted."""

    DUPLICATE = 1
    MISSING = 2
    WRONG = 4
    UNKNOWN_EMPLOYEE = 8  # named in the file, and nobody's name
    NO_EMPLOYEE = 16  # the file names none
    RESTORED = 32  # Excel had eaten the 0 of a number
    BEYOND = 64  # more than those who receive rows can take
    EMPTIED = 128  # something that no catalogue has was left out


REFUSED: Final = Flag.DUPLICATE | Flag.MISSING | Flag.WRONG
UNASSIGNED: Final = Flag.UNKNOWN_EMPLOYEE | Flag.NO_EMPLOYEE | Flag.BEYOND

SENTENCES: Final[Mapping[str, str]] = {
    "missing": N_("{label} is empty"),
    "bad_phone": N_("“{word}” is not a phone number that can be called"),
    "many_phones": N_("{n} numbers at most"),
    "too_long": N_("{label}: {n} letters at most"),
    "bad_email": N_("“{word}” is not an email address"),
    "bad_day": N_("{label}: “{word}” is not a day"),
    "bad_kind": N_("“{word}” is none of the four kinds of profile"),
    "bad_code": N_("{label}: letters, digits, dots, dashes and slashes only"),
    "unknown": N_("{label}: the catalogue has no “{word}”"),
    "duplicate_row": N_("{label}: the same as in row {row} of the file"),
    "duplicate": N_("{label}: customer {name}, owned by {owner}, has it already"),
    "duplicate_unowned": N_("{label}: customer {name}, without an owner, has it already"),
}
_FLAGS: Final[Mapping[str, int]] = {
    "missing": int(Flag.MISSING),
    "duplicate_row": int(Flag.DUPLICATE),
    "duplicate": int(Flag.DUPLICATE),
    "duplicate_unowned": int(Flag.DUPLICATE),
}
_WRONG: Final = int(Flag.WRONG)  # plain numbers: there may be a reason in every row
COUNTED: Final[Mapping[str, Flag]] = {
    "duplicate": Flag.DUPLICATE,
    "missing": Flag.MISSING,
    "wrong": Flag.WRONG,
    "unknown_employee": Flag.UNKNOWN_EMPLOYEE,
    "no_employee": Flag.NO_EMPLOYEE,
    "restored": Flag.RESTORED,
    "beyond": Flag.BEYOND,
    "emptied": Flag.EMPTIED,
}


def flags_of(reasons: Iterable[Reason]) -> int:
    found = 0
    for reason in reasons:
        found |= _FLAGS.get(reason["code"], _WRONG)
    return found


def counts_of(flags: bytes) -> dict[str, int]:
    """How many rows there are, how many of them are accepted, and of each kind.

    Of those that are refused none counts as one that goes to Unassigned.
    """
    of_each = {byte: flags.count(byte) for byte in set(flags)}

    def with_any(mask: int, but: int = 0) -> int:
        return sum(n for byte, n in of_each.items() if byte & mask and not byte & but)

    refused = with_any(REFUSED)
    counted = {
        name: with_any(flag, REFUSED if flag & UNASSIGNED else 0) for name, flag in COUNTED.items()
    }
    return counted | {
        "rows": len(flags),
        "accepted": len(flags) - refused,
        "errors": refused,
        "malformed": with_any(Flag.MISSING | Flag.WRONG),
    }


FILTERS: Final[Mapping[str, str]] = {
    "": N_("All"),
    "ok": N_("Without errors"),
    "errors": N_("With errors"),
    "duplicate": N_("Duplicate"),
    "malformed": N_("Missing or wrong"),
    "unassigned": N_("To Unassigned"),
    "restored": N_("0 restored"),
    "emptied": N_("Left empty"),
}
_ASKED: Final[Mapping[str, Flag]] = {
    "errors": REFUSED,
    "duplicate": Flag.DUPLICATE,
    "malformed": Flag.MISSING | Flag.WRONG,
    "restored": Flag.RESTORED,
    "emptied": Flag.EMPTIED,
}


def places_of(flags: bytes, wanted: str) -> list[int]:
    """The places of the rows that a filter of FILTERS lets through."""
    fitting = bytes(_fits(byte, wanted) for byte in range(256))
    return [place for place, byte in enumerate(flags) if fitting[byte]]


def _fits(byte: int, wanted: str) -> bool:
    match wanted:
        case "":
            return True
        case "ok":
            return not byte & REFUSED
        case "unassigned":
            return bool(byte & UNASSIGNED) and not byte & REFUSED
    return bool(byte & _ASKED.get(wanted, 255))
