"""A stream of AMI as a busy exchange sends it: 24 events a call, some 25 headers an event."""

import random
from collections.abc import Iterator

NAMES = [
    "Nguyễn Văn An",
    "Trần Thị Bình",
    "Lê Hoàng Phương",
    "Đỗ Thị Hằng",
    "<unknown>",
    "John Smith",
]
HANDLED = [  # the twelve names that handlers are registered for
    *("Newchannel", "Newstate", "DialBegin", "DialEnd", "AgentCalled", "AgentConnect"),
    *(
        "AgentComplete",
        "QueueCallerJoin",
        "QueueCallerLeave",
        "BridgeEnter",
        "BridgeLeave",
        "Hangup",
    ),
]
Event = dict[str, str]


def events(number: int, seed: int = 3) -> list[Event]:
    """So many events of calls that run 25 at a time."""
    chance = random.Random(seed)
    found: list[Event] = []
    calls = 0
    while len(found) < number:
        together = [_call(calls + n, chance) for n in range(25)]
        calls += 25
        found += [event for step in zip(*together, strict=True) for event in step]
    return found[:number]


def as_bytes(stream: list[Event]) -> bytes:
    return b"".join(
        ("".join(f"{name}: {value}\r\n" for name, value in event.items()) + "\r\n").encode()
        for event in stream
    )


def _channel(prefix: str, name: str, state: str, unique: str, linked: str, **who: str) -> Event:
    told = {
        "Channel": name,
        "ChannelState": {"Down": "0", "Ring": "4", "Ringing": "5", "Up": "6"}[state],
        "ChannelStateDesc": state,
        "CallerIDNum": who["number"],
        "CallerIDName": who["caller"],
        "ConnectedLineNum": who["other"],
        "ConnectedLineName": f"Agent {who['other']}",
        "Language": "vi",
        "AccountCode": "",
        "Context": who["context"],
        "Exten": "700",
        "Priority": "3",
        "Uniqueid": unique,
        "Linkedid": linked,
        "ChanVariable": f"CCID={linked}",
    }
    return {prefix + header: value for header, value in told.items()}


def _call(number: int, chance: random.Random) -> list[Event]:
    start = 1_790_000_000 + number
    linked, second = f"pbx-{start}.{2 * number}", f"pbx-{start}.{2 * number + 1}"
    customer = {"number": f"09{chance.randrange(10**8):08d}", "caller": chance.choice(NAMES)}
    agent = str(chance.randrange(1001, 1201))
    ticks = iter(range(1, 1000))

    def event(name: str, *parts: Event, **more: str) -> Event:
        at = f"{start}.{next(ticks) * 1371:06d}"
        told = {"Event": name, "Privilege": "call,all", "Timestamp": at, "SystemName": "pbx"}
        for part in parts:
            told |= part
        return told | more

    def c(state: str = "Up") -> Event:
        who = customer | {"other": agent, "context": "from-trunk"}
        return _channel("", f"PJSIP/trunk-{number:08x}", state, linked, linked, **who)

    def a(state: str = "Up", prefix: str = "") -> Event:
        who = {"number": agent, "caller": f"Agent {agent}", "context": "from-queue"}
        who["other"] = customer["number"]
        return _channel(prefix, f"PJSIP/{agent}-{number:08x}", state, second, linked, **who)

    bridge = {"BridgeUniqueid": f"{number:032x}", "BridgeType": "basic", "BridgeNumChannels": "2"}
    bridge |= {"BridgeTechnology": "simple_bridge", "BridgeCreator": "<unknown>"}
    bridge |= {"BridgeName": "<unknown>", "BridgeVideoSourceMode": "none"}
    queue = {"Queue": "sales", "Interface": f"PJSIP/{agent}", "MemberName": f"Agent {agent}"}
    rtcp = {f"Report{n}{what}": "0" for n in range(2) for what in ("Lost", "Jitter", "Delay")}
    return list(_story(event, c, a, bridge, queue, rtcp))


def _story(event, c, a, bridge, queue, rtcp) -> Iterator[Event]:  # type: ignore[no-untyped-def]
    yield event("Newchannel", c("Down"))
    yield event("VarSet", c("Ring"), Variable="__CCID", Value="1")
    yield event("Newexten", c("Ring"), Application="Queue", AppData="sales,tT,,,60")
    yield event("QueueCallerJoin", c(), Queue="sales", Position="1", Count="1")
    yield event("Newchannel", a("Down"))
    yield event("VarSet", a("Down"), Variable="QUEUENAME", Value="sales")
    yield event("DialBegin", c(), a("Down", "Dest"), DialString="sip:201@x: y")
    yield event("AgentCalled", c(), a("Down", "Dest"), queue)
    yield event("Newstate", a("Ringing"))
    yield event("DeviceStateChange", Device=queue["Interface"], State="RINGING")
    yield event("Newstate", a())
    yield event("DialEnd", c(), a("Up", "Dest"), DialStatus="ANSWER")
    yield event("AgentConnect", c(), a("Up", "Dest"), queue, HoldTime="12", RingTime="4")
    yield event("QueueCallerLeave", c(), Queue="sales", Position="1", Count="0")
    yield event("BridgeEnter", bridge, c())
    yield event("BridgeEnter", bridge, a())
    yield event("VarSet", c(), Variable="BRIDGEPEER", Value="PJSIP/x")
    yield event("RTCPSent", a(), rtcp, SSRC="0x3a2b1c0d", PT="200(SR)")
    yield event("BridgeLeave", bridge, a())
    yield event("BridgeLeave", bridge, c())
    yield event("AgentComplete", c(), a("Up", "Dest"), queue, TalkTime="93", Reason="caller")
    yield event("HangupRequest", c(), Cause="16")
    yield event("Hangup", a(), **{"Cause": "16", "Cause-txt": "Normal Clearing"})
    yield event("Hangup", c(), **{"Cause": "16", "Cause-txt": "Normal Clearing"})
