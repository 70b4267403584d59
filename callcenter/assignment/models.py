"""What was done with many customers at once, row by row, so that it can be taken back."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base


class Batch(Base):
    """One thing done with a selection. Its rows are kept for a day: see queries.KEPT."""

    __tablename__ = "customer_batches"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  # queries.Kind
    user_id: Mapped[int]  # whose doing; no foreign key: it outlives the account
    at: Mapped[datetime] = mapped_column(index=True)
    asked: Mapped[int] = mapped_column(default=0)  # customers that were selected
    allowed: Mapped[int] = mapped_column(default=0)  # of them, those that its maker may change
    done: Mapped[int] = mapped_column(default=0)  # of them, those that were changed by it
    undone_at: Mapped[datetime | None]


class BatchRow(Base):
    """One customer of a batch, as it was before; `to_…` is whom it is given to.

    `place` counts from 0 in the order of the list. `version` is the customer's before: whatever has
    another one than `version + 1` now has been worked on since.
    """

    __tablename__ = "customer_batch_rows"

    batch_id: Mapped[int] = mapped_column(
        ForeignKey("customer_batches.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int]
    version: Mapped[int]
    owner_id: Mapped[int | None]
    department_id: Mapped[int | None]
    assigned_at: Mapped[datetime | None]
    to_owner_id: Mapped[int | None]
    to_department_id: Mapped[int | None]
