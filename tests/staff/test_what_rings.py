"""Which phone rings is one's own choice, and a desk phone is told how to sign in on request."""

import re

import pytest

from callcenter.asterisk.dialplan import phone_password
from callcenter.keys import DIRECTORY, SECRETS
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


@pytest.mark.parametrize("given", ["", "mobile", "\0"])
async def test_there_is_no_other_phone(site, given):
    answer = await (await site.signed_in("mara")).post("/me/phone", {"rings": given})

    assert (answer.status, rings(site, "mara")) == (400, "browser")


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
