"""A recording, and who has listened to it."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base


class Recording(Base):
    __tablename__ = "recordings"

    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))  # waiting, ready, failed
    # call; voicemail: what a caller left whom nobody answered
    kind: Mapped[str] = mapped_column(String(16), default="call", server_default="call")
    problem: Mapped[str] = mapped_column(Text, default="")  # why it failed, in words
    path: Mapped[str] = mapped_column(String(300), default="")  # below the recordings folder
    duration_s: Mapped[float] = mapped_column(default=0.0)
    size: Mapped[int] = mapped_column(default=0)  # bytes
    # the loudest moment of each slice, 0..255: a row for the customer, then one for the agent
    peaks: Mapped[bytes | None] = mapped_column(LargeBinary)
    silent: Mapped[str] = mapped_column(
        String(16), default=""
    )  # never heard: customer, agent, both
    created_at: Mapped[datetime]


class Listening(Base):
    __tablename__ = "listenings"
    __table_args__ = (Index(None, "call_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int]
    at: Mapped[datetime]
