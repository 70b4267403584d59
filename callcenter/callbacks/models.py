"""Callbacks, what became of them, and the marks that people put on missed calls."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base

LONGEST = 300  # letters of a purpose or a reason


class State(StrEnum):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


_OPEN = text("state = 'open'")


def _open(*columns: str) -> Index:
    return Index(
        f"ix_callbacks_open_{columns[0]}", *columns, sqlite_where=_OPEN, postgresql_where=_OPEN
    )


class Callback(Base):
    """Somebody is to be called at a time. `user_id` None: by anyone of the department.

    `at` is what was agreed, `remind_at` when the page says so next: later, once it was put off.
    """

    __tablename__ = "callbacks"
    __table_args__ = (
        Index(None, "at", "id"),
        Index(None, "customer_id", "at"),
        _open("number_key"),
        _open("user_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(String(64))  # as it is called
    number_key: Mapped[str] = mapped_column(String(64))
    call_id: Mapped[str | None] = mapped_column(String(64), index=True)  # after which it was made
    at: Mapped[datetime]
    remind_at: Mapped[datetime]
    purpose: Mapped[str] = mapped_column(String(LONGEST), default="")
    user_id: Mapped[int | None]
    department_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(16), default=State.OPEN.value)
    created_by: Mapped[int]  # users' ids without a foreign key: they outlive the account
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None]
    closing_call_id: Mapped[str | None] = mapped_column(String(64))  # that reached the customer


class CallbackChange(Base):
    """One thing that happened to a callback; `what` is a key of changes.WHAT."""

    __tablename__ = "callback_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    callback_id: Mapped[int] = mapped_column(
        ForeignKey("callbacks.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    user_id: Mapped[int | None]  # None: by itself, when somebody was reached
    what: Mapped[str] = mapped_column(String(16))
    old: Mapped[str] = mapped_column(Text, default="")  # times as ISO in UTC, people by name
    new: Mapped[str] = mapped_column(Text, default="")


class MissedMark(Base):
    """What people did about the missed calls of one number; older than these, it is void."""

    __tablename__ = "missed_marks"

    number_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    claimed_by: Mapped[int | None]
    claimed_at: Mapped[datetime | None]
    dismissed_by: Mapped[int | None]
    dismissed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(LONGEST), default="")


class KeptState(StrEnum):
    OPEN = "open"
    REACHED = "reached"
    GIVEN_UP = "given_up"  # too late, or called in vain: what is left is the missed call


class KeptPlaceRow(Base):
    """Somebody who waited in a queue, hung up with the key, and keeps the place there.

    `call_id` is the call with which they waited, `since` when they came into the queue, `due` from
    when on they may be called (again), `closing_call_id` the call that reached them.
    """

    __tablename__ = "kept_places"
    __table_args__ = (
        Index(
            "ix_kept_places_open",
            "since",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    queue: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(64))
    number_key: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime]
    asked_at: Mapped[datetime]
    due: Mapped[datetime]
    tries: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    closed_at: Mapped[datetime | None]
    closing_call_id: Mapped[str | None] = mapped_column(String(64))
