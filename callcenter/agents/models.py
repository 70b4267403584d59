"""The states an agent has been in."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base


class AgentState(Base):
    """One row a change; the state lasts until the next row of the same user."""

    __tablename__ = "agent_states"
    __table_args__ = (Index(None, "user_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(100), default="")  # of a break
    cause: Mapped[str] = mapped_column(String(100), default="")  # agent, call ended, page closed, …
