"""Documents [5.1-5.4]."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base


class Document(Base):
    __tablename__ = "documents"
    __table_args__ = (Index(None, "customer_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))  # as it was called where it came from
    media_type: Mapped[str] = mapped_column(String(100))  # told by its content
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    sha256: Mapped[str] = mapped_column(String(64))
    path: Mapped[str] = mapped_column(String(300))  # below the documents' folder
    user_id: Mapped[int | None]  # who brought it; no foreign key: it outlives the account
    created_at: Mapped[datetime]
