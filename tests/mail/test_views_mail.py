"""The mail server's page: who sets it, what is kept of the password, and the test letter."""

import pytest
from sqlalchemy import select

from callcenter.mail.server import MailServer, Tls, mail_server, read
from callcenter.people.models import AuditEntry
from tests.mail.smtp import PASSWORD, USER, MailHouse

PATH = "/settings/mail"
FORM = {
    "host": "smtp.phat.vn",
    "port": "",
    "tls": "starttls",
    "verify": "on",
    "username": "baocao",
    "password": " mật khẩu ",
    "sender": "baocao@phat.vn",
    "sender_name": "An  Phát",
}
KEPT = MailServer(
    host="smtp.phat.vn",
    port=587,
    tls=Tls.STARTTLS,
    username="baocao",
    password=" mật khẩu ",
    sender="baocao@phat.vn",
    sender_name="An Phát",
)


async def kept(site):
    async with site.sessions() as session:
        return await mail_server(session)


async def test_it_is_off_until_it_is_set_and_the_password_is_never_shown(site):
    root = await site.signed_in("root")
    assert "Off" in (await root.get(PATH)).text

    answer = await root.post(PATH, FORM)

    assert (answer.status, await kept(site)) == (303, KEPT)
    page = (await root.get(PATH)).text
    assert "baocao@phat.vn" in page and "mật khẩu " not in page and "kept; type" in page


async def test_an_empty_password_is_the_one_before_but_not_at_another_address(site):
    root = await site.signed_in("root")
    await root.post(PATH, FORM)

    await root.post(PATH, FORM | {"password": "", "sender_name": "Báo cáo"})
    same = await kept(site)
    elsewhere = await root.post(PATH, FORM | {"password": "", "host": "smtp.thief.vn"})

    assert (same.password, same.sender_name) == (" mật khẩu ", "Báo cáo")
    assert elsewhere.status == 400 and "type the password again" in elsewhere.text
    assert (await kept(site)).host == "smtp.phat.vn"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"host": "smtp phat"}, "host"),
        ({"host": ""}, "host"),
        ({"port": "70000"}, "port"),
        ({"port": "٢٥"}, "port"),
        ({"tls": "ssl"}, "tls"),
        ({"sender": "báocáo@phat.vn"}, "sender"),
        ({"sender": "a@phat.vn\nBcc: b@phat.vn"}, "sender"),
        ({"password": ""}, "password"),
        ({"tls": "none"}, "tls"),  # with a password
        ({"sender_name": "A" * 101}, "sender_name"),
    ],
)
def test_what_makes_no_sense_is_named_at_its_field(typed, field):
    reading = read(FORM | typed, None)

    assert reading.server is None and list(reading.problems) == [field]


def test_on_this_machine_a_password_needs_no_encryption():
    assert read(FORM | {"tls": "none", "host": "127.0.0.1"}, None).server.port == 25


async def test_turned_off_nothing_of_it_is_left_and_the_log_says_who_did_what(site):
    root = await site.signed_in("root")
    await root.post(PATH, FORM)

    await root.post(f"{PATH}/off")

    assert await kept(site) is None
    async with site.sessions() as session:
        noted = (await session.execute(select(AuditEntry.action, AuditEntry.detail))).all()
    assert noted == [
        ("mail-server-set", "smtp.phat.vn:587 starttls"),
        ("mail-server-off", "smtp.phat.vn"),
    ]


@pytest.mark.parametrize("who", ["lea", "mara"])
async def test_nobody_else_sees_it_or_sends_by_it(site, who):
    visitor = await site.signed_in(who)

    assert (await visitor.get(PATH)).status == 403
    assert (await visitor.post(f"{PATH}/test", {"to": "a@phat.vn"})).status == 403


async def test_a_test_letter_tells_what_the_server_answered(site, tmp_path):
    root = await site.signed_in("root", "vi")
    with MailHouse(tmp_path, way="starttls", auth=True) as house:
        here = {"host": "127.0.0.1", "port": str(house.port), "verify": None}
        await root.post(PATH, FORM | here | {"username": USER, "password": PASSWORD})

        page = (await root.post(f"{PATH}/test", {"to": "lan@phat.vn"})).text
        house.box.answers["rcpt:nobody@phat.vn"] = "550 5.1.1 No such user"
        refused = (await root.post(f"{PATH}/test", {"to": "nobody@phat.vn"})).text

        [(to, message)] = house.box.letters
    assert "127.0.0.1 đã nhận thư: 250 OK: queued as 1" in page
    assert "từ chối người nhận nobody@phat.vn: 550 5.1.1 No such user" in refused
    assert to == "lan@phat.vn" and message["subject"] == "Thư thử của Nước sạch An Phát"
    assert "Root" in message.get_content()


async def test_a_test_letter_needs_an_address_and_a_server(site):
    root = await site.signed_in("root")
    without = await root.post(f"{PATH}/test", {"to": "lan@phat.vn"})
    await root.post(PATH, FORM)

    wrong = await root.post(f"{PATH}/test", {"to": "lan"})

    assert without.status == 400 and "Set the mail server first." in without.text
    assert wrong.status == 400 and "not an email address" in wrong.text
