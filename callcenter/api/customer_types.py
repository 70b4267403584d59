"""Customers as they go over the wire."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType, field

from callcenter.api.types import Cursor, Id, Limit, PersonRef, Text, Time, Wire
from callcenter.customers.models import Kind

Word = Annotated[str, Meta(max_length=64)]
Long = Annotated[str, Meta(max_length=300)]
Remarks = Annotated[str, Meta(max_length=10_000)]
Numbers = Annotated[list[Word], Meta(min_length=1, max_length=10)]
Ids = Annotated[list[Id], Meta(max_length=200)]


class CustomerFilter(Wire):
    q: Annotated[
        Text, Meta(description="Words of a name or company, any digits of a number, a code.")
    ] = ""
    limit: Limit = 50
    cursor: Cursor = ""


class Phone(Wire):
    """`number` as it was typed, `shown` as people write it, `key` the same for all spellings."""

    number: str
    shown: str
    key: str


class CustomerItem(Wire):
    """`version` grows with each change; send it back with one of yours."""

    id: int
    version: int
    code: str
    kind: str
    name: str
    company: str
    email: str
    fax: str
    website: str
    tax_code: str
    address: str
    registered_address: str
    note: str
    birthday: date | None
    founded_on: date | None
    place_id: int | None
    source_id: int | None
    project_id: int | None
    status_id: int | None
    group_ids: list[int]
    owner: PersonRef | None
    department_id: int | None
    phones: list[Phone]
    created_at: Time
    updated_at: Time


class CustomerPage(Wire):
    items: list[CustomerItem]
    next: str | None


class NewCustomer(Wire):
    """Without `owner_id` the customer is the caller's own if that is an agent, else nobody's."""

    name: Text
    phones: Numbers
    kind: Kind = Kind.PERSON
    code: Annotated[str, Meta(max_length=32, description="Without: one of ours, KH-…")] = ""
    company: Text = ""
    email: Text = ""
    fax: Word = ""
    website: Text = ""
    tax_code: Word = ""
    address: Long = ""
    registered_address: Long = ""
    note: Remarks = ""
    birthday: date | None = None
    founded_on: date | None = None
    place_id: Id | None = None
    source_id: Id | None = None
    project_id: Id | None = None
    status_id: Id | None = None
    group_ids: Ids = field(default_factory=list)
    owner_id: Id | None = None


class ChangedCustomer(Wire):
    """What is left out stays. `version` is the one you have read: whoever changed another field
    meanwhile is no trouble; the same field is a conflict."""

    version: Id
    name: Text | UnsetType = UNSET
    phones: Numbers | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    code: Annotated[str, Meta(max_length=32)] | UnsetType = UNSET
    company: Text | UnsetType = UNSET
    email: Text | UnsetType = UNSET
    fax: Word | UnsetType = UNSET
    website: Text | UnsetType = UNSET
    tax_code: Word | UnsetType = UNSET
    address: Long | UnsetType = UNSET
    registered_address: Long | UnsetType = UNSET
    note: Remarks | UnsetType = UNSET
    birthday: date | UnsetType | None = UNSET
    founded_on: date | UnsetType | None = UNSET
    place_id: Id | UnsetType | None = UNSET
    source_id: Id | UnsetType | None = UNSET
    project_id: Id | UnsetType | None = UNSET
    status_id: Id | UnsetType | None = UNSET
    group_ids: Ids | UnsetType = UNSET
    owner_id: Id | UnsetType | None = UNSET
