"""Customers and their phone numbers."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base


class Customer(Base):
    __tablename__ = "customers"
    __table_args__ = (Index(None, "owner_id", "name"), Index(None, "department_id", "name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(16), default="person")
    name: Mapped[str] = mapped_column(String(200))
    search_key: Mapped[str] = mapped_column(String(400), index=True)  # customers.search.key_of(...)
    company: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: unassigned
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CustomerPhone(Base):
    __tablename__ = "customer_phones"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    number_key: Mapped[str] = mapped_column(String(64), index=True)  # customers.numbers.key_of(raw)
    raw: Mapped[str] = mapped_column(String(64))  # as it was typed
    reversed_digits: Mapped[str] = mapped_column(String(64), index=True)  # to find by last digits
    position: Mapped[int] = mapped_column(default=0)  # 0: the number that the call button calls
