"""The company, its queues and the numbers that lead to them."""

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base


class Setting(Base):
    """One named value: company, caller_id (the number we show when calling out), …"""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Queue(Base):
    """A queue as Asterisk knows it by `name` ("sales"), and as people know it by `title`."""

    __tablename__ = "queues"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    wrap_up_s: Mapped[int | None]  # after its calls; None: as in the company, 0: without end
    service_level_s: Mapped[int | None]  # answered so soon is in time; None: as in the company


class QueueSkill(Base):
    """Whoever has that skill takes the queue's calls, besides its department."""

    __tablename__ = "queue_skills"

    queue: Mapped[str] = mapped_column(
        ForeignKey("queues.name", ondelete="CASCADE"), primary_key=True
    )
    skill_id: Mapped[int] = mapped_column(primary_key=True)  # no foreign key: as the plan has it


class Did(Base):
    """A number of ours and the queue it leads to."""

    __tablename__ = "dids"

    number: Mapped[str] = mapped_column(String(64), primary_key=True)
    queue: Mapped[str] = mapped_column(ForeignKey("queues.name"))
