"""One piece of long work: what was asked, how far it is, how it ended."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Dialect, Index, String, Text, TypeDecorator
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base


class State(StrEnum):
    WAITING = "waiting"  # for its turn
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (State.WAITING, State.RUNNING)


class Json(TypeDecorator[dict[str, Any]]):
    """A JSON object in a column of text: the same on every database, and nobody searches in it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else msgspec.json.decode(value, type=dict[str, Any])


class Job(Base):
    """`title` and `problem` are sentences: {"text": message id, "values": {...}}, or {} for none.

    `done` of `total` is whatever the kind counts in (rows, mostly); 0 of 0 is not known yet.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index(None, "user_id", "id"),
        Index(None, "state", "id"),
        {"sqlite_autoincrement": True},  # its folder is named by the id
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16), default=State.WAITING)
    user_id: Mapped[int]  # whose
    title: Mapped[dict[str, Any]] = mapped_column(Json)
    params: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    problem: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # the kind's own numbers
    attempts: Mapped[int] = mapped_column(default=0)  # times it was begun
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
