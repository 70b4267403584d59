"""What an export can have as columns. The headings are the form's, so that an import knows them."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar

from callcenter.customers.fields import FIELDS, What
from callcenter.errors import N_

Before = TypeVar("Before", bound=Hashable)
After = TypeVar("After")


class Cell(Enum):
    TEXT = "text"
    DAY = "day"
    TIME = "time"
    DURATION = "duration"  # seconds


@dataclass(frozen=True, slots=True)
class Column:
    """`label` is a message id; `width` is in letters."""

    name: str
    label: str
    cell: Cell = Cell.TEXT
    width: int = 18


class Subject(Enum):
    """What is taken out: a row for each customer, or for each contact of theirs."""

    CUSTOMERS = "customers"
    CONTACTS = "contacts"


_WIDTHS: Final = {"name": 28, "company": 28, "email": 26, "address": 36, "note": 40, "place": 32}
_OF_CUSTOMERS: Final = (
    *(
        Column(
            field.name,
            field.label,
            Cell.DAY if field.what is What.DATE else Cell.TEXT,
            _WIDTHS.get(field.name, 18),
        )
        for field in FIELDS.values()
    ),
    Column("department", N_("Department")),
    Column("created", N_("Added"), Cell.TIME),
    Column("updated", N_("Last changed"), Cell.TIME),
)
_OF_CONTACTS: Final = (
    Column("code", N_("Customer code")),
    Column("customer", N_("Customer"), width=28),
    Column("contact", N_("Contact"), width=28),
    Column("position", N_("Position")),
    Column("phone", N_("Phone number")),
    Column("email", N_("Email"), width=26),
    Column("birthday", N_("Birthday"), Cell.DAY),
    Column("note", N_("Remarks"), width=40),
    Column("owner", N_("Owner")),
)
COLUMNS: Final[Mapping[Subject, Mapping[str, Column]]] = {
    Subject.CUSTOMERS: {column.name: column for column in _OF_CUSTOMERS},
    Subject.CONTACTS: {column.name: column for column in _OF_CONTACTS},
}
NOT_AT_FIRST: Final = frozenset({"registered_address", "fax", "website", "updated", "founded_on"})


def chosen(subject: Subject, names: Iterable[str]) -> list[Column]:
    """Those of these names, in the table's order; all when none is known."""
    wanted = frozenset(names)
    found = [column for column in COLUMNS[subject].values() if column.name in wanted]
    return found or list(COLUMNS[subject].values())


def mapped(function: Callable[[Before], After], values: Sequence[Before]) -> Iterator[After]:
    """What `map` gives, calling `function` only once for equal values: a column has many of them,
    and an export millions of cells."""
    found = {value: function(value) for value in set(values)}
    return map(found.__getitem__, values)
