"""The fake Asterisk against bytes of a real one: same framing, same headers, same words.

`real_replies.txt` is what an Asterisk 22 answered, in this order, to the least-rights user.
"""

import asyncio
from hashlib import md5
from pathlib import Path

import pytest

from tests.fakes import BANNER, SECRET, USER, fake_asterisk, member, parsed

REAL = Path(__file__).parent / "real_replies.txt"
TRANSCRIPTS = Path(__file__).parent.parent / "transcripts"
CHANGES = {"ActionID", "Challenge", "Timestamp", "SystemName", "ListItems", "Items"}
LOGIN = {"AuthType": "MD5", "Username": USER, "Events": "on"}
MARA = {"Queue": "web", "Interface": "PJSIP/201"}
ASKED = [  # the actions that the real one was asked, one by one
    ("Challenge", {"AuthType": "MD5"}),
    ("Login", LOGIN),
    ("Ping", {}),
    ("CoreShowChannels", {}),
    ("Status", {}),
    ("QueueAdd", MARA | {"MemberName": "Mara", "Paused": "true"}),
    ("QueueAdd", MARA),
    ("QueuePause", {"Interface": "PJSIP/201", "Paused": "false", "Reason": ""}),
    ("QueuePause", {"Interface": "PJSIP/201", "Paused": "true", "Reason": "lunch"}),
    ("QueuePause", {"Interface": "PJSIP/299", "Paused": "true", "Reason": "lunch"}),
    ("QueueStatus", {}),
    ("DeviceStateList", {}),
    ("Originate", {"Channel": "Local/*600@from-agents", "ChannelId": "our-call-1"}),
    ("CoreShowChannels", {}),
    ("Status", {}),
    ("Hangup", {"Channel": "our-call-1"}),
    ("Hangup", {"Channel": "nope"}),
    ("Originate", {"Channel": "PJSIP/201", "ChannelId": "our-call-2"}),
]


def messages(raw: bytes) -> list[dict[str, str]]:
    return [parsed(block) for block in raw.removeprefix(BANNER).split(b"\r\n\r\n") if block]


def said_by_the_real_one() -> dict[int, list[dict[str, str]]]:
    """Action by action: its response, and the events of its list."""
    answers: dict[int, list[dict[str, str]]] = {}
    for message in messages(REAL.read_bytes()):
        if (action_id := message.get("ActionID")) and message.get("Event") != "OriginateResponse":
            answers.setdefault(int(action_id), []).append(message)
    return answers


@pytest.fixture
async def answers():
    """What the fake says to the same actions."""
    found: dict[int, list[dict[str, str]]] = {}
    async with fake_asterisk() as asterisk:
        for queue, number in (("support", "102"), ("support", "101"), ("web", "")):
            place = asterisk.queues.setdefault(queue, {})
            if number:
                interface = f"PJSIP/{number}"
                place[interface] = member(queue, interface, f"Agent {number}")
        asterisk.devices = {f"PJSIP/{number}": "UNAVAILABLE" for number in range(101, 114)}
        reader, writer = await asyncio.open_connection("127.0.0.1", asterisk.port)
        assert await reader.readuntil(b"\r\n") == BANNER
        for number, (action, headers) in enumerate(ASKED, 1):
            if action == "Login":
                secret = found[1][0]["Challenge"] + SECRET
                headers = headers | {"Key": md5(secret.encode()).hexdigest()}
            if number == 14:
                asterisk.channels = [{"Channel": "x", "Uniqueid": "our-call-1"}] * 2
            found[number] = await asks(reader, writer, number, action, headers)
        writer.close()
    return found


async def asks(reader, writer, number, action, headers):
    lines = {"Action": action, "ActionID": str(number)} | headers
    writer.write("".join(f"{k}: {v}\r\n" for k, v in lines.items()).encode() + b"\r\n")
    answer: list[dict[str, str]] = []
    async with asyncio.timeout(5):
        while True:
            message = parsed(await reader.readuntil(b"\r\n\r\n"))
            if message.get("ActionID") == str(number):
                answer.append(message)
                ending = "EventList" not in answer[0] or message.get("EventList") == "Complete"
                if ending:
                    return answer


def kept(message: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in message.items() if name not in CHANGES}


async def test_every_response_has_the_headers_and_words_of_the_real_one(answers):
    real = said_by_the_real_one()

    for number, (action, _) in enumerate(ASKED, 1):
        fake_response, real_response = answers[number][0], real[number][0]
        assert kept(fake_response) == kept(real_response), action
        assert list(fake_response)[:2] == list(real_response)[:2], action
        assert fake_response.keys() == real_response.keys(), action


async def test_every_list_has_the_events_of_the_real_one_and_ends_as_it_does(answers):
    real = said_by_the_real_one()

    for number, (action, _) in enumerate(ASKED, 1):
        told = [message["Event"] for message in answers[number][1:]]
        assert told == [message["Event"] for message in real[number][1:]], action
        for fake_event, real_event in zip(answers[number][1:], real[number][1:], strict=True):
            assert fake_event.keys() <= real_event.keys(), action
        if told:
            assert kept(answers[number][-1]) == kept(real[number][-1])
            assert answers[number][-1].keys() == real[number][-1].keys()
            assert answers[number][-1]["ListItems"] == real[number][-1]["ListItems"]


async def test_every_transcript_begins_as_the_fake_does():
    paths = sorted(TRANSCRIPTS.glob("*.txt"))
    assert paths

    for path in paths:
        raw = path.read_bytes()
        assert raw.startswith(BANNER), path.name
        assert kept(messages(raw)[0]) == {
            "Response": "Success",
            "Message": "Authentication accepted",
        }, path.name


async def test_a_wrong_secret_is_refused_as_the_real_one_does_and_the_line_is_cut():
    async with fake_asterisk() as asterisk:
        reader, writer = await asyncio.open_connection("127.0.0.1", asterisk.port)
        await reader.readuntil(b"\r\n")
        answer = await asks(reader, writer, 1, "Login", {"Username": USER, "Secret": "wrong"})

        assert kept(answer[0]) == {"Response": "Error", "Message": "Authentication failed"}
        assert await reader.read() == b""
        writer.close()


async def test_nobody_who_is_not_signed_in_learns_anything():
    async with fake_asterisk() as asterisk:
        reader, writer = await asyncio.open_connection("127.0.0.1", asterisk.port)
        await reader.readuntil(b"\r\n")
        answer = await asks(reader, writer, 1, "CoreShowChannels", {})

        assert kept(answer[0]) == {"Response": "Error", "Message": "Permission denied"}
        writer.close()
