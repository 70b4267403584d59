from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.asterisk.translate import MEANINGS, translate
from callcenter.calls.events import (
    UNTIMED,
    AutomaticStepped,
    BridgeEntered,
    ChannelCreated,
    ChannelEnded,
    ChannelListed,
    ChannelSeen,
    ChannelState,
    DialBegan,
    DigitPressed,
    Event,
    HangupAsked,
    HopPassed,
    InboundAnnounced,
    MessageBegan,
    OriginateAnswered,
    QueueJoined,
    RecordingStarted,
    SpyingBegan,
    TransferMade,
)

AT = datetime(2026, 11, 21, 19, 45, 18, 896773, tzinfo=UTC)
CHANNEL = {
    "Timestamp": "1795290318.896773",
    "Channel": "PJSIP/carrier-00000007",
    "ChannelStateDesc": "Ring",
    "CallerIDNum": "0912345678",
    "CallerIDName": "Mai",
    "ConnectedLineNum": "<unknown>",
    "Context": "from-trunk",
    "Exten": "7001",
    "Uniqueid": "pbx-1.7",
    "Linkedid": "pbx-1.7",
    "ChanVariable": "CCID=c1",
}
WHICH = {
    "at": AT,
    "channel_id": "pbx-1.7",
    "linked_id": "pbx-1.7",
    "ccid": "c1",
    "name": "PJSIP/carrier-00000007",
}


def said(name, **headers):
    return translate({**CHANNEL, "Event": name, **headers})


def of_channel(prefix):
    return {prefix + key: value for key, value in CHANNEL.items() if key != "Timestamp"}


def test_a_new_channel_is_described_as_it_looks():
    assert said("Newchannel") == ChannelCreated(
        **WHICH,
        state=ChannelState.CALLING_IN,
        number="0912345678",
        caller_name="Mai",
        connected=None,
        context="from-trunk",
        exten="7001",
    )


@pytest.mark.parametrize("name", ["Newstate", "NewCallerid", "NewConnectedLine"])
def test_a_channel_that_looks_different_is_seen(name):
    seen = said(name, ChannelStateDesc="Up", ConnectedLineNum="201")

    assert isinstance(seen, ChannelSeen)
    assert (seen.state, seen.connected) == (ChannelState.UP, "201")


def test_a_state_we_do_not_care_about_is_other():
    assert said("Newstate", ChannelStateDesc="Pre-ring").state is ChannelState.OTHER


@pytest.mark.parametrize(
    "number", ["", "<unknown>", "anonymous", "Anonymous", "Restricted", "unavailable", "\x00\x07"]
)
def test_a_withheld_number_is_none(number):
    assert said("Newchannel", CallerIDNum=number).number is None


def test_a_number_that_may_not_be_shown_is_none():
    pres = "35 (Presentation Prohibited, Network Number)"

    assert said("NewCallerid", **{"CID-CallingPres": pres}).number is None


def test_a_number_that_may_be_shown_stays():
    pres = "0 (Presentation Allowed, Not Screened)"

    assert said("NewCallerid", **{"CID-CallingPres": pres}).number == "0912345678"


def test_control_characters_leave_a_name_and_everything_else_stays():
    name = "Nguyễn\r\n Thị\x00 <b>😀</b>\x1b[31m\u2028"

    assert said("Newchannel", CallerIDName=name).caller_name == "Nguyễn Thị <b>😀</b>[31m"


def test_a_name_of_three_thousand_letters_is_cut():
    assert len(said("Newchannel", CallerIDName="ă" * 3000).caller_name) == 300


def test_a_name_nobody_has_is_empty():
    assert said("Newchannel", CallerIDName="<unknown>").caller_name == ""


@pytest.mark.parametrize(
    "variables", ["CCID=c1", "LANG=vi\nCCID=c1", "CCID=c1\nX=CCID=other", "CCID=c\x071"]
)
def test_our_id_is_found_among_the_channels_variables(variables):
    assert said("Newstate", ChanVariable=variables).ccid == "c1"


@pytest.mark.parametrize("variables", ["", "CCID=", "XCCID=c1", "CCIDX=c1"])
def test_a_channel_without_our_id_has_none(variables):
    assert said("Newstate", ChanVariable=variables).ccid == ""


@pytest.mark.parametrize("cause, known", [("16", 16), ("0", 0), ("", None), ("²", None)])
def test_a_hangup_tells_its_cause_if_it_has_one(cause, known):
    assert said("Hangup", Cause=cause) == ChannelEnded(**WHICH, cause=known)


def test_a_request_to_hang_up_tells_who_asked():
    assert said("HangupRequest") == HangupAsked(**WHICH)


def test_the_dialplans_own_hangup_is_not_told():
    assert said("SoftHangupRequest") is None


def test_dialling_is_about_the_channel_that_is_called():
    caller = {"Timestamp": CHANNEL["Timestamp"], "Uniqueid": "pbx-1.1"}

    event = translate(
        {"Event": "DialBegin", **caller, **of_channel("Dest"), "DialString": "0911@carrier"}
    )

    assert event == DialBegan(**WHICH, by="pbx-1.1", dialled="0911@carrier")


def test_a_bridge_event_without_a_bridge_is_nothing():
    assert said("BridgeEnter", BridgeUniqueid="b1") == BridgeEntered(**WHICH, bridge_id="b1")
    assert said("BridgeEnter") is None


@pytest.mark.parametrize("name", ["QueueCallerJoin", "AgentCalled", "AgentConnect"])
def test_a_queue_is_named_by_all_its_events(name):
    now = name == "QueueCallerJoin"

    assert said(name, Queue="sales") == QueueJoined(**WHICH, queue="sales", now=now)


