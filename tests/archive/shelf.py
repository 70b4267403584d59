"""Recordings to delete and to keep: a file of a few bytes each, and the rows that go with it."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callcenter.archive.erasing import Eraser
from callcenter.calls.models import CallRecord
from callcenter.recordings.library import Library
from callcenter.recordings.models import Recording

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


async def nobody(call_id: str) -> None:
    return None


def library_in(sessions, folder: Path) -> Library:
    return Library(sessions, folder / "spool", folder / "recordings", 32, nobody)


def eraser_in(sessions, folder: Path) -> Eraser:
    return Eraser(sessions, library_in(sessions, folder), folder / "jobs")


def a_call(call_id: str, started_at: datetime = AT, **values) -> CallRecord:
    return CallRecord(
        **{
            "call_id": call_id,
            "direction": "inbound",
            "state": "ended",
            "number": "0912345678",
            "number_key": "+84912345678",
            "agents": "201",
            "rung": "201",
            "started_at": started_at,
            "answered_at": started_at,
            "ended_at": started_at + timedelta(minutes=1),
            "result": "answered",
            "talked_s": 60.0,
            **values,
        }
    )


def a_recording(folder: Path, call_id: str, made_at: datetime = AT, **values) -> Recording:
    """With its file below `folder`."""
    name = f"2026/11/20/{call_id}.mp3"
    path, sound = folder / name, f"the sound of {call_id}".encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(sound)
    return Recording(
        **{
            "call_id": call_id,
            "state": "ready",
            "path": name,
            "duration_s": 60.0,
            "size": len(sound),
            "sha256": hashlib.sha256(sound).hexdigest(),
            "peaks": b"\x01\x02",
            "created_at": made_at,
            "checked_at": made_at,
            **values,
        }
    )
