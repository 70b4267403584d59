"""A recording, what people wrote at a second of it, who has listened to it, why it may not go yet
and what is left of one that went."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base

NOT_READY = text("state <> 'ready'")


class Recording(Base):
    __tablename__ = "recordings"
    __table_args__ = (
        Index(None, "created_at"),
        Index(
            "ix_recordings_not_ready", "state", sqlite_where=NOT_READY, postgresql_where=NOT_READY
        ),
    )

    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))  # waiting, ready, failed
    # call; voicemail: what a caller left whom nobody answered
    kind: Mapped[str] = mapped_column(String(16), default="call", server_default="call")
    problem: Mapped[str] = mapped_column(Text, default="")  # why it failed, in words
    path: Mapped[str] = mapped_column(String(300), default="")  # below the recordings folder
    duration_s: Mapped[float] = mapped_column(default=0.0)
    size: Mapped[int] = mapped_column(default=0)  # bytes
    # the loudest moment of each slice, 0..255: a row for the customer, then one for the agent
    peaks: Mapped[bytes | None] = mapped_column(LargeBinary)
    silent: Mapped[str] = mapped_column(
        String(16), default=""
    )  # never heard: customer, agent, both
    # JSON: [[from, to]], seconds in which neither side has any sound at all
    gaps: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
    sha256: Mapped[str] = mapped_column(String(64), default="", server_default="")  # of the file
    checked_at: Mapped[datetime | None]  # when the file last was what `sha256` says
    created_at: Mapped[datetime]


class Mask(Base):
    """A stretch of a recording that nobody can hear any more: who wanted it, and why.

    `done_at` is None until the file is without it; until then nobody hears the file at all.
    """

    __tablename__ = "recording_masks"
    __table_args__ = (Index(None, "call_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(String(64))
    from_s: Mapped[float]  # seconds of the recording
    to_s: Mapped[float]
    sound: Mapped[str] = mapped_column(String(16))  # silence, tone: what is heard instead
    reason: Mapped[str] = mapped_column(String(300))
    user_id: Mapped[int]
    at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Finding(Base):
    """Where disk, database and exchange do not say the same of recordings: see reconciler."""

    __tablename__ = "recording_findings"
    __table_args__ = (Index(None, "call_id"),)

    # what it is about: "spool/…", "kept/…" for a file, "call/…" for a call's row
    key: Mapped[str] = mapped_column(String(400), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  # no_call, no_file, broken
    call_id: Mapped[str] = mapped_column(String(64), default="")
    reason: Mapped[str] = mapped_column(Text)  # a message id
    size: Mapped[int | None] = mapped_column(BigInteger)  # of the file, in bytes
    found_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]  # somebody has looked, and there is nothing to mend


class RecordingNote(Base):
    """What somebody wrote at a second of a recording; whoever may hear it may read it."""

    __tablename__ = "recording_notes"
    __table_args__ = (Index(None, "call_id", "at_s"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int]
    at_s: Mapped[float]  # of the recording
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]


class Listening(Base):
    """That somebody listened to a recording from `at` on, or took it away as a file."""

    __tablename__ = "listenings"
    __table_args__ = (Index(None, "call_id", "at"), Index(None, "at", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16), default="heard", server_default="heard")  # kept
    # of the recording, each second once, as the player tells: the sound comes in pieces ahead of it
    heard_s: Mapped[float] = mapped_column(default=0.0, server_default="0")


class Hold(Base):
    """A recording may neither be deleted nor changed: that of one call, or all of one customer's,
    also those to come. It counts until it is lifted or ends; its row stays."""

    __tablename__ = "recording_holds"
    __table_args__ = (Index(None, "call_id"), Index(None, "customer_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str | None] = mapped_column(String(64))  # one of these two
    customer_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(300))
    user_id: Mapped[int]
    at: Mapped[datetime]
    until: Mapped[datetime | None]  # excluded; None: until somebody lifts it
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None]


class HoldNumber(Base):
    """A number that a customer had when their hold was set: whoever edits the customer later lets
    go of no call."""

    __tablename__ = "recording_hold_numbers"

    number_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    hold_id: Mapped[int] = mapped_column(primary_key=True)


class Proof(Base):
    """What is left of a recording that was deleted. Written before the file goes: `erased_at` is
    None until it is gone from the disk, and whoever starts next goes on with it."""

    __tablename__ = "recording_proofs"
    __table_args__ = (Index(None, "wanted_at", "call_id"), Index(None, "made_at"))

    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    path: Mapped[str] = mapped_column(String(300))  # below the recordings folder
    sha256: Mapped[str] = mapped_column(String(64))  # of the file, just before
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    # read; missing, unread: there was none, or the disk did not give it back, and size and sha256
    # are those of the day it was kept
    file: Mapped[str] = mapped_column(String(16), default="read", server_default="read")
    duration_s: Mapped[float]
    department_id: Mapped[int | None]  # whose call it was
    made_at: Mapped[datetime]
    wanted_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
    user_id: Mapped[int | None]  # None: the retention did it
    days: Mapped[int | None]  # that the retention keeps them
    reason: Mapped[str] = mapped_column(String(300))  # of a person; "" of the retention
