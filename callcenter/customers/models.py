"""Customers: their files, numbers, contacts, who shares them, and what was changed when."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.customers.search import key_of
from callcenter.db import Base


def _given(context: Any, name: str) -> str:
    """What an INSERT gives that column: for the keys made of it, also where rows come in bulk."""
    return context.get_current_parameters().get(name) or ""


class Kind(StrEnum):
    """The four kinds of profile [2.5]."""

    PERSON = "person"
    ORGANISATION = "organisation"
    SHOP = "shop"
    HOUSEHOLD = "household"


def _some(name: str, *columns: str, where: str) -> Index:
    there = text(where)
    return Index(name, *columns, sqlite_where=there, postgresql_where=there)


def _listed(name: str, *columns: str, where: str = "deleted_at IS NULL") -> Index:
    """What a list is sorted by, for customers outside the bin."""
    return _some(f"ix_customers_{name}_{columns[-1]}", *columns, "id", where=where)


def _filled(column: str) -> Index:
    """For those who have something in that column."""
    return _some(f"ix_customers_{column}", column, where=f"{column} IS NOT NULL")


_OWNED = ("owner_id", "search_key", "id", "deleted_at")
_ASSIGNED = "deleted_at IS NULL AND owner_id IS NOT NULL"
# With all that is looked at, so that SQLite need not look into the table.
_CAME = ("assigned_at", "owner_id", "created_by", "deleted_at")
_NOBODYS = ("department_id", "owner_id", "deleted_at", "id")  # likewise
_THERE = ("department_id", "search_key", "id", "deleted_at")  # likewise
# Likewise; and by department, for leads: whose department's they are anyway are passed by.
_HELD = ("owner_id", "department_id", "status_id", "deleted_at")
_UNASSIGNED = "deleted_at IS NULL AND owner_id IS NULL"
_PLACED = "deleted_at IS NULL AND department_id IS NOT NULL"


class Customer(Base):
    """`version` grows with each change of what people type; see CustomerChange."""

    __tablename__ = "customers"
    __table_args__ = (
        _listed("listed", "search_key"),
        _listed("listed", "code"),
        _listed("listed", "created_at"),
        _listed("listed", "status_at"),
        _some("ix_customers_owned_search_key", *_OWNED, where=_ASSIGNED),
        _listed("owned", "owner_id", "created_at", where=_ASSIGNED),
        _some("ix_customers_placed_search_key", *_THERE, where=_PLACED),
        _listed("in_status", "status_id", "search_key"),
        _listed("unassigned", "search_key", where=_UNASSIGNED),
        _listed("unassigned", "created_at", where=_UNASSIGNED),
        _some("ix_customers_unassigned_department_id", *_NOBODYS, where=_UNASSIGNED),
        _some("ix_customers_of_owner", *_HELD, where=_ASSIGNED),
        _some("ix_customers_owner_id", "owner_id", "id", where=_ASSIGNED),
        _some("ix_customers_department_id", "department_id", "id", where=_PLACED),
        _some("ix_customers_came", *_CAME, where=_ASSIGNED),
        _some("ix_customers_deleted_at", "deleted_at", where="deleted_at IS NOT NULL"),
        _filled("birthday"),
        _filled("founded_on"),
        _filled("source_id"),
        _filled("project_id"),
        _filled("place_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(16), default=Kind.PERSON.value)
    name: Mapped[str] = mapped_column(String(200))
    search_key: Mapped[str] = mapped_column(String(400))  # customers.search.key_of(name, company)
    company: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(200), default="", index=True)  # lower case
    fax: Mapped[str] = mapped_column(String(64), default="")
    website: Mapped[str] = mapped_column(String(200), default="")
    tax_code: Mapped[str] = mapped_column(String(32), default="", index=True)
    address: Mapped[str] = mapped_column(String(300), default="")  # of the office, or of the home
    address_key: Mapped[str] = mapped_column(  # customers.search.key_of(address)
        String(400), index=True, default=lambda context: key_of(_given(context, "address"))
    )
    registered_address: Mapped[str] = mapped_column(String(300), default="")  # of the business
    registered_key: Mapped[str] = mapped_column(  # customers.search.key_of(registered_address)
        String(400), default=lambda context: key_of(_given(context, "registered_address"))
    )
    note: Mapped[str] = mapped_column(Text, default="")  # the description
    birthday: Mapped[date | None]
    founded_on: Mapped[date | None]
    place_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_items.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_items.id"))
    status_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_items.id"))
    status_at: Mapped[datetime] = mapped_column(  # since when it is what it is, or none
        default=lambda context: context.get_current_parameters()["created_at"]
    )
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: unassigned
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    assigned_at: Mapped[datetime | None]  # to this owner
    created_by: Mapped[int | None]  # a user's id; no foreign key: it outlives the account
    import_id: Mapped[int | None] = mapped_column(index=True)  # that brought it
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    deleted_at: Mapped[datetime | None]  # in the bin, for 30 days
    deleted_by: Mapped[int | None]
    merged_into: Mapped[int | None]  # the file that has taken this one's place


class CustomerPhone(Base):
    """A number of a customer or, with `contact_id`, of one of their contacts."""

    __tablename__ = "customer_phones"
    __table_args__ = (
        Index(None, "number_key", "customer_id"),
        Index(None, "reversed_digits", "customer_id"),
        Index(None, "customer_id", "number_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), index=True
    )
    number_key: Mapped[str] = mapped_column(String(64))  # customers.numbers.key_of(raw)
    raw: Mapped[str] = mapped_column(String(64))  # as it was typed
    reversed_digits: Mapped[str] = mapped_column(String(64))  # to find by last digits
    position: Mapped[int] = mapped_column(default=0)  # 0: the number that the call button calls


class Contact(Base):
    """Somebody one talks to at a customer's [2.19]."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    search_key: Mapped[str] = mapped_column(String(400), index=True)
    position_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_items.id"))
    email: Mapped[str] = mapped_column(String(200), default="")
    birthday: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]


class CustomerGroup(Base):
    """A customer in a group of the catalogue [2.21]."""

    __tablename__ = "customer_groups"

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True
    )
    group_id: Mapped[int] = mapped_column(
        ForeignKey("catalogue_items.id"), primary_key=True, index=True
    )


class CustomerShare(Base):
    """Whom a customer is shared with: one person, or a department, or (both None) the company."""

    __tablename__ = "customer_shares"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    department_id: Mapped[int | None] = mapped_column(
        ForeignKey("departments.id", ondelete="CASCADE"), index=True
    )
    by_user_id: Mapped[int | None]
    at: Mapped[datetime]


class CustomerChange(Base):
    """One field of a customer before and after, in words as they were then [2.4, 6.3].

    All fields saved together have the same `version`, the one the customer has had since. `field`
    is a name of customers.fields: one of the form's, or "contact", "document", "activity",
    "shared", "created", "deleted", "restored", "merged", "department".
    """

    __tablename__ = "customer_changes"
    __table_args__ = (Index(None, "customer_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    version: Mapped[int]
    user_id: Mapped[int | None]  # None: the system, an import; it outlives the account
    at: Mapped[datetime]
    field: Mapped[str] = mapped_column(String(32))
    old: Mapped[str] = mapped_column(Text, default="")
    new: Mapped[str] = mapped_column(Text, default="")
