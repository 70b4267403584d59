"""The page's phone through the service to the exchange."""

import asyncio

import aiohttp
import pytest

from callcenter.people.session import COOKIE
from callcenter.phone import views
from callcenter.phone.phones import LIFETIME, REFUSED, SIGNED_OUT, TAKEN_OVER, Phones
from callcenter.phone.sip import LONGEST, parse
from tests.phone.exchange import sip_exchange
from tests.phone.test_sip import digest, message
from tests.popups.office import close_code, office

CHALLENGE = {"realm": "asterisk", "nonce": "n1", "opaque": None}


@pytest.fixture
async def exchange():
    async with sip_exchange() as exchange:
        yield exchange


@pytest.fixture
async def place(sessions, engine, exchange):
    async with office(sessions, engine, exchange_url=exchange.url) as place:
        yield place


@pytest.fixture
def database_url(sqlite_url):
    """The phone knows no database beyond the session: one kind is enough."""
    return sqlite_url


async def account(place, token):
    headers = {"Cookie": f"{COOKIE}={token}"}
    async with place.http.get(place.server.make_url("/api/v1/me/phone"), headers=headers) as answer:
        return answer.status, await answer.json()


def phone(place, token, username="anh", **options):
    return place.page(username, "/phone", token=token, protocols=("sip",), **options)


async def test_a_page_gets_a_secret_for_its_own_extension(place):
    status, given = await account(place, await place.sign_in("anh"))

    assert status == 200
    assert (given["extension"], given["uri"]) == ("201", "sip:201@callcenter.invalid")
    assert given["expires_in"] == LIFETIME
    assert "real" not in given["secret"]


async def test_it_registers_with_that_secret_and_the_exchange_sees_the_real_password(
    place, exchange
):
    token = await place.sign_in("anh")
    _, given = await account(place, token)
    async with phone(place, token) as socket:
        await socket.send_str(message())
        assert (await socket.receive_str()).startswith("SIP/2.0 401")

        await socket.send_str(message(Authorization=digest(given["secret"], **CHALLENGE)))

        assert (await socket.receive_str()).startswith("SIP/2.0 200 OK")
    assert exchange.registered == {"201"}


async def test_a_registration_that_a_starting_exchange_overhears_is_said_again(place, exchange):
    place.phones._patience = (0.01, 0.01, 0.01)
    exchange.deaf_to = 2
    async with phone(place, await place.sign_in("anh")) as socket:
        await socket.send_str(message())

        assert (await socket.receive_str(timeout=5)).startswith("SIP/2.0 401")
    assert len(exchange.heard) == 3 and len(set(exchange.heard)) == 1


async def test_a_registration_that_was_answered_is_said_once(place, exchange):
    place.phones._patience = (0.01, 0.01, 0.01)
    token = await place.sign_in("anh")
    _, given = await account(place, token)
    async with phone(place, token) as socket:
        for said in (message(), message(Authorization=digest(given["secret"], **CHALLENGE))):
            await socket.send_str(said)
            await socket.receive_str()
        await asyncio.gather(*place.phones._group._tasks)  # whoever would say it again

    assert len(exchange.heard) == 2


@pytest.mark.parametrize(
    "said",
    [
        message(From="<sip:202@callcenter.invalid>;tag=1"),
        message(Authorization=digest("a guess", **CHALLENGE)),
        message("INVITE", "sip:0912345678@x", To="<sip:0912345678@x>"),
        message("REFER", "sip:202@x", To="<sip:x@y>;tag=2"),
        "garbage",
    ],
)
async def test_a_message_that_may_not_pass_closes_the_socket_and_reaches_nobody(
    place, exchange, said
):
    async with phone(place, await place.sign_in("anh")) as socket:
        await socket.send_str(said)

        assert await close_code(socket) == REFUSED
    assert exchange.heard == []


