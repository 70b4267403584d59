"""Schedules of reports by email, their letters, and what became of each copy."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base
from callcenter.jobs.models import Json


class ReportMail(Base):
    """A schedule. `weekdays` "0,4" (Monday is 0), `month_day` and `minute` (of the day, in the
    company's zone) as `every` needs them; `people` "3,7" are users' ids, `addresses` others, one a
    line. `next_at` is when the next letter is due; a paused one has none."""

    __tablename__ = "report_mails"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(index=True)  # its owner: what they may see is sent
    view_id: Mapped[int]
    every: Mapped[str] = mapped_column(String(8))  # times.Every
    weekdays: Mapped[str] = mapped_column(String(16), default="")
    month_day: Mapped[int] = mapped_column(default=1)
    minute: Mapped[int]
    format: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(2))
    people: Mapped[str] = mapped_column(Text, default="")
    addresses: Mapped[str] = mapped_column(Text, default="")
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class Stage(StrEnum):
    MAKING = "making"  # its file, by a job
    SENDING = "sending"
    OVER = "over"


class ReportLetter(Base):
    """What is sent for one due time. `asked` is the question with its days; it, `report`, `format`,
    `language` and `view_name` are what the file was made of: its schedule may have become another
    one since. `problem` is a sentence {"text", "values"} when nothing could be sent at all, or {}.
    """

    __tablename__ = "report_letters"
    __table_args__ = (
        UniqueConstraint("mail_id", "due_at"),  # never two for one due time
        Index(None, "stage", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(ForeignKey("report_mails.id", ondelete="CASCADE"))
    due_at: Mapped[datetime]
    stage: Mapped[str] = mapped_column(String(8), default=Stage.MAKING)
    report: Mapped[str] = mapped_column(String(64), default="")
    view_name: Mapped[str] = mapped_column(String(100), default="")
    format: Mapped[str] = mapped_column(String(8), default="")
    language: Mapped[str] = mapped_column(String(2), default="")
    asked: Mapped[str] = mapped_column(Text, default="")
    job_id: Mapped[int | None]
    file_name: Mapped[str] = mapped_column(String(300), default="")
    problem: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = mapped_column(index=True)


class State(StrEnum):
    WAITING = "waiting"  # for `next_at`
    HANDING = "handing"  # its text is on the way: nobody knows yet
    SENT = "sent"
    REFUSED = "refused"  # for good
    GIVEN_UP = "given_up"  # the mail server was away for too long
    UNKNOWN = "unknown"  # whether the mail server has taken it


NOT_SENT = (State.REFUSED, State.GIVEN_UP, State.UNKNOWN)


class ReportCopy(Base):
    """A letter to one recipient, `user_id` when that is a colleague. `since` is when it was first
    to go out, `said` a sentence about the last attempt, or {}."""

    __tablename__ = "report_copies"
    __table_args__ = (Index(None, "state", "next_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(
        ForeignKey("report_letters.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(8), default=State.WAITING)
    since: Mapped[datetime]
    next_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    said: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    sent_at: Mapped[datetime | None]
