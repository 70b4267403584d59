"""Two ways out on the real exchange: a provider that wants a password, and the one it brings."""

import asyncio
import os
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio

from callcenter.asterisk.reload import look_up
from callcenter.asterisk.translate import translate
from callcenter.asterisk.trunks import line_of
from callcenter.calls.board import Board
from callcenter.calls.call import Direction, State, Transfer
from callcenter.db import database
from callcenter.trunks.console import IDENTIFIES, unknown
from callcenter.trunks.probe import Ear, probe
from callcenter.trunks.sip import Request, read
from callcenter.trunks.watch import Watch
from tests.asterisk.moves_house import OTHER as OUTSIDE
from tests.asterisk.moves_house import on_stage
from tests.asterisk.spectrum import loudest
from tests.trunks.house import COMPANY, OWN, plan, two_providers
from tests.trunks.test_watch import published

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]

WHISTLES, BUSY, REJECTS, UNKNOWN = "0900000111", "0900000101", "0900000103", "0900000107"
FULL, MOBILE = "0900000108", "0900000115"
CONNECTED = {"BridgeNumChannels": "2"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_provider(tmp_path_factory):
    async with two_providers(tmp_path_factory.mktemp("trunks")) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def provider(one_provider):
    yield one_provider
    await one_provider.house.cleared()


async def told(house):
    """The calls as the service would have them, the last of each, once all is over."""
    await house.over()
    found = {}
    board = Board([lambda change: found.update({change.after.call_id: change.after})])
    for message in house.heard.events:
        if event := translate(message):
            board.hear(event)
    return list(found.values())


@asynccontextmanager
async def watch(provider, url, **values):
    """What keeps an eye on the trunks, where the live plan has the provider so; it has looked."""
    async with database(url) as (_, sessions):
        await published(sessions, *plan(provider.ports.sip, **values).trunks)
        found = Watch(sessions, provider.house.exchange.cli)
        await found.look()
        yield found


def stations(call, *kinds):
    return [(step.kind, step.what) for step in call.journey if step.kind in kinds]


async def test_a_call_goes_out_by_the_first_trunk_and_shows_its_number(provider):
    house = provider.house
    await house.click("100", WHISTLES)
    await house.heard.event("BridgeEnter", **CONNECTED)
    shown = await provider.caller(WHISTLES)

    [call] = await told(house)
    assert shown == OWN
    assert (call.number, call.result, call.placed_by) == (WHISTLES, "answered", "100")
    assert stations(call, "trunk", "trunk_failed", "called") == [
        ("trunk", "viettel"),
        ("called", WHISTLES),
    ]


async def test_a_department_with_a_number_of_its_own_shows_that(provider):
    house = provider.house
    await house.click("100", WHISTLES, CCSHOWN="02873009999")
    await house.heard.event("BridgeEnter", **CONNECTED)

    assert await provider.caller(WHISTLES) == "02873009999"


@pytest.mark.parametrize(
    "dialled", [f"+84{COMPANY[1:]}", f"84{COMPANY[1:]}", COMPANY, "+8419006789"]
)
async def test_a_customer_rings_in_by_a_provider_that_writes_our_numbers_in_its_way(
    provider, dialled
):
    house = provider.house
    await provider.carrier.call(dialled, "0912345678")
    joined = await house.heard.event("QueueCallerJoin")

    [call] = await told(house)
    queue = "care" if dialled.endswith("6789") else "sales"
    assert (joined["Queue"], call.queue, call.number) == (queue, queue, "0912345678")
    assert stations(call, "trunk") == [("trunk", "viettel")]
    assert call.did == ("19006789" if queue == "care" else COMPANY)


@pytest.mark.parametrize("name", ["trunk-viettel", "carrier", "mobile200"])
async def test_a_stranger_who_says_to_be_a_trunk_is_asked_for_a_password(provider, name):
    heard = asyncio.Queue(1)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Ear(heard), remote_addr=("127.0.0.1", provider.house.ports.sip)
    )
    host, port = transport.get_extra_info("sockname")
    asked = Request(
        method="OPTIONS",
        host="127.0.0.1",
        port=provider.house.ports.sip,
        local=f"{host}:{port}",
        call_id=name,
        branch=name,
        tag=name,
        username=name,
    )
    transport.sendto(asked.written())
    async with asyncio.timeout(10):
        response = read(await heard.get())
    transport.close()

    assert response.status == 401


async def test_the_names_of_providers_are_looked_up_again_though_the_file_is_as_it_was(provider):
    exchange = provider.house.exchange
    path = exchange.etc / "pjsip.conf"
    text, stat = path.read_text(), path.stat()
    matches = f"match = 127.0.0.1:{provider.ports.sip}"
    path.write_text(text.replace(matches, matches.replace("127.0.0.1", "127.0.0.9")))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    await exchange.cli("module reload res_pjsip_endpoint_identifier_ip.so")
    before = await exchange.cli(IDENTIFIES)

    await look_up(exchange)

    after = await exchange.cli(IDENTIFIES)
    assert "127.0.0.9" not in before and "127.0.0.9" in after
    assert not unknown([line_of(plan(provider.ports.sip).trunks[0])], after)
    assert unknown([line_of(plan(provider.ports.sip, name="gone").trunks[0])], after)
    await provider.is_set()


@pytest.mark.parametrize("number", [BUSY, REJECTS, UNKNOWN])
async def test_a_number_that_says_no_is_called_by_one_trunk_only(provider, number):
    house = provider.house
    await house.click("100", number)
    await house.heard.event("UserEvent", UserEvent="CCDialResult")

    [call] = await told(house)
    assert stations(call, "trunk", "trunk_failed") == [("trunk", "viettel")]
    assert not any("PJSIP/carrier-" in each.get("Channel", "") for each in house.heard.events)


