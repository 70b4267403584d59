"""Notes at a second of a recording, how much of it was heard, and who took it away."""

from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.calls.models import CallRecord
from callcenter.recordings.heard import HeardFilters, heard_count, heard_cut
from callcenter.recordings.models import Listening, Recording
from tests.api.house import AT, House, a_call
from tests.recordings.test_views import recorded


async def with_recording(house: House, call_id: str = "c1", who: str = "mara") -> None:
    row = Recording(call_id=call_id, state="ready", duration_s=60, created_at=AT)
    await house.add(a_call(call_id, who), row)


async def test_a_note_stands_at_its_second_for_all_who_may_hear_the_call(house: House) -> None:
    await with_recording(house)

    late = {"at_s": 41.26, "text": "  Xin lỗi khách\nrất tốt "}
    made = await house.says("lead", "POST", "/recordings/c1/notes", 201, json=late)
    await house.says("mara", "POST", "/recordings/c1/notes", 201, json={"at_s": 3, "text": "Chào"})
    seen = await house.says("mara", "GET", "/recordings/c1/notes")

    assert (made["at_s"], made["text"], made["mine"]) == (41.3, "Xin lỗi khách\nrất tốt", True)
    assert [(each["at_s"], each["user"]["name"], each["mine"]) for each in seen["items"]] == [
        (3.0, "Mara", True),
        (41.3, "Lead", False),
    ]


async def test_only_who_wrote_a_note_changes_or_deletes_it(house: House) -> None:
    await with_recording(house)
    note = await house.says("lead", "POST", "/recordings/c1/notes", 201, json=_note("Hay"))
    one = f"/recordings/c1/notes/{note['id']}"

    await house.says("mara", "PUT", one, 403, json={"text": "Dở"})
    await house.says("mara", "DELETE", one, 403)
    changed = await house.says("lead", "PUT", one, json={"text": "Rất hay"})
    await house.says("lead", "PUT", "/recordings/c2" + one[14:], 404, json={"text": "x"})
    left = await house.says("lead", "DELETE", one)
    again = await house.says("lead", "DELETE", one, 404)

    assert changed["text"] == "Rất hay" and changed["changed_at"]
    assert left["items"] == []
    assert again["message"] == "This note is not there any more."


@pytest.mark.parametrize(
    "bad",
    [
        {"at_s": 1, "text": " \n "},
        {"at_s": -1, "text": "x"},
        {"at_s": 62, "text": "x"},
        {"at_s": 1, "text": "x" * 2001},
        {"at_s": "soon", "text": "x"},
    ],
)
async def test_a_note_without_words_or_outside_the_recording_is_refused(
    house: House, bad: dict[str, object]
) -> None:
    await with_recording(house)

    await house.says("mara", "POST", "/recordings/c1/notes", 400, json=bad)

    assert (await house.says("mara", "GET", "/recordings/c1/notes"))["items"] == []


async def test_nothing_is_noted_in_a_recording_that_cannot_be_heard_yet(house: House) -> None:
    await house.add(a_call("c1"), Recording(call_id="c1", state="waiting", created_at=AT))

    await house.says("mara", "POST", "/recordings/c1/notes", 409, json=_note())


async def test_a_guessed_recording_of_another_department_tells_nothing_at_all(
    house: House, tmp_path: Path
) -> None:
    await recorded(house, tmp_path)
    note = await house.says("mara", "POST", "/recordings/c1/notes", 201, json=_note())
    one = f"/recordings/c1/notes/{note['id']}"
    asked = [
        ("GET", "/recordings/{}.mp3", None),
        ("GET", "/recordings/{}/peaks", None),
        ("GET", "/recordings/{}/player", None),
        ("GET", "/api/v1/recordings/{}", None),
        ("GET", "/api/v1/recordings/{}/notes", None),
        ("POST", "/api/v1/recordings/{}/notes", _note()),
        ("PUT", "/api/v1" + one.replace("c1", "{}"), {"text": "x"}),
        ("DELETE", "/api/v1" + one.replace("c1", "{}"), None),
        ("PUT", "/api/v1/recordings/{}/heard", {"seconds": 9}),
    ]
    for method, path, body in asked:
        told = []
        for call_id in ("c1", "none"):  # one of sales, and one that nobody has
            answer = await house.raw("thao", method, path.format(call_id), json=body)
            told.append((answer.status, (await answer.text()).replace(call_id, "")))

        assert told[0][0] == 404 and told[0] == told[1], path
    assert await _heard(house) == []


async def test_how_much_was_heard_is_kept_once_the_sound_was_asked_for(
    house: House, tmp_path: Path
) -> None:
    await recorded(house, tmp_path)  # four seconds long

    before = await house.says("mara", "PUT", "/recordings/c1/heard", json={"seconds": 3})
    await house.raw("mara", "GET", "/recordings/c1.mp3")
    told = [
        (await house.says("mara", "PUT", "/recordings/c1/heard", json={"seconds": each}))["seconds"]
        for each in (2.5, 1, 99)
    ]

    assert before["seconds"] == 0
    assert told == [2.5, 2.5, pytest.approx(4, abs=0.1)]


async def test_a_recording_is_taken_away_by_right_and_that_is_written_down(
    house: House, tmp_path: Path
) -> None:
    whole = await recorded(house, tmp_path)

    answers = {
        who: (await house.raw(who, "GET", "/recordings/c1/file")).status
        for who in ("admin", "lead", "mara", "thao")
    }
    file = await house.raw("lead", "GET", "/recordings/c1/file")

    assert answers == {"admin": 200, "lead": 200, "mara": 403, "thao": 403}
    assert await file.read() == whole
    assert await _heard(house) == [("kept", 1), ("kept", 2)]


async def test_who_heard_what_is_found_by_person_customer_and_number(house: House) -> None:
    await house.add(
        a_call("c1"),
        CallRecord(**_other_number()),
        Listening(call_id="c1", user_id=2, at=AT),
        Listening(call_id="c2", user_id=1, at=AT, kind="kept"),
        Listening(call_id="gone", user_id=99, at=AT),
    )

    async def found(**wanted: object) -> list[str]:
        filters = HeardFilters(**wanted)  # type: ignore[arg-type]
        async with house.sessions() as session:
            rows = (await heard_cut(session, filters)).rows
            assert await heard_count(session, filters) == len(rows)
        return [listening.call_id for listening, *_ in rows]

    assert await found() == ["gone", "c2", "c1"]
    assert await found(user_id=2) == ["c1"]
    assert await found(kind="kept") == ["c2"]
    assert await found(text="0987 654") == ["c2"]
    assert await found(text="100%") == []
    assert await found(until=AT) == []


def _other_number() -> dict[str, object]:
    return {
        "call_id": "c2",
        "direction": "inbound",
        "state": "ended",
        "number": "0987654321",
        "started_at": AT,
    }


def _note(text: str = "x") -> dict[str, object]:
    return {"at_s": 1, "text": text}


async def _heard(house: House) -> list[tuple[str, int]]:
    async with house.sessions() as session:
        rows = await session.scalars(select(Listening).order_by(Listening.id))
        return [(row.kind, row.user_id) for row in rows]
