import json
from pathlib import Path

import pytest

from callcenter.asterisk.replay import main, replay

TRANSCRIPTS = Path(__file__).parent.parent / "transcripts"
NEAR = 0.35  # seconds
FIELDS = [
    "call_id",
    "direction",
    "number",
    "did",
    "queue",
    "agents",
    "result",
    "waited_s",
    "talked_s",
    "held_s",
    "ended_by",
    "transfers",
    "digits",
    "recordings",
]


def answers(name):
    return [json.loads(line) for line in (TRANSCRIPTS / name).read_text().splitlines()]


ANSWERS = [*answers("expected.jsonl"), *answers("read.jsonl")]
FILES = sorted({answer["file"] for answer in ANSWERS})


def near(answer):
    """The answer without what is said about it; lengths may differ a little."""
    about = {"file", "note"}
    return {
        key: pytest.approx(value, abs=NEAR) if key.endswith("_s") else value
        for key, value in answer.items()
        if key not in about
    }


@pytest.mark.parametrize("file", FILES)
def test_a_transcript_tells_the_calls_that_a_person_reads_in_it(file):
    right = sorted(
        (a for a in ANSWERS if a["file"] == file), key=lambda a: (a["call_id"], a["waited_s"])
    )

    told = sorted(replay(TRANSCRIPTS / file), key=lambda call: (call["call_id"], call["waited_s"]))

    assert len(told) == len(right)
    for call, answer in zip(told, right, strict=True):
        assert {key: call[key] for key in near(answer)} == near(answer)


def test_every_transcript_has_an_answer():
    assert sorted(path.name for path in TRANSCRIPTS.glob("*.txt")) == FILES


def test_each_call_is_one_line_of_json_with_the_fields_agreed_on(capsys):
    assert main(TRANSCRIPTS / "e_blind_transfer_ami.txt") == 0

    [line] = capsys.readouterr().out.splitlines()
    call = json.loads(line)
    assert list(call) == FIELDS
    assert call["transfers"] == [{"kind": "blind", "from": "101", "to": "103"}]
    assert call["recordings"] == ["e_blind_transfer_ami-5e0fbffd.wav"]


def test_a_call_that_does_not_end_in_the_file_is_told_as_far_as_it_is_known(tmp_path):
    whole = (TRANSCRIPTS / "b_inbound_queue_answered.txt").read_bytes()
    cut = tmp_path / "cut.txt"
    cut.write_bytes(whole[: whole.index(b"Event: HangupRequest")])

    [call] = replay(cut)

    assert (call["agents"], call["result"], call["ended_by"]) == (["101"], None, None)
    assert call["waited_s"] == pytest.approx(1.534, abs=NEAR)


@pytest.mark.parametrize("cut_at", range(0, 60_000, 997))
def test_a_file_cut_anywhere_is_read_up_to_the_cut(tmp_path, cut_at):
    cut = tmp_path / "cut.txt"
    whole = (TRANSCRIPTS / "b_inbound_queue_answered.txt").read_bytes()
    cut.write_bytes(b"Response: Success\r\n\r\n" + whole[:cut_at])

    assert len(list(replay(cut))) <= 1


@pytest.mark.parametrize(
    "content", [b"", b"\r\n\r\n", b"\xff\x00\x93 nothing \r\n\r\n at all", b"key: value\r\n\r\n"]
)
def test_a_file_that_is_no_conversation_gets_a_sentence(tmp_path, capsys, content):
    file = tmp_path / "some.txt"
    file.write_bytes(content)

    assert main(file) == 1

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "is not a recorded AMI conversation" in said.err


def test_a_missing_file_gets_a_sentence(tmp_path, capsys):
    assert main(tmp_path / "missing.txt") == 1

    assert capsys.readouterr().err.endswith("cannot be read: No such file or directory.\n")


def test_a_folder_gets_a_sentence(tmp_path, capsys):
    assert main(tmp_path) == 1

    assert "cannot be read" in capsys.readouterr().err


def test_a_conversation_without_calls_is_no_error(tmp_path, capsys):
    file = tmp_path / "quiet.txt"
    file.write_bytes(b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\n\r\n")

    assert main(file) == 0

    assert capsys.readouterr().out == ""
