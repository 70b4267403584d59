"""Who may do what: one table of role and permission, permission groups on top, one function.

Each handler says what it needs (`needs`); the middleware refuses before the handler runs, and the
scope it is given (`SignedIn.scope`) is the one of that permission. A handler that says nothing is
closed to everybody, so that a forgotten check is a page that fails, not one that is open.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, IntEnum, StrEnum
from typing import Any, Final, TypeVar

from callcenter.errors import N_
from callcenter.people.models import Role


class Reach(IntEnum):
    """How far a permission goes: over what is one's own, one's department and those below, all."""

    NONE = 0
    OWN = 1
    DEPARTMENT = 2
    ALL = 3


class Permission(StrEnum):
    CUSTOMERS = "customers"  # see, call, note, change, documents, status
    LOOK_UP = "look_up"  # find any customer: code, name, owner, addresses, and no more
    CALLS = "calls"  # the list of calls and the recordings
    MASK = "mask"  # make a stretch of a recording silent for ever
    DOWNLOAD = "download"  # take recordings away as files
    HOLD = "hold"  # put recordings on legal hold, and lift it
    ERASE = "erase"  # delete recordings, and see the proofs of it
    CALLBACKS = "callbacks"  # the inbox of missed calls and callbacks, the schedule
    LIVE = "live"  # the team at this moment: its states, messages to it, wallboards
    REPORTS = "reports"
    DISTRIBUTE = "distribute"  # give customers to departments and people; transfer
    DELETE = "delete"  # delete customers and bring them back; merge two files
    IMPORT = "import"
    EXPORT = "export"
    STATUSES = "statuses"
    PROJECTS = "projects"
    SOURCES = "sources"
    CATALOGUES = "catalogues"  # types, groups, places, positions, kinds of activity and employee
    EMPLOYEES = "employees"
    DEPARTMENTS = "departments"  # and the accounts of team leads
    GROUPS = "groups"  # of permissions
    COMPANY = "company"  # its data, parameters, required and duplicate fields
    SWITCHBOARD = "switchboard"  # where calls lead: numbers, hours, menus, queues, trunks


_NONE, _OWN, _DEPT, _ALL = Reach.NONE, Reach.OWN, Reach.DEPARTMENT, Reach.ALL

# The matrix of FEATURES.md 15, row by row: superadmin, team lead, agent.
MATRIX: Final[Mapping[Permission, tuple[Reach, Reach, Reach]]] = {
    Permission.CUSTOMERS: (_ALL, _DEPT, _OWN),
    Permission.LOOK_UP: (_ALL, _ALL, _ALL),
    Permission.CALLS: (_ALL, _DEPT, _OWN),
    Permission.MASK: (_ALL, _DEPT, _NONE),
    Permission.DOWNLOAD: (_ALL, _DEPT, _NONE),
    Permission.HOLD: (_ALL, _NONE, _NONE),
    Permission.ERASE: (_ALL, _NONE, _NONE),
    Permission.CALLBACKS: (_ALL, _DEPT, _OWN),
    Permission.LIVE: (_ALL, _DEPT, _NONE),
    Permission.REPORTS: (_ALL, _DEPT, _OWN),
    Permission.DISTRIBUTE: (_ALL, _DEPT, _NONE),
    Permission.DELETE: (_ALL, _DEPT, _NONE),
    Permission.IMPORT: (_ALL, _DEPT, _NONE),
    Permission.EXPORT: (_ALL, _NONE, _NONE),
    Permission.STATUSES: (_ALL, _ALL, _NONE),
    Permission.PROJECTS: (_ALL, _ALL, _NONE),
    Permission.SOURCES: (_ALL, _NONE, _NONE),
    Permission.CATALOGUES: (_ALL, _NONE, _NONE),
    Permission.EMPLOYEES: (_ALL, _DEPT, _NONE),
    Permission.DEPARTMENTS: (_ALL, _NONE, _NONE),
    Permission.GROUPS: (_ALL, _NONE, _NONE),
    Permission.COMPANY: (_ALL, _NONE, _NONE),
    Permission.SWITCHBOARD: (_ALL, _NONE, _NONE),
}
COLUMNS: Final = (Role.SUPERADMIN, Role.TEAM_LEAD, Role.AGENT)
ROLES: Final[Mapping[Role, str]] = {  # message ids
    Role.SUPERADMIN: N_("Superadmin"),
    Role.TEAM_LEAD: N_("Team lead"),
    Role.AGENT: N_("Agent"),
}
NAMES: Final[Mapping[Permission, str]] = {
    Permission.CUSTOMERS: N_("Work with customers"),
    Permission.LOOK_UP: N_("Look up any customer"),
    Permission.CALLS: N_("Calls and recordings"),
    Permission.MASK: N_("Mask recordings"),
    Permission.DOWNLOAD: N_("Download recordings"),
    Permission.HOLD: N_("Put recordings on legal hold"),
    Permission.ERASE: N_("Delete recordings"),
    Permission.CALLBACKS: N_("Callbacks and missed calls"),
    Permission.LIVE: N_("The team live"),
    Permission.REPORTS: N_("Reports"),
    Permission.DISTRIBUTE: N_("Distribute customers"),
    Permission.DELETE: N_("Delete and merge customers"),
    Permission.IMPORT: N_("Import customers"),
    Permission.EXPORT: N_("Export customers"),
    Permission.STATUSES: N_("Profile statuses"),
    Permission.PROJECTS: N_("Project codes"),
    Permission.SOURCES: N_("Data sources"),
    Permission.CATALOGUES: N_("Other catalogues"),
    Permission.EMPLOYEES: N_("Employees"),
    Permission.DEPARTMENTS: N_("Departments and team leads"),
    Permission.GROUPS: N_("Permission groups"),
    Permission.COMPANY: N_("Company and parameters"),
    Permission.SWITCHBOARD: N_("Switchboard"),
}
REACHES: Final[Mapping[Reach, str]] = {
    Reach.NONE: N_("No"),
    Reach.OWN: N_("Own"),
    Reach.DEPARTMENT: N_("Department and those below"),
    Reach.ALL: N_("Everything"),
}
# What no group can give: whoever has it could give themselves the rest.
NEVER_GIVEN: Final = frozenset({Permission.GROUPS, Permission.DEPARTMENTS})

# What there is to do in the settings, permission by permission.
SETTINGS: Final = (
    *(Permission.COMPANY, Permission.CATALOGUES, Permission.STATUSES, Permission.PROJECTS),
    *(Permission.SOURCES, Permission.SWITCHBOARD, Permission.HOLD, Permission.ERASE),
)


class Rights:
    """What one person may do; equal to those of whoever may do the same."""

    __slots__ = ("_items", "_reaches")

    def __init__(self, reaches: Mapping[Permission, Reach]) -> None:
        self._reaches = reaches
        self._items = frozenset(reaches.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rights) and self._items == other._items

    def __hash__(self) -> int:
        return hash(self._items)

    def reach(self, permission: Permission) -> Reach:
        return self._reaches.get(permission, Reach.NONE)

    def may(self, permission: Permission) -> bool:
        return self.reach(permission) is not Reach.NONE

    def any_of(self, *permissions: Permission) -> bool:
        return any(self.may(each) for each in permissions)

    @property
    def opens_settings(self) -> bool:
        return self.any_of(*SETTINGS)


def rights_of(role: Role, groups: Sequence[Mapping[Permission, Reach]] = ()) -> Rights:
    """The role's row of the matrix, and what the groups give beyond it: the farthest reach wins."""
    rights = _OF_ROLES[role]
    reaches = {permission: rights.reach(permission) for permission in MATRIX} if groups else {}
    for group in groups:
        for permission, reach in group.items():
            if permission not in NEVER_GIVEN:
                reaches[permission] = max(reaches[permission], reach)
    return Rights(reaches) if groups else rights


_OF_ROLES: Final = {
    role: Rights({permission: row[place] for permission, row in MATRIX.items()})
    for place, role in enumerate(COLUMNS)
}


class Door(Enum):
    """What a handler needs that is no permission."""

    ANYONE = "anyone"  # also before signing in
    SIGNED_IN = "signed in"


Needed = Permission | Door
Handler = TypeVar("Handler", bound=Callable[..., Any])


def needs(needed: Needed) -> Callable[[Handler], Handler]:
    """Declare what a handler needs, below its `@routes.get(…)`: `@needs(Permission.IMPORT)`."""

    def declare(handler: Handler) -> Handler:
        handler.needs = needed  # type: ignore[attr-defined]  # read by needed_by
        return handler

    return declare


def needed_by(handler: Callable[..., Any]) -> Needed | None:
    """What that handler declared; None when it forgot to."""
    found = getattr(handler, "needs", None)
    return found if isinstance(found, Permission | Door) else None
