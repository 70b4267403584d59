"""Activities [2.12]: the manuals' "giao dịch", which are records of contacts, not sales."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.customers.search import key_of
from callcenter.db import Base


class Activity(Base):
    __tablename__ = "activities"
    __table_args__ = (Index(None, "customer_id", "at"), Index(None, "at", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    type_id: Mapped[int] = mapped_column(ForeignKey("catalogue_items.id"))
    name: Mapped[str] = mapped_column(String(200))
    search_key: Mapped[str] = mapped_column(  # customers.search.key_of(name)
        String(400), default=lambda context: key_of(context.get_current_parameters()["name"])
    )
    description: Mapped[str] = mapped_column(Text, default="")
    user_id: Mapped[int | None]  # no foreign key: it outlives the account
    at: Mapped[datetime]
    minutes: Mapped[int | None]  # how long it took; None: nobody said
    created_at: Mapped[datetime]
