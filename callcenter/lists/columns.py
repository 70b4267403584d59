"""The columns a list of customers can have, and which of them somebody has chosen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from callcenter.errors import N_


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # each is itself: quick to look up
class Column:
    """`sort` is a name of lists.queries.SORTS. `place` is data-p: 2 and 3 give way first on narrow
    pages, "" never does. A phone shows of a row what the template says, and what somebody
    has chosen besides in lines of their own."""

    name: str
    label: str
    sort: str = ""
    place: str = ""
    kind: str = "mut"  # class of its cells


NAME: Final = Column(name="name", label=N_("Customer"), sort="name")  # the first of each list
COLUMNS: Final[Mapping[str, Column]] = {
    column.name: column
    for column in (
        Column(name="phone", label=N_("Phone number"), kind="tel fit"),
        Column(name="status", label=N_("Profile status"), sort="status", kind="fit"),
        Column(name="owner", label=N_("Owner"), place="2", kind=""),
        Column(name="contact", label=N_("Last contact"), place="3"),
        Column(name="code", label=N_("Customer code"), sort="code", place="3", kind="mut num"),
        Column(name="kind", label=N_("Profile kind"), place="3"),
        Column(name="department", label=N_("Department"), place="2"),
        Column(name="email", label=N_("Email"), place="3"),
        Column(name="address", label=N_("Address"), place="3", kind="mut wide"),
        Column(name="source", label=N_("Data source"), place="3"),
        Column(name="project", label=N_("Project code"), place="3"),
        Column(name="since", label=N_("In this status since"), sort="status", place="3"),
        Column(name="created", label=N_("Added"), sort="created", place="3"),
    )
}
BY_DEFAULT: Final[Mapping[str, tuple[str, ...]]] = {
    "assigned": ("phone", "status", "owner", "contact"),
    "unassigned": ("phone", "status", "source", "department", "created"),
}
ONLY_ASSIGNED: Final = frozenset({"owner"})  # a column that would be empty in the other list


ORDERS: Final[Mapping[str, str]] = {  # `sort` of an address -> what a phone calls it
    "": N_("Name, A to Z"),
    "-name": N_("Name, Z to A"),
    "-created": N_("Newest first"),
    "created": N_("Oldest first"),
    "code": N_("Code, ascending"),
    "-code": N_("Code, descending"),
    "status": N_("Longest in their status"),
    "-status": N_("Shortest in their status"),
}


def offered(tab: str) -> tuple[Column, ...]:
    """Those that list may show, in their order."""
    return tuple(c for c in COLUMNS.values() if tab == "assigned" or c.name not in ONLY_ASSIGNED)


def chosen(tab: str, remembered: str | None) -> tuple[Column, ...]:
    """The columns to show: as remembered ("phone.owner"), else those of everybody."""
    names = frozenset(BY_DEFAULT[tab] if remembered is None else remembered.split("."))
    return tuple(column for column in offered(tab) if column.name in names)


def remembered(names: Iterable[str]) -> str:
    """What to keep of a choice; names that are no columns are left out."""
    wanted = frozenset(names)
    return ".".join(name for name in COLUMNS if name in wanted) or "-"


def cookie(user_id: int, tab: str) -> str:
    """Its name: each person's own, also where several share a computer."""
    return f"columns-{user_id}-{tab}"
