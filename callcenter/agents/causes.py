"""Why a state has changed: a short word in the row, a sentence for people.

agent · lead <user id> · page closed · phone · call <call_id> · missed <n> <n declined> · rested ·
mended · wrap-up over · service stopped · service started
"""

from callcenter.agents.agent import Rings
from callcenter.errors import N_, Word

AGENT, PAGE, PHONE, RESTED, MENDED = "agent", "page closed", "phone", "rested", "mended"
TIME = "wrap-up over"
STOPPED, STARTED = "service stopped", "service started"
WORDS = {
    AGENT: N_("chosen by the agent"),
    PAGE: N_("the page was closed"),
    PHONE: N_("the phone changed"),
    RESTED: N_("the pause after a missed call is over"),
    MENDED: N_("compared with the exchange"),
    TIME: N_("the time after the call is over"),
    STOPPED: N_("the service stood still"),
    STARTED: N_("the service began again"),
    "call": N_("by a call"),
    "lead": N_("set by {name}"),
    "missed": N_("{missed} calls missed, {declined} declined in a row"),
}


def by_lead(user_id: int) -> str:
    return f"lead {user_id}"


def by_call(call_id: str) -> str:
    return f"call {call_id}"


def by_rings(rings: Rings) -> str:
    return f"missed {rings.missed} {rings.declined}"


def rings_of(cause: str) -> Rings:
    """Those that led to a break; none for any other cause."""
    word, *numbers = cause.split()
    if word != "missed" or len(numbers) != 2 or not all(each.isdecimal() for each in numbers):
        return Rings()
    return Rings(*map(int, numbers))


def words(cause: str, name: str = "") -> tuple[str, dict[str, object]]:
    """(message id, its values); `name` is that of the lead in it."""
    if cause in WORDS:
        return WORDS[cause], {}
    word = cause.partition(" ")[0]
    rings = rings_of(cause) if word == "missed" else Rings()
    values: dict[str, object] = {"name": name or Word(N_("a team lead"))}
    values |= {"missed": str(rings.missed), "declined": str(rings.declined)}
    return WORDS.get(word, ""), values


def lead_of(cause: str) -> int | None:
    """The user id of the lead who made the change."""
    word, _, rest = cause.partition(" ")
    return int(rest) if word == "lead" and rest.isdecimal() else None
