"""Ports that nobody uses now: for the selftest and the tests, which live beside anything."""

import socket
from random import SystemRandom
from typing import Final

# Linux gives none of these to who does not ask for a port by its number, unless it is told to: one
# that is found free is so still when a server has started. Sound has ports below them.
PORTS: Final = range(23_000, 32_000)


def free_port(count: int = 1) -> int:
    """The first of `count` ports in a row that are free on loopback now, for TCP and UDP."""
    while True:
        first = SystemRandom().choice(PORTS[:-count])  # the other one is seeded alike in tests
        if all(_is_free(first + each) for each in range(count)):
            return first


def _is_free(port: int) -> bool:
    for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
        with socket.socket(type=kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
