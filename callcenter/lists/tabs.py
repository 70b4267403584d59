"""The tabs above the lists of customers. A room with a list of its own adds a line to TABS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from callcenter.errors import N_
from callcenter.people.permissions import Permission, Rights


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """`needed` is what one must be allowed to do to see it. `keeps`: it understands the filters
    of the others, which therefore stay when one goes there."""

    name: str
    label: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    needed: Permission = Permission.CUSTOMERS
    keeps: bool = False


TABS: Final = (
    Tab(name="assigned", label=N_("Assigned"), path="/customers", keeps=True),
    Tab(
        name="unassigned",
        label=N_("Unassigned"),
        path="/customers",
        query={"tab": "unassigned"},
        keeps=True,
    ),
    Tab(
        name="errors",
        label=N_("Import errors"),
        path="/imports/errors",
        needed=Permission.IMPORT,
    ),
    Tab(name="contacts", label=N_("Contacts"), path="/contacts"),
    Tab(name="bin", label=N_("Bin"), path="/customers/bin", needed=Permission.DELETE),
)


def tabs_for(rights: Rights) -> list[Tab]:
    return [tab for tab in TABS if rights.may(tab.needed)]
