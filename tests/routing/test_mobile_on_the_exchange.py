"""An agent whose mobile phone is called by the trunk, on the real exchange: the same calls."""

import asyncio

import pytest

from callcenter.calls.call import State
from tests.asterisk.moves_house import tones
from tests.routing.exchange_house import OWN, SALES, at_another_phone, handed_to, rung
from tests.routing.house import CUSTOMER, PEOPLE, STRANGER

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]

PRESSES, NEVER, REJECTS, MAILBOX = "0900000115", "0900000102", "0900000103", "0900000111"


def on_the_road(house, url, number=PRESSES, owner="103"):
    return at_another_phone(house, url, owner, rings="mobile", mobile=number)


async def ended(work):
    return await work.call(lambda call: call.state is State.ENDED)


async def test_the_queue_calls_the_mobile_phone_and_the_call_is_the_agents(house, sqlite_url):
    async with on_the_road(house, sqlite_url) as work:
        await work.ready("100")
        await house.carrier.call(SALES, STRANGER, then="tone")

        ringing = await work.call(lambda call: call.state is State.RINGING)
        call = await work.call(lambda call: call.agents)
        assert (ringing.ringing, ringing.call_id) == ({OWN}, call.call_id)
        assert (call.state, call.agents, call.rung) == (State.TALKING, (OWN,), (OWN,))
        assert work.presence.of(PEOPLE["100"][0]).state == "talking"
        await house.heard.event("MixMonitorStart")
        await work.link.hang_up(call.call_id)
        over = await ended(work)

    assert (over.result, over.queue, over.agents, over.missed) == ("answered", "sales", (OWN,), ())
    assert work.presence.of(PEOPLE["100"][0]).state == "wrap_up"
    between = work.seen[work.seen.index(ringing) : work.seen.index(call)]
    assert {each.state for each in between} == {State.RINGING}  # nobody's page blinks
    assert len({each.call_id for each in work.seen}) == 1


async def test_both_sides_of_the_call_are_in_one_recording(house, sqlite_url):
    async with on_the_road(house, sqlite_url) as work:
        await work.ready("100")
        await house.carrier.call(SALES, STRANGER, then="tone")
        call = await work.call(lambda call: call.agents)
        await asyncio.sleep(1.5)  # what is recorded takes its time
        await work.link.hang_up(call.call_id)
        await ended(work)

    files = await house.recording(call.call_id)
    assert (tones(files["in"]), tones(files["out"])) == ([440], [1200])


async def test_the_mobile_phone_shows_the_number_that_the_customer_called(house, sqlite_url):
    async with on_the_road(house, sqlite_url) as work:
        await work.ready("100")
        await house.carrier.call(SALES, None)
        await work.call(lambda call: call.agents)

    assert shown_at(house, PRESSES) == SALES


@pytest.mark.parametrize("number", [MAILBOX, NEVER])
async def test_a_customer_never_talks_to_a_voice_mail_but_goes_on_to_the_next(
    house, sqlite_url, number
):
    async with on_the_road(house, sqlite_url, number, owner="100") as work:
        await work.ready("100", "103")
        await house.carrier.call(SALES, CUSTOMER)

        call = await work.call(lambda call: call.agents)

    assert (call.agents, call.missed, call.declined) == (("103",), (OWN,), ())
    assert work.presence.of(PEOPLE["100"][0]).missed == 1


async def test_the_queue_asks_the_next_when_nobody_presses_the_key(house, sqlite_url):
    async with on_the_road(house, sqlite_url, MAILBOX) as work:
        await work.ready("100")
        await house.carrier.call(SALES, STRANGER)
        call = await work.call(lambda call: call.missed)
        assert (call.state, call.agents) == (State.WAITING, ())
        assert work.presence.of(PEOPLE["100"][0]).missed == 1
        await work.ready("103")

        taken = await work.call(lambda call: call.agents)

    assert (taken.agents, taken.missed) == (("103",), (OWN,))


async def test_a_call_that_is_rejected_at_the_mobile_phone_is_declined(house, sqlite_url):
    async with on_the_road(house, sqlite_url, REJECTS) as work:
        await work.ready("100")
        await house.carrier.call(SALES, STRANGER)

        call = await work.call(lambda call: call.declined)

    assert (call.declined, call.missed) == ((OWN,), ())


async def test_an_agent_calls_out_from_the_mobile_phone(house, sqlite_url):
    async with on_the_road(house, sqlite_url) as work:
        await work.ready("100")
        await calls_out(work)

        call = await work.call(lambda call: call.agents)
        await work.link.hang_up("out-1")
        over = await ended(work)

    assert (call.call_id, call.placed_by, call.agents, call.number) == (
        "out-1",
        OWN,
        (OWN,),
        "0900000111",
    )
    assert (over.result, over.direction) == ("answered", "outbound")
    assert [shown_at(house, number) for number in (PRESSES, "0900000111")] == [SALES, SALES]