async def test_where_the_first_has_no_line_left_the_second_is_tried_and_the_end_is_true(provider):
    house = provider.house
    call_id = await house.click("100", FULL)
    said = await house.heard.event("UserEvent", UserEvent="CCDialResult")

    [call] = await told(house)
    assert (said["DialStatus"], said["HangupCause"]) == ("CONGESTION", "34")
    assert (call.call_id, call.result, call.cause) == (call_id, "unreachable", 34)
    assert stations(call, "trunk_failed") == [
        ("trunk_failed", "viettel"),
        ("trunk_failed", "carrier"),
    ]


async def test_an_agents_mobile_phone_is_called_by_the_first_trunk_with_its_account(provider):
    house = provider.house
    await house.click(f"{MOBILE}@mobile200", WHISTLES)
    await house.heard.event("BridgeEnter", **CONNECTED)

    assert await provider.caller(MOBILE)
    assert await provider.caller(WHISTLES) == OWN


@pytest.mark.parametrize(
    "values, kind",
    [
        ({}, "signs_in"),
        ({"password": "wrong"}, "wrong"),
        ({"username": "nobody"}, "wrong"),  # it does not tell strangers who its customers are
        ({"registers": False}, "answers"),
    ],
)
async def test_the_provider_is_tried_before_the_exchange_has_it(provider, values, kind):
    trunk = plan(provider.ports.sip, **values).trunks[0]

    assert (await probe(line_of(trunk))).kind == kind


async def test_with_a_wrong_password_the_provider_refuses_and_calls_go_on_by_the_next(
    provider, sqlite_url
):
    house = provider.house
    async with watch(provider, sqlite_url, password="wrong") as watched:
        assert watched.now["viettel"].kind == "registered"
        await provider.is_set(password="wrong")
        await house.exchange.cli("pjsip send register *all")
        await provider.becomes("Rejected")
        await watched.look()
        condition = watched.now["viettel"]
    assert (condition.kind, condition.is_bad, condition.why.kind) == ("refused", True, "wrong")

    await house.click("100", WHISTLES)
    await house.heard.event("BridgeEnter", **CONNECTED)
    [call] = await told(house)
    assert stations(call, "trunk_failed") == [("trunk_failed", "viettel")]
    assert call.result == "answered"

    await provider.is_set()
    await house.exchange.cli("pjsip send register *all")
    await provider.becomes("Registered")


async def test_a_call_in_progress_does_not_notice_that_its_trunk_is_set_anew(provider):
    house = provider.house
    await house.click("100", WHISTLES)
    await house.heard.event("BridgeEnter", **CONNECTED)
    await provider.is_set(name="other")

    channels = await house.exchange.cli("core show channels concise")
    assert "PJSIP/trunk-viettel-" in channels
    assert "trunk-other" in await house.exchange.cli("pjsip show endpoints")
    assert not house.heard.found("BridgeLeave")
    await provider.is_set()


async def test_a_provider_that_falls_is_passed_over_with_the_same_call_and_one_recording(
    provider, sqlite_url
):
    house = provider.house
    await provider.carrier.stop()

    call_id = await house.click("100", WHISTLES)  # nobody has noticed yet
    await house.heard.event("BridgeEnter", **CONNECTED)
    await asyncio.sleep(1.5)  # what is recorded takes its time
    [call] = await told(house)
    files = await house.recording(call_id)

    assert (call.call_id, call.result, call.number) == (call_id, "answered", WHISTLES)
    assert [each for each in stations(call, "trunk", "trunk_failed")][-2:] == [
        ("trunk_failed", "viettel"),
        ("trunk", "carrier"),
    ]
    assert (loudest(files["in"]), loudest(files["out"])) == ([440], [1000])
    await provider.becomes("Unavail", "pjsip show contacts")
    async with watch(provider, sqlite_url) as watched:
        assert watched.now["viettel"].kind == "silent"
        assert watched.now["viettel"].why.kind == "closed"
    house.heard.events.clear()
    await house.click("100", WHISTLES)  # and now it is not even tried
    await house.heard.event("BridgeEnter", **CONNECTED)
    await house.over()
    await house.click(f"{MOBILE}@mobile200", WHISTLES)  # nor for an agent's mobile phone
    await house.heard.event("BridgeEnter", count=2, **CONNECTED)
    begun = house.heard.found("Newchannel")
    assert not any("trunk-viettel" in each["Channel"] for each in begun)


@pytest.mark.parametrize("asked_first", [False, True], ids=["at once", "asked first"])
async def test_a_customer_goes_to_a_number_outside_by_the_next_trunk(provider, asked_first):
    await provider.carrier.stop()
    async with on_stage(provider.house) as work:
        await work.call(Direction.INBOUND)
        moves, customer, agent = work.link.moves, work.channel("customer"), work.channel("100")
        if asked_first:
            await moves.consult(customer, agent, "100", "number", OUTSIDE)
            await work.until(lambda call: bool(call.consult and call.consult.talking))
            await work.talks(1.0)
            await moves.complete(agent, work.channel("asked"))
            await work.until(lambda call: call.consult is None and "100" not in call.talking)
            await work.talks(1.5)
        else:
            await moves.transfer(customer, "100", "number", OUTSIDE)
            await work.until(lambda call: not call.talking and call.state is State.TALKING)
            await work.talks(2.5)  # it answers after a second
        call = await work.ends()
        _, other, _ = await work.sound(call)

    kind = "attended" if asked_first else "blind"
    assert call.transfers == (Transfer(kind=kind, source="100", target=OUTSIDE),)
    assert 660 in other  # they heard whom they were handed to
    assert ("trunk_failed", "viettel") in stations(call, "trunk_failed")
