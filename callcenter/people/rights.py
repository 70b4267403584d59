"""What a person may see, as a condition added to the questions that read the tables.

How far it goes is a permission's reach (people.permissions): everything, a department and those
below, or what is one's own. A customer that somebody shares counts as one's own; one in the bin
is seen by nobody who does not ask for the bin (`binned`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    false,
    literal,
    literal_column,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import KeyedColumnElement

from callcenter.calls.models import CallDay, CallRecord
from callcenter.customers.indexes import one_of, outside
from callcenter.customers.models import Customer, CustomerPhone, CustomerShare
from callcenter.people.models import User

Statement = TypeVar("Statement", bound=Select[*tuple[Any, ...]])
IdColumn = InstrumentedAttribute[int] | KeyedColumnElement[int]


@dataclass(frozen=True, slots=True)
class Scope:
    """Narrows a SELECT to what its holder may see; a statement comes back with a WHERE more.

    `departments` are those whose records may be seen whole: a team lead's own and all below it.
    `department_id` is the one they work in. `queues` are those of no department, whose calls they
    or theirs take by a skill: nobody else looks after what is missed there.
    `one_call` and `one_customer` are for one record, asked for by its id. They allow more than
    lists do: a call one has only taken part in or that an own customer had with somebody else, and
    a customer of a colleague's whom one has talked to.
    """

    everything: bool
    user_id: int
    departments: frozenset[int] = frozenset()
    extension: str | None = None
    department_id: int | None = None
    extension_since: datetime | None = None
    queues: frozenset[str] = frozenset()

    @property
    def is_own(self) -> bool:
        """Whether it goes no further than one's own: few customers, and few calls."""
        return not self.everything and not self.departments

    def calls(self, statement: Statement) -> Statement:
        """For a SELECT over CallRecord."""
        return statement if self.everything else statement.where(self._my_calls())

    def one_call(self, statement: Statement) -> Statement:
        """For a SELECT over CallRecord by call_id, or over those of one customer."""
        if self.everything:
            return statement
        my_customers = select(Customer.id).where(Customer.owner_id == self.user_id)
        return statement.where(
            or_(self._my_calls(), self._took_part(), CallRecord.customer_id.in_(my_customers))
        )

    def days(self, statement: Statement) -> Statement:
        """For a SELECT over CallDay."""
        if self.everything:
            return statement
        mine = CallDay.user_id == self.user_id
        return statement.where(or_(mine, CallDay.department_id.in_(self.departments)))

    def customers(self, statement: Statement, *, walked: bool = False) -> Statement:
        """For a SELECT over Customer; those in the bin are left out.

        `walked`: for a few rows in an order that an index has, or of those that something else
        finds. A department's rows are then looked at one by one, instead of collected first.
        """
        statement = statement.where(Customer.deleted_at.is_(None))
        if self.everything:
            return statement
        if walked and self.departments:
            return statement.where(or_(*self._my_customers(walked=True)))
        return statement.where(Customer.id.in_(union(*self._ids())))

    def unassigned(self, statement: Statement, *, walked: bool = False) -> Statement:
        """`customers` who have no owner. Unless `walked`, those whom the scope has are collected:
        they may be few among all who have none, and these lie in one place of many an index."""
        if walked or self.everything:
            return self.customers(statement.where(Customer.owner_id.is_(None)), walked=walked)
        mine = select(Customer.id).where(
            Customer.deleted_at.is_(None),
            Customer.owner_id.is_(None),
            Customer.department_id.in_(self.departments),
        )
        ways = [*(self._met() if self.is_own else [mine]), self._shared_ids()]
        # The "+" says to SQLite not to read all who have no owner.
        has_none = literal_column("+customers.owner_id", Integer).is_(None)
        ids = Customer.id.in_(union(*ways))
        return statement.where(Customer.deleted_at.is_(None), has_none, ids)

    def each_customer(self, statement: Statement) -> Statement:
        """`customers` for a few rows that something else finds: asked of each, by its own id."""
        if self.everything:
            return self.customers(statement)
        if self.departments:
            colleague = select(User.id).where(
                User.id == Customer.owner_id, User.department_id.in_(self.departments)
            )
            mine = [
                Customer.department_id.in_(self.departments),
                Customer.owner_id == self.user_id,
                colleague.correlate(Customer).exists(),
                self._shared_each(Customer.id),
            ]
            return statement.where(Customer.deleted_at.is_(None), or_(*mine))
        mine = [Customer.owner_id == self.user_id, *self._met_or_shared(Customer.id)]
        return statement.where(Customer.deleted_at.is_(None), or_(*mine))

    def sees(self, id: IdColumn) -> ColumnElement[bool]:
        """`each_customer` where an id is all there is of each: rows are read of those alone who are
        seen. For one's own, or a few departments."""
        mine, others = Customer.owner_id == self.user_id, self._met_or_shared(id)
        if self.departments:
            mine = Customer.department_id.in_(self.departments)
            others = [id.in_(union(*self._elsewhere()))]
        held = select(Customer.id).where(
            mine,
            Customer.deleted_at.is_(None),
            Customer.id.between(id, id),  # with "=" SQLite would read the row, and not an index
        )
        there = select(Customer.id).where(Customer.id == id, Customer.deleted_at.is_(None))
        return or_(held.exists(), and_(or_(*others), there.exists()))

    def parts(self, id: InstrumentedAttribute[int] = Customer.id) -> list[ColumnElement[bool]]:
        """`customers` in parts of which each has an index to walk; one may stand in several.

        `id`: of the table that is walked for those whom a list of ids names.
        """
        if self.everything:
            return [true()]
        if self.departments:
            here = Customer.department_id.in_(self.departments)
            return [here, one_of(id, union(*self._elsewhere()))]
        met = id.in_(union(*self._met(), self._shared_ids()))
        return [Customer.owner_id == self.user_id, met]

    def held_customers(self, statement: Statement) -> Statement:
        """For a SELECT over Customer: those one may give away, share with others or delete.

        One's own, or one's departments'; not what is only shared with one, or was called once.
        """
        statement = statement.where(Customer.deleted_at.is_(None))
        if self.everything:
            return statement
        own = Customer.owner_id == self.user_id
        if not self.departments:
            return statement.where(own)
        colleagues = select(User.id).where(User.department_id.in_(self.departments))
        theirs = Customer.department_id.in_(self.departments)
        return statement.where(or_(own, theirs, Customer.owner_id.in_(colleagues)))

    def held_unassigned(self, statement: Statement) -> Statement:
        """`held_customers` who have no owner, so that whose department's they are is all to ask."""
        statement = statement.where(Customer.deleted_at.is_(None), Customer.owner_id.is_(None))
        if self.everything:
            return statement
        return statement.where(Customer.department_id.in_(self.departments))

    def binned(self, statement: Statement) -> Statement:
        """For a SELECT over Customer: those in the bin, but for files merged into others."""
        statement = statement.where(
            Customer.deleted_at.is_not(None), Customer.merged_into.is_(None)
        )
        if self.everything:
            return statement
        return statement.where(or_(*self._my_customers()))

    def one_customer(self, statement: Statement) -> Statement:
        """For a SELECT over Customer by its id; one in the bin is not there."""
        statement = statement.where(Customer.deleted_at.is_(None))
        if self.everything:
            return statement
        talked = select(CallRecord.call_id).where(CallRecord.customer_id == Customer.id)
        return statement.where(
            or_(*self._my_customers(), talked.where(self._my_calls()).correlate(Customer).exists())
        )

    def _my_calls(self) -> ColumnElement[bool]:
        mine = CallRecord.user_id == self.user_id
        return (
            or_(mine, CallRecord.department_id.in_(self.departments)) if self.departments else mine
        )

    def _took_part(self) -> ColumnElement[bool]:
        if not self.extension:
            return false()
        part = or_(
            *(
                (literal(",") + column + ",").contains(f",{self.extension},", autoescape=True)
                for column in (CallRecord.agents, CallRecord.rung)
            )
        )
        if self.extension_since is None:
            return part
        return part & (CallRecord.started_at >= self.extension_since)  # not a predecessor's

    def _my_customers(self, *, walked: bool = False) -> list[ColumnElement[bool]]:
        if self.departments:
            # The "+" says to SQLite that no index of these columns is wanted.
            department_id, owner_id = (
                literal_column(f"{'+' if walked else ''}customers.{name}", Integer)
                for name in ("department_id", "owner_id")
            )
            colleagues = select(User.id).where(User.department_id.in_(self.departments))
            return [
                department_id.in_(self.departments),
                owner_id.in_(colleagues),
                owner_id == self.user_id,
                self._shared(walked=walked),
            ]
        return [
            Customer.owner_id == self.user_id,
            *(Customer.id.in_(met) for met in self._met()),
            self._shared(),
        ]

    def _ids(self) -> list[Select[int]]:
        """_my_customers as ids, each by an index of its own: an OR would read the whole table."""
        mine = select(Customer.id).where(Customer.deleted_at.is_(None))
        if self.departments:
            here = mine.where(Customer.department_id.in_(self.departments))
            return [here, *self._elsewhere()]
        return [mine.where(Customer.owner_id == self.user_id), *self._met(), self._shared_ids()]

    def _elsewhere(self) -> list[Select[int]]:
        """The ids of one's own and one's people's customers who lie in none of one's departments
        (few, and all others are passed by), and of those who are shared with one."""
        people = select(User.id).where(User.department_id.in_(self.departments))
        owned = Customer.owner_id.in_(union(people, select(literal(self.user_id))))
        theirs = select(Customer.id).where(Customer.deleted_at.is_(None), owned)
        others = outside(Customer.department_id, self.departments)
        return [*(theirs.where(each) for each in others), self._shared_ids()]

    def _met(self) -> list[Select[Any]]:
        """Whom I have had a call with, by id and by number."""
        # An unknown caller becomes a customer after the call, so the number counts as well.
        return [
            select(CallRecord.customer_id).where(
                CallRecord.user_id == self.user_id, CallRecord.customer_id.is_not(None)
            ),
            select(CustomerPhone.customer_id)
            .join(CallRecord, CallRecord.number_key == CustomerPhone.number_key)
            .where(CallRecord.user_id == self.user_id, CallRecord.number_key > ""),
        ]

    def _shared(self, *, walked: bool = False) -> ColumnElement[bool]:
        id = literal_column("+customers.id", Integer) if walked else Customer.id
        return id.in_(self._shared_ids())

    def _met_or_shared(self, id: IdColumn) -> list[ColumnElement[bool]]:
        """Of one customer: whether I had a call with them, by id or number, or share them."""
        calls = select(CallRecord.call_id).where(CallRecord.user_id == self.user_id)
        met = calls.where(CallRecord.customer_id == id).correlate(id.table)
        rung = calls.where(CallRecord.number_key == CustomerPhone.number_key)
        numbers = select(CustomerPhone.id).where(
            CustomerPhone.customer_id == id,
            CustomerPhone.number_key != "",
            # Not EXISTS: PostgreSQL would then read all calls of this person for each number.
            rung.correlate(CustomerPhone).limit(literal_column("1")).scalar_subquery().is_not(None),
        )
        return [met.exists(), numbers.correlate(id.table).exists(), self._shared_each(id)]

    def _shared_each(self, id: IdColumn) -> ColumnElement[bool]:
        share = select(CustomerShare.id).where(CustomerShare.customer_id == id)
        return share.where(or_(*self._ways_shared())).correlate(id.table).exists()

    def _shared_ids(self) -> Select[int]:
        return select(CustomerShare.customer_id).where(or_(*self._ways_shared()))

    def _ways_shared(self) -> list[ColumnElement[bool]]:
        """Shared with me, with my department, or with the whole company."""
        # The "+" says to SQLite not to read all that are shared with one person.
        department_id = literal_column("+customer_shares.department_id", Integer)
        company = CustomerShare.user_id.is_(None) & department_id.is_(None)
        ways = [CustomerShare.user_id == self.user_id, company]
        if self.department_id is not None:
            ways.append(CustomerShare.department_id == self.department_id)
        return ways
