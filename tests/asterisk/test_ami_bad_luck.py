"""The AMI connection in bad luck: silence, cuts, refusals; nothing is done twice."""

import asyncio
import time
from contextlib import suppress

import pytest

from callcenter.asterisk.ami import Ami, Patience
from callcenter.errors import ExchangeUnavailable
from callcenter.tasks import running
from tests.asterisk.ears import CALM, QUICK, Ears, connected, told, trying
from tests.fakes import SECRET, USER, fake_asterisk


@pytest.fixture
async def asterisk():
    async with fake_asterisk() as fake:
        yield fake


@pytest.fixture
def ears():
    return Ears()


async def test_a_wrong_secret_is_told_in_words_and_not_tried_in_a_hurry(asterisk):
    patience = Patience(first=0.001, last=0.2)
    async with trying(asterisk, secret="wrong", patience=patience) as ami:
        began = time.monotonic()
        await told(ami, "The exchange refuses the user or the secret.")
        assert not ami.connected
        await asterisk.was_asked("Login", 2)

    assert time.monotonic() - began >= 0.1


async def test_once_the_secret_is_right_it_is_in(asterisk):
    asterisk.secret = "another"
    async with trying(asterisk) as ami:
        await told(ami, "refuses")
        asterisk.secret = "a secret"
        await ami.wait_connected(5)

        assert ami.problem == ""


async def test_nobody_there_is_told_in_words():
    async with fake_asterisk() as asterisk:
        await asterisk.stops()
        async with trying(asterisk) as ami:
            await told(ami, "Nothing answers at the address of the exchange.")
            with pytest.raises(ExchangeUnavailable, match="Nothing answers"):
                await ami.wait_connected(0.01)


