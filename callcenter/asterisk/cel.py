"""Asterisk's event log (CEL): its lines, and the same story told in AMI's words.

Pure. What AMI says to those who listen, CEL writes down whoever is there. Said in the same words
it goes through the same `translate` and Board. CEL knows nothing of ringing, holding and keys.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

import msgspec

from callcenter.asterisk.translate import Message
from callcenter.calls.legs import endpoint_of

# Every quote inside a field is doubled, so neither a caller's name nor a line cut short and written
# on by the next start can look like a record, whatever stands in them.
_TYPE_AND_TIME = rb'"([A-Z_]+)","(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d{4})"'
_FIELD = rb',"([^"]*(?:""[^"]*)*)"'
HEAD = re.compile(_TYPE_AND_TIME)
RECORD = re.compile(_TYPE_AND_TIME + 14 * _FIELD + rb"\r?\n")

Extra = TypeVar("Extra", "Ended", "Bridged")

OUTGOING = "(Outgoing Line)"  # what a channel that was called does, in Asterisk's words
# contexts where the extension names the queue; the first is that of versions before the switchboard
FOR_A_QUEUE, FOR = {"callcenter-inbound", "callcenter-go-queue", "callcenter-first"}, "for-"
MESSAGE = "callcenter-message"  # the context where a caller is asked for a message, for that queue
KEEP = "callcenter-keep"  # and where somebody says goodbye who keeps a place in that queue
STARTED = {"", "s"}  # the extension of a channel that was called
PHONE_WAS_THERE = {None, 0, 16, 17, 19, 21, 26, 127}  # causes; others: no such phone, no way to it
ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})  # AMI's, of names
RINGS = timedelta(seconds=0.3)  # a phone that refuses sooner did so by itself


class Record(NamedTuple):
    """One line, by the fields of cel_custom.conf."""

    kind: str  # CHAN_START, ANSWER, HANGUP, …
    at: datetime
    linked_id: str
    channel_id: str
    ccid: str
    name: str  # of the channel
    context: str
    exten: str
    app: str
    data: str  # the application's
    number: str
    caller_name: str
    dialled: str
    peer: str
    event: str
    extra: str  # JSON, or nothing


def records(data: bytes) -> Iterator[tuple[int, int, Record | None]]:
    """What stands in `data`, as (start, end, record); None for what is no record.

    A beginning of a record at the end of `data` is left out: its rest may yet come.
    """
    place = 0
    while place < len(data):
        if found := RECORD.match(data, place):
            yield place, found.end(), _record(found)
            place = found.end()
            continue
        following = HEAD.search(data, place + 1)
        if following is None:
            return
        yield place, following.start(), None
        place = following.start()


def _record(found: re.Match[bytes]) -> Record | None:
    kind, at, *rest = [text.decode("utf-8", "replace") for text in found.groups()]
    try:
        return Record(kind, datetime.fromisoformat(at), *(t.replace('""', '"') for t in rest))
    except ValueError:  # the 31st of February
        return None


class Ended(msgspec.Struct):
    """What HANGUP has in `extra`."""

    hangupcause: int | None = None
    hangupsource: str = (
        ""  # the name of the channel whose phone hung up; of its own for one that did
    )
    dialstatus: str = ""  # what became of the Dial() that this channel made


class Bridged(msgspec.Struct):
    bridge_id: str = ""


@dataclass(slots=True)
class Channel:
    """What the words for later lines need."""

    began_at: datetime
    linked_id: str
    is_root: bool
    answered: bool = False
    dialling: str = ""  # the argument of the Dial() that runs here
    called: list[str] = field(default_factory=list)  # the channels it called


class Words:
    """CEL's lines in AMI's words, channel by channel.

    Lines of a channel whose beginning was not seen say nothing: half a story is worse than none.
    """

    def __init__(self) -> None:
        self._channels: dict[str, Channel] = {}

    def forget(self, channel_id: str) -> None:
        self._channels.pop(channel_id, None)

    def of(self, record: Record) -> list[Message]:
        """AMI's messages that say what this line says, in their order."""
        channel = self._channels.get(record.channel_id)
        if record.kind == "CHAN_START" and channel is None:
            return self._started(record)
        if channel is None:
            return []
        channel.linked_id = record.linked_id
        match record.kind:
            case "ANSWER":
                channel.answered = True
                up = _say(record, "Newstate", ChannelStateDesc="Up")
                return [*_called(record), up, *_announced(record)]
            case "APP_START":
                return _ran(record, channel)
            case "APP_END" if record.app == "Dial":
                channel.dialling = ""
                return []
            case "BRIDGE_ENTER" | "BRIDGE_EXIT":
                name = "BridgeEnter" if record.kind == "BRIDGE_ENTER" else "BridgeLeave"
                return [_say(record, name, BridgeUniqueid=_extra(record, Bridged).bridge_id)]
            case "BLINDTRANSFER":
                return [_say(record, "BlindTransfer", "Transferer", Result="Success")]
            case "ATTENDEDTRANSFER":
                return [_say(record, "AttendedTransfer", "OrigTransferer", Result="Success")]
            case "HANGUP":
                return _hung_up(record, channel)
            case "CHAN_END":
                return [_say(record, "Hangup")]
            case _:
                return []

    def _started(self, record: Record) -> list[Message]:
        is_root = record.channel_id == record.linked_id
        self._channels[record.channel_id] = Channel(record.at, record.linked_id, is_root)
        calls_us = is_root and record.exten not in STARTED
        state = "Ring" if calls_us else "" if is_root else "Down"
        said: list[Message] = [_say(record, "Newchannel", ChannelStateDesc=state)]
        for by, caller in self._channels.items():
            if caller.linked_id == record.linked_id and caller.dialling:
                caller.called.append(record.channel_id)
                to = {"Uniqueid": by, "DialString": _target(caller.dialling, record.name)}
                said.append(_say(record, "DialBegin", "Dest") | to)
        return said


