"""A plan with one of everything, on an exchange of its own, and what one does there."""

from callcenter.switchboard.plan import (
    Hours,
    Kind,
    Menu,
    Message,
    Number,
    Opening,
    Plan,
    Queue,
    Way,
)
from callcenter.switchboard.ways import legs
from tests.stage import to

HOURS, NIGHT, MENU, STAFFED, IMPATIENT, REFUSED = (f"0287300120{n}" for n in range(6))
EVERY_DAY = Opening(days=frozenset(range(7)), begins=0, ends=1440)


def way(kind, name=""):
    return Way(kind=Kind(kind), name=name)


def number(digits, kind, name=""):
    return Number(number=digits, way=way(kind, name))


PLAN = Plan(
    numbers=(
        number(HOURS, "hours", "office"),
        number(NIGHT, "hours", "never"),
        number(MENU, "menu", "main"),
        number(STAFFED, "queue", "staffed"),
        number(IMPATIENT, "queue", "impatient"),
        number(REFUSED, "hang_up"),
    ),
    hours=(
        Hours(
            name="office",
            title="Office",
            openings=(EVERY_DAY,),
            open=to("sales"),
            closed=way("message", "closed"),
        ),
        Hours(name="never", title="Never", open=to("sales"), closed=way("message", "closed")),
    ),
    menus=(
        Menu(
            name="main",
            title="Main",
            prompt="welcome",
            keys={"1": to("sales"), "2": to("care"), "#": way("message", "closed")},
            wait_s=2,
            tries=2,
            otherwise=way("message", "closed"),
        ),
    ),
    messages=(Message(name="closed", title="Closed", prompt="closed"),),
    queues=(
        Queue(name="sales", title="Sales"),
        Queue(name="care", title="Care"),
        Queue(name="staffed", title="Staffed", ring_s=5, needs_agents=True, overflow=to("care")),
        Queue(name="impatient", title="Impatient", longest_wait_s=1, overflow=to("care")),
    ),
    default=to("care"),
    caller_id=HOURS,
)


async def rings_in(house, number):
    """Somebody rings there; the announced call."""
    count = len(house.heard.found("UserEvent", UserEvent="CCInbound"))
    await house.carrier.call(number, "0912345678", then="silent")
    return await house.heard.event("UserEvent", UserEvent="CCInbound", count=count + 1)


async def presses(house, call, digit):
    """Whoever rings in with that call presses a key, once somebody listens."""
    await house.heard.event("Newstate", Uniqueid=call["CCID"], ChannelStateDesc="Up")
    await house.press(digit)


async def joined(house, queue, count=1):
    return await house.heard.event("QueueCallerJoin", Queue=queue, count=count)


def hops(house, call=None):
    """What the dialplan said of the way, in order: ("menu", "main")."""
    return [
        (event["Kind"], event["Name"])
        for event in house.heard.found("UserEvent", UserEvent="CCHop")
        if call is None or event["CCID"] == call["CCID"]
    ]


def hops_of(plan, walked):
    """What the exchange would tell of a call on that walk."""
    for hop in walked.hops:
        match hop.part:
            case "hours":
                yield "closed" if hop.leg else "hours", hop.name
            case "menus":
                yield "menu", hop.name
                menu = next(each for each in plan.menus if each.name == hop.name)
                if key := legs(menu)[hop.leg].values.get("key"):
                    yield "choice", key
            case "messages":
                yield "message", hop.name
