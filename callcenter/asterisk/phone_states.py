"""What an exchange says of a phone ("device state"), in our words."""

import re
from typing import Literal

from callcenter.calls.endpoints import OF_AN_AGENT

PhoneState = Literal["reachable", "in_use", "ringing", "unreachable"]

DEVICE = re.compile(rf"PJSIP/({OF_AN_AGENT.pattern})")

PHONE_STATES: dict[str, PhoneState] = {  # all others: no phone that could be called
    "NOT_INUSE": "reachable",
    "INUSE": "in_use",
    "BUSY": "in_use",
    "ONHOLD": "in_use",
    "RINGING": "ringing",
    "RINGINUSE": "in_use",
}
