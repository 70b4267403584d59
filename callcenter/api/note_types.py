"""What goes over the wire about notes at a second of a recording, and how much of one was heard."""

from typing import Annotated

from msgspec import Meta

from callcenter.api.types import PersonRef, Time, Wire
from callcenter.recordings.notes import LONGEST

Second = Annotated[float, Meta(ge=0, le=864_000, description="Of the recording.")]
Words = Annotated[str, Meta(max_length=LONGEST)]


class RecordingNoteItem(Wire):
    """`mine`: whoever asks wrote it, and may change it."""

    id: int
    call_id: str
    at_s: float
    text: str
    user: PersonRef
    mine: bool
    created_at: Time
    changed_at: Time | None


class RecordingNoteList(Wire):
    """In the order of the recording."""

    items: list[RecordingNoteItem]


class NewRecordingNote(Wire):
    at_s: Second
    text: Words


class ChangedRecordingNote(Wire):
    text: Words


class Heard(Wire):
    """How much of a recording one has heard, each second of it once."""

    seconds: Second
