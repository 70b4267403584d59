"""How long the AMI connection waits for what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long we wait, in seconds. A cut without a word is noticed after quiet + silent."""

    connect: float = 5.0
    login: float = 5.0
    quiet: float = 2.0  # without a byte, then we ask whether the exchange is still there
    silent: float = 2.5  # without a byte after that, then the connection is given up
    first: float = 0.25  # before the first new attempt; doubled each time
    last: float = 15.0  # the longest pause between attempts


NORMAL = Patience()
