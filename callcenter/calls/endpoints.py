"""Whose phone an endpoint of the exchange is.

Each agent has three: the page's has the extension's own name; the desk phone's is derived from it,
and so is the mobile phone's, which leads to a number outside and not to a phone that signs in.
"""

import re

DESK, MOBILE = "desk", "mobile"
OF_AN_AGENT = re.compile(f"(?:{DESK}|{MOBILE})?([0-9]{{1,32}})")


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
