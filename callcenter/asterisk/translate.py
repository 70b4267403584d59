"""One AMI message in, one event of ours out, or None: most messages are not about calls.

Pure, and on the hot path: an irrelevant message costs one look into a dict. `message` maps header
names as Asterisk writes them to text; a repeated header has its values with line feeds between.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from callcenter.calls import events as happened
from callcenter.calls.endpoints import is_mobile
from callcenter.calls.events import UNTIMED, ChannelState, Event

Message = Mapping[str, str]

LONGEST_NAME = 300  # letters
LONGEST_NUMBER = 64
LONGEST_ID = 150  # as Asterisk's own
NOBODY = {
    *("", "<unknown>", "anonymous", "unknown"),
    *("private", "withheld", "restricted", "unavailable"),
}
CONTROL = dict.fromkeys([*range(32), *range(127, 160), 0x2028, 0x2029])
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
KIND_OF_HOP = re.compile(r"[a-z_]{1,16}")
STATES = {str(state): state for state in ChannelState}


def translate(message: Message) -> Event | None:
    """The event in this message; None when it is none of ours, or has no time or no channel.

    Asterisk writes times only with `timestampevents = yes` in manager.conf; the lists after a login
    (CoreShowChannel, Status) never have one and get UNTIMED.
    """
    meant = MEANINGS.get(message.get("Event", ""))
    return meant(message) if meant else None


def _time(message: Message) -> datetime | None:
    try:
        seconds = float(message["Timestamp"])
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (KeyError, ValueError, OverflowError, OSError):
        return None


def _channel(message: Message, prefix: str = "") -> dict[str, Any] | None:
    """What every event about a channel has in common; None when it names no channel."""
    at, channel_id = _time(message), message.get(prefix + "Uniqueid", "")
    if at is None or not channel_id:
        return None
    return {
        "at": at,
        "channel_id": channel_id[:LONGEST_ID],
        "linked_id": message.get(prefix + "Linkedid", "")[:LONGEST_ID],
        "ccid": _ccid(message.get(prefix + "ChanVariable", "")),
        "name": message.get(prefix + "Channel", "")[:LONGEST_NAME],
    }


def _ccid(variables: str) -> str:
    """Asterisk adds the channel's variables that manager.conf names: "CCID=…", one a line."""
    for variable in variables.split("\n"):
        name, _, value = variable.partition("=")
        if name == "CCID":
            return _clean(value, LONGEST_ID)
    return ""


def _clean(text: str, longest: int) -> str:
    """Text from outside without control characters, and not longer than that."""
    if not text.isprintable():
        text = text.translate(CONTROL)
    return text[:longest].strip()


def _number(raw: str) -> str | None:
    return None if raw.lower() in NOBODY else _clean(raw, LONGEST_NUMBER) or None


def _name(raw: str) -> str:
    if "\\" in raw:  # escaped by AMI as in C, and by SIP inside of that
        raw = ESCAPED.sub(_meant, ESCAPED.sub(_meant, raw))
    return (
        "" if raw.lower() in NOBODY else _clean(raw, LONGEST_NAME).rstrip("\ufffd")
    )  # cut in a letter


def _meant(escaped: re.Match[str]) -> str:
    return " " if escaped[1] in "abfnrtv" else escaped[1]


def _looks(message: Message) -> dict[str, Any]:
    """How the channel looks, as Newchannel, Newstate and the lists tell it."""
    withheld = "Prohibited" in message.get("CID-CallingPres", "")
    return {
        "state": STATES.get(message.get("ChannelStateDesc", ""), ChannelState.OTHER),
        "number": None if withheld else _number(message.get("CallerIDNum", "")),
        "caller_name": _name(message.get("CallerIDName", "")),
        "connected": _number(message.get("ConnectedLineNum", "")),
        "context": message.get("Context", ""),
        "exten": _clean(message.get("Exten", ""), LONGEST_NUMBER),
    }


def _created(message: Message) -> Event | None:
    channel = _channel(message)
    return happened.ChannelCreated(**channel, **_looks(message)) if channel else None


def _seen(message: Message) -> Event | None:
    channel = _channel(message)
    return happened.ChannelSeen(**channel, **_looks(message)) if channel else None


def _listed(message: Message) -> Event | None:
    channel = _channel({"Timestamp": "1", **message})
    if channel is None:
        return None
    channel["at"] = _time(message) or UNTIMED
    bridge_id = message.get("BridgeId") or message.get("BridgeID") or ""
    age_s = _seconds(message.get("Duration") or message.get("Seconds") or "")
    return happened.ChannelListed(**channel, **_looks(message), bridge_id=bridge_id, age_s=age_s)


def _seconds(text: str) -> float:
    """ "01:02:03" or "3723" as seconds; 0 for anything else."""
    seconds = 0
    for part in text.split(":"):
        if not (part.isascii() and part.isdigit()) or len(part) > 6:
            return 0.0
        seconds = seconds * 60 + int(part)
    return float(seconds)


def _about(kind: Callable[..., Event], prefix: str = "") -> Callable[[Message], Event | None]:
    """The meaning of an event that says nothing more than which channel it is about."""

    def meaning(message: Message) -> Event | None:
        channel = _channel(message, prefix)
        return kind(**channel) if channel else None

    return meaning


def _ended(message: Message) -> Event | None:
    channel = _channel(message)
    cause = message.get("Cause", "")
    known = int(cause) if cause.isascii() and cause.isdigit() and len(cause) < 4 else None
    return happened.ChannelEnded(**channel, cause=known) if channel else None


def _dial_began(message: Message) -> Event | None:
    channel = _channel(message, "Dest")
    if channel is None:
        return None
    by, dialled = message.get("Uniqueid", ""), message.get("DialString", "")
    return happened.DialBegan(**channel, by=by, dialled=_clean(dialled, LONGEST_NAME))


