"""The whole service is killed while a customer waits; the next start knows what became of it."""

import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.stories.service import Service, a_service

pytestmark = pytest.mark.exchange

CUSTOMER = "0987654321"


def calls(service: Service) -> list[tuple[str, str | None, str | None]]:
    """State, result and end of the customer's calls."""
    with closing(sqlite3.connect(service.home / "callcenter.db")) as database:
        return database.execute(
            "SELECT state, result, ended_by FROM calls WHERE number = ?", [CUSTOMER]
        ).fetchall()


def wait_for(service: Service, state: str) -> list[tuple[str, str | None, str | None]]:
    until = time.monotonic() + 20
    while [found[0] for found in calls(service)] != [state]:
        assert time.monotonic() < until, (calls(service), service.log)
        time.sleep(0.05)
    return calls(service)


def test_a_service_killed_while_a_customer_waits_ends_the_call_at_its_next_start(
    tmp_path: Path,
) -> None:
    with a_service(tmp_path) as service:
        service.start()
        exchange = service.pid_of("exchange")
        assert service.says("simulate", "--number", CUSTOMER).returncode == 0
        wait_for(service, "waiting")

        service.stop(signal.SIGKILL)
        while Path(f"/proc/{exchange}").exists():  # it goes with the service, and writes its log
            time.sleep(0.05)
        assert [found[0] for found in calls(service)] == ["waiting"]
        service.start()

        [(_, result, ended_by)] = wait_for(service, "ended")
        # The carrier falls as well: if it is first, its customer has hung up.
        assert (result, ended_by) in (("no_answer", "system"), ("abandoned", "customer"))
        service.has_said("filled in from the exchange's log: 1 calls")
