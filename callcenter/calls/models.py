"""What we keep of a call: the machine's part, the person's part (call_notes), and the sums."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base

MISSED = text("direction = 'inbound' AND result <> 'answered' AND number_key <> ''")
# With a customer of ours; care.models says what for.
TALKED = text("result = 'answered' AND customer_id IS NOT NULL AND direction <> 'internal'")
# Whatever TALKED looks at stands in its indexes too, so that SQLite need not look into the table.
_OF_TALKS = ("customer_id", "user_id", "department_id", "direction", "result", "talked_s")


class CallRecord(Base):
    """One call, one row; written by the journal alone, at each change, while the call lasts."""

    __tablename__ = "calls"
    __table_args__ = (
        Index(None, "started_at", "call_id"),
        Index(None, "user_id", "started_at"),
        Index(None, "department_id", "started_at"),
        Index(None, "customer_id", "started_at"),
        Index(None, "number_key", "started_at"),
        Index(None, "user_id", "customer_id"),  # whom an agent has talked with
        Index(None, "user_id", "number_key"),
        Index(  # few of many: callbacks.missed reads them all
            "ix_calls_missed_started_at",
            *("started_at", "number_key"),
            sqlite_where=MISSED,
            postgresql_where=MISSED,
        ),
        Index(  # how long was talked when
            "ix_calls_talked_started_at",
            *("started_at", *_OF_TALKS),
            sqlite_where=TALKED,
            postgresql_where=TALKED,
        ),
        Index(  # with whom was talked when
            "ix_calls_talked_customer_id",
            *("customer_id", "started_at", "direction", "result"),
            sqlite_where=TALKED,
            postgresql_where=TALKED,
        ),
    )

    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    exchange: Mapped[str] = mapped_column(String(32), default="")
    direction: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    number: Mapped[str | None] = mapped_column(String(64))  # as it stood there; None: withheld
    number_key: Mapped[str | None] = mapped_column(String(64))  # customers.numbers.key_of(number)
    caller_name: Mapped[str] = mapped_column(String(300), default="")
    did: Mapped[str | None] = mapped_column(String(64))
    queue: Mapped[str | None] = mapped_column(String(64))
    # whose it is in lists and reports: who talked last, else who placed it, else who was rung last
    user_id: Mapped[int | None]
    department_id: Mapped[int | None]  # that user's, else the queue's
    customer_id: Mapped[int | None]  # whose number it was at that time
    agents: Mapped[str] = mapped_column(Text, default="")  # "201,202": the last has the call
    rung: Mapped[str] = mapped_column(Text, default="")
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(String(16))
    cause: Mapped[int | None]
    waited_s: Mapped[float] = mapped_column(default=0.0)
    talked_s: Mapped[float] = mapped_column(default=0.0)
    held_s: Mapped[float] = mapped_column(default=0.0)
    ended_by: Mapped[str | None] = mapped_column(String(16))
    transfers: Mapped[str] = mapped_column(Text, default="[]")  # JSON
    digits: Mapped[str] = mapped_column(String(64), default="")
    # JSON: [[from, to]], seconds of the recording in which it was paused
    pauses: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
    # JSON: calls.rows.steps_as_text of Call.journey, once it has ended
    journey: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
    # came in for a queue: answered so soon was in time, as the queue had it then
    within_s: Mapped[int | None]
    wrapped_s: Mapped[float] = mapped_column(default=0.0, server_default="0")  # of all its agents


class CallNote(Base):
    """What a person wrote about a call; may exist before the call's own row does.

    `version` grows with each change, so that two windows do not overwrite each other. `finished_at`
    is when somebody last said that nothing is missing any more.
    """

    __tablename__ = "call_notes"

    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[str | None] = mapped_column(String(32), index=True)  # outcomes.code
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    finished_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own spelling


class CallQuality(Base):
    """How the sound of a call was for one who talked in it, as their phone measured it.

    Shares are 0 to 1. `loss_out` is what the exchange missed of theirs; `deaf_s` how long the
    customer could not hear them at all.
    """

    __tablename__ = "call_quality"

    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True)
    measured_at: Mapped[datetime]
    seconds: Mapped[float]
    loss: Mapped[float]
    loss_out: Mapped[float]
    jitter_ms: Mapped[float]
    rtt_ms: Mapped[float]
    mos: Mapped[float]  # the average, as web/static/js/quality.js works it out
    mos_low: Mapped[float]  # the worst second
    deaf_s: Mapped[float]
    # JSON: name -> these figures, of each page that measured a part; the columns are of all of them
    parts: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")


class UnfinishedCall(Base):
    """A call that somebody has talked in, until its outcome is chosen: one row, one debt.

    Written when the call ends, so that nothing which happens to a page or an agent loses it.
    """

    __tablename__ = "unfinished_calls"

    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(index=True)  # who owes it: as calls.user_id
    department_id: Mapped[int | None] = mapped_column(index=True)
    ended_at: Mapped[datetime]


class Outcome(Base):
    """The catalogue agents choose from after a call (disposition).

    An outcome may have sub-outcomes, which have none; then a call ends in one of these.
    """

    __tablename__ = "outcomes"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name_vi: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))
    position: Mapped[int]
    parent_code: Mapped[str | None] = mapped_column(String(32))
    active: Mapped[bool] = mapped_column(default=True)  # False: no longer offered


class OutcomeQueue(Base):
    """A queue whose calls an outcome is offered for; queue "": outgoing calls.

    An outcome without any is offered for all; a sub-outcome is where its parent is.
    """

    __tablename__ = "outcome_queues"

    code: Mapped[str] = mapped_column(ForeignKey("outcomes.code"), primary_key=True)
    queue: Mapped[str] = mapped_column(String(64), primary_key=True)


class LateChange(Base):
    """An interaction that changed when its day was over, until the day is summed up anew; see
    calls.late. `is_moved`: only to another customer's file, which most sums do not tell."""

    __tablename__ = "late_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    customer_id: Mapped[int | None]
    is_moved: Mapped[bool] = mapped_column(default=False, server_default=false())


