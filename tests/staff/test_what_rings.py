"""Which phone rings is one's own choice, and a desk phone is told how to sign in on request."""

import re

import pytest

from callcenter.asterisk.dialplan import phone_password
from callcenter.keys import DIRECTORY, SECRETS, SESSIONS
from callcenter.settings.models import Did, Queue
from tests.pages.site import IDS


def rings(site, username):
    return site.app[DIRECTORY].person(IDS[username]).rings


async def test_at_first_the_page_rings(site):
    page = await (await site.signed_in("mara")).get("/me")

    assert re.search(r'value="browser" checked', page.text)
    assert rings(site, "mara") == "browser"


async def test_a_desk_phone_may_be_chosen_and_given_up_again(site):
    mara = await site.signed_in("mara")

    assert (await mara.post("/me/phone", {"rings": "desk"})).status == 303
    assert rings(site, "mara") == "desk"
    assert re.search(r'value="desk" checked', (await mara.get("/me")).text)
    assert site.app[DIRECTORY].person(IDS["mara"]).endpoint == "desk201"

    await mara.post("/me/phone", {"rings": "browser"})
    assert rings(site, "mara") == "browser"


async def test_it_is_chosen_for_nobody_else(site):
    await (await site.signed_in("mara")).post("/me/phone", {"rings": "desk"})

    assert rings(site, "jon") == "browser"


@pytest.mark.parametrize("given", ["", "pager", "\0"])
async def test_there_is_no_other_phone(site, given):
    answer = await (await site.signed_in("mara")).post("/me/phone", {"rings": given})

    assert (answer.status, rings(site, "mara")) == (400, "browser")


async def test_a_mobile_phone_may_be_chosen_with_its_number(site):
    mara = await site.signed_in("mara")

    answer = await mara.post("/me/phone", {"rings": "mobile", "mobile": "+84 912-345 678"})

    assert answer.status == 303
    person = site.app[DIRECTORY].person(IDS["mara"])
    assert (person.rings, person.mobile, person.endpoint) == ("mobile", "0912345678", "mobile201")
    page = (await mara.get("/me")).text
    assert re.search(r'value="mobile" checked', page)
    assert 'value="0912 345 678"' in page


async def test_a_fixed_line_will_do(site):
    mara = await site.signed_in("mara")

    assert (
        await mara.post("/me/phone", {"rings": "mobile", "mobile": "02838123456"})
    ).status == 303


@pytest.mark.parametrize(
    "given",
    [
        *("", "  ", "113", "201", "anonymous", "19006789", "+44 20 7946 0958", "09"),
        *("0912345678 / 0912345679", "\0", "*600", "0912345678@evil", "9" * 200),
    ],
)
async def test_what_cannot_be_called_is_refused_in_words_and_stays_typed(site, given):
    mara = await site.signed_in("mara")

    answer = await mara.post("/me/phone", {"rings": "mobile", "mobile": given})

    assert (answer.status, rings(site, "mara")) == (400, "browser")
    assert 'id="mobile-error"' in answer.text
    assert re.search(r'value="mobile" checked', answer.text)


async def test_a_number_of_the_company_is_nobodys_phone(site):
    async with site.app[SESSIONS].begin() as session:
        session.add(Queue(name="own", title="Own"))
        await session.flush()
        session.add(Did(number="02873001234", queue="own"))

    answer = await (await site.signed_in("mara")).post(
        "/me/phone", {"rings": "mobile", "mobile": "+84 28 7300 1234"}
    )

    assert (answer.status, rings(site, "mara")) == (400, "browser")


async def test_a_number_is_kept_while_another_phone_rings(site):
    mara = await site.signed_in("mara")
    await mara.post("/me/phone", {"rings": "mobile", "mobile": "0912345678"})

    await mara.post("/me/phone", {"rings": "desk", "mobile": "0911000000"})

    assert rings(site, "mara") == "desk"
    assert site.app[DIRECTORY].person(IDS["mara"]).mobile == "0912345678"


async def test_without_an_extension_there_is_no_phone(site):
    root = await site.signed_in("root")

    assert "What rings" not in (await root.get("/me")).text
    assert (await root.post("/me/phone", {"rings": "desk"})).status == 409
    assert (await root.post("/me/phone/password")).status == 409


async def test_the_password_is_shown_on_request_and_nowhere_else(site):
    mara = await site.signed_in("mara")
    password = phone_password(site.app[SECRETS], "desk201")

    shown = await mara.post("/me/phone/password")

    assert shown.status == 200
    assert [text in shown.text for text in ("desk201", password)] == [True, True]
    assert "no-store" in shown.headers["Cache-Control"]
    assert password not in (await mara.get("/me")).text
    assert password != phone_password(site.app[SECRETS], "201")


FORM = {
    "name": "Nguyễn Mara",
    "username": "mara",
    "role": "agent",
    "department": "1",
    "extension": "201",
    "language": "en",
}


@pytest.mark.parametrize("given", [{"mobile": "0912 345 678"}, {"phone": "0912345678"}])
async def test_a_superior_may_give_an_employee_a_mobile_phone(site, given):
    lea = await site.signed_in("lea")

    answer = await lea.post(f"/team/{IDS['mara']}", {**FORM, "rings": "mobile", **given})

    assert answer.status == 303, answer.text
    person = site.app[DIRECTORY].person(IDS["mara"])
    assert (person.rings, person.mobile) == ("mobile", "0912345678")


@pytest.mark.parametrize("given", ["", "113", "+44 20 7946 0958"])
async def test_a_superior_gives_no_number_that_cannot_be_called(site, given):
    lea = await site.signed_in("lea")

    answer = await lea.post(f"/team/{IDS['mara']}", {**FORM, "rings": "mobile", "mobile": given})

    assert (answer.status, rings(site, "mara")) == (400, "browser")


async def test_a_superior_chooses_in_the_employees_form(site):
    lea = await site.signed_in("lea")
    page = await lea.get(f"/team/{IDS['mara']}")
    assert 'name="rings"' in page.text

    answer = await lea.post(
        f"/team/{IDS['mara']}",
        {
            "name": "Nguyễn Mara",
            "username": "mara",
            "role": "agent",
            "department": "1",
            "extension": "201",
            "rings": "desk",
            "language": "en",
        },
    )

    assert answer.status == 303, answer.text
    assert rings(site, "mara") == "desk"
