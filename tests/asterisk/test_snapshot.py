"""What a real exchange lists after a login becomes the calls that are going on there."""

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.asterisk.protocol import parse
from callcenter.asterisk.translate import translate
from callcenter.calls.board import Board
from callcenter.calls.call import Direction, State
from callcenter.calls.events import SnapshotBegan, SnapshotEnded

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BRIDGE = "e2477c17-0081-4a32-9f98-7f5c31e0610c"
CORE_SHOW_CHANNELS = f"""\
Event: CoreShowChannel
Channel: PJSIP/carrier-00000025
ChannelState: 6
ChannelStateDesc: Up
CallerIDNum: 15550100
CallerIDName: <unknown>
ConnectedLineNum: 15551230000
ConnectedLineName: Agent 101
Language: en
AccountCode:
Context: from-trunk
Exten:
Priority: 1
Uniqueid: pbx-1795299488.84
Linkedid: lst1
ChanVariable: CCID=lst1
Application: AppDial
ApplicationData: (Outgoing Line)
Duration: 00:00:02
BridgeId: {BRIDGE}

Event: CoreShowChannel
Channel: PJSIP/101-00000024
ChannelState: 6
ChannelStateDesc: Up
CallerIDNum: 15551230000
CallerIDName: Agent 101
ConnectedLineNum: 15550100
ConnectedLineName: <unknown>
Language: en
AccountCode:
Context: click2call
Exten: 15550100
Priority: 5
Uniqueid: lst1
Linkedid: lst1
ChanVariable: CCID=lst1
Application: Dial
ApplicationData: PJSIP/15550100@carrier,20,b(outleg^s^1(lst1))TU(rec^lst1)
Duration: 00:00:03
BridgeId: {BRIDGE}"""
STATUS = (
    CORE_SHOW_CHANNELS.replace("CoreShowChannel", "Status")
    .replace("BridgeId", "BridgeID")
    .replace("Duration: 00:00:0", "Seconds: ")
)


def board_after(*lists):
    board = Board()
    board.apply(SnapshotBegan(at=NOON))
    for text in lists:
        for block in text.split("\n\n"):
            event = translate(parse(block.replace("\n", "\r\n").encode()))
            assert event is not None
            board.apply(event)
    board.apply(SnapshotEnded(at=NOON))
    return board


@pytest.mark.parametrize(
    "lists", [[CORE_SHOW_CHANNELS], [STATUS], [CORE_SHOW_CHANNELS, STATUS]], ids=len
)
def test_a_call_that_is_listed_is_on_the_board(lists):
    [call] = board_after(*lists).calls()

    assert (call.call_id, call.direction, call.number) == ("lst1", Direction.OUTBOUND, "15550100")
    assert (call.state, call.talking, call.placed_by) == (State.TALKING, {"101"}, "101")
    assert call.started_at == NOON - timedelta(seconds=3)


def test_a_list_that_nobody_asked_for_is_nothing():
    board = Board()
    for block in CORE_SHOW_CHANNELS.split("\n\n"):
        board.apply(translate(parse(block.replace("\n", "\r\n").encode())))

    assert board.calls() == []
