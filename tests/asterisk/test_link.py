"""The link: the state after each login, phones, wishes that go out once and end in words."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.asterisk.link import Link
from callcenter.calls.events import (
    CallPlaced,
    ChannelCreated,
    ChannelEnded,
    ChannelListed,
    OriginateAnswered,
    SnapshotBegan,
    SnapshotEnded,
)
from callcenter.errors import Conflict, ExchangeUnavailable, Invalid
from callcenter.tasks import running
from tests.asterisk.ears import CALM, told
from tests.fakes import SECRET, USER, fake_asterisk, member

CHANNEL = {
    "Channel": "PJSIP/trunk-00000001",
    "ChannelStateDesc": "Up",
    "CallerIDNum": "0912345678",
    "Uniqueid": "pbx-1795290318.1",
    "Linkedid": "pbx-1795290318.1",
    "ChanVariable": "CCID=pbx-1795290318.1",
}


@pytest.fixture
async def asterisk():
    async with fake_asterisk() as fake:
        yield fake


class Board:
    """Keeps what it is told, and lets a test wait for it."""

    def __init__(self):
        self.events = []
        self.phones = []
        self.logins = 0
        self._news = asyncio.Event()

    def apply(self, event):
        self.events.append(event)
        self._news.set()

    def phone_changed(self, extension, state):
        self.phones.append((extension, state))
        self._news.set()

    async def ready(self):
        self.logins += 1
        self.phones.append("ready")
        self._news.set()

    async def until(self, condition):
        async with asyncio.timeout(5):
            while not condition():
                self._news.clear()
                await self._news.wait()

    @property
    def kinds(self):
        return [type(event) for event in self.events]


@pytest.fixture
def board():
    return Board()


def link_to(asterisk, board, **options):
    options = {"user": USER, "secret": SECRET, "patience": CALM} | options
    return Link(
        host="127.0.0.1",
        port=asterisk.port,
        apply=board.apply,
        phone_changed=board.phone_changed,
        ready=board.ready,
        **options,
    )


@asynccontextmanager
async def linked(asterisk, board, **options):
    link = link_to(asterisk, board, **options)
    async with running(link.run(), name="link", vital=False):
        await board.until(lambda: board.logins)
        board.events.clear()
        board.phones.clear()
        yield link


async def test_after_a_login_the_state_is_told_then_the_phones_then_all_is_ready(asterisk, board):
    asterisk.channels = [CHANNEL]
    asterisk.devices = {
        "PJSIP/201": "NOT_INUSE",
        "PJSIP/202": "UNAVAILABLE",
        "PJSIP/carrier": "NOT_INUSE",
        "Queue:sales_avail": "INUSE",
    }
    async with running(link_to(asterisk, board).run(), name="link"):
        await board.until(lambda: board.logins)

    assert board.kinds == [SnapshotBegan, ChannelListed, ChannelListed, SnapshotEnded]
    assert board.events[1].channel_id == "pbx-1795290318.1"
    assert board.phones == [("201", "reachable"), ("202", "unreachable"), "ready"]


async def test_after_each_login_the_state_is_told_again(asterisk, board):
    async with linked(asterisk, board) as link:
        asterisk.drops()
        await board.until(lambda: board.logins == 2)

        assert (link.connected, link.problem) == (True, "")

    assert board.kinds == [SnapshotBegan, SnapshotEnded]


async def test_what_happens_while_the_state_is_told_is_applied_in_its_place(asterisk, board):
    def happens(action):
        if action == "Status":
            told = "".join(f"{name}: {value}\r\n" for name, value in CHANNEL.items())
            for writer in asterisk._listening:
                writer.write(f"Event: Newchannel\r\nTimestamp: 1.5\r\n{told}\r\n".encode())

    asterisk.answered = happens
    async with running(link_to(asterisk, board).run(), name="link"):
        await board.until(lambda: board.logins)

    assert board.kinds == [SnapshotBegan, ChannelCreated, SnapshotEnded]


async def test_a_list_cut_off_in_the_middle_does_not_end_the_snapshot(asterisk, board):
    asterisk.ignores = {"Status"}
    async with running(link_to(asterisk, board).run(), name="link"):
        await asterisk.was_asked("Status")
        asterisk.ignores = set()
        asterisk.drops()
        await board.until(lambda: board.logins)

    assert board.kinds == [SnapshotBegan, SnapshotBegan, SnapshotEnded]


async def test_an_exchange_that_may_not_tell_its_calls_is_a_problem_in_words(asterisk, board):
    asterisk.refuses["CoreShowChannels"] = "Permission denied"
    link = link_to(asterisk, board)
    async with running(link.run(), name="link"):
        await told(link, "needs more rights")

    assert SnapshotEnded not in board.kinds


async def test_times_are_the_exchanges(asterisk, board):
    asterisk.ahead_s = 3600
    async with running(link_to(asterisk, board).run(), name="link"):
        await board.until(lambda: board.logins)

    there = datetime.now(UTC) + timedelta(hours=1)
    assert abs(board.events[0].at - there) < timedelta(minutes=1)


async def test_an_exchange_that_tells_no_times_is_heard_all_the_same(asterisk, board):
    asterisk.ahead_s = -3600
    async with linked(asterisk, board):
        await asterisk.says("Hangup", CHANNEL, Cause="16")
        await board.until(lambda: board.events)

    assert (board.kinds, board.events[0].cause) == ([ChannelEnded], 16)
    there = datetime.now(UTC) - timedelta(hours=1)
    assert abs(board.events[0].at - there) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "state, shown",
    [
        ("NOT_INUSE", "reachable"),
        ("INUSE", "in_use"),
        ("BUSY", "in_use"),
        ("RINGING", "ringing"),
        ("RINGINUSE", "in_use"),
        ("ONHOLD", "in_use"),
        ("UNAVAILABLE", "unreachable"),
        ("INVALID", "unreachable"),
        ("UNKNOWN", "unreachable"),
        ("", "unreachable"),
    ],
)
async def test_a_phone_that_changes_is_told(asterisk, board, state, shown):
    async with linked(asterisk, board):
        await asterisk.says("DeviceStateChange", Device="PJSIP/carrier", State=state)
        await asterisk.says("DeviceStateChange", Device="PJSIP/201", State=state)
        await board.until(lambda: board.phones)

    assert board.phones == [("201", shown)]


async def test_a_call_is_placed_on_the_board_before_it_is_asked_for(asterisk, board):
    async with linked(asterisk, board) as link:
        asterisk.answered = lambda action: board.apply(action)
        await link.originate(
            "call-1", extension="201", number="0912345678", caller_id="02873001234"
        )
        asked = await asterisk.was_asked("Originate")

    assert board.kinds == [CallPlaced, str]
    placed = board.events[0]
    assert (placed.call_id, placed.extension, placed.number) == ("call-1", "201", "0912345678")
    assert {name: value for name, value in asked.items() if name != "ActionID"} == {
        "Action": "Originate",
        "Channel": "PJSIP/201",
        "Context": "click2call",
        "Exten": "0912345678",
        "Priority": "1",
        "Async": "true",
        "ChannelId": "call-1",
        "Timeout": "30000",
        "CallerID": "02873001234",
        "Variable": "__CCID=call-1\n__CCAGENT=201\n__CCQUEUE=\nCDR(ccid)=call-1\n"
        "CHANNEL(userfield)=call-1\nPJSIP_HEADER(add,X-Call)=call-1",
    }


NONSENSE = [
    {"number": "0912 345 678"},
    {"number": ""},
    {"number": "+"},
    {"number": "0912345678@evil"},
    {"number": "0912\r\nApplication: System"},
    {"number": "٠٩١٢"},
    {"number": "0" * 33},
    {"number": "+84912+345"},
    {"extension": "201@trunk"},
    {"extension": "201&PJSIP/202"},
    {"extension": "201\n"},
    {"extension": ""},
    {"call_id": "a,b"},
    {"call_id": "call-1\n"},
    {"call_id": "x" * 65},
]


@pytest.mark.parametrize("wrong", NONSENSE, ids=str)
async def test_nonsense_is_no_call_and_is_not_sent(asterisk, board, wrong):
    wish = {"extension": "201", "number": "0912345678", "caller_id": "x"} | wrong
    async with linked(asterisk, board) as link:
        with pytest.raises(Invalid):
            await link.originate(wish.pop("call_id", "call-1"), **wish)

    assert (board.events, asterisk.count("Originate")) == ([], 0)


async def test_a_caller_id_with_a_line_end_ends_the_call_unsent(asterisk, board):
    async with linked(asterisk, board) as link:
        with pytest.raises(Invalid):
            await link.originate(
                "call-1", extension="201", number="0912", caller_id="x\r\nApplication: System"
            )

    assert board.kinds == [CallPlaced, OriginateAnswered]
    assert (board.events[1].channel_id, board.events[1].ok) == ("call-1", False)
    assert asterisk.count("Originate") == 0


async def test_a_call_that_is_refused_ends_on_the_board_and_in_words(asterisk, board):
    asterisk.refuses["Originate"] = "Extension does not exist."
    async with linked(asterisk, board) as link:
        with pytest.raises(Conflict, match="Extension does not exist"):
            await link.originate("call-1", extension="201", number="0912", caller_id="x")

    assert board.kinds == [CallPlaced, OriginateAnswered]
    assert (board.events[1].channel_id, board.events[1].ok) == ("call-1", False)


async def test_a_call_while_the_exchange_is_away_ends_on_the_board_and_in_words(asterisk, board):
    link = link_to(asterisk, board)
    with pytest.raises(ExchangeUnavailable, match="not been reached"):
        await link.originate("call-1", extension="201", number="0912", caller_id="x")

    assert board.kinds == [CallPlaced, OriginateAnswered]


async def test_a_call_whose_fate_is_unknown_is_left_to_the_state_after_the_next_login(
    asterisk, board
):
    asterisk.ignores = {"Originate"}
    async with linked(asterisk, board) as link:
        wish = asyncio.ensure_future(
            link.originate("call-1", extension="201", number="0912", caller_id="x")
        )
        await asterisk.was_asked("Originate")
        asterisk.drops()
        with pytest.raises(ExchangeUnavailable, match="not known whether the call was placed"):
            await wish
        await board.until(lambda: board.logins == 2)

    assert board.kinds == [CallPlaced, SnapshotBegan, SnapshotEnded]
    assert asterisk.count("Originate") == 1


async def test_an_exchange_that_does_not_answer_a_call_is_asked_for_its_state_anew(
    asterisk, board, monkeypatch
):
    asterisk.ignores = {"Originate"}
    async with linked(asterisk, board) as link:
        ask = link._ami.ask
        monkeypatch.setattr(link._ami, "ask", lambda *a, **k: ask(*a, **{"deadline": 0.05} | k))
        with pytest.raises(ExchangeUnavailable, match="not known whether the call was placed"):
            await link.originate("call-1", extension="201", number="0912", caller_id="x")
        await board.until(lambda: board.logins == 2)

    assert board.kinds == [CallPlaced, SnapshotBegan, SnapshotEnded]
    assert asterisk.count("Originate") == 1


async def test_a_call_is_ended_by_its_id(asterisk, board):
    asterisk.channels = [CHANNEL]
    async with linked(asterisk, board) as link:
        await link.hang_up("pbx-1795290318.1")

    assert (await asterisk.was_asked("Hangup"))["Channel"] == "pbx-1795290318.1"


async def test_a_call_that_is_gone_cannot_be_ended_and_that_is_said(asterisk, board):
    async with linked(asterisk, board) as link:
        with pytest.raises(Conflict, match=r"The call has ended already\."):
            await link.hang_up("call-1")
        with pytest.raises(Invalid):
            await link.hang_up("/.*/")


async def test_an_agent_joins_and_leaves_a_queue_however_often(asterisk, board):
    asterisk.queues = {"sales": {}}
    async with linked(asterisk, board) as link:
        await link.queue_add("sales", "201", "Nguyễn; Mara", paused=True)
        [mara] = await link.queue_members()
        assert (mara["Queue"], mara["Name"], mara["Paused"]) == ("sales", "Nguyễn  Mara", "1")

        await link.queue_add("sales", "201", "Mara", paused=False)
        [mara] = await link.queue_members()
        assert (mara["Location"], mara["Paused"]) == ("PJSIP/201", "0")

        await link.queue_remove("sales", "201")
        await link.queue_remove("sales", "201")
        assert await link.queue_members() == []


async def test_a_pause_has_a_reason_and_is_in_all_queues(asterisk, board):
    asterisk.queues = {
        queue: {"PJSIP/201": member(queue, "PJSIP/201", "Mara")} for queue in ("sales", "care")
    }
    async with linked(asterisk, board) as link:
        await link.queue_pause("201", paused=True, reason="ăn trưa")
        assert {m["PausedReason"] for m in await link.queue_members()} == {"ăn trưa"}

        await link.queue_pause("299", paused=True, reason="in no queue")


async def test_a_queue_that_does_not_exist_is_told_in_asterisks_words(asterisk, board):
    async with linked(asterisk, board) as link:
        with pytest.raises(Conflict, match="No such queue"):
            await link.queue_add("nowhere", "201", "Mara", paused=False)
        with pytest.raises(Invalid):
            await link.queue_add("a\nb", "201", "Mara", paused=False)


async def test_only_what_means_something_to_us_is_parsed(asterisk, board):
    async with linked(asterisk, board):
        await asterisk.says("RTCPSent", CHANNEL, Timestamp="1.5")
        await asterisk.says("Hangup", CHANNEL, Timestamp="1.5")
        await board.until(lambda: board.events)

    assert board.kinds == [ChannelEnded]
