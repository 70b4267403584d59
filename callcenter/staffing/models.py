"""Agents' time summed by the company's day, and phones that rang in vain."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base


class AgentDay(Base):
    """An agent's totals from the very beginning to the end of that day: a period is the row of its
    last day less that of the day before it. No row on a day without anything: the one before holds.

    Lengths in milliseconds, of spells that are over; what lasts is in open_spells. `breaks` is
    JSON: reason -> [times, ms, over their limit, ms over it].
    """

    __tablename__ = "agent_days"

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    ready: Mapped[int] = mapped_column(BigInteger, default=0)
    ringing: Mapped[int] = mapped_column(BigInteger, default=0)
    talking: Mapped[int] = mapped_column(BigInteger, default=0)
    on_hold: Mapped[int] = mapped_column(BigInteger, default=0)
    wrap_up: Mapped[int] = mapped_column(BigInteger, default=0)
    on_break: Mapped[int] = mapped_column("break", BigInteger, default=0)
    unreachable: Mapped[int] = mapped_column(BigInteger, default=0)
    breaks: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")
    missed: Mapped[int] = mapped_column(default=0)
    declined: Mapped[int] = mapped_column(default=0)


class OpenSpell(Base):
    """The state that an agent is in now, as far as agent_days are counted; one row an agent."""

    __tablename__ = "open_spells"

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(100), default="")
    cause: Mapped[str] = mapped_column(String(100), default="")
    since: Mapped[datetime]


class Counted(Base):
    """How far agent_days are counted: the last row of "states" (agent_states) and "rings",
    and first_call_days: the ordinal of the last day of "first calls"."""

    __tablename__ = "counted"

    what: Mapped[str] = mapped_column(String(16), primary_key=True)
    row_id: Mapped[int] = mapped_column(BigInteger)


class FirstCallDay(Base):
    """Of an agent, from the beginning to the end of that day: their calls that first_calls counts,
    and those of them that were resolved. Of days that are complete."""

    __tablename__ = "first_call_days"

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    calls: Mapped[int]
    resolved: Mapped[int]


class VainRing(Base):
    """A phone that rang for a call and was not picked up by its agent, who said no or nothing."""

    __tablename__ = "vain_rings"
    __table_args__ = (Index(None, "user_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    at: Mapped[datetime]  # when it was given up
    call_id: Mapped[str] = mapped_column(String(64), index=True)
    declined: Mapped[bool]
