"""How the exchange's trunks are, by what its console says. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from callcenter.asterisk.trunks import TrunkLine

REGISTRATIONS: Final = "pjsip show registrations"
CONTACTS: Final = "pjsip show contacts"
IDENTIFIES: Final = "pjsip show identifies"

Kind = Literal[
    "registered",  # signed in at the provider
    "reachable",  # it answers; it knows us by our address
    "starting",  # not asked yet, or signing in
    "refused",  # it does not let us in
    "silent",  # it does not answer
    "absent",  # not in the exchange: not published yet, or off
]
BAD: Final = ("refused", "silent")

_REGISTRATION = re.compile(
    r"^ *(trunk-[a-z0-9_-]+)/.* (Registered|Unregistered|Rejected|Stopping|Stopped)\b", re.M
)
_CONTACT = re.compile(
    r"^ *Contact: +(trunk-[a-z0-9_-]+)/\S* +\S+ +"
    r"(Avail|Unavail|NonQual|Unknown|Created|Removed) +(\S+)",
    re.M,
)
_IDENTIFY = re.compile(r"^ *Identify: +trunk-[a-z0-9_-]+/(trunk-[a-z0-9_-]+)", re.M)


@dataclass(frozen=True, slots=True)
class Seen:
    """`ms`: how long its last answer took; None: not known."""

    kind: Kind
    ms: float | None = None


def seen(lines: Iterable[TrunkLine], registrations: str, contacts: str) -> dict[str, Seen]:
    """Each provider's state by the trunk's name, from what the two commands answered."""
    signed_in = {endpoint: word for endpoint, word in _REGISTRATION.findall(registrations)}
    there = {endpoint: (word, ms) for endpoint, word, ms in _CONTACT.findall(contacts)}
    return {each.name: _of(each, signed_in, there) for each in lines if each.host}


def unknown(lines: Iterable[TrunkLine], identifies: str) -> list[TrunkLine]:
    """Those whose calls the exchange does not know: their names were not found."""
    known = set(_IDENTIFY.findall(identifies))
    return [each for each in lines if each.endpoint not in known]


def _of(
    line: TrunkLine, signed_in: Mapping[str, str], there: Mapping[str, tuple[str, str]]
) -> Seen:
    if line.endpoint not in there:
        return Seen("absent")
    word, text = there[line.endpoint]
    if word == "Unavail":
        return Seen("silent")
    ms = float(text) if word == "Avail" and re.fullmatch(r"\d+(\.\d+)?", text) else None
    if not line.registers:
        return Seen("reachable" if word == "Avail" else "starting", ms)
    kinds: dict[str, Kind] = {"Registered": "registered", "Rejected": "refused"}
    return Seen(kinds.get(signed_in.get(line.endpoint, ""), "starting"), ms)