async def test_somebody_else_at_the_address_is_told_in_words():
    async def web_server(reader, writer):
        with suppress(OSError):
            writer.write(b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n" + bytes(range(256)) * 20)
            await reader.read()
            writer.close()

    server = await asyncio.start_server(web_server, "127.0.0.1", 0)
    async with server, fake_asterisk() as asterisk:
        asterisk.port, port = server.sockets[0].getsockname()[1], asterisk.port
        quick = Patience(login=0.05, first=0.01, last=0.05)
        async with trying(asterisk, patience=quick) as ami:
            await told(ami, "no Asterisk manager")
        asterisk.port = port


async def test_an_exchange_that_accepts_and_says_nothing_is_given_up(asterisk):
    asterisk.silent = True
    async with trying(asterisk, patience=Patience(login=0.05, first=0.01, last=0.05)) as ami:
        await asterisk.has_connections(3)
        assert not ami.connected

        asterisk.silent = False
        await ami.wait_connected(5)


async def test_a_silent_cut_is_noticed_and_mended(asterisk):
    async with connected(asterisk, patience=QUICK) as ami:
        asterisk.silent = True
        began = time.monotonic()
        await told(ami, "The exchange is silent.")
        noticed = time.monotonic() - began
        assert not ami.connected

        asterisk.silent = False
        await ami.wait_connected(5)

    assert noticed < 10 * (QUICK.quiet + QUICK.silent)


def test_in_production_a_silent_cut_is_noticed_within_five_seconds():
    assert Patience().quiet + Patience().silent <= 5


async def test_a_quiet_exchange_that_answers_pings_is_kept(asterisk):
    async with connected(asterisk, patience=QUICK) as ami:
        await asterisk.was_asked("Ping", 5)

        assert asterisk.connections == 1
        assert len(ami.protocol.responses) <= 1  # the ping that may be on its way


async def test_an_exchange_too_busy_for_pings_but_not_silent_is_kept(asterisk, ears):
    asterisk.ignores = {"Ping"}
    async with connected(asterisk, patience=QUICK, hear=ears) as ami:
        for number in range(1, 6):
            await asterisk.was_asked("Ping", number)
            await asterisk.says("Newstate", N=str(number))

        assert (asterisk.connections, ami.connected) == (1, True)


async def test_a_cut_in_the_middle_of_a_message_loses_only_that_message(asterisk, ears):
    async with connected(asterisk, hear=ears):
        await asterisk.says("Newchannel", Linkedid="1")
        await asterisk.cuts(b"Event: Newstate\r\nLinke")
        await asterisk.has_connections(2)
        await asterisk.has_listeners()
        await asterisk.says("Hangup", Linkedid="1")
        await ears.heard("Hangup")

    assert ears.names == ["Newchannel", "Hangup"]


async def test_what_arrived_before_the_cut_is_heard(asterisk, ears):
    async with connected(asterisk, hear=ears):
        await asterisk.cuts(b"Event: Newstate\r\nA: 1\r\n\r\n" * 3000 + b"Event: Half")
        await ears.heard("Newstate", 3000)

    assert set(ears.names) == {"Newstate"}


@pytest.mark.parametrize(
    "garbage",
    [
        bytes(range(256)) * 10,
        b"\x00" * 5000,
        b"\xff\xfe\xfd: \xfc\r\n\r\n",
        b": \r\n: \r\n",
        b"Event\r\n",
        b"Response: \r\n\r\n",
        b"Event: \r\n\r\n",
        b"ActionID: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
async def test_garbage_on_the_socket_costs_neither_the_connection_nor_the_next_event(
    asterisk, ears, garbage
):
    async with connected(asterisk, hear=ears) as ami:
        await asterisk.sends(garbage + b"\r\n\r\n")
        await asterisk.says("Hangup", Linkedid="1")
        await ears.heard("Hangup")
        await ami.ask("Ping")

    assert asterisk.connections == 1


async def test_a_message_without_end_costs_neither_the_connection_nor_the_next_event(
    asterisk, ears
):
    async with connected(asterisk, hear=ears):
        await asterisk.sends(b"Event: Endless\r\nA: " + b"x" * 3_000_000 + b"\r\n\r\n")
        await asterisk.says("Hangup", Linkedid="1")
        await ears.heard("Hangup")

    assert (ears.names, asterisk.connections) == (["Hangup"], 1)


async def test_no_answer_in_time_says_that_one_does_not_know(asterisk):
    asterisk.ignores = {"Originate", "Status"}
    async with connected(asterisk) as ami:
        with pytest.raises(ExchangeUnavailable, match="not known whether Originate happened"):
            await ami.ask("Originate", {"Channel": "PJSIP/201"}, deadline=0.02)
        with pytest.raises(ExchangeUnavailable, match=r"did not answer in time\.$"):
            await ami.ask("Status", deadline=0.02)

        assert not ami.protocol.responses


async def test_a_list_that_never_ends_is_given_up_at_its_deadline(asterisk):
    asterisk.ignores = {"Status"}
    async with connected(asterisk) as ami:
        asking = asyncio.ensure_future(ami.ask("Status", deadline=0.1, collect="StatusComplete"))
        action_id = (await asterisk.was_asked("Status"))["ActionID"]
        await asterisk.sends(f"Response: Success\r\nActionID: {action_id}\r\n\r\n".encode())

        with pytest.raises(ExchangeUnavailable, match="did not answer in time"):
            await asking


async def test_a_late_answer_is_ignored(asterisk, ears):
    asterisk.ignores = {"Originate"}
    async with connected(asterisk, hear=ears) as ami:
        with pytest.raises(ExchangeUnavailable):
            await ami.ask("Originate", {"Channel": "PJSIP/201"}, deadline=0.01)
        late = (await asterisk.was_asked("Originate"))["ActionID"]
        await asterisk.sends(f"Response: Success\r\nActionID: {late}\r\n\r\n".encode())
        answer = await ami.ask("Ping")

    assert answer.headers["Ping"] == "Pong"


async def test_a_wish_that_was_out_when_the_link_fell_fails_and_is_never_sent_again(asterisk, ears):
    asterisk.ignores = {"Originate", "QueueAdd", "Status"}
    async with connected(asterisk, hear=ears) as ami:
        wishes = [
            asyncio.ensure_future(ami.ask(action, {"Channel": "PJSIP/201"}))
            for action in ("Originate", "QueueAdd", "Status")
        ]
        await asterisk.was_asked("Status")
        asterisk.ignores = set()
        asterisk.drops()
        failures = await asyncio.gather(*wishes, return_exceptions=True)
        await asterisk.has_listeners()
        await asterisk.says("FullyBooted")
        await ears.heard("FullyBooted")
        await ami.wait_connected(5)
        await ami.ask("Ping")

    assert [str(failure) for failure in failures] == [
        "The connection was lost. It is not known whether Originate happened.",
        "The connection was lost. It is not known whether QueueAdd happened.",
        "The connection to the exchange was lost.",
    ]
    assert [asterisk.count(action) for action in ("Originate", "QueueAdd", "Status")] == [1, 1, 1]


async def test_between_two_connections_wishes_are_refused_not_kept(asterisk):
    async with connected(asterisk) as ami:
        await asterisk.stops()
        await told(ami, "Nothing answers")
        with pytest.raises(ExchangeUnavailable, match="Nothing answers"):
            await ami.ask("Originate", {"Channel": "PJSIP/201"})
        await asterisk.listens()
        await ami.wait_connected(5)
        await ami.ask("Ping")

    assert asterisk.count("Originate") == 0


async def test_it_comes_back_on_the_same_port_again_and_again(asterisk, ears):
    async with connected(asterisk, hear=ears):
        for number in range(1, 6):
            await asterisk.has_connections(number)
            await asterisk.has_listeners()
            await asterisk.says("Newstate", N=str(number))
            await ears.heard("Newstate", number)
            asterisk.drops()

    assert [event["N"] for event in ears.events] == list("12345")


async def test_ready_is_awaited_after_each_login_and_may_ask(asterisk):
    logins = asyncio.Queue()

    async def ready():
        logins.put_nowait((await ami.ask("Ping")).headers["Ping"])

    async with connected(asterisk, ready=ready) as ami:
        assert await asyncio.wait_for(logins.get(), 5) == "Pong"
        asterisk.drops()
        assert await asyncio.wait_for(logins.get(), 5) == "Pong"


async def test_when_ready_cannot_learn_the_state_the_connection_is_made_anew(asterisk):
    async def ready():
        await ami.ask("Status", deadline=0.02)

    asterisk.ignores = {"Status"}
    async with connected(asterisk, ready=ready) as ami:
        await asterisk.was_asked("Status", 2)
        asterisk.ignores = set()
        await asterisk.was_asked("Status", 3)
        await ami.wait_connected(5)
        await ami.ask("Ping")


async def test_a_mistake_in_ready_does_not_cost_the_connection(asterisk, ears, caplog):
    async def ready():
        raise KeyError("a mistake")

    async with connected(asterisk, ready=ready, hear=ears):
        await asterisk.says("Hangup")
        await ears.heard("Hangup")

    assert asterisk.connections == 1
    assert "a mistake" in caplog.text


async def test_cancelling_ends_everything(asterisk):
    async with connected(asterisk) as ami:
        pass

    await asterisk.is_left()
    assert not ami.connected


async def test_closing_while_it_waits_to_reconnect_is_the_end(asterisk):
    ami = Ami("127.0.0.1", asterisk.port, USER, SECRET, patience=CALM)
    async with running(ami.run(), name="ami") as task:
        await ami.wait_connected(5)
        await asterisk.stops()
        await told(ami, "Nothing answers")
        ami.close()
        await asyncio.wait([task], timeout=5)

        assert task.cancelled()  # nobody is left who could reconnect
    assert not ami.connected


async def test_closing_in_the_middle_of_a_wish_fails_the_wish(asterisk):
    asterisk.ignores = {"Originate"}
    async with connected(asterisk) as ami:
        wish = asyncio.ensure_future(ami.ask("Originate", {"Channel": "PJSIP/201"}))
        await asterisk.was_asked("Originate")
        ami.close()

        with pytest.raises(ExchangeUnavailable, match="not known"):
            await wish
    await asterisk.is_left()


async def test_the_pauses_grow_and_differ(asterisk, monkeypatch):
    pauses = []
    enough = asyncio.Event()
    sleep = asyncio.sleep

    async def counted(seconds):
        pauses.append(seconds)
        if len(pauses) == 12:
            enough.set()
        await sleep(0)

    await asterisk.stops()
    monkeypatch.setattr("callcenter.asterisk.ami.asyncio.sleep", counted)
    async with trying(asterisk, patience=Patience()):
        await asyncio.wait_for(enough.wait(), 5)

    assert 0.125 <= pauses[0] <= 0.25
    assert all(7.5 <= pause <= 15 for pause in pauses[7:])
    assert len(set(pauses)) == len(pauses)
