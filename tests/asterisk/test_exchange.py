"""Real calls through the real exchange, to and from the carrier."""

import csv
import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from callcenter.asterisk.dialplan import local_addresses
from callcenter.errors import Conflict
from tests.asterisk.spectrum import loudest, seconds, strength
from tests.stage import plan_of, stage

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]

SALES = "02873001234"
QUIET = 0.005  # a tone that is not there; those that are have 0.2 and more


def at(event):
    return float(event["Timestamp"])


async def talked_s(house):
    """How long customer and agent were connected, once they are not any more."""
    began = await house.heard.event("BridgeEnter", BridgeNumChannels="2")
    return at(await house.heard.event("BridgeLeave")) - at(began)


# ------------------------------------------------------------------------ calls that come in


async def test_a_customer_waits_then_talks_and_both_sides_are_recorded_apart(house):
    await house.ready("sales", "104")  # picks up after a second, hangs up three later

    await house.carrier.call(SALES, "0912345678", name="Nguyễn Văn A", then="tone")
    waiting = await house.heard.event("QueueCallerJoin", Queue="sales")
    talked = await talked_s(house)
    files = await house.recording(waiting["Uniqueid"])

    assert (waiting["CallerIDNum"], waiting["CallerIDName"]) == ("0912345678", "Nguyễn Văn A")
    assert loudest(files["in"]) == [440]
    assert loudest(files["out"]) == [1000]
    assert sorted(loudest(files["mix"])) == [440, 1000]
    assert [seconds(path) for path in files.values()] == pytest.approx([talked] * 3, abs=0.5)
    assert talked == pytest.approx(3, abs=1)


async def test_nothing_of_the_waiting_is_recorded_and_both_sides_start_together(house):
    await house.ready("sales", "104")

    await house.carrier.call(SALES, "0912345678", then="tone")
    waiting = await house.heard.event("QueueCallerJoin")
    await house.heard.event("MusicOnHoldStart")
    files = await house.recording(waiting["Uniqueid"])

    assert strength(files["in"], 440, 0, 0.5) > 0.08
    assert strength(files["out"], 1000, 0, 0.5) > 0.08
    for music in (262, 330, 392, 523):
        assert strength(files["out"], music) < QUIET


async def test_every_leg_of_a_call_carries_its_id(house):
    await house.ready("sales", "104", "101")

    await house.carrier.call(SALES, "0912345678", then="tone")
    call_id = (await house.heard.event("UserEvent", UserEvent="CCInbound"))["CCID"]
    at_the_phone = await house.world.event("UserEvent", UserEvent="PhoneRings")
    await house.recording(call_id)
    await house.silence()

    assert at_the_phone["XCall"] == call_id
    later = [e for e in house.heard.events if e["Event"] in ("BridgeEnter", "Hangup", "Cdr")]
    ids = {e.get("ChanVariable", e.get("CCID", "")).removeprefix("CCID=") for e in later}
    assert ids == {call_id}


async def test_the_journal_has_the_call_in_cel_and_cdr(house):
    await house.ready("sales", "104")

    await house.carrier.call(SALES, "0912345678", name='a "b", c', then="tone")
    call_id = (await house.heard.event("UserEvent", UserEvent="CCInbound"))["CCID"]
    await house.recording(call_id)
    await house.silence()
    await house.heard.event("Cdr")

    log = house.home / "exchange/log"
    cel = list(csv.reader((log / "cel-custom/cel.csv").read_text().splitlines()))
    cdr = list(csv.reader((log / "cdr-custom/cdr.csv").read_text().splitlines()))
    steps = {row[0] for row in cel if row[2] == call_id}
    called = {row[0] for row in cdr if row[1] == call_id}
    assert steps >= {"CHAN_START", "ANSWER", "BRIDGE_ENTER", "HANGUP", "LINKEDID_END"}
    assert {len(row) for row in cel} == {16}
    assert called == {call_id}


async def test_a_queue_rings_the_next_agent_when_one_does_not_pick_up_and_one_at_a_time(house):
    await house.ready("sales", "102", "100")  # 102 refuses

    await house.carrier.call(SALES, "0912345678", then="short")
    answered = await house.heard.event("AgentConnect")

    assert answered["Interface"] == "PJSIP/100"


async def test_each_number_of_ours_leads_to_its_queue(house):
    await house.carrier.call("19006789", "0912345678", then="short")
    joined = await house.heard.event("QueueCallerJoin")
    announced = await house.heard.event("UserEvent", UserEvent="CCInbound")

    assert joined["Queue"] == "care"
    assert (announced["DID"], announced["CLI"]) == ("19006789", "0912345678")


async def test_a_number_that_is_not_ours_is_refused(house):
    with pytest.raises(Conflict, match="refuses calls to 02800000000"):
        await house.carrier.call("02800000000", "0912345678")

    assert (await house.heard.event("Hangup"))["Cause"] == "1"
    assert house.heard.found("QueueCallerJoin") == []


