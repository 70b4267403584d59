"""The trunks on a page: order, account, trial; nothing of it is live before it is published."""

import re
from datetime import UTC, datetime

import msgspec
import pytest

from callcenter.errors import Missing
from callcenter.keys import TRUNKS
from callcenter.switchboard import versions
from callcenter.switchboard.models import PlanVersion
from callcenter.switchboard.plan import Kind, Number, Plan, Shown, Trunk, Way
from callcenter.trunks.verdict import Verdict
from callcenter.trunks.watch import Condition, Watch
from tests.trunks.test_probe import provider

PATH = "/switchboard/trunks"
VIETTEL = {
    "title": "Viettel Hà Nội",
    "host": "sip.viettel.vn",
    "port": "5060",
    "knows": "account",
    "username": "0287300555",
    "password": "half;a  #secret",
    "caller_id": "028 7300 5555",
    "is_on": "on",
}
LIVE = Plan(
    trunks=(
        Trunk(name="carrier", title="Nhà mạng"),
        Trunk(
            name="fpt",
            title="FPT",
            host="127.0.0.1",
            username="77",
            password="kept-one",
            registers=True,
        ),
    ),
    numbers=(
        Number(number="02873001234", title="Hotline", way=Way(kind=Kind.QUEUE, name="sales")),
        Number(number="19006789", way=Way(kind=Kind.QUEUE, name="care")),
    ),
)


async def is_live(site):
    """Let the exchange have LIVE."""
    async with site.sessions.begin() as session:
        session.add(
            PlanVersion(
                plan=msgspec.json.encode(LIVE).decode(),
                revision=1,
                changed_at=datetime.now(UTC),
                published_at=datetime.now(UTC),
                note="",
            )
        )


@pytest.fixture
async def root(site):
    await is_live(site)
    return await site.signed_in("root")


async def plan(site):
    async with site.sessions() as session:
        return (await versions.working(session)).plan


async def trunk(site, name):
    return next(each for each in (await plan(site)).trunks if each.name == name)


def mark(page):
    return re.search(r'name="mark" value="([^"]*)"', page.text)[1]


async def test_the_page_shows_the_trunks_in_the_order_in_which_they_are_tried(root):
    page = await root.get(PATH)

    assert page.status == 200
    assert page.text.index("Nhà mạng") < page.text.index("FPT")
    assert "127.0.0.1:5060" in page.text and "77" in page.text
    assert "kept-one" not in page.text


async def test_a_trunk_is_added_to_the_draft_with_its_password_as_typed(site, root):
    answer = await root.post(PATH + "/new", VIETTEL)

    assert (answer.status, answer.headers["Location"]) == (303, PATH)
    added = await trunk(site, "viettel_ha_noi")
    assert (added.password, added.caller_id) == ("half;a  #secret", "02873005555")
    assert added.registers and added.is_on
    page = await root.get(PATH)
    assert "Not in the exchange yet" in page.text
    form = await root.get(f"{PATH}/viettel_ha_noi")
    assert "half;a" not in form.text and "kept; type to change it" in form.text


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ({"title": ""}, "Give it a name"),
        ({"title": "x" * 101}, "Too long"),
        ({"host": "no host"}, "An address like"),
        ({"host": "300.1.1.1"}, "An address like"),
        ({"host": f"{'a' * 64}.vn"}, "An address like"),
        ({"port": "0000199999"}, "A whole number from 1 to 65535"),
        ({"port": "0"}, "A whole number from 1 to 65535"),
        ({"port": "x"}, "A whole number from 1 to 65535"),
        ({"port": "000001234567"}, "A whole number from 1 to 65535"),
        ({"username": ""}, "needs a user name"),
        ({"username": "a;b"}, "Letters, digits and"),
        ({"password": ""}, "Type the password"),
        ({"password": "mật khẩu"}, "has only letters, digits and signs"),
        ({"caller_id": "abc"}, "is not a phone number"),
    ],
)
async def test_what_cannot_be_a_trunk_is_refused_in_words_and_kept(site, root, typed, sentence):
    answer = await root.post(PATH + "/new", VIETTEL | typed)

    assert answer.status == 400
    assert sentence in answer.text
    assert "half;a" not in answer.text
    assert 'value="0287300555"' in answer.text or "username" in typed
    assert len((await plan(site)).trunks) == 2


@pytest.mark.parametrize("port", ["", "5060"])
async def test_an_address_may_come_with_its_port_as_in_a_providers_letter(site, root, port):
    await root.post(PATH + "/new", VIETTEL | {"host": "SIP:203.0.113.5:5080", "port": port})

    added = await trunk(site, "viettel_ha_noi")
    assert (added.host, added.port) == ("203.0.113.5", 5080)