def test_only_keys_that_were_pressed_count():
    assert said("DTMFEnd", Digit="5", Direction="Received") == DigitPressed(**WHICH, digit="5")
    assert said("DTMFEnd", Digit="5", Direction="Sent") is None
    assert said("DTMFBegin", Digit="5", Direction="Received") is None


@pytest.mark.parametrize(
    "channel, exten, number",
    [
        ("PJSIP/15550101@carrier", "s", "15550101"),
        ("PJSIP/201", "15550100", "15550100"),
        ("PJSIP/201", "+84912345678", "+84912345678"),
        ("PJSIP/104", "", None),  # to listen in: no number at all
        ("PJSIP/201", "failed", None),
    ],
)
def test_a_failed_originate_tells_who_was_to_be_called(channel, exten, number):
    event = said("OriginateResponse", Response="Failure", Channel=channel, Exten=exten)

    assert event == OriginateAnswered(**{**WHICH, "name": channel}, ok=False, number=number)


def test_a_transfer_is_told_of_the_one_who_made_it():
    headers = {"Timestamp": CHANNEL["Timestamp"], **of_channel("Transferer")}

    made = translate({"Event": "BlindTransfer", "Result": "Success", **headers})
    refused = translate({"Event": "BlindTransfer", "Result": "Not Permitted", **headers})

    assert made == TransferMade(**WHICH)
    assert refused is None


def test_a_spy_is_told_of_the_one_who_listens():
    headers = {"Timestamp": CHANNEL["Timestamp"], **of_channel("Spyer")}

    assert translate({"Event": "ChanSpyStart", **headers}) == SpyingBegan(**WHICH)


def test_of_all_variables_only_the_recordings_name_is_heard():
    named = said("VarSet", Variable="MIXMONITOR_FILENAME", Value="/var/spool/x/c1.wav")

    assert named == RecordingStarted(**WHICH, file="c1.wav")
    assert said("VarSet", Variable="RTPAUDIOQOS", Value="ssrc=1") is None


def test_the_dialplan_may_tell_what_asterisk_does_not():
    assert said("UserEvent", UserEvent="CCInbound", DID="1900") == InboundAnnounced(
        **WHICH, did="1900"
    )
    assert said("UserEvent", UserEvent="CCInbound", DID="1900", Queue="care") == InboundAnnounced(
        **WHICH, did="1900", queue="care"
    )
    assert said("UserEvent", UserEvent="CCAuto", Digit="1") == AutomaticStepped(**WHICH, digit="1")
    assert said("UserEvent", UserEvent="Somebody's") is None


def test_the_dialplan_says_where_a_caller_is_on_the_way():
    menu = said("UserEvent", UserEvent="CCHop", Kind="menu", Name="main")

    assert menu == HopPassed(**WHICH, kind="menu", what="main")
    assert said("UserEvent", UserEvent="CCHop", Kind="closed") == HopPassed(**WHICH, kind="closed")
    assert said("UserEvent", UserEvent="CCHop", Kind="<b>", Name="main") is None
    message = said("UserEvent", UserEvent="CCMessage", Queue="care")
    assert message == MessageBegan(**WHICH, queue="care")
    assert said("UserEvent", UserEvent="CCMessage") is None


@pytest.mark.parametrize("duration, age_s", [("00:01:02", 62), ("62", 62), ("", 0), ("x:y", 0)])
def test_a_listed_channel_has_an_age_and_no_time(duration, age_s):
    message = {**CHANNEL, "Event": "CoreShowChannel", "Duration": duration, "BridgeId": "b1"}
    del message["Timestamp"]

    event = translate(message)

    assert isinstance(event, ChannelListed)
    assert (event.at, event.age_s, event.bridge_id) == (UNTIMED, age_s, "b1")


def test_status_lists_channels_too():
    assert said("Status", BridgeID="b1", Seconds="9").bridge_id == "b1"


@pytest.mark.parametrize("timestamp", ["", "soon", "nan", "inf", "9e99", "-9e99"])
def test_what_has_no_time_is_nothing(timestamp):
    assert said("Newstate", Timestamp=timestamp) is None


def test_what_has_no_channel_is_nothing():
    assert said("Hangup", Uniqueid="") is None


def test_a_response_is_nothing():
    assert translate({"Response": "Success", "Message": "Authentication accepted"}) is None


HEADERS = st.sampled_from([*CHANNEL, "BridgeUniqueid", "Digit", "Direction", "Result", "Cause"])


@given(st.sampled_from(sorted(MEANINGS)), st.dictionaries(HEADERS, st.text(max_size=20)))
def test_garbage_is_an_event_or_nothing(name, headers):
    event = translate({**CHANNEL, **headers, "Event": name})

    assert event is None or isinstance(event, Event)


@pytest.mark.parametrize(
    "written, meant",
    [
        (r"a \\\"b\\\" c", 'a "b" c'),
        (r"back\\\\slash", "back\\slash"),
        (r"line\nend", "line end"),
        ("Nguyễn Thị Ngọc M\ufffd", "Nguyễn Thị Ngọc M"),
    ],
)
def test_a_callers_name_is_read_as_they_wrote_it_not_as_ami_and_sip_escape_it(written, meant):
    event = translate(
        {
            "Event": "Newchannel",
            "Timestamp": "1795290344.0",
            "Uniqueid": "1.1",
            "Linkedid": "1.1",
            "Channel": "PJSIP/carrier-1",
            "CallerIDName": written,
        }
    )

    assert event.caller_name == meant