async def test_any_number_leads_to_the_default_queue_when_there_is_one(tmp_path):
    async with stage(tmp_path, plan=plan_of({}, "sales", default="sales")) as house:
        await house.carrier.call("02800000000", "0912345678", then="short")

        assert (await house.heard.event("QueueCallerJoin"))["Queue"] == "sales"
        announced = await house.heard.event("UserEvent", UserEvent="CCInbound")
        assert announced["DID"] == "02800000000"


async def test_a_customer_who_gives_up_leaves_an_empty_recording(house):
    caller = await house.carrier.call(SALES, "0912345678")
    waiting = await house.heard.event("QueueCallerJoin")

    await house.carrier.hang_up(caller)
    await house.heard.event("QueueCallerAbandon")
    files = await house.recording(waiting["Uniqueid"])

    assert {seconds(path) for path in files.values()} == {0.0}


# ------------------------------------------------------------------------ strange callers


async def test_a_withheld_number_is_nowhere(house):
    await house.carrier.call(SALES, None, then="tone")
    waiting = await house.heard.event("QueueCallerJoin")
    announced = await house.heard.event("UserEvent", UserEvent="CCInbound")

    assert (waiting["CallerIDNum"], waiting["CallerIDName"]) == ("<unknown>", "<unknown>")
    assert announced["CLI"] == ""


STRANGE = {
    "quotes": 'a "b" c',
    "a backslash at the end": "a\\",
    "commas and bars": "a,b|c;d",
    "dialplan": "${CALLERID(num)} $[1+1] ${SHELL(touch evil)}",
    "shell": "`touch evil` $(touch evil) ; touch evil & | touch evil",
    "control characters": "a\x07b\x1b[31mc\td",
    "line ends": "a\r\nX-Evil: 1\r\n\r\nEvent: Hangup\r\n",
    "emoji": "Chị Hoa 😀🌸",
    "300 letters": "x" * 300,
    "300 letters of many bytes": "ấ" * 300,
    "like an event": "Event: Hangup",
    "markup": "<script>alert(1)</script>",
}


async def test_no_name_a_caller_can_have_breaks_a_call(house):
    await house.ready("sales", "104")
    for count, name in enumerate(STRANGE.values(), start=1):
        caller = await house.carrier.call(SALES, "0912345678", name=name, then="tone")
        rings = await house.world.event("UserEvent", UserEvent="PhoneRings", count=count)
        joined = await house.heard.event("QueueCallerJoin", count=count)
        await house.carrier.hang_up(caller)
        await house.recording(joined["Uniqueid"])

        assert joined["CallerIDNum"] == "0912345678"
        assert rings["XCall"] == joined["Uniqueid"]

    assert not list(house.home.rglob("evil*"))
    assert house.heard.found("AgentCalled")


async def test_a_number_with_other_signs_is_announced_by_its_digits(house):
    await house.carrier.call(SALES, "+84912345678*#", then="tone")

    announced = await house.heard.event("UserEvent", UserEvent="CCInbound")
    assert announced["CLI"] == "+84912345678*#"


# ------------------------------------------------------------------------ calls that agents make


async def test_an_agent_calls_a_customer_and_both_sides_are_recorded_apart(house):
    call_id = await house.click("103", "0900000105")  # talks for three seconds, then hangs up
    talked = await talked_s(house)
    files = await house.recording(call_id)

    at_the_phone = await house.world.event("UserEvent", UserEvent="PhoneRings")
    assert at_the_phone["XCall"] == call_id
    assert loudest(files["in"]) == [440]
    assert loudest(files["out"]) == [1200]
    assert [seconds(path) for path in files.values()] == pytest.approx([talked] * 3, abs=0.5)


async def test_customers_see_the_number_of_the_company(house):
    await house.click("100", "0900000111")

    called = await house.world.event("Newchannel", Context="numbers")
    assert called["CallerIDNum"] == SALES


@pytest.mark.parametrize(
    "number, cause",
    {
        "0900000101": "17",  # busy
        "0900000103": "21",  # rejected
        "0900000106": "27",  # switched off
        "0900000107": "1",  # no such number
        "0900000108": "34",  # congestion
    }.items(),
)
async def test_the_customers_leg_says_why_there_was_no_talk(house, number, cause):
    call_id = await house.click("100", number)

    ended = await house.heard.event("Hangup", ChanVariable=f"CCID={call_id}", Context="from-trunk")
    assert ended["Cause"] == cause
    assert (await house.heard.event("UserEvent", UserEvent="CCDialResult"))["CCID"] == call_id
    await house.silence()
    assert not list(house.spool.rglob(f"{call_id}*"))


async def test_early_media_is_no_answer(house):
    await house.click("103", "0900000109")  # two seconds of a ringing tone of its own
    dialled = await house.heard.event("DialBegin", DialString="0900000109@carrier")
    began = await house.heard.event("BridgeEnter", BridgeNumChannels="2")

    assert at(began) - at(dialled) > 1.9


