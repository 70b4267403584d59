"""What pages are told: the state first, then every change, in order, to whoever it concerns."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest

from callcenter.people.session import COOKIE, close_session
from callcenter.popups.call_card import OpenCard
from callcenter.popups.desk import BACKLOG
from callcenter.popups.signed_out import watch
from callcenter.tasks import running
from tests.popups.office import HANH, LAN, STRANGER, close_code, office


@pytest.fixture
async def place(sessions, engine):
    async with office(sessions, engine) as place:
        yield place


@asynccontextmanager
async def opened(place, username, **options):
    """A page that has been told the state: (socket, state)."""
    async with place.page(username, **options) as socket:
        yield socket, await heard(socket, "state")


async def heard(socket, kind, **expected):
    """The next message of that kind (whose call is like that)."""
    async with asyncio.timeout(5):
        while True:
            message = await socket.receive_json()
            call = message.get("call", {})
            if message["type"] == kind and all(call.get(k) == v for k, v in expected.items()):
                return message


async def test_a_page_is_told_the_whole_state_first(place):
    place.calls.rings("201", HANH)

    async with opened(place, "anh") as (_, state):
        (call,) = state["calls"]
        assert (call["call_id"], call["mine"], call["shown"]) == ("c1", "ringing", "0912 345 678")
        assert call["customer"]["name"] == "Trần Thị Mỹ Hạnh"
        assert call["customer"]["owner"] == "Nguyễn Ngọc Ánh"
        assert (call["queue_title"], call["did_shown"]) == ("Sales queue", "1900 6789")
        assert state["me"]["extension"] == "201"
        assert state["me"]["today"] == {"calls": 0, "talked_s": 0.0, "missed": 0}


async def test_then_every_change_in_the_order_it_happened(place):
    async with opened(place, "anh") as (page, _):
        call = place.calls.rings("201", HANH)
        place.calls.ends(place.calls.answers(call, "201"))

        states = [(await heard(page, "call"))["call"]["state"] for _ in range(3)]
        assert states == ["ringing", "talking", "ended"]


async def test_an_unknown_number_pops_up_all_the_same(place):
    async with opened(place, "anh") as (page, _):
        place.calls.rings("201", STRANGER)

        call = (await heard(page, "call"))["call"]
        assert (call["number"], call["customer"]) == (STRANGER, None)


async def test_a_withheld_number_is_a_value_and_not_an_absence(place):
    async with opened(place, "anh") as (page, _):
        place.calls.rings("201", None)

        call = (await heard(page, "call"))["call"]
        assert (call["number"], call["shown"], call["customer"]) == (None, "", None)


async def test_calls_of_others_are_none_of_a_pages_business(place):
    async with opened(place, "binh") as (page, _):
        place.calls.rings("201", HANH)
        place.calls.rings("202", LAN, call_id="c2")

        assert (await heard(page, "call"))["call"]["call_id"] == "c2"


async def test_a_call_that_a_colleague_answered_leaves_the_screen(place):
    async with opened(place, "anh") as (page, _):
        call = place.calls.rings("201", HANH)
        place.calls.answers(call, "202")

        assert (await heard(page, "call", state="talking"))["call"]["mine"] == "ended"


async def test_two_pages_of_one_agent_see_the_same(place):
    async with opened(place, "anh") as (one, _), opened(place, "anh") as (other, _):
        place.calls.rings("201", HANH)

        assert await heard(one, "call") == await heard(other, "call")


async def test_changes_of_ones_own_state_are_told(place):
    async with opened(place, "anh") as (page, state):
        assert state["me"]["phone"] == "unreachable"
        place.presence.phone_changed("201", "reachable")

        assert (await heard(page, "agent"))["me"]["phone"] == "reachable"


async def test_a_page_that_is_reloaded_in_wrap_up_still_has_its_call(place):
    place.presence.phone_changed("201", "reachable")
    async with opened(place, "anh"):
        place.calls.ends(place.calls.answers(place.calls.rings("201", HANH), "201"))

        async with opened(place, "anh") as (_, state):
            assert state["me"]["wrap_up"] == "c1"
            assert [(call["call_id"], call["mine"]) for call in state["calls"]] == [("c1", "ended")]


async def test_a_card_that_is_still_looked_up_delays_nobody_else(place, monkeypatch):
    arrived = asyncio.Event()
    find = place.cards.find

    async def slow(numbers):
        numbers = list(numbers)
        if HANH in numbers:
            await arrived.wait()
        return await find(numbers)

    monkeypatch.setattr(place.cards, "find", slow)
    async with opened(place, "anh") as (anh, _), opened(place, "binh") as (binh, _):
        place.calls.rings("201", HANH, call_id="slow")
        place.calls.rings("202", LAN, call_id="quick")
        assert (await heard(binh, "call"))["call"]["call_id"] == "quick"

        place.calls.rings("201", None, call_id="behind")
        arrived.set()

        order = [(await heard(anh, "call"))["call"]["call_id"] for _ in range(2)]
        assert order == ["slow", "behind"]


async def test_a_page_that_cannot_keep_up_is_sent_away_and_catches_up(place, monkeypatch):
    stuck = asyncio.Event()

    async def never(numbers):
        await stuck.wait()
        return {}

    async with opened(place, "anh") as (page, _):
        monkeypatch.setattr(place.cards, "find", never)
        for i in range(BACKLOG + 2):
            call = place.calls.rings("201", HANH, call_id=f"c{i}")
            place.calls.ends(call)
        last = place.calls.rings("201", None, call_id="last")
        stuck.set()
        assert await close_code(page) == 1013

    async with opened(place, "anh") as (_, state):
        assert [call["call_id"] for call in state["calls"]] == [last.call_id]


async def test_what_was_really_shown_is_noted(place):
    async with opened(place, "anh") as (page, _):
        await page.send_json({"type": "shown", "call_id": "c1"})
        await page.send_str("no JSON at all")
        await page.send_bytes(b"\x00")
        await page.send_json(["shown"])
        await page.send_json({"type": "shown", "call_id": "c2"})
        async with asyncio.timeout(5):
            while len(place.desk.shown) < 2:
                await asyncio.sleep(0)

    assert [(who, call_id) for _, who, call_id in place.desk.shown] == [(1, "c1"), (1, "c2")]


async def test_a_page_that_talks_too_much_at_once_is_closed(place):
    async with opened(place, "anh") as (page, _):
        await page.send_str("x" * 5000)

        assert await close_code(page) == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_without_a_session_there_is_nothing_to_see(place):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await place.http.ws_connect(place.server.make_url("/events"))
    assert refused.value.status == 401


async def test_a_page_of_another_site_is_refused(place):
    token = await place.sign_in("anh")
    headers = {"Cookie": f"{COOKIE}={token}", "Origin": "http://elsewhere.example"}
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await place.http.ws_connect(place.server.make_url("/events"), headers=headers)
    assert refused.value.status == 403


async def test_when_the_service_ends_pages_are_told_to_come_back(place):
    async with opened(place, "anh") as (page, _):
        place.desk.close()

        assert await close_code(page) == aiohttp.WSCloseCode.GOING_AWAY


async def test_a_page_that_comes_while_the_service_ends_is_sent_away_as_well(place):
    place.desk.close()

    async with place.page("anh", "/events") as page:
        assert await close_code(page) == aiohttp.WSCloseCode.GOING_AWAY


async def test_who_signs_out_is_shown_nothing_more(place):
    token = await place.sign_in("anh")
    async with (
        opened(place, "anh", token=token) as (page, _),
        opened(place, "anh") as (other, _),
        running(watch(place.sessions, [place.desk, place.phones], every=0.01), "watch"),
    ):
        async with place.sessions.begin() as session:
            await close_session(session, token)

        assert await close_code(page) == 4002
        place.calls.rings("201", HANH)
        assert (await heard(other, "call"))["call"]["call_id"] == "c1"


async def test_the_last_page_that_closes_starts_the_agents_leaving(place):
    async with opened(place, "anh"), opened(place, "anh"):
        assert place.presence._leaving.here == [1]
    async with asyncio.timeout(5):
        while place.presence._leaving.here:
            await asyncio.sleep(0)
    assert list(place.presence._leaving.timers) == [1]


async def test_a_popup_says_what_is_open_with_whoever_rings_and_an_ended_call_does_not(place):
    asked = []

    def still_open(number, customer_id):
        asked.append((number, customer_id))
        return OpenCard(missed=2)

    place.desk.open_with = still_open
    async with opened(place, "anh") as (page, _):
        call = place.calls.rings("201", HANH)
        place.calls.ends(call)

        assert (await heard(page, "call"))["call"]["open"]["missed"] == 2
        assert (await heard(page, "call", state="ended"))["call"]["open"] is None
        [(number, customer_id)] = set(asked)
        assert number == HANH and customer_id
