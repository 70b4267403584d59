"""The fields of a customer's file: one table for form, settings, imports, exports, histories."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from callcenter.catalogues.models import Catalogue
from callcenter.customers.models import Kind
from callcenter.errors import N_


class What(Enum):
    """What stands in a field, and so how it is typed, checked and shown."""

    TEXT = "text"  # a line
    LONG = "long"  # several lines
    EMAIL = "email"
    DATE = "date"
    PHONES = "phones"  # several, the first is the one called
    KIND = "kind"
    ITEM = "item"  # one of a catalogue
    ITEMS = "items"  # any number of a catalogue
    PLACE = "place"
    OWNER = "owner"


EVERY: Final = frozenset(Kind)
FIRMS: Final = EVERY - {Kind.PERSON}  # what was founded and is registered


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`name` is the word for it in forms, histories and files; `label` is a message id.

    `column` is the attribute of Customer that holds it, "" when it lies in another table.
    `kinds` are those for which it is shown; the others keep what they have in it.
    """

    name: str
    label: str
    what: What = What.TEXT
    column: str = ""
    longest: int = 0  # letters; 0 where nothing is typed
    kinds: frozenset[Kind] = EVERY
    catalogue: Catalogue | None = None
    may_be_required: bool = True  # ticked by the company [2.11]
    may_be_unique: bool = False  # ticked as a criterion of the duplicate check [2.10]


FIELDS: Final[Mapping[str, Field]] = {
    field.name: field
    for field in (
        Field(
            name="kind",
            label=N_("Profile kind"),
            what=What.KIND,
            column="kind",
            may_be_required=False,
        ),
        Field(name="name", label=N_("Name"), column="name", longest=200, may_be_unique=True),
        Field(
            name="code",
            label=N_("Customer code"),
            column="code",
            longest=32,
            may_be_required=False,  # who types none is given KH-…
            may_be_unique=True,
        ),
        Field(
            name="phone",
            label=N_("Phone number"),
            what=What.PHONES,
            longest=64,
            may_be_unique=True,
        ),
        Field(
            name="email",
            label=N_("Email"),
            what=What.EMAIL,
            column="email",
            longest=200,
            may_be_unique=True,
        ),
        Field(name="company", label=N_("Company"), column="company", longest=200),
        Field(
            name="fax",
            label=N_("Fax"),
            column="fax",
            longest=64,
            kinds=FIRMS,
            may_be_unique=True,
        ),
        Field(name="website", label=N_("Website"), column="website", longest=200, kinds=FIRMS),
        Field(
            name="tax_code",
            label=N_("Tax code"),
            column="tax_code",
            longest=32,
            may_be_unique=True,
        ),
        Field(
            name="address",
            label=N_("Address"),
            column="address",
            longest=300,
            may_be_unique=True,
        ),
        Field(
            name="registered_address",
            label=N_("Registered address"),
            column="registered_address",
            longest=300,
            kinds=FIRMS,
        ),
        Field(name="place", label=N_("Place"), what=What.PLACE, column="place_id"),
        Field(
            name="birthday",
            label=N_("Birthday"),
            what=What.DATE,
            column="birthday",
            kinds=frozenset({Kind.PERSON}),
            may_be_unique=True,
        ),
        Field(
            name="founded_on",
            label=N_("Founding day"),
            what=What.DATE,
            column="founded_on",
            kinds=FIRMS,
        ),
        Field(
            name="status",
            label=N_("Profile status"),
            what=What.ITEM,
            column="status_id",
            catalogue=Catalogue.STATUS,
        ),
        Field(
            name="source",
            label=N_("Data source"),
            what=What.ITEM,
            column="source_id",
            catalogue=Catalogue.SOURCE,
        ),
        Field(
            name="project",
            label=N_("Project code"),
            what=What.ITEM,
            column="project_id",
            catalogue=Catalogue.PROJECT,
        ),
        Field(
            name="groups",
            label=N_("Customer groups"),
            what=What.ITEMS,
            catalogue=Catalogue.CUSTOMER_GROUP,
        ),
        Field(
            name="owner",
            label=N_("Owner"),
            what=What.OWNER,
            column="owner_id",
            may_be_required=False,  # the unassigned ones wait in a list of their own [2.2]
        ),
        Field(
            name="note",
            label=N_("Remarks"),
            what=What.LONG,
            column="note",
            longest=10_000,
            may_be_unique=True,
        ),
    )
}

# What else a history tells of (customers.history), and what an older one called a field.
NOTED: Final[Mapping[str, str]] = {
    "phones": N_("Phone number"),
    "contact": N_("Contact"),
    "document": N_("Document"),
    "activity": N_("Activity"),
    "shared": N_("Shared with"),
    "created": N_("Created"),
    "deleted": N_("Deleted"),
    "restored": N_("Restored"),
    "merged": N_("Merged"),
    "department": N_("Department"),
}


def of_kind(kind: str) -> list[Field]:
    """The fields shown for that kind of customer, in the order of the form."""
    return [field for field in FIELDS.values() if kind in field.kinds]


def label(name: str) -> str:
    """The message id of a field's label, or of whatever else a history may name."""
    field = FIELDS.get(name)
    return field.label if field else NOTED.get(name, name)