async def test_nobody_is_called_for_a_voice_mail(house, sqlite_url):
    async with on_the_road(house, sqlite_url, MAILBOX) as work:
        await work.ready("100")
        await calls_out(work, "0900000100")
        over = await ended(work)

    assert (over.result, over.agents, over.number) == ("failed", (), "0900000100")
    assert house.world.found("Newchannel", Exten="0900000100") == []


async def test_a_colleague_hands_a_customer_over_to_the_mobile_phone(house, sqlite_url):
    async with on_the_road(house, sqlite_url, owner="103") as work:
        handed = await handed_to(work, house, CUSTOMER)
        await asyncio.sleep(1.5)  # what is recorded takes its time
        await work.link.hang_up(handed.call_id)
        await ended(work)

    assert handed.state is State.TALKING
    assert rung(house) == ["103"]
    _, piece = await house.pieces(handed.call_id)  # the second: since the mobile phone has the call
    assert (tones(piece["in"]), tones(piece["out"])) == ([440], [1200])


async def test_a_colleague_asks_at_the_mobile_phone_and_then_hands_over(house, sqlite_url):
    async with on_the_road(house, sqlite_url, owner="103") as work:
        await work.ready("100", "103")
        await house.carrier.call(SALES, CUSTOMER)
        call = await work.call(lambda call: call.agents == ("103",))

        there = work.board.channels(call.call_id)
        await work.link.moves.consult(there.customer, there.agents["103"], "103", "colleague", OWN)
        asked = await work.call(lambda call: call.consult and call.consult.talking)
        assert (asked.consult.by, asked.consult.target) == ("103", OWN)
        there = work.board.channels(call.call_id)
        await work.link.moves.complete(there.agents["103"], there.asked)
        handed = await work.call(lambda call: call.agents == ("103", OWN))
        await work.link.hang_up(call.call_id)
        over = await ended(work)

    assert handed.state is State.TALKING
    assert [(each.kind, each.source, each.target) for each in over.transfers] == [
        ("attended", "103", OWN)
    ]


async def test_who_was_asked_at_the_mobile_phone_finds_the_customer_however_late_they_come(
    house, sqlite_url, monkeypatch
):
    async with on_the_road(house, sqlite_url, owner="103") as work:
        await work.ready("100", "103")
        await house.carrier.call(SALES, CUSTOMER)
        call = await work.call(lambda call: call.agents == ("103",))
        there, moves = work.board.channels(call.call_id), work.link.moves
        await moves.consult(there.customer, there.agents["103"], "103", "colleague", OWN)
        await work.call(lambda call: call.consult and call.consult.talking)
        [pipe] = [
            event["Channel"]
            for event in house.heard.found("Newchannel")
            if event["Channel"].startswith(f"Local/{OWN}@") and event["Channel"].endswith(";1")
        ]
        redirect = moves.redirect

        async def late(asked, agent):
            """What the pipe does when it is left behind is done before the phone is in the room."""
            await redirect((asked[0], ("callcenter-listen", "wait")), agent)
            await house.heard.event("Hangup", Channel=pipe)
            await redirect(asked)

        monkeypatch.setattr(moves, "redirect", late)
        there = work.board.channels(call.call_id)
        await moves.complete(there.agents["103"], there.asked)
        await work.call(lambda call: call.agents == ("103", OWN))
        await work.link.hang_up(call.call_id)
        over = await ended(work)

    assert not any(each.waits_for for each in work.seen)
    assert over.agents == ("103", OWN)


async def test_an_agent_at_the_mobile_phone_hands_over_and_asks(house, sqlite_url):
    async with on_the_road(house, sqlite_url) as work:
        await work.ready("100")
        await house.carrier.call(SALES, STRANGER)
        call = await work.call(lambda call: call.agents == (OWN,))

        there = work.board.channels(call.call_id)
        await work.link.moves.consult(there.customer, there.agents[OWN], OWN, "colleague", "103")
        asked = await work.call(lambda call: call.consult and call.consult.talking)
        assert (asked.consult.by, asked.consult.target) == (OWN, "103")
        there = work.board.channels(call.call_id)
        await work.link.moves.complete(there.agents[OWN], there.asked)
        handed = await work.call(
            lambda call: call.agents == (OWN, "103") and call.talking == {"103"}
        )

    assert handed.state is State.TALKING


async def test_the_exchange_and_we_agree_on_a_mobile_phone(house, sqlite_url):
    async with on_the_road(house, sqlite_url) as work:
        await work.ready("100")
        phones = await work.link.phones()
        extensions = work.directory.endpoints()
        differences = await work.presence.places.compare(extensions)

    assert phones["mobile201"] == "reachable"
    assert differences == []


async def calls_out(work, number="0900000111"):
    await work.link.originate(
        "out-1",
        extension=OWN,
        endpoint="mobile201",
        mobile=work.directory.of_extension(OWN).mobile,
        number=number,
        caller_id=SALES,
    )


def shown_at(house, number):
    [channel] = house.world.found("Newchannel", Exten=number)
    return channel["CallerIDNum"]
