"""Whose phone an endpoint of the exchange is, and what our own numbers are called.

Each agent has three: the page's has the extension's own name; the desk phone's is derived from it,
and so is the mobile phone's, which leads to a number outside and not to a phone that signs in.

A trunk's endpoint has a beginning of its own, so that it is known for one for ever: in a call that
goes on after the trunk was taken away, and in the exchange's old log.
"""

import re
from dataclasses import dataclass

DESK, MOBILE, TRUNK = "desk", "mobile", "trunk-"
OF_AN_AGENT = re.compile(f"(?:{DESK}|{MOBILE})?([0-9]{{1,32}})")
ABROAD = re.compile(r"\+?84(?=[0-9]{8})(1[89]00)?")


def extension_of(endpoint: str) -> str:
    """ "201" for "201", "desk201" and "mobile201"; any other name stays what it is."""
    found = OF_AN_AGENT.fullmatch(endpoint)
    return found[1] if found else endpoint


def desk_of(extension: str) -> str:
    """The endpoint of the desk phone."""
    return f"{DESK}{extension}"


def mobile_of(extension: str) -> str:
    """The endpoint of the mobile phone."""
    return f"{MOBILE}{extension}"


def is_mobile(endpoint: str) -> bool:
    """Whether its person must press a key before they have taken a call: it may be a voice mail."""
    return endpoint.startswith(MOBILE) and OF_AN_AGENT.fullmatch(endpoint) is not None


def interface_of(endpoint: str) -> str:
    """What a queue, or Dial, calls for it."""
    if is_mobile(endpoint):
        return f"Local/{extension_of(endpoint)}@callcenter-mobile/n"
    return f"PJSIP/{endpoint}"


def trunk_endpoint(name: str) -> str:
    """The endpoint of the switchboard's trunk of that name."""
    return f"{TRUNK}{name}"


def trunk_name(endpoint: str) -> str:
    """The trunk's name; "" where the endpoint is none of the switchboard's."""
    return endpoint.removeprefix(TRUNK) if endpoint.startswith(TRUNK) else ""


def national(number: str) -> str:
    """A number of ours as the dialplan has it: "02873001234" for "+842873001234", which some
    providers send; "19006789" for "+8419006789"."""
    found = ABROAD.match(number)
    return f"{found[1] or 0}{number[found.end() :]}" if found else number


@dataclass(frozen=True, slots=True)
class LeadPhone:
    """Where a lead is called who wants to hear a call: `channel_id` will be the id of the channel,
    `mobile` is the number of a phone outside, where `endpoint` is such a one.
    """

    channel_id: str
    endpoint: str
    mobile: str = ""
