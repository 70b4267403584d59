"""One's own account: the password one chooses, the devices one is signed in with."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from callcenter.api.tokens import make_token
from callcenter.people.models import Session, User
from callcenter.staff import devices
from tests.pages.site import IDS, PASSWORD
from tests.staff.steps import audited, user

OWN = "ngựa xanh 71"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"


def new(password=OWN, again=None, current=PASSWORD):
    return {"current": current, "password": password, "again": password if again is None else again}


async def test_a_new_password_needs_the_old_one_and_signs_out_the_other_devices(site):
    mara, elsewhere = await site.signed_in("mara"), await site.signed_in("mara")

    answer = await mara.post("/me/password", new())

    assert (answer.status, answer.headers["Location"]) == (303, "/me")
    assert (await mara.get("/")).status == 200
    assert (await elsewhere.get("/")).status == 303
    assert (await (await site.visitor()).signs_in("mara")).status == 401
    assert (await (await site.visitor()).signs_in("mara", OWN)).status == 303
    assert "password-changed" in await audited(site)


WRONG = [
    (new(current=""), "Enter the password you have now."),
    (new(current="wrong"), "This is not the password you have now."),
    (new("short"), "A password has at least 8 characters."),
    (new("x" * 201), "A password has at most 200 characters."),
    (new("mara"), "A password has at least 8 characters."),
    (new("mara1234"), "The username is no password"),
    (new("12345678"), "among the first that anybody tries"),
    (new("matkhau123"), "among the first that anybody tries"),
    (new("aaaaaaaaa"), "among the first that anybody tries"),
    (new("Password1!"), "among the first that anybody tries"),
    (new(PASSWORD), "This is the password you have already."),
    (new(again="other"), "The two are not the same."),
]


@pytest.mark.parametrize("given, sentence", WRONG)
async def test_a_password_that_will_not_do_says_why_and_the_old_one_stays(site, given, sentence):
    mara = await site.signed_in("mara")
    kept = (await user(site, "mara")).password

    answer = await mara.post("/me/password", given)

    assert answer.status == 400 and sentence in answer.text
    assert "x" * 20 not in answer.text  # what was typed is not shown again
    assert (await user(site, "mara")).password == kept


async def test_guessing_the_password_at_an_open_page_gets_slow_too(site):
    mara = await site.signed_in("mara")
    for _ in range(5):
        assert (await mara.post("/me/password", new(current="guess"))).status == 400

    answer = await mara.post("/me/password", new())

    assert answer.status == 429 and "Wait 15 min" in answer.text


@pytest.fixture
async def newcomer(site):
    """Mara with a password that was given to her, signed in."""
    async with site.sessions.begin() as session:
        await session.execute(
            update(User).where(User.id == IDS["mara"]).values(password_is_temporary=True)
        )
    visitor = await site.visitor()
    assert (
        await visitor.post("/sign-in", {"username": "mara", "password": PASSWORD})
    ).status == 303
    page = await visitor.get("/me/password")
    visitor.csrf = re.search(r'name="_csrf" value="([^"]+)"', page.text)[1]
    return visitor


PAGES = ["/", "/me", "/customers", "/calls", "/reports/calls", "/customers/new"]


@pytest.mark.parametrize("path", PAGES)
async def test_whoever_was_given_a_password_gets_no_further_than_choosing_one(newcomer, path):
    whole, part = await newcomer.get(path), await newcomer.part(path)

    assert (whole.status, whole.headers["Location"]) == (303, "/me/password")
    assert part.headers["HX-Redirect"] == "/me/password"


async def test_programs_in_the_page_are_told_why_and_nothing_can_be_sent(newcomer):
    answer = await newcomer.get("/customers/search?q=a", Accept="application/json")
    sent = await newcomer.post("/customers/new", {"name": "An"}, Accept="application/json")

    assert answer.status == sent.status == 403
    assert "Choose a password of your own first." in answer.text


async def test_the_phone_and_the_live_changes_wait_as_well(newcomer):
    for path in ("/events", "/phone", "/api/v1/me"):
        answer = await newcomer.get(path, Accept="application/json")
        assert answer.status in (403, 404), path  # 404: this site has no such room


async def test_they_choose_a_password_and_begin(newcomer, site):
    answer = await newcomer.post("/me/password", {"password": OWN, "again": OWN})

    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert (await newcomer.get("/")).status == 200
    assert not (await user(site, "mara")).password_is_temporary


async def test_the_given_password_is_no_choice(newcomer):
    answer = await newcomer.post("/me/password", {"password": PASSWORD, "again": PASSWORD})

    assert answer.status == 400 and "This is the password you have already." in answer.text


async def test_they_may_change_the_language_and_sign_out(newcomer):
    language = await newcomer.post("/me/preferences", {"language": "vi", "next": "/"})
    page = await newcomer.get("/me/password")

    assert language.status == 303 and "Đặt mật khẩu của bạn" in page.text
    assert (await newcomer.post("/sign-out")).headers["Location"] == "/sign-in"


async def test_a_program_with_a_token_is_not_asked(site, newcomer):
    token = await make_token(site.sessions, "mara", "crm", 1)
    program = await site.visitor()

    answer = await program.get("/customers/search?q=an", Authorization=f"Bearer {token}")

    assert answer.status == 200


async def test_whoever_has_chosen_is_not_asked_again(site):
    mara = await site.signed_in("mara")

    assert (await mara.get("/me/password")).headers["Location"] == "/me"


async def test_devices_are_told_in_words_and_this_one_is_marked(site):
    mara = await site.signed_in("mara")
    now = datetime.now(UTC)
    await site.add(
        Session(
            id="ab" * 32,
            user_id=IDS["mara"],
            csrf="c",
            created_at=now,
            seen_at=now,
            expires_at=now.replace(year=now.year + 1),
            address="10.0.0.7",
            device=CHROME,
        )
    )

    page = (await mara.get("/me")).text

    assert "Chrome on Windows" in page and "10.0.0.7" in page
    assert page.count("This device") == 1 and page.count('name="device"') == 1


@pytest.mark.parametrize(
    "agent, browser, system",
    [
        (CHROME, "Chrome", "Windows"),
        (CHROME + " Edg/130.0", "Edge", "Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
            "Firefox",
            "Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari",
            "iPhone",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) coc_coc_browser/130.0 Chrome/124.0",
            "Cốc Cốc",
            "macOS",
        ),
        ("curl/8", "", ""),
    ],
)
def test_a_browser_and_its_system_are_read_out_of_what_it_says(agent, browser, system):
    assert devices._word(devices.BROWSERS, agent) == browser
    assert devices._word(devices.SYSTEMS, agent) == system


async def test_one_device_or_all_others_are_signed_out(site):
    mara, second, third = [await site.signed_in("mara") for _ in range(3)]
    device = re.search(r'name="device" value="([^"]+)"', (await mara.get("/me")).text)[1]

    assert (await mara.post("/me/devices", {"device": device})).status == 303
    assert [(await each.get("/")).status for each in (second, third)].count(200) == 1
    await mara.post("/me/devices")
    assert [(await each.get("/")).status for each in (mara, second, third)] == [200, 303, 303]


@pytest.mark.parametrize("device", ["%", "", "ff" * 8, "x' OR 1=1"])
async def test_nobody_signs_out_somebody_elses_device(site, device):
    jon, mara = await site.signed_in("jon"), await site.signed_in("mara")

    await mara.post("/me/devices", {"device": device})

    assert (await jon.get("/")).status == 200


async def test_a_device_that_is_gone_is_said_to_be(site):
    mara = await site.signed_in("mara")

    answer = await mara.post("/me/devices", {"device": "ff" * 8})

    assert answer.status == 404 and "not signed in any more" in answer.text


async def test_the_account_page_says_what_one_is(site):
    lea = await site.signed_in("lea")

    page = (await lea.get("/me")).text

    assert all(word in page for word in ("Lê Thị Lea", "Team lead", "Sales", "210"))
    assert 'href="/me"' in (await lea.get("/")).text


@pytest.mark.parametrize(("who", "leads"), [("root", True), ("mara", False)])
async def test_a_superadmin_is_led_to_their_own_form_and_others_to_their_lead(site, who, leads):
    page = (await (await site.signed_in(who)).get("/me")).text

    assert (f'href="/team/{IDS[who]}"' in page) is leads
    assert ("Your team lead can change it." in page) is not leads
