"""Whoever types a word gets an answer in words, an exit status, and never a trace."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.service import READY, Service, a_service, is_plain

pytestmark = pytest.mark.exchange


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Service]:
    """A service of this story's own, not started."""
    with a_service(tmp_path) as service:
        yield service


# ------------------------------------------------------------------ run


def test_a_first_start_shows_the_accounts_a_second_does_not_and_each_end_is_clean(
    own: Service,
) -> None:
    own.start()
    assert set(own.accounts) >= {"mai", "tuan"}
    assert f"{READY}{own.url}" in own.said
    passwords = [*own.accounts.values()]
    assert own.stop(signal.SIGINT) == 0
    assert own.pids() == []
    assert not any(password in own.log for password in passwords)

    own.said.clear()
    began = time.monotonic()
    own.start()

    assert time.monotonic() - began < 15  # an idle machine needs 2
    assert not any(password in line for password in passwords for line in own.said)
    assert "shown at the first start" in "\n".join(own.said)
    assert own.stop(signal.SIGTERM) == 0
    assert own.pids() == []


def test_a_second_service_beside_it_says_so_and_leaves_it_alone(service: Service) -> None:
    before = sorted(service.pids())

    said = service.says("run")

    assert said.returncode == 0
    assert said.stderr == f"The call center already runs: {service.url}. Left alone.\n"
    assert sorted(service.pids()) == before


def test_a_killed_service_leaves_no_asterisk_and_the_next_start_works(own: Service) -> None:
    own.start()
    assert len(own.pids("-n")) == 2

    assert own.stop(signal.SIGKILL) == -signal.SIGKILL

    gone(own)
    own.start()
    assert own.pid_of("exchange")


def test_a_taken_web_port_is_said_and_nothing_is_left_running(own: Service) -> None:
    with socket.create_server(("127.0.0.1", int(own.url.rpartition(":")[2]))):
        said = own.says("run")
        doctor = own.says("doctor")

    assert said.returncode == 1
    assert "address already in use" in said.stderr
    assert is_plain(said)
    assert own.pids() == []
    assert doctor.returncode == 1
    assert f"The web port {own.url.removeprefix('http://')} cannot be used" in doctor.stdout


def test_a_taken_port_of_the_exchange_is_said_and_nothing_is_left_running(own: Service) -> None:
    with socket.create_server(("127.0.0.1", own.ports)):
        said = own.says("run")
        doctor = own.says("doctor")

    assert said.returncode == 1
    assert "exchange did not start" in said.stderr
    assert is_plain(said)
    assert own.pids() == []
    assert doctor.returncode == 1
    assert f"AMI port {own.ports} cannot be used" in doctor.stdout


@pytest.mark.parametrize(
    "line, words",
    [
        ("lisen = 1", "lisen"),
        ("[web", "config.toml"),
        ('listen = "8080"', "config.toml"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(own: Service, line: str, words: str) -> None:
    text = own.config.read_text(encoding="utf-8")
    own.config.write_text(text.replace("[web]", f"[web]\n{line}"), encoding="utf-8")

    for word in ("run", "doctor", "migrate"):
        said = own.says(word)
        assert said.returncode == 1, word
        assert words in said.stderr
        assert is_plain(said)
    assert not own.home.exists()


def test_a_configuration_that_is_not_there_is_named(own: Service) -> None:
    own.config.unlink()

    said = own.says("run")

    assert said.returncode == 1
    assert str(own.config) in said.stderr
    assert is_plain(said)


def test_a_word_that_there_is_not_is_refused_with_those_there_are(own: Service) -> None:
    said = own.says("rnu")

    assert said.returncode == 2
    assert "selftest" in said.stderr


def test_the_selftest_passes_and_leaves_nothing(own: Service) -> None:
    said = own.says("selftest", "--json")

    found = json.loads(said.stdout)
    assert (said.returncode, found["passed"]) == (0, True), said.stdout + said.stderr
    assert len(found["checks"]) >= 15
    assert own.pids() == []


def gone(service: Service) -> None:
    """Wait until nothing of it is left."""
    until = time.monotonic() + 20
    while service.pids():
        assert time.monotonic() < until, service.pids()
        time.sleep(0.05)
