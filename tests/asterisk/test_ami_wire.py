"""AMI on the wire: any chunking, any garbage, and headers as Asterisk writes them."""

import logging
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.asterisk.protocol import LONGEST, Framer, parse

REAL = Path(__file__).parent / "real_replies.txt"
VIETNAMESE = (
    "Event: Newchannel\r\nCallerIDName: Nguyễn Thị Hiền 🙂\r\nLinkedid: 7.1\r\n\r\n".encode()
)


def fed(data: bytes, *cuts: int) -> list[bytes]:
    framer = Framer()
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in pairwise(edges)]
    return [block for piece in pieces for block in framer.feed(piece)]


@given(st.lists(st.integers(min_value=0, max_value=20_000), max_size=60))
def test_whatever_the_pieces_a_real_conversation_gives_the_same_messages(cuts):
    data = REAL.read_bytes()

    assert fed(data, *cuts) == fed(data)
    assert len(fed(data)) == data.count(b"\r\n\r\n")


@given(
    st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"A: 1", b"Event: X", b"\xe1\xbb\x85"])),
    st.lists(st.integers(min_value=0, max_value=100)),
)
def test_whatever_the_pieces_even_odd_line_ends_give_the_same_messages(parts, cuts):
    data = b"".join(parts)

    assert fed(data, *cuts) == fed(data)


def test_byte_by_byte_no_letter_of_a_vietnamese_name_is_lost():
    [block] = fed(VIETNAMESE, *range(len(VIETNAMESE)))

    assert parse(block)["CallerIDName"] == "Nguyễn Thị Hiền 🙂"


@given(st.binary(max_size=300))
def test_garbage_before_and_between_messages_does_not_hide_the_next(garbage):
    framer = Framer()

    framer.feed(garbage + b"\r\n\r\n" + VIETNAMESE)
    blocks = framer.feed(garbage + b"\r\n\r\n" + VIETNAMESE)

    assert parse(blocks[-1])["Linkedid"] == "7.1"


@pytest.mark.parametrize("piece", [1000, 65_536, 3_000_000])
def test_a_message_without_end_is_dropped_and_the_next_is_heard(piece, caplog):
    data = b"Event: Endless\r\nName: " + b"x" * 2_500_000 + b"\r\n\r\n" + VIETNAMESE

    blocks = fed(data, *range(0, len(data), piece))

    assert blocks == [VIETNAMESE[:-4]]
    assert "dropped a message" in caplog.text


def test_a_message_without_end_does_not_fill_the_memory():
    framer = Framer()
    for _ in range(50):
        assert framer.feed(b"x" * 100_000) == []

    assert len(framer._rest) <= LONGEST + 100_000


@pytest.mark.parametrize("over, heard", [(0, 1), (1, 0)])
@pytest.mark.parametrize("piece", [99_991, 2_000_000])
def test_the_longest_message_is_the_same_in_all_pieces(over, heard, piece, caplog):
    caplog.set_level(logging.CRITICAL)
    data = b"Event: X\r\nV: " + b"x" * (LONGEST - 13 + over) + b"\r\n\r\n"

    assert len(fed(data, *range(0, len(data), piece))) == heard


def test_headers_keep_the_names_asterisk_gave_them():
    assert parse(b"Event: Hangup\r\nCause-txt: Normal Clearing\r\nAccountCode: \r\nX:y") == {
        "Event": "Hangup",
        "Cause-txt": "Normal Clearing",
        "AccountCode": "",
        "X": "y",
    }


def test_an_empty_last_header_is_there():
    [block] = fed(b"Event: X\r\nA: 1\r\nAccountCode: \r\n\r\n")

    assert parse(block)["AccountCode"] == ""


def test_a_repeated_header_is_one_value_with_line_feeds():
    message = parse(b"Event: X\r\nChanVariable: CCID=1\r\nA: b: c\r\nChanVariable: LANG=vi")

    assert message == {"Event": "X", "ChanVariable": "CCID=1\nLANG=vi", "A": "b: c"}


def test_names_that_differ_in_case_are_two_headers():
    assert parse(b"Event: X\r\nUniqueid: 1\r\nUniqueID: 2") == {
        "Event": "X",
        "Uniqueid": "1",
        "UniqueID": "2",
    }


@pytest.mark.parametrize(
    "raw, name",
    [
        (b"Nguy\xe1\xbb", "Nguy\ufffd"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"a\x00b\x1b[31m", "a\x00b\x1b[31m"),
        (b"one\rtwo\nthree", "one\rtwo\nthree"),
        ("ễ".encode() * 300, "ễ" * 300),
        (b"Event: Hangup", "Event: Hangup"),
    ],
)
def test_a_name_of_any_bytes_stays_inside_its_header(raw, name):
    message = parse(b"Event: Newchannel\r\nCallerIDName: " + raw + b"\r\nLinkedid: 7.1")

    assert message == {"Event": "Newchannel", "CallerIDName": name, "Linkedid": "7.1"}


@given(st.binary(max_size=400))
def test_no_bytes_at_all_make_the_parser_fail(data):
    assert all(isinstance(value, str) for value in parse(data).values())
