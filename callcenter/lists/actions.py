"""What can be done with a customer of a list [2.3], with several of them, and with a list itself.

A room with something more to do adds a line here: `path` has {id} for one customer, and takes a
selection (lists.selection) for several.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from callcenter.errors import N_
from callcenter.people.permissions import Permission, Rights


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # each is itself: quick to look up
class Action:
    """`dialog`: shown over the list. `assigned`: only for customers that have an owner [2.2].
    `line`: what follows is of another sort."""

    label: str
    icon: str
    path: str
    needed: Permission = Permission.CUSTOMERS
    dialog: bool = False
    assigned: bool = False
    line: bool = False


OF_A_ROW: Final = (
    Action(label=N_("View information"), icon="info", path="/customers/{id}"),
    Action(label=N_("Edit information"), icon="edit", path="/customers/{id}/edit"),
    Action(label=N_("Edit history"), icon="clock", path="/customers/{id}/history"),
    Action(
        label=N_("Status history"),
        icon="check",
        path="/customers/{id}/history?only=status",
        assigned=True,
    ),
    Action(label=N_("Call history"), icon="phone", path="/customers/{id}?only=call", assigned=True),
    Action(
        label=N_("Quick activity"),
        icon="message",
        path="/customers/{id}/activities/new",
        dialog=True,
        line=True,
    ),
    Action(
        label=N_("Upload documents"), icon="upload", path="/customers/{id}/documents", assigned=True
    ),
    Action(
        label=N_("Share"),
        icon="users",
        path="/customers/share?ids={id}",
        dialog=True,
        assigned=True,
        line=True,
    ),
    Action(
        label=N_("Transfer ownership"),
        icon="transfer",
        path="/customers/transfer?ids={id}",
        needed=Permission.DISTRIBUTE,
        dialog=True,
    ),
    Action(
        label=N_("Delete"),
        icon="x",
        path="/customers/delete?ids={id}",
        needed=Permission.DELETE,
        dialog=True,
        line=True,
    ),
)
OF_SEVERAL: Final = (
    Action(
        label=N_("Distribute"),
        icon="team",
        path="/customers/distribute",
        needed=Permission.DISTRIBUTE,
    ),
    Action(
        label=N_("Transfer ownership"),
        icon="transfer",
        path="/customers/transfer",
        needed=Permission.DISTRIBUTE,
        dialog=True,
    ),
    Action(label=N_("Share"), icon="users", path="/customers/share", dialog=True, assigned=True),
    Action(label=N_("Profile status"), icon="check", path="/customers/status", dialog=True),
    Action(label=N_("Export"), icon="download", path="/customers/export", needed=Permission.EXPORT),
    Action(
        label=N_("Delete"),
        icon="x",
        path="/customers/delete",
        needed=Permission.DELETE,
        dialog=True,
    ),
)
OF_THE_LIST: Final = (
    Action(
        label=N_("Look up"), icon="search", path="/customers/look-up", needed=Permission.LOOK_UP
    ),
    Action(label=N_("Check duplicates"), icon="alert", path="/customers/check"),
    Action(label=N_("Import"), icon="upload", path="/imports/new", needed=Permission.IMPORT),
)


@lru_cache(1_000)
def offered(actions: tuple[Action, ...], rights: Rights, tab: str) -> tuple[Action, ...]:
    """Those that whoever has these rights may do in that list."""
    return tuple(
        action
        for action in actions
        if rights.may(action.needed) and (tab == "assigned" or not action.assigned)
    )
