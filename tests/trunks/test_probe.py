"""A provider is tried, and what became of it is said in words."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.asterisk.trunks import TrunkLine
from callcenter.trunks.probe import probe
from callcenter.trunks.sip import Request, Response, answers, credentials, read

LINE = TrunkLine(name="p", host="127.0.0.1", username="0287300", password="pw", registers=True)
ASK = Request(
    method="REGISTER",
    host="127.0.0.1",
    port=5060,
    local="127.0.0.1:9",
    call_id="id",
    branch="b",
    tag="t",
    username="0287300",
)


class Provider(asyncio.DatagramProtocol):
    """Answers each packet with what `say` makes of it: responses, or nothing."""

    def __init__(self, say):
        self.say, self.asked = say, []

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.asked.append(data.decode())
        for line in self.say(len(self.asked)):
            self.transport.sendto(answer(line, data.decode()), addr)


def answer(line, asked):
    same = [row for row in asked.split("\r\n") if row.split(":")[0] in ("Via", "Call-ID", "CSeq")]
    return "\r\n".join([*line.split("\n"), *same, "", ""]).encode()


@asynccontextmanager
async def provider(say):
    loop = asyncio.get_running_loop()
    transport, one = await loop.create_datagram_endpoint(
        lambda: Provider(say), local_addr=("127.0.0.1", 0)
    )
    try:
        yield one, transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


async def tried(say, patience_s=2.0, **values):
    async with provider(say) as (one, port):
        line = TrunkLine(**{"name": "p", "host": "127.0.0.1", "port": port, **values})
        return await probe(line, patience_s=patience_s), one


def account(**values):
    return {"username": "0287300", "password": "pw", "registers": True, **values}


CHALLENGE = 'SIP/2.0 401 Unauthorized\nWWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'


async def test_without_an_account_any_answer_will_do():
    verdict, one = await tried(lambda _: ["SIP/2.0 404 Not Found"])

    assert (verdict.kind, verdict.works) == ("answers", True)
    assert one.asked[0].startswith("OPTIONS sip:127.0.0.1:")


async def test_an_account_that_is_right_works_and_nothing_is_changed_there():
    def say(n):
        return [CHALLENGE if n == 1 else "SIP/2.0 200 OK"]

    verdict, one = await tried(say, **account())

    assert verdict.kind == "signs_in"
    assert verdict.ms >= 1
    assert not any("\nContact:" in each for each in one.asked)
    assert 'Authorization: Digest username="0287300"' in one.asked[1]


@pytest.mark.parametrize(
    "last, kind",
    [
        (CHALLENGE, "wrong"),
        ("SIP/2.0 403 Forbidden", "wrong"),
        ("SIP/2.0 404 Not Found", "no_account"),
        ("SIP/2.0 503 Service Unavailable", "says"),
    ],
)
async def test_what_the_provider_does_not_like_is_said(last, kind):
    verdict, _ = await tried(lambda n: [CHALLENGE if n == 1 else last], **account())

    assert (verdict.kind, verdict.works) == (kind, False)
    assert verdict.code == last.partition("\n")[0].removeprefix("SIP/2.0 ")


async def test_the_name_of_an_account_may_be_like_a_mail_address():
    _, one = await tried(lambda _: ["SIP/2.0 200 OK"], **account(username="an@phat.vn"))

    assert "\r\nTo: <sip:an%40phat.vn@127.0.0.1>\r\n" in one.asked[0]


async def test_a_lost_packet_is_sent_again_and_noise_is_not_an_answer():
    def say(n):
        return [] if n == 1 else ["nonsense", "SIP/2.0 100 Trying", "SIP/2.0 200 OK"]

    verdict, one = await tried(say)

    assert verdict.works
    assert one.asked[0] == one.asked[1]


async def test_who_does_not_answer_is_silent():
    verdict, _ = await tried(lambda _: [], patience_s=0.3)

    assert verdict.kind == "silent"


async def test_a_port_where_nobody_listens_is_told_apart():
    async with provider(lambda _: []) as (_, port):
        pass
    verdict = await probe(TrunkLine(name="p", host="127.0.0.1", port=port))

    assert verdict.kind == "closed"


async def test_a_name_that_does_not_exist_is_told_apart(monkeypatch):
    async def nowhere(*_, **__):
        import socket

        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", nowhere)

    assert (await probe(TrunkLine(name="p", host="sip.invalid"))).kind == "no_name"


async def test_an_exchange_on_loopback_cannot_reach_a_provider_outside():
    assert (await probe(TrunkLine(name="p", host="192.0.2.1"))).kind == "local"


def test_the_digest_is_the_standards():
    asked = Request(
        method="GET",
        host="x",
        port=1,
        local="",
        call_id="",
        branch="",
        tag="",
        username="Mufasa",
    )
    challenge = (
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256,'
        ' nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"'
    )
    response = Response(401, "", {"www-authenticate": ("Basic realm=x", challenge)})

    name, value = credentials(response, asked, "Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5Qz")

    assert name == "Authorization"
    assert "algorithm=SHA-256" in value
    assert 'uri="sip:x:1"' in value


@pytest.mark.parametrize(
    "challenge", ["Basic realm=x", 'Digest realm="r"', 'Digest nonce="n", algorithm=X', ""]
)
def test_a_challenge_of_another_kind_is_not_answered(challenge):
    assert credentials(Response(401, "", {"www-authenticate": (challenge,)}), ASK, "", "") is None


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_left(data):
    for each in data, b"SIP/2.0 200 OK\r\n" + data, answer("SIP/2.0 200 OK", "x") + data:
        response = read(each)
        assert response is None or not answers(response, ASK)
