"""Every other word of the command line: a company, a token, an exchange's files, a look inside."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from callcenter.config import ROOT
from tests.stories.service import Service, a_service, is_plain

pytestmark = pytest.mark.exchange

TRANSCRIPTS = ROOT / "tests/transcripts"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Service]:
    """A service of this story's own, not started."""
    with a_service(tmp_path) as service:
        yield service


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """An installation without demo, whose database is there; it is never started."""
    with a_service(tmp_path_factory.mktemp("paper"), on="false") as service:
        said = service.says("init", "Nước sạch An Phát", "Lan", "--number", "02873009999")
        assert said.returncode == 0, said.stderr
        service.said = said.stdout.splitlines()
        yield service


# ------------------------------------------------------------------ a company


def test_init_makes_one_company_and_refuses_a_second(paper: Service) -> None:
    assert "sign in as lan with" in paper.said[0]

    again = paper.says("init", "Another", "Minh")

    assert again.returncode == 1
    assert again.stderr == "There is a company in this database already.\n"


@pytest.mark.parametrize(
    "words", [("init", "", "lan"), ("init", "A", "la n"), ("init", "A", "lan", "--number", "x")]
)
def test_init_refuses_what_makes_no_company_in_words(own: Service, words: tuple[str]) -> None:
    said = own.says(*words)

    assert said.returncode == 1
    assert said.stderr.endswith(".\n")
    assert is_plain(said)


def test_a_new_password_is_printed_for_who_is_there_and_refused_for_who_is_not(
    paper: Service,
) -> None:
    known, unknown = paper.says("password", "lan"), paper.says("password", "nobody")

    assert known.returncode == 0
    assert len(known.stdout.strip().removeprefix("lan: ")) >= 12
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr == "There is no user nobody.\n"


def test_a_token_is_printed_once_and_only_for_who_is_there(paper: Service) -> None:
    known = paper.says("token", "lan", "--days", "3")

    assert known.returncode == 0
    assert len(known.stdout.strip()) >= 32
    for words in (("token", "nobody"), ("token", "lan", "--days", "0")):
        said = paper.says(*words)
        assert (said.returncode, said.stdout) == (1, "")
        assert is_plain(said) and said.stderr.endswith(".\n")


def test_migrate_and_the_reports_can_be_repeated(paper: Service) -> None:
    for _ in range(2):
        assert paper.says("migrate").returncode == 0
    summed = paper.says("reports", "rebuild")
    assert (summed.returncode, summed.stdout.splitlines()[0]) == (0, "Summed up 0 calls.")


def test_a_database_of_a_newer_version_is_left_alone(own: Service) -> None:
    assert own.says("migrate").returncode == 0
    with closing(sqlite3.connect(own.home / "callcenter.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()

    for word in ("migrate", "run"):
        said = own.says(word)
        assert said.returncode == 1
        assert "made by a newer version" in said.stderr
        assert is_plain(said)


def test_a_database_that_is_none_is_said_by_whoever_needs_it(own: Service) -> None:
    own.home.mkdir()
    (own.home / "callcenter.db").write_bytes(b"no database at all" * 100)

    for words in (("migrate",), ("run",), ("password", "lan"), ("doctor",), ("reports", "rebuild")):
        said = own.says(*words)
        assert said.returncode == 1, words
        assert is_plain(said), words
        assert "database" in said.stdout + said.stderr, words
    assert own.pids() == []


# ------------------------------------------------------------------ an exchange


def test_dialplan_writes_what_another_exchange_includes(paper: Service, tmp_path: Path) -> None:
    out = tmp_path / "for the other"

    said = paper.says("dialplan", "--out", str(out))

    assert said.returncode == 0, said.stderr
    assert 'asterisk -rx "core reload"' in said.stdout
    assert {each.name for each in out.iterdir()} >= {"README.md", "callcenter-extensions.conf"}
    assert "02873009999" in (out / "callcenter-extensions.conf").read_text()
    assert all(each.stat().st_mode & 0o077 == 0 for each in out.iterdir())


def test_dialplan_into_a_file_is_refused_in_words(paper: Service, tmp_path: Path) -> None:
    (tmp_path / "taken").touch()

    said = paper.says("dialplan", "--out", str(tmp_path / "taken"))

    assert said.returncode == 1
    assert str(tmp_path / "taken") in said.stderr
    assert is_plain(said)


def test_replay_tells_the_calls_of_a_transcript(paper: Service) -> None:
    said = paper.says("replay", str(TRANSCRIPTS / "b_inbound_queue_answered.txt"))

    assert said.returncode == 0, said.stderr
    [call] = map(json.loads, said.stdout.splitlines())
    assert (call["direction"], call["result"]) == ("inbound", "answered")


def test_replay_of_something_else_is_refused_in_words(paper: Service, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear exchange,\n\nhow are you?\n")

    for path in (tmp_path / "letter", tmp_path / "none", tmp_path):
        said = paper.says("replay", str(path))
        assert said.returncode == 1
        assert str(path) in said.stderr
        assert is_plain(said)


def test_simulate_needs_the_demo_a_running_service_and_a_number_of_ours(
    service: Service, own: Service, paper: Service
) -> None:
    there = service.says("simulate", "--to", "02873001234")
    nowhere = service.says("simulate", "--to", "hello")
    nobody = service.says("simulate", "--number", "not a number")
    no_demo = paper.says("simulate")
    asleep = own.says("simulate", "--number", "0987000401", "--to", "02873001234")

    assert there.returncode == 0
    assert there.stdout.endswith("is ringing at 02873001234.\n")
    for said in (nowhere, nobody, no_demo, asleep):
        assert said.returncode == 1
        assert is_plain(said) and said.stderr.strip()
    assert "in the demo only" in no_demo.stderr
    assert "does not run" in asleep.stderr
    service.console("carrier", "channel request hangup all")


def test_the_doctor_finds_nothing_wrong_where_nothing_is(service: Service, paper: Service) -> None:
    for healthy in (service, paper):
        said = healthy.says("doctor")
        assert said.returncode == 0, said.stdout
        assert "✗" not in said.stdout
    assert "answers on AMI" in service.says("doctor").stdout


def test_the_exchange_and_the_loop_of_the_service_come_first_where_that_is_allowed(
    service: Service,
) -> None:
    assert service.process
    threads = [int(each.name) for each in Path(f"/proc/{service.process.pid}/task").iterdir()]
    first = [each for each in threads if os.sched_getscheduler(each) != os.SCHED_OTHER]

    exchange = os.sched_getscheduler(service.pid_of("exchange"))
    if (
        "✓ The exchange and the service come before ordinary programs"
        in service.says("doctor").stdout
    ):
        assert service.process.pid in first
        assert len(first) <= 3  # and those that look up who rings, and start programs
        assert exchange == os.SCHED_RR
    else:
        assert first == []
        assert exchange == os.SCHED_OTHER
    assert os.sched_getscheduler(service.pid_of("carrier")) == os.SCHED_OTHER
