"""What an interaction is, defined here once for all reports about care.

An interaction is a conversation or an activity with one of our customers:

- A conversation is a call from or to a number outside that was answered and has ended, with
  somebody who is a customer's number. It is its employee's as in the list of calls, counts when it
  started, and lasts as long as they talked.
- An activity is what somebody noted about a customer (visit, mail, meeting). It is whose noted it,
  counts at the time given there, and lasts the minutes given there, if any.

Missed calls, calls between colleagues and calls with strangers are none; a stranger's calls become
interactions when their number joins a customer's file.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    String,
    cast,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.activities.models import Activity
from callcenter.calls.models import TALKED, CallRecord
from callcenter.db import Base
from callcenter.errors import N_
from callcenter.people.models import User

MEANING = N_(
    "An interaction is an answered call with a customer, in or out, or an activity noted about"
    " them. Missed calls and calls with unknown numbers do not count."
)
ACTIVITY = "activity"  # an activity's `channel`; a call's is its direction


class Columns(NamedTuple):
    """What reports narrow and group by; `seconds` is None for an activity without minutes."""

    at: ColumnElement[Any]
    channel: ColumnElement[Any]
    type_id: ColumnElement[Any]
    user_id: ColumnElement[Any]
    department_id: ColumnElement[Any]
    seconds: ColumnElement[Any]


def _text(element: Any) -> Any:
    # SQLite looks into both halves of the union only where a column has one type in both.
    return cast(element, String(64))


def _labelled(columns: Columns) -> list[ColumnElement[Any]]:
    return [each.label(name) for name, each in zip(Columns._fields, columns, strict=True)]


OF_CALLS: Final = Columns(  # of CallRecord; where TALKED
    at=CallRecord.started_at.expression,
    channel=_text(CallRecord.direction),
    type_id=cast(null(), Integer),
    user_id=CallRecord.user_id.expression,
    department_id=CallRecord.department_id.expression,
    seconds=cast(CallRecord.talked_s, Float),
)
OF_ACTIVITIES: Final = Columns(  # of Activity, joined with whoever noted it
    at=Activity.at.expression,
    channel=_text(literal(ACTIVITY)),
    type_id=Activity.type_id.expression,
    user_id=Activity.user_id.expression,
    department_id=User.department_id.expression,
    seconds=cast(Activity.minutes * 60, Float),
)
WHO_NOTED = User.id == Activity.user_id
_CALLS = select(
    *_labelled(OF_CALLS),
    _text(literal("call-") + CallRecord.call_id).label("key"),
    _text(CallRecord.call_id).label("call_id"),
    cast(null(), Integer).label("activity_id"),
    CallRecord.customer_id.label("customer_id"),
).where(TALKED)
_ACTIVITIES = select(
    *_labelled(OF_ACTIVITIES),
    _text(literal("note-") + cast(Activity.id, String(12))),
    _text(null()),
    Activity.id,
    Activity.customer_id,
).outerjoin(User, WHO_NOTED)


class CareSum:
    """Interactions of one channel and person; `timed` of them have a length, in seconds.

    In their keys 0 means none, and an activity has no department: whoever noted it has one, which
    may change.
    """

    interactions: Mapped[int] = mapped_column(sort_order=1)
    timed: Mapped[int] = mapped_column(sort_order=1)
    seconds: Mapped[float] = mapped_column(sort_order=1)
    shortest: Mapped[float | None] = mapped_column(sort_order=1)
    longest: Mapped[float | None] = mapped_column(sort_order=1)


class CareDay(CareSum, Base):
    """Of a day of the company that is over."""

    __tablename__ = "care_days"
    __table_args__ = ({"sqlite_with_rowid": False},)

    day: Mapped[date] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    type_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    department_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class CareMonth(CareSum, Base):
    """Of a month, `month` being its first day; of the last one as far as its days are there."""

    __tablename__ = "care_months"
    __table_args__ = ({"sqlite_with_rowid": False},)

    month: Mapped[date] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    type_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    department_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class MetDay(Base):
    """With which customers there was an interaction on a day of the company that is over.

    Of `customers` the lowest bit of a byte comes first: bit n is the customer with id n.
    """

    __tablename__ = "met_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    customers: Mapped[bytes]


class MetMonth(Base):
    """The same of a month, `month` being its first day; of the last one as far as its days are."""

    __tablename__ = "met_months"

    month: Mapped[date] = mapped_column(primary_key=True)
    customers: Mapped[bytes]


class CareSummed(Base):
    """One row: the last day that is in these tables (None: none), and whose days they are."""

    __tablename__ = "care_summed"

    id: Mapped[int] = mapped_column(primary_key=True)
    zone: Mapped[str] = mapped_column(String(64))
    until: Mapped[date | None]


class OwnerPart(Base):
    """Of the care.owners.PART customers with ids from PART times `number` on what care.owners.Owned
    says: four bytes for each, the lowest first."""

    __tablename__ = "owner_parts"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    whose: Mapped[bytes]
    came: Mapped[bytes]


class OwnerChange(Base):
    """Of a customer about whom the part may be wrong: written by the database (migrations.noting).
    Another row each time: who takes one away cannot take away what is noted meanwhile."""

    __tablename__ = "owner_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int]


class OwnersKept(Base):
    """One row: customers up to that id are in parts."""

    __tablename__ = "owners_kept"

    id: Mapped[int] = mapped_column(primary_key=True)
    until: Mapped[int]


class Interaction(Base):
    """Both kinds as rows of one list."""

    __table__ = union_all(_CALLS, _ACTIVITIES).subquery("interactions")
    __mapper_args__ = {"primary_key": [__table__.c.key]}  # noqa: RUF012 - SQLAlchemy's spelling

    if TYPE_CHECKING:
        at: Mapped[datetime]
        key: Mapped[str]
        channel: Mapped[str]
        call_id: Mapped[str | None]
        activity_id: Mapped[int | None]
        type_id: Mapped[int | None]
        customer_id: Mapped[int]
        user_id: Mapped[int | None]
        department_id: Mapped[int | None]
        seconds: Mapped[float | None]


ALL: Final = Columns(*(getattr(Interaction, name).expression for name in Columns._fields))
