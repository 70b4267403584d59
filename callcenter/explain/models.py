"""What happened around a call that the exchange knows nothing of."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base


class CallHop(Base):
    """One fact. `kind` is a word of explain.kinds, which says what `user_id`, `what`, `more` are.

    `call_id` "" where it is about no call.
    """

    __tablename__ = "call_hops"
    __table_args__ = (
        Index(None, "kind", "at"),
        Index(None, "user_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(String(64), index=True, default="")
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[int | None]
    what: Mapped[str] = mapped_column(String(64), default="")
    more: Mapped[str] = mapped_column(Text, default="")