class Summed:
    """What each table of sums holds: calls.counting.Figures of ended calls, kept in the transaction
    that ends each. In their keys 0 and "" mean none; a call counts where it began."""

    calls: Mapped[int] = mapped_column(default=0, server_default="0", sort_order=1)
    answered: Mapped[int] = mapped_column(default=0, server_default="0", sort_order=1)
    offered: Mapped[int] = mapped_column(default=0, server_default="0", sort_order=1)
    offered_answered: Mapped[int] = mapped_column(default=0, server_default="0", sort_order=1)
    answered_in_time: Mapped[int] = mapped_column(default=0, server_default="0", sort_order=1)
    abandoned: Mapped[int] = mapped_column(default=0, server_default="0", sort_order=1)
    abandoned_short: Mapped[int] = mapped_column(default=0, server_default="0", sort_order=1)
    waited_s: Mapped[float] = mapped_column(default=0.0, server_default="0", sort_order=1)
    waited_answered_s: Mapped[float] = mapped_column(default=0.0, server_default="0", sort_order=1)
    waited_abandoned_s: Mapped[float] = mapped_column(default=0.0, server_default="0", sort_order=1)
    talked_s: Mapped[float] = mapped_column(default=0.0, server_default="0", sort_order=1)
    held_s: Mapped[float] = mapped_column(default=0.0, server_default="0", sort_order=1)
    wrapped_s: Mapped[float] = mapped_column(default=0.0, server_default="0", sort_order=1)
    longest_wait_s: Mapped[float] = mapped_column(default=0.0, server_default="0", sort_order=1)


class CallDay(Summed, Base):
    """By the company's day, and by everything that calls are told apart by."""

    __tablename__ = "call_days"
    __table_args__ = (Index(None, "user_id", "day"), {"sqlite_with_rowid": False})

    day: Mapped[date] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    department_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    queue: Mapped[str] = mapped_column(String(64), primary_key=True)
    direction: Mapped[str] = mapped_column(String(16), primary_key=True)
    result: Mapped[str] = mapped_column(String(16), primary_key=True)
    did: Mapped[str] = mapped_column(String(64), primary_key=True, default="")


class QueueHour(Summed, Base):
    """By the hour on the company's clock, 0 to 23; without people, numbers and results."""

    __tablename__ = "queue_hours"
    __table_args__ = ({"sqlite_with_rowid": False},)

    day: Mapped[date] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    direction: Mapped[str] = mapped_column(String(16), primary_key=True)
    department_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    queue: Mapped[str] = mapped_column(String(64), primary_key=True)


class QueueDay(Summed, Base):
    """By day without people and numbers: for a year of days."""

    __tablename__ = "queue_days"
    __table_args__ = ({"sqlite_with_rowid": False},)

    day: Mapped[date] = mapped_column(primary_key=True)
    result: Mapped[str] = mapped_column(String(16), primary_key=True)
    direction: Mapped[str] = mapped_column(String(16), primary_key=True)
    department_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    queue: Mapped[str] = mapped_column(String(64), primary_key=True)


class CallMonth(Summed, Base):
    """By month, person by person; `month` is its first day."""

    __tablename__ = "call_months"
    __table_args__ = ({"sqlite_with_rowid": False},)

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    queue: Mapped[str] = mapped_column(String(64), primary_key=True)
    direction: Mapped[str] = mapped_column(String(16), primary_key=True)
    result: Mapped[str] = mapped_column(String(16), primary_key=True)


class NumberMonth(Summed, Base):
    """By month and the number of ours that was called, without people."""

    __tablename__ = "number_months"
    __table_args__ = ({"sqlite_with_rowid": False},)

    month: Mapped[date] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    queue: Mapped[str] = mapped_column(String(64), primary_key=True)
    direction: Mapped[str] = mapped_column(String(16), primary_key=True)
    result: Mapped[str] = mapped_column(String(16), primary_key=True)
    did: Mapped[str] = mapped_column(String(64), primary_key=True)


class QueueWeek(Summed, Base):
    """The hours of the week, 0 is Monday, month by month."""

    __tablename__ = "queue_weeks"
    __table_args__ = ({"sqlite_with_rowid": False},)

    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(String(16), primary_key=True)
    department_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    queue: Mapped[str] = mapped_column(String(64), primary_key=True)
