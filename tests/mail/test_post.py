"""Letters handed to a real SMTP server: what it says, and what each of its failures means."""

import asyncio
import email
import socket
from datetime import UTC, datetime
from email.header import decode_header, make_header
from itertools import accumulate

import pytest

from callcenter.mail.letter import letter
from callcenter.mail.post import Fate, Post, Undelivered
from callcenter.mail.server import MailServer, Tls
from callcenter.tasks import running
from tests.mail.smtp import PASSWORD, USER, MailHouse
from tests.stage import free_ports

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not")  # on loopback

TO = "lan@phat.vn"
AT = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)


def server_of(house, **values):
    return MailServer(
        **{
            "host": "127.0.0.1",
            "port": house.port,
            "tls": Tls.NONE,
            "verify": False,
            "sender": "baocao@phat.vn",
            "sender_name": "Nước sạch An Phát",
            **values,
        }
    )


def a_letter(server, subject="Báo cáo cuộc gọi"):
    message = letter(server, TO, subject, AT, "test.1", "Nguyễn Lan")
    message.set_content("Chào chị Lan.\n.\n..chấm\n")
    return message.as_bytes()


async def sent(server, **post):
    one = Post(**post)
    try:
        return await one.send(server, a_letter(server), TO)
    finally:
        await one.close()


async def undelivered(server, **post):
    with pytest.raises(Undelivered) as caught:
        await sent(server, **post)
    return caught.value


@pytest.mark.parametrize("way", list(Tls))
@pytest.mark.parametrize("auth", [False, True])
async def test_a_letter_arrives_as_it_was_written(tmp_path, way, auth):
    with MailHouse(tmp_path, way=way, auth=auth) as house:
        who = {"username": USER, "password": PASSWORD} if auth else {}

        answer = await sent(server_of(house, tls=way, **who))

        [(to, message)] = house.box.letters
    assert answer == "250 OK: queued as 1" and to == TO
    assert message["subject"] == "Báo cáo cuộc gọi" and message["to"] == "Nguyễn Lan <lan@phat.vn>"
    assert message["from"] == "Nước sạch An Phát <baocao@phat.vn>"
    assert message["message-id"] == "<test.1@phat.vn>"
    assert message.get_content().splitlines() == ["Chào chị Lan.", ".", "..chấm"]


async def test_a_server_without_a_trusted_certificate_gets_neither_letter_nor_password(tmp_path):
    with MailHouse(tmp_path, way="starttls", auth=True) as house:
        server = server_of(house, tls=Tls.STARTTLS, verify=True, username=USER, password=PASSWORD)

        problem = await undelivered(server)

        assert house.box.letters == []
    assert problem.fate is Fate.LATER and "certificate" in problem.sentence


@pytest.mark.parametrize(
    ("house_way", "way", "said"),
    [("none", "starttls", "offers no STARTTLS"), ("none", "tls", "does not speak TLS")],
)
async def test_what_is_encrypted_otherwise_than_it_was_set_is_said(tmp_path, house_way, way, said):
    with MailHouse(tmp_path, way=house_way) as house:
        problem = await undelivered(server_of(house, tls=Tls(way)))

    assert said in problem.sentence and problem.fate is Fate.LATER and problem.everybody


async def test_a_wrong_password_is_said_and_may_be_put_right(tmp_path):
    with MailHouse(tmp_path, way="tls", auth=True) as house:
        problem = await undelivered(server_of(house, tls=Tls.TLS, username=USER, password="wrong"))

    assert "password" in problem.sentence and "535" in problem.values["answer"]
    assert (problem.fate, problem.everybody) == (Fate.LATER, True)


async def test_nobody_there_no_such_name_and_a_server_that_says_nothing():
    [port] = free_ports(1)
    away = server_of(type("House", (), {"port": port}))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mute = server_of(type("House", (), {"port": silent.getsockname()[1]}))
        said = [
            (await undelivered(away)).sentence,
            (await undelivered(server_of(type("H", (), {"port": 25}), host="no.invalid"))).sentence,
            (await undelivered(mute, step_s=0.2)).sentence,
        ]

    assert said == [
        "Nothing answers at {host}, port {port}.",
        "There is no server of the name {host}.",
        "{host} does not answer within {n} seconds.",
    ]


