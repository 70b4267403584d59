"""The plans of the switchboard, each whole."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base


class PlanVersion(Base):
    """One plan (plan.Plan as JSON). The last one published is the exchange's; `is_draft` is True
    for the one that is being changed, of which there is at most one, and NULL for all others."""

    __tablename__ = "plan_versions"
    id: Mapped[int] = mapped_column(primary_key=True)
    is_draft: Mapped[bool | None] = mapped_column(unique=True)
    plan: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]  # one more with each change of the draft; see versions
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None]  # no foreign key: it outlives the account
    published_at: Mapped[datetime | None]
    published_by: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(200))  # what the publisher said of it
