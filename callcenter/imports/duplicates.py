"""Who has the same already: other rows of the file, and customers; asked for many rows at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    String,
    and_,
    cast,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.customers.models import Customer, CustomerPhone
from callcenter.customers.numbers import shown
from callcenter.imports.lines import Line, key_in
from callcenter.people.models import User

Holder = tuple[int, str, str]  # a customer's id and name, their owner's name or ""
Holders = Mapping[tuple[str, str], Holder]  # by field and key


class Seen:
    """What the accepted rows of the file have, and in which row it stood first."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], int] = {}

    def judge(self, line: Line, holders: Holders) -> None:
        """Refuse the line for each thing that somebody has; else what it has is taken now.

        A row that is refused keeps nothing from the rows below it.
        """
        for name, keys in line.keys.items():
            for key in keys:
                if row := self._rows.get((name, key)):
                    line.refuse("duplicate_row", name, row=row)
                elif holder := holders.get((name, key)):
                    customer_id, customer, owner = holder
                    code = "duplicate" if owner else "duplicate_unowned"
                    line.refuse(code, name, customer_id=customer_id, name=customer, owner=owner)
        if not line.reasons:
            self.take(line)

    def take(self, line: Line) -> None:
        for name, keys in line.keys.items():
            for key in keys:
                self._rows[name, key] = line.row.number

    def leave(self, lines: Iterable[Line]) -> None:
        """Forget what they have: they were not written."""
        for line in lines:
            for name, keys in line.keys.items():
                for key in keys:
                    if self._rows.get((name, key)) == line.row.number:
                        del self._rows[name, key]

    def among(self, name: str, keys: Iterable[str]) -> set[str]:
        """Those of the keys that an accepted row has."""
        return {key for key in keys if (name, key) in self._rows}


async def holders(connection: AsyncConnection, lines: Sequence[Line]) -> Holders:
    """The customers who have what these lines have, whatever the rights; of several the first."""
    wanted: dict[str, set[str]] = {}
    for line in lines:
        for name, keys in line.keys.items():
            wanted.setdefault(name, set()).update(keys)
    found: dict[tuple[str, str], Holder] = {}
    for name, keys_wanted in wanted.items():
        if keys_wanted:
            statement = _question(connection.dialect.name, name, keys_wanted)
            for key, customer_id, customer, owner in await connection.execute(statement):
                found.setdefault((name, _known_by(name, key)), (customer_id, customer, owner or ""))
    return found


def _question(dialect: str, name: str, keys: Iterable[str]) -> Select[Any]:
    asked = _table(dialect, sorted(_spelled(name, keys)))
    key = asked.c.value
    if name == "phone":
        joined = asked.join(CustomerPhone, CustomerPhone.number_key == key).join(
            Customer, Customer.id == CustomerPhone.customer_id
        )
        column: Any = CustomerPhone.number_key
    else:
        column = _COLUMNS[name]
        joined = asked.join(Customer, _same(dialect, name, key))
    return (
        select(column, Customer.id, Customer.name, User.name)
        .select_from(joined.outerjoin(User, User.id == Customer.owner_id))
        .where(Customer.deleted_at.is_(None))
        .order_by(Customer.id)
    )


def _table(dialect: str, keys: list[str]) -> FromClause:
    """The keys as a table of one column, in a single parameter however many they are."""
    if dialect == "sqlite":
        return func.json_each(msgspec.json.encode(keys).decode()).table_valued("value")
    unnested = func.unnest(literal(keys, ARRAY(String)))
    return unnested.table_valued("value").render_derived(name="asked")


def _same(dialect: str, name: str, key: ColumnElement[Any]) -> ColumnElement[bool]:
    """As plain as may be, so that an index serves it."""
    match name:
        case "name":  # the search key is of name and company; LIKE would find no index
            return and_(Customer.search_key >= key, Customer.search_key < key.concat("!"))
        case "birthday" if dialect != "sqlite":
            return Customer.birthday == cast(key, Date)
        case "birthday":
            return type_coerce(Customer.birthday, String) == key
    column: ColumnElement[str] = _COLUMNS[name]
    return column == key


_COLUMNS: Final[Mapping[str, Any]] = {
    "name": Customer.name,
    "code": Customer.code,
    "email": Customer.email,
    "fax": Customer.fax,
    "tax_code": Customer.tax_code,
    "address": Customer.address_key,
    "birthday": Customer.birthday,
    "note": Customer.note,
}


def _spelled(name: str, keys: Iterable[str]) -> set[str]:
    """The keys as they may stand in the column."""
    if name != "fax":
        return set(keys)
    return {
        spelling
        for key in keys
        for spelling in (key, shown(key), key.replace("+84", "0", 1) if key[0] == "+" else key)
    }


def _known_by(name: str, value: Any) -> str:
    return str(value) if name in ("phone", "code") else key_in(name, value)