async def test_a_secret_of_another_session_is_no_good(place, exchange):
    _, others = await account(place, await place.sign_in("anh"))
    async with phone(place, await place.sign_in("anh")) as socket:
        await socket.send_str(message(Authorization=digest(others["secret"], **CHALLENGE)))

        assert await close_code(socket) == REFUSED


async def test_a_secret_is_good_for_its_time_and_a_renewed_one_after_it(exchange):
    now = [0.0]
    phones = Phones(exchange.url, lambda _: "real-201", lifetime=10.0, clock=lambda: now[0])
    first, _ = phones.secret("session", "201")
    line = type("Line", (), {"session": "session", "extension": "201"})
    now[0] = 8.0
    second, expires_in = phones.secret("session", "201")
    assert set(phones._good_secrets(line)) == {first, second}

    now[0] = 12.0

    assert phones._good_secrets(line) == [second]
    assert expires_in == 10.0


async def test_secrets_do_not_pile_up(exchange):
    now = [0.0]
    phones = Phones(exchange.url, lambda _: "", lifetime=10.0, clock=lambda: now[0])
    for _ in range(20):
        phones.secret("session", "201")
    assert len(phones._secrets["session", "201"]) == 4

    now[0] = 11.0
    phones.secret("another", "202")

    assert list(phones._secrets) == [("another", "202")]


async def test_what_the_exchange_says_reaches_the_page(place, exchange):
    async with phone(place, await place.sign_in("anh")) as socket:
        await socket.send_str(message())
        await socket.receive_str()

        await exchange.sockets[0].send("INVITE sip:201@abc.invalid SIP/2.0\r\n\r\n")

        assert (await socket.receive_str()).startswith("INVITE sip:201@abc.invalid")


async def test_a_newer_window_takes_the_phone_over_and_there_is_no_ping_pong(place, exchange):
    token = await place.sign_in("anh")
    async with phone(place, token) as older:
        await older.send_str(message())
        await older.receive_str()
        async with phone(place, token) as newer:
            await newer.send_str(message())
            await newer.receive_str()

            assert await close_code(older) == TAKEN_OVER
            await newer.send_str(message())
            assert (await newer.receive_str()).startswith("SIP/2.0 401")


async def test_phones_of_different_agents_leave_each_other_alone(place, exchange):
    async with (
        phone(place, await place.sign_in("anh")) as one,
        phone(place, await place.sign_in("binh"), "binh") as other,
    ):
        for socket, extension in ((one, "201"), (other, "202")):
            own = f"<sip:{extension}@callcenter.invalid>"
            contact = f"<sip:{extension}@abc.invalid>"
            await socket.send_str(message(From=f"{own};tag=1", To=own, Contact=contact))
            assert (await socket.receive_str()).startswith("SIP/2.0 401")


async def test_an_exchange_that_is_away_sends_the_page_away_to_try_again(sessions, engine):
    async with (
        office(sessions, engine, exchange_url="ws://127.0.0.1:1/ws") as place,
        phone(place, await place.sign_in("anh")) as socket,
    ):
        assert await close_code(socket) == aiohttp.WSCloseCode.TRY_AGAIN_LATER


async def test_an_exchange_that_goes_away_sends_the_page_away_to_try_again(place, exchange):
    async with phone(place, await place.sign_in("anh")) as socket:
        await socket.send_str(message())
        await socket.receive_str()

        await exchange.sockets[0].close()

        assert await close_code(socket) == aiohttp.WSCloseCode.TRY_AGAIN_LATER


async def test_a_page_that_leaves_leaves_the_exchange(place, exchange):
    async with phone(place, await place.sign_in("anh")) as socket:
        await socket.send_str(message())
        await socket.receive_str()

    async with asyncio.timeout(5):
        await exchange.sockets[0].wait_closed()


async def test_a_network_that_is_gone_takes_the_page_but_not_by_our_wish(
    place, exchange, monkeypatch
):
    monkeypatch.setattr(views, "HEARTBEAT", 0.1)
    told = asyncio.Queue()
    place.phones.lost.append(lambda *lost: told.put_nowait(lost))
    async with phone(place, await place.sign_in("anh"), autoping=False):  # hears, and is silent
        async with asyncio.timeout(5):
            extension, at_once, is_back = await told.get()

    assert (extension, at_once, is_back()) == ("201", False, False)


