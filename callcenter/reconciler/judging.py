"""Whether a recording, its call and its file agree, and if not, why: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from callcenter.errors import N_

PROMISE: Final = timedelta(minutes=15)  # after which a recording that was promised should be there
SHORTER_S: Final = 10.0  # and
SHORTER: Final = 0.2  # of the talk: a recording that is shorter by more than both was cut


class Kind(StrEnum):
    """The three lists."""

    NO_CALL = "no_call"  # a file, and no call
    NO_FILE = "no_file"  # a call with a recording that was promised, and no file
    BROKEN = "broken"  # empty, cut, or not what was written


Verdict = tuple[Kind, str]  # the reason is a message id

STRANGE = N_("The file's name is none that we give.")
NO_ROW = N_("There is no call with the file's id.")
SECOND = N_("The call has another recording: this is a second one.")
ERASED = N_("The call’s recording was deleted: this file should not be here any more.")
MIX_ONLY = N_("The exchange left both voices in one file, and not each in its own.")
CALL_GONE = N_("There is no call with the recording's id.")
NOT_ANSWERED = N_("The call counts as not answered, and yet somebody was recorded.")
FILE_GONE = N_("The file is no longer where it was put.")
NEVER_CAME = N_("The exchange was recording, and has left no file.")
NOT_RECORDED = N_("The exchange does not record this call.")
OTHER_SIZE = N_("The file is not as long as it was when it was kept.")
OTHER_SUM = N_("The file is not what it was when it was kept: its checksum is another.")
CUT = N_("The recording is much shorter than the conversation was.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A recording's row, and what its call's row says; `talked_s` is None without that row."""

    call_id: str
    state: str
    kind: str
    problem: str
    path: str
    size: int
    sha256: str
    duration_s: float
    created_at: datetime
    checked_at: datetime | None
    talked_s: float | None
    answered_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What lies on the disk for a row: its file's size (None: no file), the sum where it was
    counted just now, and whether the exchange's own files are there."""

    size: int | None
    sha256: str = ""
    in_spool: bool = False


def judged(known: Known, seen: Seen, now: datetime) -> Verdict | None:
    """What is wrong, the worst of it; None when all agrees or is still on its way."""
    there = seen.in_spool or seen.size is not None
    match known.state:
        case "waiting":  # of one that is to be masked, the file is there
            late = now - known.created_at > PROMISE
            return (Kind.NO_FILE, NEVER_CAME) if late and not there else None
        case "failed":
            return (Kind.BROKEN if there else Kind.NO_FILE, known.problem or NEVER_CAME)
        case _:
            return _kept(known, seen)


def _kept(known: Known, seen: Seen) -> Verdict | None:
    if seen.size is None:
        return (Kind.NO_FILE, FILE_GONE)
    if seen.size != known.size:
        return (Kind.BROKEN, OTHER_SIZE)
    if seen.sha256 and known.sha256 and seen.sha256 != known.sha256:
        return (Kind.BROKEN, OTHER_SUM)
    if known.talked_s is None:
        return (Kind.NO_CALL, CALL_GONE)
    if known.kind == "call" and known.ended_at:
        if known.answered_at is None:
            return (Kind.NO_CALL, NOT_ANSWERED)
        if known.talked_s - known.duration_s > max(SHORTER_S, SHORTER * known.talked_s):
            return (Kind.BROKEN, CUT)
    return None
