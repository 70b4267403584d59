"""Who listened to which call, when, and in which way."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base


class Stretch(Base):
    """A stretch of a call in which a lead was with one agent in one way; kept. No foreign keys: it
    outlives the accounts, and is written before the call is.
    """

    __tablename__ = "lead_stretches"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(String(64), index=True)
    user_id: Mapped[int]  # the lead
    agent_id: Mapped[int | None]
    way: Mapped[str] = mapped_column(String(16))  # listen, whisper, join, take_over
    told: Mapped[bool]  # the agent's page said so
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # None: it goes on
