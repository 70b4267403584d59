"""Ports that nobody uses now: for the selftest and the tests, which live beside anything."""

import socket


def free_port(count: int = 1) -> int:
    """The first of `count` ports in a row that are free on loopback now, for TCP and UDP."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = int(probe.getsockname()[1])
        if first + count < 65536 and all(_is_free(first + each) for each in range(count)):
            return first


def _is_free(port: int) -> bool:
    for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
        with socket.socket(type=kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
