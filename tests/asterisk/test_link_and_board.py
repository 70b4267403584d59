"""Link and board together: no call is left over when the exchange went away in the middle of it."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path

import pytest

from callcenter.agents.presence import Presence
from callcenter.asterisk import protocol
from callcenter.asterisk.link import Link
from callcenter.calls.board import Board
from callcenter.calls.call import Result, State
from callcenter.calls.journal import Journal
from callcenter.calls.models import CallRecord
from callcenter.errors import Conflict, ExchangeUnavailable
from callcenter.people.directory import Directory
from callcenter.people.models import Role, User
from callcenter.tasks import running
from tests.asterisk.ears import CALM
from tests.fakes import SECRET, USER, fake_asterisk

CHANNEL = {
    "Channel": "PJSIP/carrier-00000001",
    "ChannelState": "6",
    "ChannelStateDesc": "Up",
    "CallerIDNum": "0912345678",
    "CallerIDName": "Nguyễn\x07 Thị Hiền 🙂" + "x" * 300,
    "ConnectedLineNum": "<unknown>",
    "Context": "from-trunk",
    "Exten": "02873001234",
    "Uniqueid": "pbx-1795290318.1",
    "Linkedid": "pbx-1795290318.1",
    "ChanVariable": "CCID=pbx-1795290318.1",
}


REAL = Path(__file__).parent.parent / "transcripts" / "b_inbound_queue_answered.txt"


class Desk:
    """Keeps the changes of a real board, and counts the logins."""

    def __init__(self, *others):
        self.changes = []
        self.board = Board([self.push, *others])
        self.logins = 0
        self._news = asyncio.Event()

    def push(self, change):
        self.changes.append(change)
        self._news.set()

    async def ready(self):
        self.logins += 1
        self._news.set()

    async def until(self, condition):
        async with asyncio.timeout(5):
            while not condition():
                self._news.clear()
                await self._news.wait()

    @property
    def last(self):
        return self.changes[-1].after


@pytest.fixture
async def asterisk():
    async with fake_asterisk() as fake:
        yield fake


@asynccontextmanager
async def linking(asterisk, *listeners):
    """A link that signs in, and who hears of it."""
    desk = Desk(*listeners)
    link = Link(
        host="127.0.0.1",
        port=asterisk.port,
        user=USER,
        secret=SECRET,
        apply=desk.board.hear,
        settle=desk.board.settle,
        phone_changed=lambda extension, state: None,
        ready=desk.ready,
        patience=CALM,
    )
    async with running(link.run(), name="link", vital=False):
        yield link, desk


@asynccontextmanager
async def linked(asterisk, *listeners):
    """A link that knows what goes on."""
    async with linking(asterisk, *listeners) as (link, desk):
        await desk.until(lambda: desk.logins)
        yield link, desk


async def test_a_call_that_ended_while_we_were_away_ends_after_the_next_login(asterisk):
    asterisk.channels = [CHANNEL]
    async with linked(asterisk) as (_, desk):
        [call] = desk.board.calls()
        assert (call.call_id, call.number) == ("pbx-1795290318.1", "0912345678")
        assert call.caller_name.startswith("Nguyễn Thị Hiền 🙂")

        asterisk.channels = []
        asterisk.drops()
        await desk.until(lambda: desk.logins == 2)

        assert desk.board.calls() == []
        assert desk.last.state is State.ENDED


async def test_a_call_that_lives_on_is_the_same_call_after_the_next_login(asterisk):
    asterisk.channels = [CHANNEL]
    async with linked(asterisk) as (_, desk):
        before = desk.board.calls()
        asterisk.drops()
        await desk.until(lambda: desk.logins == 2)

        assert desk.board.calls() == before


async def test_a_placed_call_whose_fate_is_unknown_does_not_stay_for_ever(asterisk):
    asterisk.ignores = {"Originate"}
    async with linked(asterisk) as (link, desk):
        wish = asyncio.ensure_future(
            link.originate("call-1", extension="201", number="0912345678", caller_id="x")
        )
        await asterisk.was_asked("Originate")
        assert desk.board.call("call-1").state is State.CALLING_AGENT

        asterisk.drops()
        with pytest.raises(ExchangeUnavailable):
            await wish
        await desk.until(lambda: desk.logins == 2)

        assert desk.board.calls() == []
        assert (desk.last.call_id, desk.last.state) == ("call-1", State.ENDED)


async def test_a_refused_call_is_a_failed_call(asterisk):
    asterisk.refuses["Originate"] = "Extension does not exist."
    async with linked(asterisk) as (link, desk):
        with pytest.raises(Conflict):
            await link.originate("call-1", extension="201", number="0912345678", caller_id="x")

        assert desk.board.calls() == []
        assert (desk.last.call_id, desk.last.result) == ("call-1", Result.FAILED)
        assert (desk.last.placed_by, desk.last.number) == ("201", "0912345678")


async def test_a_call_that_comes_whole_in_one_read_leaves_a_wrap_up_and_a_row(
    asterisk, sessions, engine, monkeypatch
):
    monkeypatch.setattr(protocol, "SLICE", 60.0)  # seconds: all of it in one go
    async with sessions.begin() as session:
        for id_, extension in enumerate(["101", "102"], 1):
            names = {"username": f"a{id_}", "name": "Ánh", "password": "!"}
            session.add(User(id=id_, role=Role.AGENT, extension=extension, **names))
    directory = Directory()
    await directory.load(sessions)
    presence = Presence(directory, sessions)

    async def nobody(keys):
        return {}

    journal = Journal(
        engine,
        zone=UTC,
        whose=directory.whose,
        customers=nobody,
        key_of=lambda number: number,
    )
    async with (
        running(journal.write(), name="journal"),
        linked(asterisk, presence.push, journal.note) as (link, desk),
    ):
        link._ami.protocol.data_received(REAL.read_bytes())
        assert desk.last.state is State.ENDED
        await journal.drain()

    assert (presence.of(1).state, presence.of(1).wrap_up) == ("wrap_up", desk.last.call_id)
    assert presence.of(2).wrap_up is None
    async with sessions() as session:
        row = await session.get_one(CallRecord, desk.last.call_id)
    assert (row.result, row.user_id) == (Result.ANSWERED, 1)
    await presence.close()


async def test_a_call_that_is_placed_right_after_the_login_waits_for_the_first_list(asterisk):
    asterisk.ignores = {"CoreShowChannels"}
    async with linking(asterisk) as (link, desk):
        await link.wait_connected(5)
        await asterisk.was_asked("CoreShowChannels")
        wish = asyncio.ensure_future(
            link.originate("call-1", extension="201", number="0912345678", caller_id="x")
        )
        await asyncio.sleep(0)

        assert desk.board.call("call-1") is None
        asterisk.ignores = set()
        asterisk.drops()  # and the next connection tells its calls
        await wish
        assert desk.board.call("call-1") is not None