async def test_an_empty_password_is_the_one_before_but_not_at_another_address(site, root):
    form = await root.get(f"{PATH}/fpt")
    same = {
        "title": "FPT 2",
        "host": "127.0.0.1",
        "port": "5060",
        "knows": "account",
        "username": "77",
        "password": "",
        "is_on": "on",
        "mark": mark(form),
    }
    await root.post(f"{PATH}/fpt", same)
    assert (await trunk(site, "fpt")).password == "kept-one"
    assert (await trunk(site, "fpt")).title == "FPT 2"

    elsewhere = same | {"host": "evil.example", "mark": mark(await root.get(f"{PATH}/fpt"))}
    answer = await root.post(f"{PATH}/fpt", elsewhere)
    assert answer.status == 400
    assert "The address has changed: type the password again." in answer.text
    tried = await root.post(f"{PATH}/fpt/try", elsewhere)
    assert tried.status == 400


async def test_of_two_who_change_a_trunk_the_second_is_told(root):
    form = {"title": "A", "host": "127.0.0.1", "knows": "address", "mark": "stale"}

    answer = await root.post(f"{PATH}/fpt", form)

    assert answer.status == 409
    assert "Somebody else has changed this meanwhile" in answer.text


async def test_trunks_change_their_order_and_are_turned_off_and_removed(site, root):
    await root.post(f"{PATH}/fpt/move", {"to": "up"})
    assert [each.name for each in (await plan(site)).trunks] == ["fpt", "carrier"]
    await root.post(f"{PATH}/fpt/move", {"to": "up"})  # there is no sooner
    assert [each.name for each in (await plan(site)).trunks] == ["fpt", "carrier"]
    assert (await root.post(f"{PATH}/fpt/move", {"to": "moon"})).status == 400

    await root.post(f"{PATH}/carrier/switch")
    assert not (await trunk(site, "carrier")).is_on
    assert "No trunk is on" not in (await root.get(PATH)).text
    await root.post(f"{PATH}/fpt/remove")
    page = await root.get(PATH)
    assert "No trunk is on: nobody can call out." in page.text
    assert (await root.post(f"{PATH}/carrier/remove")).status == 403
    assert (await root.post(f"{PATH}/fpt/remove")).status == Missing.status


async def test_a_trial_of_what_is_typed_says_what_became_of_it(root):
    async with provider(lambda _: ["SIP/2.0 403 Forbidden"]) as (_, port):
        typed = VIETTEL | {"host": "127.0.0.1", "port": str(port)}
        answer = await root.post(PATH + "/try", typed)

    said = msgspec.json.decode(answer.text)
    assert said == {
        "works": False,
        "sentence": "127.0.0.1 refuses us: wrong user name or password (403 Forbidden).",
    }


async def test_a_trial_of_a_trunk_that_is_there_uses_its_own_password(site, root):
    async with provider(lambda _: ["SIP/2.0 200 OK"]) as (one, port):
        now = await trunk(site, "fpt")
        async with site.sessions.begin() as session:
            changed = msgspec.structs.replace(now, port=port)
            await versions.change(
                session,
                1,
                lambda plan: msgspec.structs.replace(plan, trunks=(plan.trunks[0], changed)),
            )
        answer = await root.post(f"{PATH}/fpt/try")

    assert msgspec.json.decode(answer.text)["works"]
    assert one.asked[0].startswith("REGISTER")
    assert (await root.post(f"{PATH}/carrier/try")).status == 400


async def test_how_a_trunk_is_stands_on_the_page_with_its_cause(site, root):
    why = Verdict(kind="wrong", host="127.0.0.1", code="403 Forbidden")
    watch = Watch(site.sessions, None)
    watch.now = {
        "fpt": Condition(name="fpt", title="FPT", kind="refused", since=datetime.now(UTC), why=why)
    }
    site.app._state[TRUNKS] = watch

    page = await root.get(PATH)

    assert "Refuses us" in page.text
    assert "wrong user name or password (403 Forbidden)" in page.text


async def test_departments_show_numbers_of_ours_and_inherit_them(site, root):
    answer = await root.post("/switchboard/shown", {"shown-1": "19006789", "shown-2": ""})
    assert answer.status == 303
    assert (await plan(site)).shown == (Shown(department_id=1, number="19006789"),)

    page = await root.get("/switchboard/shown")
    assert "as above: 1900 6789" in page.text
    assert "the company’s: 028 7300 1234" in page.text
    answer = await root.post("/switchboard/shown", {"shown-1": "0911111111"})
    assert answer.status == 400
    assert "Choose one of your numbers." in answer.text
    await root.post("/switchboard/shown", {"shown-1": ""})
    assert (await plan(site)).shown == ()


@pytest.mark.parametrize("path", [PATH, PATH + "/new", PATH + "/fpt", "/switchboard/shown"])
async def test_only_who_sets_the_switchboard_sees_any_of_it(site, root, path):
    lea = await site.signed_in("lea")

    assert (await lea.get(path)).status == 403
    assert (await root.get(path)).status == 200