def _called(record: Record) -> list[Message]:
    """It did not call us, and only now is that to be seen."""
    return [_say(record, "Newstate", ChannelStateDesc="Down")] if record.data == OUTGOING else []


def _announced(record: Record) -> list[Message]:
    """Our dialplan answers a call, or rings somebody, where the queue is named that it is for."""
    if record.context not in {*FOR_A_QUEUE, MESSAGE, KEEP} or not record.exten.startswith(FOR):
        return []
    queue = record.exten.removeprefix(FOR)
    if record.context == KEEP:
        return [_say(record, "UserEvent", UserEvent="CCHop", Kind="callback", Name=queue)]
    what = "CCMessage" if record.context == MESSAGE else "CCInbound"
    return [_say(record, "UserEvent", UserEvent=what, Queue=queue)]


def _ran(record: Record, channel: Channel) -> list[Message]:
    first = record.data.partition(",")[0]
    match record.app:
        case "Dial":
            channel.dialling = first
            return _announced(record)
        case "Playback":
            return _announced(record)
        case "Record":
            name = first.rpartition("/")[2]
            return [
                *_announced(record),
                _say(record, "UserEvent", UserEvent="CCRecStart", File=name),
            ]
        case "Queue":
            return [_say(record, "QueueCallerJoin", Queue=first)]
        case "ChanSpy":
            return [_say(record, "ChanSpyStart", "Spyer")]
        case "MixMonitor":
            return [_say(record, "VarSet", Variable="MIXMONITOR_FILENAME", Value=first)]
        case _:
            return []


def _hung_up(record: Record, channel: Channel) -> list[Message]:
    ended = _extra(record, Ended)
    said: list[Message] = [*_called(record)]
    tried = record.at - channel.began_at >= RINGS and not (channel.is_root or channel.answered)
    if tried and ended.hangupcause in PHONE_WAS_THERE:
        began = record._replace(at=channel.began_at)
        said.append(_say(began, "Newstate", ChannelStateDesc="Ringing"))
    if ended.dialstatus and ended.dialstatus != "ANSWER":
        for called in channel.called:
            other = record._replace(channel_id=called, name="", ccid="")
            said.append(_say(other, "DialEnd", "Dest", DialStatus=ended.dialstatus))
    if ended.hangupsource == record.name:
        said.append(_say(record, "HangupRequest"))
    cause = "" if ended.hangupcause is None else str(ended.hangupcause)
    return [*said, _say(record, "Hangup", Cause=cause)]


def _say(record: Record, event: str, prefix: str = "", **headers: str) -> dict[str, str]:
    return {
        "Event": event,
        "Timestamp": f"{record.at.timestamp():.6f}",
        f"{prefix}Uniqueid": record.channel_id,
        f"{prefix}Linkedid": record.linked_id,
        f"{prefix}Channel": record.name,
        f"{prefix}ChanVariable": f"CCID={record.ccid}",
        "CallerIDNum": record.number,
        "CallerIDName": record.caller_name.translate(ESCAPES),
        "Context": record.context,
        "Exten": record.exten,
        **headers,
    }


def _target(dialled: str, name: str) -> str:
    """What was dialled there: of "PJSIP/101&PJSIP/0912345678@carrier" the part of that channel."""
    endpoint = endpoint_of(name)
    for each in dialled.split("&"):
        resource = each.partition("/")[2]
        if endpoint in (resource, resource.partition("/")[0], resource.rpartition("@")[2]):
            return resource
    return ""


def _extra(record: Record, kind: type[Extra]) -> Extra:
    try:
        return msgspec.json.decode(record.extra or "{}", type=kind)
    except (msgspec.MsgspecError, UnicodeError):
        return kind()