def _dial_heard(message: Message) -> Event | None:
    channel = _channel(message, "Dest")
    return happened.DialHeard(**channel, sign=message.get("DialStatus", "")) if channel else None


def _dial_ended(message: Message) -> Event | None:
    channel = _channel(message, "Dest")
    return happened.DialEnded(**channel, status=message.get("DialStatus", "")) if channel else None


def _bridged(kind: Callable[..., Event]) -> Callable[[Message], Event | None]:
    def meaning(message: Message) -> Event | None:
        channel, bridge_id = _channel(message), message.get("BridgeUniqueid", "")
        return kind(**channel, bridge_id=bridge_id) if channel and bridge_id else None

    return meaning


def _queued(message: Message) -> Event | None:
    channel, queue = _channel(message), _clean(message.get("Queue", ""), LONGEST_NUMBER)
    now = message["Event"] == "QueueCallerJoin"
    return happened.QueueJoined(**channel, queue=queue, now=now) if channel and queue else None


def _pressed(message: Message) -> Event | None:
    channel, digit = _channel(message), message.get("Digit", "")
    if channel is None or len(digit) != 1 or message.get("Direction") != "Received":
        return None
    return happened.DigitPressed(**channel, digit=digit)


def _variable_set(message: Message) -> Event | None:
    if message.get("Variable") != "MIXMONITOR_FILENAME":
        return None
    return _recording(message, message.get("Value", ""))


def _recording(message: Message, path: str) -> Event | None:
    channel, file = _channel(message), _clean(path, LONGEST_NAME).rpartition("/")[2]
    return happened.RecordingStarted(**channel, file=file) if channel and file else None


def _paused(message: Message) -> Event | None:
    channel = _channel(message)
    on = message.get("State", "") == "1"
    return happened.RecordingPaused(**channel, on=on) if channel else None


def _transferred(prefix: str) -> Callable[[Message], Event | None]:
    def meaning(message: Message) -> Event | None:
        channel, made = _channel(message, prefix), message.get("Result") == "Success"
        return happened.TransferMade(**channel) if channel and made else None

    return meaning


def _originated(message: Message) -> Event | None:
    """The number stands in the channel ("PJSIP/15550101@carrier") or is where the agent is sent."""
    channel = _channel(message)
    if channel is None:
        return None
    called, at_sign, endpoint = channel["name"].partition("/")[2].rpartition("@")
    number = called if at_sign and not is_mobile(endpoint) else message.get("Exten", "")
    number = _number(number) if number.strip("+").isdigit() else None
    return happened.OriginateAnswered(
        **channel, ok=message.get("Response") == "Success", number=number
    )


def _announced(message: Message) -> Event | None:
    channel, did = _channel(message), _clean(message.get("DID", ""), LONGEST_NUMBER)
    queue = _clean(message.get("Queue", ""), LONGEST_NUMBER)
    return happened.InboundAnnounced(**channel, did=did, queue=queue) if channel else None


def _passed(message: Message) -> Event | None:
    channel, kind = _channel(message), message.get("Kind", "")
    if channel is None or not KIND_OF_HOP.fullmatch(kind):
        return None
    return happened.HopPassed(
        **channel, kind=kind, what=_clean(message.get("Name", ""), LONGEST_NUMBER)
    )


def _told_by_dialplan(message: Message) -> Event | None:
    match message.get("UserEvent"):
        case "CCInbound":
            return _announced(message)
        case "CCMessage" if (channel := _channel(message)) and (queue := message.get("Queue")):
            return happened.MessageBegan(**channel, queue=_clean(queue, LONGEST_NUMBER))
        case "CCHop":
            return _passed(message)
        case "CCAuto":
            channel, digit = _channel(message), message.get("Digit", "")
            return happened.AutomaticStepped(**channel, digit=digit[:1]) if channel else None
        case "CCWaits":
            channel, agent = _channel(message), message.get("Agent", "")
            known = channel and agent.isascii() and agent.isdigit()
            return happened.WaitBegan(**channel, agent=agent) if channel and known else None
        case "CCRecStart":
            return _recording(message, message.get("File", ""))
        case _:
            return None


MEANINGS: dict[str, Callable[[Message], Event | None]] = {
    "Newchannel": _created,
    "Newstate": _seen,
    "NewCallerid": _seen,
    "NewConnectedLine": _seen,
    "CoreShowChannel": _listed,
    "Status": _listed,
    "HangupRequest": _about(happened.HangupAsked),
    "Hangup": _ended,
    "DialBegin": _dial_began,
    "DialState": _dial_heard,
    "DialEnd": _dial_ended,
    "BridgeEnter": _bridged(happened.BridgeEntered),
    "BridgeLeave": _bridged(happened.BridgeLeft),
    "Hold": _about(happened.Held),
    "Unhold": _about(happened.Unheld),
    "MusicOnHoldStart": _about(happened.MusicStarted),
    "MusicOnHoldStop": _about(happened.MusicStopped),
    "QueueCallerJoin": _queued,
    "QueueCallerAbandon": _about(happened.QueueAbandoned),
    "AgentCalled": _queued,
    "AgentConnect": _queued,
    "AgentRingNoAnswer": _about(happened.RingMissed, "Dest"),
    "OriginateResponse": _originated,
    "DTMFEnd": _pressed,
    "MixMonitorStart": _about(happened.RecordingStarted),
    "MixMonitorMute": _paused,
    "VarSet": _variable_set,
    "BlindTransfer": _transferred("Transferer"),
    "AttendedTransfer": _transferred("OrigTransferer"),
    "ChanSpyStart": _about(happened.SpyingBegan, "Spyer"),
    "UserEvent": _told_by_dialplan,
}
