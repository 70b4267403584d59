"""Whether a recording agrees with its call and its file: the words for each way in which not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.reconciler import judging
from callcenter.reconciler.judging import Kind, Known, Seen, judged

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
KEPT = Known(
    call_id="c1",
    state="ready",
    kind="call",
    problem="",
    path="2026/11/27/c1.mp3",
    size=1000,
    sha256="abc",
    duration_s=60.0,
    created_at=NOW - timedelta(hours=1),
    checked_at=NOW,
    talked_s=61.0,
    answered_at=NOW,
    ended_at=NOW,
)
THERE = Seen(size=1000, sha256="abc")
FULL = "The recording could not be kept: the disk is full."


@pytest.mark.parametrize(
    ("row", "seen", "verdict"),
    [
        ({}, THERE, None),
        ({}, Seen(size=1000), None),  # its sum was not counted now
        ({"sha256": ""}, THERE, None),
        ({"talked_s": 69.9}, THERE, None),
        ({"ended_at": None, "answered_at": None}, THERE, None),  # it goes on
        ({"kind": "voicemail", "answered_at": None, "talked_s": 0.0}, THERE, None),
        ({}, Seen(size=None), (Kind.NO_FILE, judging.FILE_GONE)),
        ({}, Seen(size=0), (Kind.BROKEN, judging.OTHER_SIZE)),
        ({}, Seen(size=1000, sha256="abd"), (Kind.BROKEN, judging.OTHER_SUM)),
        ({"talked_s": None, "ended_at": None}, THERE, (Kind.NO_CALL, judging.CALL_GONE)),
        ({"answered_at": None}, THERE, (Kind.NO_CALL, judging.NOT_ANSWERED)),
        ({"talked_s": 120.0}, THERE, (Kind.BROKEN, judging.CUT)),
        ({"state": "failed", "problem": FULL}, Seen(size=None, in_spool=True), (Kind.BROKEN, FULL)),
        ({"state": "failed", "problem": FULL}, Seen(size=None), (Kind.NO_FILE, FULL)),
        ({"state": "waiting"}, Seen(size=None), (Kind.NO_FILE, judging.NEVER_CAME)),
        ({"state": "waiting"}, Seen(size=None, in_spool=True), None),
        ({"state": "waiting", "created_at": NOW}, Seen(size=None), None),
        ({"state": "waiting"}, THERE, None),  # it is to be masked
        ({"state": "failed", "problem": FULL}, THERE, (Kind.BROKEN, FULL)),
    ],
)
def test_each_way_not_to_agree_has_its_list_and_its_reason(row, seen, verdict) -> None:
    assert judged(replace(KEPT, **row), seen, NOW) == verdict
