"""What the facts around a call are called."""

from collections.abc import Mapping
from typing import Final

from callcenter.errors import N_
from callcenter.explain.reasons import Reason
from callcenter.pages import journey

WHY: Final[Mapping[str, str]] = {  # why somebody of the queue was not asked
    Reason.MISSED: N_("did not answer this call before"),
    Reason.DECLINED: N_("declined this call before"),
    Reason.NO_EXTENSION: N_("have no extension"),
    Reason.SIGNED_OUT: N_("not signed in to calls"),
    Reason.PAGE_CLOSED: N_("their page was closed"),
    Reason.TALKING: N_("in a call"),
    Reason.ON_HOLD: N_("in a call, the customer on hold"),
    Reason.RINGING: N_("another call was ringing"),
    Reason.WRAP_UP: N_("finishing the call before"),
    Reason.BREAK: N_("on a break"),
    Reason.UNREACHABLE: N_("page open, but its phone was not connected"),
    Reason.RESTING: N_("a moment’s rest after a missed call"),
    Reason.NOT_IN_QUEUE: N_("not in the queue at the exchange yet"),
    Reason.NOT_THEIR_TURN: N_("free, it was not their turn"),
}
ONE: Final[Mapping[str, str]] = {  # the same of one person, as the end of a sentence
    Reason.NO_EXTENSION: N_("has no extension"),
    Reason.SIGNED_OUT: N_("was not signed in to calls"),
    Reason.PAGE_CLOSED: N_("had closed the page"),
    Reason.TALKING: N_("was in a call"),
    Reason.ON_HOLD: N_("was in a call"),
    Reason.RINGING: N_("had another call ringing"),
    Reason.WRAP_UP: N_("was finishing the call before"),
    Reason.BREAK: N_("was on a break"),
    Reason.UNREACHABLE: N_("had the page open, but the phone was not connected"),
    Reason.RESTING: N_("rested for a moment after a missed call"),
    Reason.NOT_IN_QUEUE: N_("was not in the queue at the exchange yet"),
    Reason.MISSED: N_("had not answered this call before"),
    Reason.DECLINED: N_("had declined this call before"),
    Reason.NOT_THEIR_TURN: N_("was free, but it was somebody else’s turn"),
    "": N_("was not asked first"),
}
_GOOD: Final = {"elsewhere": "", "stopped": "warn", "": ""}  # of a ring that nobody took; else bad
RANG: Final[Mapping[str, tuple[str, str]]] = {  # how: (words, kind)
    "answered": (N_("answered after {time}"), "ok"),
    **{how: (words, _GOOD.get(how, "bad")) for how, (words, _) in journey.RANG.items()},
}
EVENTS: Final[Mapping[tuple[str, str], tuple[str, str]]] = {  # (kind, what): (words, kind)
    ("link", "lost"): (N_("The connection to the exchange was lost"), "bad"),
    ("link", "back"): (N_("The exchange was there again"), "warn"),
    ("service", "started"): (N_("The call center’s service started"), "warn"),
    ("service", "stopped"): (N_("The call center’s service was stopped"), "bad"),
}
