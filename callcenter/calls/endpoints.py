"""Whose phone an endpoint of the exchange is.

Each agent has two: the page's has the extension's own name, the desk phone's is derived from it.
"""

import re

DESK = "desk"
OF_AN_AGENT = re.compile(f"(?:{DESK})?([0-9]{{1,32}})")


def extension_of(endpoint: str) -> str:
    """ "201" for "201" and "desk201"; any other name stays what it is."""
    found = OF_AN_AGENT.fullmatch(endpoint)
    return found[1] if found else endpoint


def desk_of(extension: str) -> str:
    """The endpoint of the desk phone."""
    return f"{DESK}{extension}"
