"""Numbers that do not want to be called, and what was done about them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base

LONGEST = 300  # letters of a reason


class Source(StrEnum):
    OWN = "own"  # they asked us
    NATIONAL = "national"  # they asked the state: no advertising


class What(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    PERMITTED = "permitted"  # called all the same, as the reason says


OWN = text("source = 'own'")  # as the index says it


class DoNotCall(Base):
    """A number on a list; asked for by its key before each call. `until`: then it may be called
    again, None for never."""

    __tablename__ = "do_not_call"
    __table_args__ = (
        Index(  # few of a million
            "ix_do_not_call_own",
            *("added_at", "number_key"),
            sqlite_where=OWN,
            postgresql_where=OWN,
        ),
    )

    number_key: Mapped[str] = mapped_column(String(64), primary_key=True)  # customers.numbers
    source: Mapped[str] = mapped_column(String(16), primary_key=True)
    reason: Mapped[str] = mapped_column(String(LONGEST), default="")
    added_by: Mapped[int | None]  # no foreign key: it outlives the account
    added_at: Mapped[datetime]
    until: Mapped[datetime | None]


class DoNotCallChange(Base):
    """What somebody did about one number of a list; kept for as long as there is a list."""

    __tablename__ = "do_not_call_changes"
    __table_args__ = (Index(None, "number_key", "at"), Index(None, "at", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[int | None]
    what: Mapped[str] = mapped_column(String(16))
    number_key: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(LONGEST), default="")
    call_id: Mapped[str | None] = mapped_column(String(64))