async def test_a_phone_that_is_not_there_is_told_at_once(house):
    await house.click("119", "0900000111")

    failed = await house.heard.event("OriginateResponse")
    assert (failed["Response"], failed["Reason"]) == ("Failure", "0")
    assert house.world.found("Newchannel") == []


async def test_an_agent_who_refuses_is_no_call_to_the_customer(house):
    await house.click("102", "0900000111")

    assert (await house.heard.event("OriginateResponse"))["Response"] == "Failure"
    assert house.world.found("Newchannel", Context="numbers") == []


@pytest.mark.parametrize("number", ["0912;345", "0912345678&PJSIP", "09 12"])
async def test_what_is_no_number_is_never_dialled(house, number):
    await house.click("100", number)
    await house.heard.event("Hangup")
    await house.silence()

    assert house.world.found("Newchannel", Context="numbers") == []


@pytest.mark.parametrize("number", ["abc", "*600"])
async def test_what_no_dialplan_knows_does_not_even_ring_the_agent(house, number):
    with pytest.raises(Conflict):
        await house.click("100", number)

    assert house.world.events == []


async def test_a_call_id_that_is_no_name_of_a_file_is_cleaned(house):
    call_id = "x;touch evil"
    await house.ask(
        "Originate",
        {
            "Channel": "PJSIP/103",
            "Context": "click2call",
            "Exten": "0900000105",
            "Priority": "1",
            "Async": "true",
            "Variable": f"__CCID={call_id}",
        },
    )

    await talked_s(house)
    assert await house.recording("xtouchevil")
    assert not list(house.home.rglob("evil"))


# ------------------------------------------------------------------------ rights and bad luck


FORBIDDEN = {
    "Command": {"Command": "core show version"},
    "UpdateConfig": {"SrcFilename": "x.conf", "DstFilename": "x.conf"},
    "GetConfig": {"Filename": "manager.conf"},
    "UserEvent": {"UserEvent": "CCInbound"},
    "ModuleLoad": {"LoadType": "reload"},
    "MixMonitor": {"Channel": "x"},
    "DBPut": {"Family": "a", "Key": "b", "Val": "c"},
}


@pytest.mark.parametrize("action", FORBIDDEN)
async def test_the_service_may_not(house, action):
    with pytest.raises(Conflict, match=r"[Pp]ermission"):
        await house.ask(action, FORBIDDEN[action])


async def test_the_service_may_not_run_programs_through_originate(house):
    with pytest.raises(Conflict):
        await house.ask(
            "Originate", {"Channel": "PJSIP/100", "Application": "System", "Data": "touch evil"}
        )


async def test_what_nobody_needs_is_not_sent(house):
    await house.click("103", "0900000105")
    await house.heard.event("OriginateResponse")
    await house.silence()

    assert {"VarSet", "Newexten", "RTCPSent", "TestEvent"}.isdisjoint(
        event["Event"] for event in house.heard.events
    )


async def test_only_audio_can_be_reached_from_the_office(tmp_path):
    """Besides it the kernel shows two UDP sockets in which pjproject waits for DNS answers."""
    async with stage(tmp_path, media_address=(local_addresses() or ["127.0.0.2"])[0]) as house:
        await house.click("103", "0900000111")
        await house.heard.event("BridgeEnter", BridgeNumChannels="2")
        open_sockets = sockets_of(house.exchange.pid)

    resolver = [each for each in open_sockets if each == ("udp", "00000000")]
    assert {address for kind, address in open_sockets if kind == "tcp"} == {"0100007F"}
    assert len(resolver) <= 1
    assert {address for kind, address in open_sockets} <= {"0100007F", "00000000"}


def sockets_of(pid):
    """(tcp or udp, local address in the kernel's hex) of a process, IPv4."""
    mine = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since it was listed
            mine.add(os.readlink(link))
    rows = [
        (kind, row.split())
        for kind in ("tcp", "udp")
        for row in Path(f"/proc/net/{kind}").read_text().splitlines()[1:]
    ]
    return [(kind, row[1].partition(":")[0]) for kind, row in rows if f"socket:[{row[9]}]" in mine]


async def test_a_killed_exchange_is_back_by_itself_and_takes_calls_again(house):
    await house.ready("sales", "100")
    await house.carrier.call(SALES, "0912345678", then="tone")
    await house.heard.event("BridgeEnter", BridgeNumChannels="2")
    first = house.exchange.pid

    os.kill(first, signal.SIGKILL)
    await house.back()  # and connected again

    assert house.exchange.pid not in (None, first)
    house.heard.events.clear()
    await house.registered("104")  # phones that were there are still known
    await house.ready("sales", "104")
    await house.carrier.call(SALES, "0912345678", then="tone")
    assert await house.heard.event("AgentConnect", Interface="PJSIP/104")
