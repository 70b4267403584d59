"""The AMI connection when all is well: in order, complete, exact, and nothing twice."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.asterisk.ami import Ami
from callcenter.errors import Conflict, ExchangeUnavailable, Invalid
from tests.asterisk.ears import Ears, connected
from tests.asterisk.test_ami_wire import REAL
from tests.fakes import fake_asterisk, member


@pytest.fixture
async def asterisk():
    async with fake_asterisk() as fake:
        yield fake


@pytest.fixture
def ears():
    return Ears()


async def test_it_signs_in_without_sending_the_secret(asterisk):
    async with connected(asterisk) as ami:
        login = await asterisk.was_asked("Login")

    assert login["Username"] == "callcenter"
    assert asterisk.secret not in str(asterisk.asked)
    assert ami.protocol.version == "11.0.0"


async def test_it_knows_when_it_last_heard_something(asterisk):
    async with connected(asterisk) as ami:
        assert datetime.now(UTC) - ami.heard_at < timedelta(seconds=5)
        assert (ami.connected, ami.problem) == (True, "")


async def test_before_it_is_connected_it_says_so_and_keeps_no_wishes():
    ami = Ami("127.0.0.1", 1, "u", "s")

    with pytest.raises(ExchangeUnavailable, match="not been reached"):
        await ami.ask("Originate", {"Channel": "PJSIP/201"})
    assert (ami.connected, ami.heard_at) == (False, None)


async def test_events_are_heard_in_order_and_with_asterisks_names(asterisk, ears):
    async with connected(asterisk, hear=ears):
        for number in range(500):
            await asterisk.says("Newstate", Linkedid=str(number), **{"Cause-txt": "é"})
        await ears.heard("Newstate", 500)

    assert [event["Linkedid"] for event in ears.events] == [str(n) for n in range(500)]
    assert ears.events[0] == {"Event": "Newstate", "Linkedid": "0", "Cause-txt": "é"}


@pytest.mark.parametrize("pieces", [1, 7, 1000, 0])
async def test_a_real_conversation_is_heard_whole_in_whatever_pieces_it_comes(
    asterisk, ears, pieces
):
    async with connected(asterisk, hear=ears):
        await asterisk.replays(REAL, pieces)
        await asterisk.says("TheEnd")
        await ears.heard("TheEnd")

    assert len(ears.events) - 1 == REAL.read_bytes().count(b"\r\nEvent: ")


async def test_a_large_read_does_not_hold_the_loop(asterisk, ears):
    headers = "".join(f"Header{n}: value\r\n" for n in range(24))
    event = f"Event: Newstate\r\n{headers}\r\n".encode()
    async with connected(asterisk, hear=ears) as ami:
        ami.protocol.data_received(event * 20_000)
        in_one_go = len(ears.events)
        await ears.heard("Newstate", 20_000)

    assert in_one_go < 5_000  # more than enough for two milliseconds
    assert len(ears.events) == 20_000


async def test_nothing_is_read_while_there_is_still_something_to_do(asterisk, ears):
    async with connected(asterisk, hear=ears) as ami:
        ami.protocol.data_received(b"Event: Newstate\r\nA: 1\r\n\r\n" * 50_000)
        assert not ami.protocol.transport.is_reading()

        await ears.heard("Newstate", 50_000)
        assert ami.protocol.transport.is_reading()


async def test_one_callback_that_fails_costs_neither_the_connection_nor_the_others(
    asterisk, ears, caplog
):
    def fails(ami, event):
        raise ValueError("boom")

    async with connected(asterisk, hear=ears) as ami:
        ami.register_event("Foo", fails)
        await asterisk.sends(b"Event: Foo\r\nN: 1\r\n\r\nEvent: Foo\r\nN: 2\r\n\r\n")
        await ears.heard("Foo", 2)
        assert ami.connected

    assert "boom" in caplog.text
    assert asterisk.connections == 1


async def test_a_listener_that_fails_costs_only_the_one_event(asterisk, caplog):
    ears = Ears()

    def hear(event):
        ears(event)
        if event.get("N") == "1":
            raise KeyError("Linkedid")

    async with connected(asterisk, hear=hear) as ami:
        await asterisk.sends(b"Event: Foo\r\nN: 1\r\n\r\nEvent: Foo\r\nN: 2\r\n\r\n")
        await ears.heard("Foo", 2)
        assert ami.connected

    assert "could not use" in caplog.text


async def test_the_listener_is_told_when_that_was_all_for_now(asterisk, ears):
    heard = []

    def fails(event):
        heard.append(event["N"])
        raise ValueError("boom")

    async with connected(asterisk, hear=fails, paused=lambda: heard.append("paused")) as ami:
        heard.clear()
        ami.protocol.data_received(b"".join(b"Event: Foo\r\nN: %d\r\n\r\n" % n for n in (1, 2)))
        assert heard == ["1", "2", "paused"]

        ami.protocol._blocks.append(b"Event: Foo\r\nN: 3")
        ami.reconnect("for the test")
        assert heard[3:5] == ["3", "paused"]


async def test_a_listener_that_fails_at_the_end_costs_nothing(asterisk, ears, caplog):
    def fails():
        raise ValueError("boom")

    async with connected(asterisk, hear=ears, paused=fails) as ami:
        await asterisk.says("Foo")
        await ears.heard("Foo")
        assert ami.connected

    assert "boom" in caplog.text


async def test_only_plain_functions_for_exact_names_can_listen():
    async def out_of_order(ami, event):
        """panoramisk would run it as a loose task."""

    ami = Ami("127.0.0.1", 1, "u", "s")
    with pytest.raises(TypeError):
        ami.register_event("Hangup", out_of_order)
    with pytest.raises(TypeError):
        ami.register_event("Queue*", print)


async def test_names_nobody_wants_are_not_heard(asterisk, ears):
    async with connected(asterisk, hear=ears, wanted={"Hangup"}) as ami:
        seen = []
        ami.register_event("Newstate", lambda ami, event: seen.append(event["Event"]))
        for name in ("VarSet", "Newstate", "NewstateX", "Hangup"):
            await asterisk.says(name, Linkedid="1")
        await ears.heard("Hangup")

    assert (ears.names, seen) == (["Hangup"], ["Newstate"])


async def test_a_list_is_collected_though_nobody_else_wants_its_events(asterisk, ears):
    asterisk.queues = {"sales": {"PJSIP/201": member("sales", "PJSIP/201", "Mara")}}
    async with connected(asterisk, hear=ears, wanted={"Hangup"}) as ami:
        answer = await ami.ask("QueueStatus", collect="QueueStatusComplete")

    assert [event["Event"] for event in answer.events] == [
        "QueueParams",
        "QueueMember",
        "QueueStatusComplete",
    ]
    assert answer.events[1]["Name"] == "Mara"
    assert answer.headers["Message"] == "Queue status will follow"


async def test_the_events_of_a_list_are_heard_as_well(asterisk, ears):
    asterisk.devices = {"PJSIP/201": "INUSE"}
    async with connected(asterisk, hear=ears) as ami:
        await ami.ask("DeviceStateList", collect="DeviceStateListComplete")

    assert ears.names == ["DeviceStateChange", "DeviceStateListComplete"]


async def test_an_event_with_the_id_of_a_pending_action_reaches_the_listeners(asterisk, ears):
    asterisk.ignores = {"Originate"}
    async with connected(asterisk, hear=ears) as ami, asyncio.TaskGroup() as group:
        asking = group.create_task(ami.ask("Originate", {"Channel": "PJSIP/201"}))
        asked = await asterisk.was_asked("Originate")
        action_id = asked["ActionID"]
        await asterisk.says("OriginateResponse", ActionID=action_id, Response="Failure")
        assert (await ears.heard("OriginateResponse"))["Response"] == "Failure"
        assert not asking.done()
        await asterisk.sends(f"Response: Success\r\nActionID: {action_id}\r\n\r\n".encode())

    assert asking.result().headers["Response"] == "Success"


async def test_an_originate_without_async_is_answered_and_the_connection_lives(asterisk):
    async with connected(asterisk) as ami:
        await ami.ask("Originate", {"Channel": "PJSIP/201"})
        await ami.ask("Ping")

    assert asterisk.connections == 1


async def test_joining_a_queue_is_answered(asterisk):
    asterisk.queues = {"sales": {}}
    async with connected(asterisk) as ami:
        answer = await ami.ask("QueueAdd", {"Queue": "sales", "Interface": "PJSIP/201"})

        assert answer.headers["Message"] == "Added interface to queue"
        assert not ami.protocol.responses


async def test_a_refusal_is_a_conflict_in_asterisks_words(asterisk):
    async with connected(asterisk) as ami:
        with pytest.raises(Conflict, match="No such channel"):
            await ami.ask("Hangup", {"Channel": "PJSIP/201-00000001"})


async def test_repeated_headers_are_sent_in_their_order(asterisk):
    async with connected(asterisk) as ami:
        await ami.ask("Originate", [("Variable", "__CCID=1"), ("Variable", "CDR(ccid)=1")])

        assert (await asterisk.was_asked("Originate"))["Variable"] == "__CCID=1\nCDR(ccid)=1"


CONTROL = ["\r\n", "\n", "\r", "\0", "\x1b", "\x7f", "\x85", "\u2028", "\ud800"]


@pytest.mark.parametrize("bad", CONTROL)
async def test_no_control_character_is_ever_sent(asterisk, bad):
    async with connected(asterisk) as ami:
        before = len(asterisk.asked)
        for action, name, value in [
            ("Originate", "CallerID", f"x{bad}Application: System"),
            ("Originate", f"CallerID: x{bad}Application", "System"),
            (f"Ping{bad}Action: Originate", "Channel", "PJSIP/201"),
        ]:
            with pytest.raises(Invalid):
                await ami.ask(action, {name: value})
        await ami.ask("Ping")

    assert [asked["Action"] for asked in asterisk.asked[before:]] == ["Ping"]


@pytest.mark.parametrize("name", ["", "Caller ID", "A:B", "Tên", "ActionID", "a" * 1200])
async def test_what_is_no_header_is_refused(asterisk, name):
    async with connected(asterisk) as ami:
        with pytest.raises(Invalid):
            await ami.ask("Ping", {name: "1"})


async def test_a_name_with_emoji_and_300_letters_is_sent_as_it_is(asterisk):
    name = "🙂" + "ễ" * 299
    async with connected(asterisk) as ami:
        await ami.ask("Originate", {"CallerID": name})

        assert (await asterisk.was_asked("Originate"))["CallerID"] == name


@pytest.mark.parametrize(
    "headers", [[("Data", "x" * 1001)], [("Variable", f"a{n}=1") for n in range(200)]]
)
async def test_what_asterisk_would_not_take_is_refused_before_it_is_sent(asterisk, headers):
    async with connected(asterisk) as ami:
        with pytest.raises(Invalid):
            await ami.ask("Originate", headers)

    assert asterisk.count("Originate") == 0
