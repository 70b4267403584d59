"""Questions to reports that somebody keeps."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base


class ReportView(Base):
    """`asked` is the question as it stands in an address, without its days where `span` says them
    (spans.Span, "" for fixed days); `against` is a spans.Against, "" for none or a fixed day.

    Of one owner and report one is the default: how the list of reports opens it. A deleted one
    still is, until another becomes it: the deletion may be undone.
    """

    __tablename__ = "report_views"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(100))
    report: Mapped[str] = mapped_column(String(64))
    asked: Mapped[str] = mapped_column(Text)
    span: Mapped[str] = mapped_column(String(16), default="")
    against: Mapped[str] = mapped_column(String(16), default="")
    shared: Mapped[bool] = mapped_column(default=False, index=True)  # with those below
    is_default: Mapped[bool] = mapped_column(default=False)
    used_at: Mapped[datetime]  # by its owner
    deleted_at: Mapped[datetime | None]
