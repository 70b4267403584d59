"""Ports for the selftest and the tests."""

import socket
from pathlib import Path

from callcenter.carrier import ports
from callcenter.carrier.ports import free_port


def test_no_port_is_chosen_that_the_system_may_give_to_somebody_else_meanwhile():
    begins = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])

    assert all(free_port(8) + 8 <= begins for _ in range(100))


def test_ports_in_use_are_passed_by(monkeypatch):
    first = free_port(4)
    monkeypatch.setattr(ports, "PORTS", range(first, first + 4))
    with socket.socket(type=socket.SOCK_DGRAM) as used:
        used.bind(("127.0.0.1", first))

        assert {free_port(2) for _ in range(50)} == {first + 1}
