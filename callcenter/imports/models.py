"""An import as people see it, step by step, and its rows that could not become customers."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Dialect, ForeignKey, Index, String, Text, TypeDecorator
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base


class State(StrEnum):
    UPLOADED = "uploaded"  # the file could be read
    MAPPED = "mapped"  # its columns are fields
    CHOSEN = "chosen"  # where rows go is said; it is being checked, or was not checked to the end
    CHECKED = "checked"  # each row has a verdict
    RUNNING = "running"
    STOPPED = "stopped"  # in the middle: what was imported stays, the rest can go on
    DONE = "done"
    UNDONE = "undone"
    CANCELLED = "cancelled"  # before anything was imported


class RowState(StrEnum):
    CHECKED = "checked"  # found in a dry run; the run itself decides
    OPEN = "open"  # in the list of import errors
    MENDED = "mended"  # a customer by now
    DISCARDED = "discarded"  # nobody wants it


class Json(TypeDecorator[Any]):
    """JSON in a column of text: the same on every database, and nobody searches in it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return msgspec.json.decode(value or "null")


class Import(Base):
    """`sheet` is reading.Facts, `choices` choices.Choices, `counts` by names of verdicts.COUNTED.

    `place` is how many rows the run has dealt with; it is written together with their customers,
    so that a run that was cut off goes on exactly there.
    """

    __tablename__ = "imports"
    __table_args__ = (Index(None, "user_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]  # whose; no foreign key: it outlives the account
    file_name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(String(64))
    headings_key: Mapped[str] = mapped_column(String(64), index=True)  # files with the same columns
    state: Mapped[str] = mapped_column(String(16), default=State.UPLOADED.value)
    sheet: Mapped[dict[str, Any]] = mapped_column(Json)
    has_headings: Mapped[bool]
    mapping: Mapped[list[str]] = mapped_column(Json, default=list)
    choices: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    counts: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    shared: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # see sharing.Sharer
    place: Mapped[int] = mapped_column(default=0)
    job_id: Mapped[int | None]  # its last one
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]

    @property
    def rows(self) -> int:
        """Of the file, without the headings."""
        return int(self.sheet["rows"]) - self.has_headings


class ImportRow(Base):
    """A row that is no customer. `texts` has one for each column; `reasons` see verdicts."""

    __tablename__ = "import_rows"
    __table_args__ = (
        Index(None, "import_id", "number"),
        Index(None, "state", "import_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"))
    number: Mapped[int]  # as Excel shows it
    flags: Mapped[int]  # verdicts.Flag
    texts: Mapped[list[str]] = mapped_column(Json)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(16))
    customer_id: Mapped[int | None]  # that it has become; no foreign key: it may be deleted
    at: Mapped[datetime]  # of its last change
