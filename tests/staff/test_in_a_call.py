"""Accounts that change while people talk: the call goes on, and they are signed out after it."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest

from callcenter import config
from callcenter.api.tokens import make_token
from callcenter.people import views as people_views
from callcenter.popups.signed_out import watch
from callcenter.staff import views as staff_views
from callcenter.tasks import running
from tests.asterisk.test_dialplan import rendered
from tests.popups.office import close_code, office
from tests.popups.test_desk import heard, opened

ANH = 1


def administered(app):
    app.add_routes(people_views.routes)
    app.add_routes(staff_views.routes)


@pytest.fixture
async def place(sessions, engine):
    async with office(sessions, engine, extend=administered) as place:
        yield place


async def boss(place, path, **form):
    token = await make_token(place.sessions, "boss", "tests", 1)
    async with place.http.post(
        place.server.make_url(path),
        data=form,
        headers={"Authorization": f"Bearer {token}", "Accept": "text/html"},
        allow_redirects=False,
    ) as answer:
        return answer.status, await answer.text()


async def saved(place, **fields):
    """Ánh's account, with those fields changed."""
    form = {
        "name": "Nguyễn Ngọc Ánh",
        "username": "anh",
        "role": "agent",
        "department": "1",
        "extension": "201",
        "language": "vi",
    }
    status, _ = await boss(place, f"/team/{ANH}", **(form | fields))
    assert status == 303


@asynccontextmanager
async def watched(place):
    """The watch over sessions; what it asked about calls is in the list."""
    asked = []

    def in_call(extension):
        asked.append(extension)
        return bool(place.calls.calls_of(extension))

    holders = [place.desk, place.phones]
    async with running(watch(place.sessions, holders, in_call, every=0.01), "watch"):
        yield asked


async def rounds(asked, n=3):
    """Until the watch has looked that often: in a call, each look asks."""
    async with asyncio.timeout(5):
        while len(asked) < n:
            await asyncio.sleep(0)


LEFT = [
    ("/team/1/leave", {"successor": "nobody"}),
    ("/team/1/password", {}),
    ("/team/1/sign-out", {}),
]


@pytest.mark.parametrize("path, form", LEFT)
async def test_a_call_that_goes_on_is_not_cut_and_its_page_goes_after_it(place, path, form):
    async with opened(place, "anh") as (page, _), watched(place) as asked:
        call = place.calls.answers(place.calls.rings("201"), "201")
        status, _ = await boss(place, path, **form)
        assert status in (200, 303)

        await rounds(asked)
        assert not page.closed
        await heard(page, "call", call_id="c1", mine="talking")

        place.calls.ends(call)
        await heard(page, "call", call_id="c1", mine="ended")
        assert await close_code(page) == 4002


async def test_whoever_is_in_no_call_is_signed_out_soon(place):
    async with opened(place, "anh") as (page, _), watched(place):
        await boss(place, "/team/1/leave", successor="nobody")

        assert await close_code(page) == 4002


async def test_a_call_stays_the_agents_own_when_the_extension_changes_in_it(place):
    async with opened(place, "anh") as (page, _):
        call = place.calls.answers(place.calls.rings("201"), "201")
        await saved(place, extension="230")

        place.calls.changes(call)
        await heard(page, "call", call_id="c1", mine="talking")
        place.calls.ends(call)
        await heard(page, "call", call_id="c1", mine="ended")

    assert place.directory.whose(place.calls.ends(call)) == (ANH, 1)
    assert place.presence.unfinished(ANH).call_id == "c1"  # the note can still be written


async def test_an_extension_with_a_call_is_given_to_nobody_else(place):
    place.calls.answers(place.calls.rings("201"), "201")
    await boss(place, "/team/1/leave", successor="nobody")

    status, page = await boss(
        place,
        "/team/new",
        name="Hoa",
        username="hoa",
        role="agent",
        department="1",
        extension="201",
    )

    assert status == 409 and "Máy lẻ này đang có cuộc gọi" in page


async def test_a_leaver_stands_in_no_queue_and_the_next_one_has_the_extension(place):
    async with opened(place, "anh"):
        place.presence.phone_changed("201", "reachable")
        await place.presence.want(ANH, "ready")
        assert ("sales", "201") in place.exchange.members

        await boss(place, "/team/1/leave", successor="nobody")
        await place.presence._places.settled(ANH)

    assert place.exchange.members == {}
    await boss(
        place,
        "/team/new",
        name="Hoa",
        username="hoa",
        role="agent",
        department="1",
        extension="201",
    )
    assert place.directory.of_extension("201").username == "hoa"


async def test_another_department_means_other_queues_at_once(place):
    async with opened(place, "anh"):
        place.presence.phone_changed("201", "reachable")
        await place.presence.want(ANH, "ready")

        await saved(place, department="2")
        await place.presence._places.settled(ANH)

    assert set(place.exchange.members) == {("care", "201")}


async def test_what_the_old_phone_says_last_does_not_count_for_the_new_one(place):
    await saved(place, extension="230")
    place.presence.phone_changed("230", "reachable")

    place.presence.phone_changed("201", "unreachable")

    assert place.presence.of(ANH).phone == "reachable"


async def test_a_new_extension_works_at_once_because_the_exchange_knows_all_of_them(place):
    pjsip = rendered()["pjsip.conf"]
    extensions = config.number_range(config.load(config.ROOT / "config.toml").asterisk.extensions)
    assert all(f"[{each}]" in pjsip for each in extensions)

    await saved(place, extension="299")

    async with place.http.get(
        place.server.make_url("/api/v1/me/phone"),
        headers={"Cookie": f"callcenter={await place.sign_in('anh')}"},
    ) as answer:
        assert (await answer.json())["extension"] == "299"


async def test_a_page_that_is_signed_out_opens_no_new_one(place):
    token = await place.sign_in("anh")
    await boss(place, "/team/1/leave", successor="nobody")

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with place.page("boss", token=token):
            pass
    assert refused.value.status == 401
