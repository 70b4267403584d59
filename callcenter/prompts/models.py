"""A prompt: a sound with a name."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base


class Prompt(Base):
    """`name` stands in plans and is never changed; `title` is what people read. `sha256` is that of
    the sound as the exchange has it, and its place; `source` is what the file was called that it
    was made from, "" when it was recorded in the page."""

    __tablename__ = "prompts"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    seconds: Mapped[float]
    sha256: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(255), default="")
    made_at: Mapped[datetime]
    made_by: Mapped[int | None]  # no foreign key: it outlives the account
