"""The page of recordings compared: what it says, and what can be done from it."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.calls.models import CallRecord
from callcenter.keys import LIBRARY, RECONCILER, SESSIONS
from callcenter.people.models import AuditEntry
from callcenter.reconciler import judging
from callcenter.recordings.audio import encode
from callcenter.recordings.models import Finding, Recording
from callcenter.tasks import running
from tests.pages.site import Site
from tests.recordings.sounds import both, tone

NOW = datetime.now(UTC)
PATH = "/settings/recordings"


@pytest.fixture
async def lost(site: Site) -> Path:
    """A call whose file is gone, and a file that belongs to no call."""
    folder: Path = site.app[LIBRARY].folder
    path = tone(folder / "2026/01/02/stranger.wav", 440, 1)
    os.utime(path, (1, 1))
    async with site.app[SESSIONS].begin() as session:
        session.add(
            CallRecord(
                **{"call_id": "c1", "direction": "inbound", "state": "ended", "talked_s": 9.0},
                number="0912345678",
                **{"started_at": NOW, "answered_at": NOW, "ended_at": NOW},
            )
        )
        session.add(Recording(call_id="c1", state="ready", path="2026/c1.mp3", created_at=NOW))
    return path


async def test_what_does_not_agree_is_listed_with_its_reason_and_put_right(
    site: Site, lost: Path
) -> None:
    root = await site.signed_in("root")
    empty = (await root.get(PATH)).text
    assert (
        "Everything has not been compared yet." in empty and empty.count("everything agrees") == 3
    )

    async with running(site.app[RECONCILER].run(), "reconciler", vital=False):
        answer = await root.post(PATH + "/compare")
        await site.app[RECONCILER].idle()
    page = (await root.get(PATH)).text

    assert (answer.status, answer.headers["Location"]) == (303, PATH)
    assert site.app[RECONCILER].unlinked == 2
    assert "Unlinked: 2" in page and "Everything was compared" in page
    assert judging.FILE_GONE in page and judging.STRANGE.replace("'", "&#39;") in page
    assert re.search(r'href="/calls/c1">[^<]*\d\d:\d\d · 0912 345 678</a>', page)
    assert "2026/01/02/stranger.wav" in page

    key = "kept/2026/01/02/stranger.wav"
    async with root.session.get(f"{PATH}/file?key={key}") as sound:
        assert (sound.status, sound.content_type) == (200, "audio/wav")
    await root.post(PATH + "/remove", {"key": key})
    await root.post(PATH + "/accept", {"key": "call/c1"})
    again = await root.post(PATH + "/again", {"key": "call/c1"})

    assert not lost.exists() and again.status == 303
    assert "Unlinked: 0" in (await root.get(PATH)).text and site.app[RECONCILER].unlinked == 0
    async with site.app[SESSIONS]() as session:
        done = [each.action for each in await session.scalars(select(AuditEntry))]
    assert done[-3:] == ["recording-heard", "recording-file-removed", "recording-accepted"]


async def test_what_was_never_found_is_neither_heard_nor_removed(site: Site, lost: Path) -> None:
    root = await site.signed_in("root")
    key = "kept/2026/01/02/stranger.wav"  # nothing has been compared

    asked = [
        (await root.get(f"{PATH}/file?key={key}")).status,
        *[(await root.post(f"{PATH}/{what}", {"key": key})).status for what in ("remove", "again")],
        (await root.post(PATH + "/make-call", {"key": "kept/../../etc/passwd"})).status,
        (await root.get(f"{PATH}/file?key=kept/%00")).status,
        (await root.post(PATH + "/accept", {"key": "kept/\0"})).status,
    ]

    assert asked == [404] * 6 and lost.exists()


async def test_no_call_is_made_of_a_file_whose_call_is_there_by_now(
    site: Site, tmp_path: Path
) -> None:
    path = site.app[LIBRARY].folder / "live.mp3"
    await encode(*both(tmp_path, "live", 1), path, bitrate=32)
    async with site.app[SESSIONS].begin() as session:
        session.add(
            Finding(
                **{"key": "kept/live.mp3", "kind": "no_call", "call_id": "live"},
                **{"reason": judging.NO_ROW, "found_at": NOW},
            )
        )
        session.add(
            CallRecord(call_id="live", direction="inbound", state="talking", started_at=NOW)
        )
    root = await site.signed_in("root")

    answer = await root.post(PATH + "/make-call", {"key": "kept/live.mp3"})

    assert answer.status == 409 and "There is a call with that id by now" in answer.text
    async with site.app[SESSIONS]() as session:
        assert (await session.get_one(CallRecord, "live")).state == "talking"


@pytest.mark.parametrize("who", ["lea", "mara"])
async def test_only_superadmins_see_it(site: Site, who: str) -> None:
    somebody = await site.signed_in(who)

    assert (await somebody.get(PATH)).status == 403
    assert PATH not in (await somebody.get("/settings")).text
