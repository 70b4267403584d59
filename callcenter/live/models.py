"""Links of wallboards, messages of team leads, alerts, and where a queue's limits differ."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base

UNREAD = text("read_at IS NULL")


class Wallboard(Base):
    """A link that shows a department, and those below it, to whoever has it; None: the company.

    `token` is the SHA-256 of what stands in the link, in hex: who reads the table has no link.
    """

    __tablename__ = "wallboards"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    department_id: Mapped[int | None] = mapped_column(
        ForeignKey("departments.id", ondelete="CASCADE")
    )
    language: Mapped[str] = mapped_column(String(2))
    theme: Mapped[str] = mapped_column(String(8))  # dark, light
    created_by: Mapped[int]  # no foreign key: it outlives the account
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[int | None]


class TeamMessage(Base):
    """What a team lead said to one or many; kept."""

    __tablename__ = "team_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[int] = mapped_column(index=True)  # who said it
    text: Mapped[str] = mapped_column(Text)
    to_all: Mapped[bool]  # to everybody of the sender's team at that time


class TeamMessageReader(Base):
    """Somebody whom a message is for, and when they have read it."""

    __tablename__ = "team_message_readers"
    __table_args__ = (
        Index(
            "ix_team_message_readers_unread",
            "user_id",
            sqlite_where=UNREAD,
            postgresql_where=UNREAD,
        ),
    )

    message_id: Mapped[int] = mapped_column(
        ForeignKey("team_messages.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(primary_key=True)
    read_at: Mapped[datetime | None]


class QueueAlert(Base):
    """What differs for one queue from the company's thresholds; None: as in the company."""

    __tablename__ = "queue_alerts"

    queue: Mapped[str] = mapped_column(
        ForeignKey("queues.name", ondelete="CASCADE"), primary_key=True
    )
    wait_s: Mapped[int | None]
    nobody_s: Mapped[int | None]
    abandoned_percent: Mapped[int | None]


class AlarmRow(Base):
    """Something that was wrong from then until then (None: it goes on). `queue` is the queue's
    name, or of kind "trunk" the trunk's; its `title` then; `silenced` by whom."""

    __tablename__ = "alarms"
    __table_args__ = (Index(None, "ended_at"),)

    queue: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    began_at: Mapped[datetime] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime | None]
    title: Mapped[str] = mapped_column(String(200))
    limit: Mapped[int]
    why: Mapped[str] = mapped_column(String(16))
    silenced: Mapped[str] = mapped_column(String(200))