@pytest.mark.parametrize(
    ("place", "answer", "fate", "everybody"),
    [
        (f"rcpt:{TO}", "550 5.1.1 No such user", Fate.REFUSED, False),
        (f"rcpt:{TO}", "450 4.2.0 Greylisted", Fate.LATER, False),
        (f"rcpt:{TO}", "421 4.3.2 Shutting down", Fate.LATER, False),
        ("mail", "451 4.3.0 Try again", Fate.LATER, True),
        ("mail", "550 5.7.1 Sender not allowed", Fate.LATER, True),  # may be put right
        ("data", "552 5.3.4 Too big", Fate.REFUSED, False),
        ("data", "451 4.3.0 Try again", Fate.LATER, False),
    ],
)
async def test_a_refusal_names_itself_and_says_whether_to_come_again(
    tmp_path, place, answer, fate, everybody
):
    with MailHouse(tmp_path) as house:
        house.box.answers[place] = answer

        problem = await undelivered(server_of(house))

    assert problem.values["answer"] == answer
    assert (problem.fate, problem.everybody) == (fate, everybody)


async def test_a_connection_lost_or_no_answer_at_a_recipient_is_about_that_one_for_now(tmp_path):
    with MailHouse(tmp_path) as house:
        house.box.answers[f"rcpt:{TO}"] = lambda server: server.transport.abort()
        lost = await undelivered(server_of(house))
    with socket.create_server(("127.0.0.1", 0)) as there:
        server = server_of(type("House", (), {"port": there.getsockname()[1]}))
        async with running(_silent_at_rcpt(there), "a server"):
            mute = await undelivered(server, asked_s=1.0)

    assert [(each.fate, each.lost, each.everybody) for each in (lost, mute)] == [
        *[(Fate.LATER, True, False)] * 2
    ]
    assert str(mute) == "127.0.0.1 does not answer within 1 seconds."


async def _silent_at_rcpt(there):
    """A server that says nothing any more when it hears of a recipient."""
    there.setblocking(False)
    loop = asyncio.get_running_loop()
    line, _ = await loop.sock_accept(there)
    with line:
        await loop.sock_sendall(line, b"220 mute\r\n")
        while said := await loop.sock_recv(line, 1000):
            if not said.startswith(b"RCPT"):
                await loop.sock_sendall(line, b"250 OK\r\n")


async def test_a_connection_lost_after_the_text_leaves_open_whether_it_was_taken(tmp_path):
    with MailHouse(tmp_path) as house:
        house.box.answers["data"] = lambda server: server.transport.abort()

        problem = await undelivered(server_of(house))

    assert problem.fate is Fate.UNKNOWN


async def test_what_cannot_be_written_down_first_is_not_sent(tmp_path):
    async def fails():
        raise OSError("the disk is full")

    with MailHouse(tmp_path) as house:
        post = Post()
        server = server_of(house)
        with pytest.raises(OSError, match="full"):
            await post.send(server, a_letter(server), TO, fails)

        await post.send(server, a_letter(server), TO)  # and the next one goes

        assert len(house.box.letters) == 1
        await post.close()


async def test_letters_share_a_connection_and_survive_a_server_that_shut_it(tmp_path):
    with MailHouse(tmp_path) as house:
        post, server = Post(), server_of(house)
        for _ in range(2):
            await post.send(server, a_letter(server), TO)
        first = post._line
        house.stop()
        house.start()

        await post.send(server, a_letter(server), TO)

        assert len(house.box.letters) == 3 and post._line is not first
        await post.close()


async def test_an_address_no_server_could_take_is_named(tmp_path):
    with MailHouse(tmp_path) as house:
        post, server = Post(), server_of(house)
        with pytest.raises(Undelivered) as caught:
            await post.send(server, a_letter(server), "lân@phat.vn")
        await post.close()

    assert caught.value.fate is Fate.REFUSED and not caught.value.everybody


def test_nothing_that_somebody_types_makes_a_line_of_the_head():
    server = server_of(type("House", (), {"port": 25}), sender_name="A\r\nBcc: x@y.vn")
    message = letter(server, TO, "Tháng\r\nBcc: x@y.vn\x00\u2028z", AT, "m", "L\nBcc: x@y.vn")

    assert message["bcc"] is None and message["subject"] == "Tháng Bcc: x@y.vn z"
    assert b"\nBcc" not in message.as_bytes()


def test_a_subject_and_a_name_keep_every_space_however_long_they_are():
    words = "An Phát: Báo cáo cuộc gọi – Tháng Mười – bán hàng & chăm sóc (01/11/2026 – 28/11/2026)"
    server = server_of(type("House", (), {"port": 25}))
    for start in ("", "TNHH ", "Ủ "):
        for text in accumulate((start + words).split(), "{} {}".format):
            message = letter(server, TO, text, AT, "m", text)
            message.set_content("x")

            head = email.message_from_bytes(message.as_bytes())
            assert str(make_header(decode_header(head["subject"]))) == text
            name = str(make_header(decode_header(head["to"])))
            assert name.replace('"', "") == f"{text} <{TO}>"