async def test_who_signs_out_hangs_up(place, exchange):
    token = await place.sign_in("anh")
    async with phone(place, token) as socket:
        await socket.send_str(message())
        await socket.receive_str()
        (session,) = place.phones.sessions

        place.phones.sign_out(session)

        assert await close_code(socket) == SIGNED_OUT
    assert place.phones.sessions == set()


async def test_a_message_that_is_too_long_closes_the_socket(place, exchange):
    async with phone(place, await place.sign_in("anh")) as socket:
        await socket.send_str("x" * (LONGEST + 1))

        assert await close_code(socket) == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
    assert exchange.heard == []


async def test_bytes_are_no_sip(place):
    async with phone(place, await place.sign_in("anh")) as socket:
        await socket.send_bytes(b"REGISTER")

        assert await close_code(socket) == 4000


async def test_a_socket_that_does_not_speak_sip_is_closed(place):
    async with place.page("anh", "/phone") as socket:
        assert await close_code(socket) == aiohttp.WSCloseCode.PROTOCOL_ERROR


async def test_when_the_service_ends_phones_are_hung_up_and_none_comes_in_any_more(place, exchange):
    async with phone(place, await place.sign_in("anh")) as early:
        await exchange.has_a_page()
        await place.phones.close()
        assert await close_code(early) == aiohttp.WSCloseCode.GOING_AWAY

    async with phone(place, await place.sign_in("anh")) as late:
        assert await close_code(late) == aiohttp.WSCloseCode.GOING_AWAY


async def test_who_has_no_extension_has_no_phone(place):
    status, said = await account(place, await place.sign_in("boss"))

    assert (status, said["error"]) == (409, "conflict")


async def test_without_a_session_there_is_no_phone(place):
    assert (await account(place, "nothing"))[0] == 401
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await place.http.ws_connect(place.server.make_url("/phone"), protocols=("sip",))
    assert refused.value.status == 401


async def test_a_page_of_another_site_gets_no_phone(place):
    token = await place.sign_in("anh")
    headers = {"Cookie": f"{COOKIE}={token}", "Origin": "http://elsewhere.example"}
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await place.http.ws_connect(
            place.server.make_url("/phone"), headers=headers, protocols=("sip",)
        )
    assert refused.value.status == 403


async def test_what_rings_at_a_page_that_goes_away_is_declined_for_it(place, exchange):
    async with phone(place, await place.sign_in("anh")) as socket:
        await rung(exchange, socket, "c7")

    await exchange.has_heard("SIP/2.0 480")

    declined = parse(exchange.heard[-1])
    assert (declined.header("call-id"), declined.header("cseq")) == ("c7", "1 INVITE")
    assert declined.header("via") == "SIP/2.0/WS abc.invalid;branch=z9hG4bK1"


async def test_what_a_page_has_answered_is_left_alone_when_it_goes(place, exchange):
    async with phone(place, await place.sign_in("anh")) as socket:
        asked = await rung(exchange, socket, "c7")
        rows = [row for row in asked.split("\r\n")[1:] if not row.startswith("X-Call")]
        await socket.send_str("\r\n".join(["SIP/2.0 200 OK", *rows]))
        await exchange.has_heard("SIP/2.0 200")
        await rung(exchange, socket, "c8")

    await exchange.has_heard("SIP/2.0 480")

    assert [parse(each).header("call-id") for each in exchange.heard] == ["c7", "c8"]


async def rung(exchange, socket, call):
    """The exchange has let the page ring."""
    await exchange.has_a_page()
    asked = message("INVITE", "sip:201@abc.invalid", To="<sip:201@x>", Call_ID=call)
    await exchange.sockets[-1].send(asked)
    assert (await socket.receive_str()).startswith("INVITE")
    return asked
