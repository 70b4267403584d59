"""The states an agent has been in, the reasons of breaks, and what had to be mended."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base


class AgentState(Base):
    """One row a change; the state lasts until the next row of the same user.

    `cause` is a word of agents.causes; `booked` is what waits for the end of the call: "ready",
    "offline" or "break" and a space and the reason.
    """

    __tablename__ = "agent_states"
    __table_args__ = (Index(None, "user_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(100), default="")  # of a break
    cause: Mapped[str] = mapped_column(String(100), default="")
    booked: Mapped[str] = mapped_column(String(64), default="")


class BreakReason(Base):
    """Why one may be on a break, and for how many minutes (None: as long as it takes).

    A reason that was used stays, so that old states keep their words; it is not offered any more.
    """

    __tablename__ = "break_reasons"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name_vi: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))
    minutes: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)
    offered: Mapped[bool] = mapped_column(default=True)


class StateLine(Base):
    """Something that was not as it should be, and was put right by itself (agents.lines)."""

    __tablename__ = "state_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[int | None]  # whose state it was; None: nobody's in particular
    kind: Mapped[str] = mapped_column(String(16))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
