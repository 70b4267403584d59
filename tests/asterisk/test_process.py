"""An Asterisk of ours: started, watched, stopped, and what is said when that does not work."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from callcenter import config
from callcenter.asterisk import rootfs
from callcenter.asterisk.dialplan import Ports, render_exchange
from callcenter.asterisk.layout import OWN_SOUNDS, lay_out, run_folder
from callcenter.asterisk.process import Asterisk
from callcenter.errors import Conflict, ExchangeUnavailable
from callcenter.priority import may_come_first
from callcenter.secrets import load_secrets
from callcenter.tasks import running
from tests.stage import PLAN, free_ports

pytestmark = pytest.mark.exchange

ROOT = rootfs.folder(config.home())


def an_exchange(home, ports=None, **files):
    rendered = render_exchange(
        config=config.load(config.ROOT / "config.toml").asterisk,
        ports=Ports(*(ports or free_ports(3))),
        secrets=load_secrets(home),
        plan=PLAN,
        carrier="127.0.0.1:1",
    )
    changed = {name.replace("_", "."): text for name, text in files.items()}
    return Asterisk("exchange", ROOT, home / "exchange", rendered | changed, comes_first=True)


@asynccontextmanager
async def started(asterisk):
    await asterisk.start()
    try:
        yield asterisk
    finally:
        await asterisk.stop()


def is_alive(pid):
    """Also when only its first thread has ended: the others still hold its files."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
        threads = os.listdir(f"/proc/{pid}/task")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z" or len(threads) > 1


async def gone(pid):
    async with asyncio.timeout(10):
        while is_alive(pid):
            await asyncio.sleep(0.01)


async def test_it_answers_once_started_and_leaves_nothing_behind(tmp_path):
    asterisk = an_exchange(tmp_path)

    async with started(asterisk):
        pid = asterisk.pid
        assert "Asterisk 22." in await asterisk.cli("core show version")
        assert Path(f"/proc/{pid}/exe").resolve().is_relative_to(ROOT)

    assert asterisk.pid is None
    assert not is_alive(pid)
    with pytest.raises(ExchangeUnavailable, match="exchange does not run"):
        await asterisk.cli("core show version")


async def test_starting_it_twice_is_starting_it_once(tmp_path):
    async with started(an_exchange(tmp_path)) as asterisk:
        pid = asterisk.pid
        await asterisk.start()

        assert asterisk.pid == pid


async def test_it_may_be_stopped_before_it_was_started_and_again_afterwards(tmp_path):
    asterisk = an_exchange(tmp_path)
    await asterisk.stop()
    async with started(asterisk):
        pass
    await asterisk.stop()

    async with started(asterisk):
        assert asterisk.pid


async def test_two_in_one_folder_are_refused_and_the_first_goes_on(tmp_path):
    async with started(an_exchange(tmp_path)) as first:
        with pytest.raises(Conflict, match="Another exchange runs in"):
            await an_exchange(tmp_path).start()

        assert first.pid
        assert await first.cli("core show uptime")


@pytest.mark.parametrize("which, kind", [(0, "STREAM"), (1, "DGRAM"), (2, "STREAM")])
async def test_a_port_that_is_taken_is_said_in_words(tmp_path, which, kind):
    ports = free_ports(3)
    with socket.socket(socket.AF_INET, getattr(socket, f"SOCK_{kind}")) as other:
        other.bind(("127.0.0.1", ports[which]))
        if kind == "STREAM":
            other.listen()
        asterisk = an_exchange(tmp_path, ports)

        with pytest.raises(ExchangeUnavailable) as failure:
            await asterisk.start()

    assert "Address already in use" in str(failure.value)
    assert asterisk.pid is None
    async with started(asterisk):  # now that the port is free
        assert asterisk.pid


async def test_a_folder_without_an_asterisk_is_said_in_words(tmp_path):
    asterisk = Asterisk("exchange", tmp_path / "nothing", tmp_path / "exchange", {})

    with pytest.raises(ExchangeUnavailable, match="There is no Asterisk in"):
        await asterisk.start()


async def test_an_asterisk_that_ends_at_once_is_quoted(tmp_path):
    asterisk = an_exchange(tmp_path, modules_conf="[modules]\nrequire = chan_pjsip.so\n")

    with pytest.raises(ExchangeUnavailable, match="exchange did not start: ") as failure:
        await asterisk.start()

    assert "chan_pjsip" in str(failure.value)
    assert asterisk.pid is None


async def test_a_folder_with_spaces_commas_and_letters_of_any_kind_will_do(tmp_path):
    async with started(an_exchange(tmp_path / "Nguyễn Văn A, (nhà) 100%")) as asterisk:
        assert asterisk.pid


async def test_a_folder_whose_name_is_too_long_for_a_socket_will_do(tmp_path):
    async with started(an_exchange(tmp_path / ("x" * 100))) as asterisk:
        assert "Asterisk 22." in await asterisk.cli("core show version")


def test_a_semicolon_in_the_folders_name_is_refused(tmp_path):
    with pytest.raises(ExchangeUnavailable, match="semicolon"):
        lay_out("exchange", ROOT, ROOT, tmp_path / "a;b", {})


def test_nobody_else_may_read_the_configuration(tmp_path):
    lay_out("exchange", ROOT, ROOT, tmp_path, {"manager.conf": "secret"})

    assert (tmp_path / "etc").stat().st_mode & 0o077 == 0
    assert run_folder(tmp_path).stat().st_mode & 0o077 == 0


def test_a_file_that_is_not_configured_any_more_is_gone(tmp_path):
    lay_out("exchange", ROOT, ROOT, tmp_path, {"old.conf": ""})
    lay_out("exchange", ROOT, ROOT, tmp_path, {"new.conf": ""})

    assert {path.name for path in (tmp_path / "etc").iterdir()} == {
        "asterisk.conf",
        "manager.conf",
        "new.conf",
    }


def test_the_companys_own_sounds_outlive_another_asterisk(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    for root, music in (old, "old.wav"), (new, "new.wav"):
        (root / "usr/share/asterisk/sounds/en").mkdir(parents=True)
        (root / "usr/share/asterisk/moh").mkdir()
        (root / "usr/share/asterisk/moh" / music).touch()
    lay_out("exchange", old, ROOT, tmp_path / "here", {})
    (tmp_path / "here" / OWN_SOUNDS / "closed.wav").touch()

    lay_out("exchange", new, ROOT, tmp_path / "here", {})

    data = tmp_path / "here/data"
    names = {path.name for path in (data / "sounds").iterdir()}
    assert names == {"callcenter", "en", "messages", "vi"}
    assert [path.name for path in (data / "sounds/callcenter").iterdir()] == ["closed.wav"]
    assert [path.name for path in (data / "moh").iterdir()] == ["new.wav"]


def test_a_large_log_is_put_aside(tmp_path, monkeypatch):
    monkeypatch.setattr("callcenter.asterisk.layout.LOG_LIMIT", 10)
    lay_out("exchange", ROOT, ROOT, tmp_path, {})
    (tmp_path / "log/messages.log").write_text("more than ten bytes")
    lay_out("exchange", ROOT, ROOT, tmp_path, {})

    assert not (tmp_path / "log/messages.log").exists()
    assert (tmp_path / "log/messages.log.old").exists()


async def test_a_killed_one_is_started_again_and_again(tmp_path, monkeypatch):
    monkeypatch.setattr("callcenter.asterisk.process.FIRST_PAUSE_S", 0.01)
    async with started(an_exchange(tmp_path)) as asterisk, running(asterisk.run(), "watch"):
        for _ in range(3):
            pid = asterisk.pid
            os.kill(pid, signal.SIGKILL)
            async with asyncio.timeout(10):
                while asterisk.pid in (None, pid):
                    await asyncio.sleep(0.01)

        assert is_alive(asterisk.pid)


async def test_one_that_does_not_listen_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr("callcenter.asterisk.process.STOP_S", 0.2)
    asterisk = an_exchange(tmp_path)
    await asterisk.start()
    pid = asterisk.pid
    os.kill(pid, signal.SIGSTOP)

    await asterisk.stop()

    assert not is_alive(pid)


async def test_it_comes_first_where_that_is_allowed_as_long_as_others_get_their_turn(tmp_path):
    """Asterisk steps back by itself, after three minutes, if there is no canary that lives."""
    async with started(an_exchange(tmp_path)) as asterisk:
        if not may_come_first():
            assert os.sched_getscheduler(asterisk.pid) == os.SCHED_OTHER
            return
        assert os.sched_getscheduler(asterisk.pid) == os.SCHED_RR
        [canary] = Path(f"/proc/{asterisk.pid}/task/{asterisk.pid}/children").read_text().split()
        touched = run_folder(tmp_path / "exchange") / "alt.asterisk.canary.tweet.tweet.tweet"
        async with asyncio.timeout(10):
            while not touched.exists():
                await asyncio.sleep(0.02)
        assert os.sched_getscheduler(int(canary)) == os.SCHED_OTHER
    await gone(int(canary))


async def test_its_descriptors_suffice_for_many_calls(tmp_path):
    async with started(an_exchange(tmp_path)) as asterisk:
        limits = Path(f"/proc/{asterisk.pid}/limits").read_text()

    soft = next(line for line in limits.splitlines() if line.startswith("Max open files"))
    assert int(soft.split()[3]) >= 4096


ORPHAN = """
import asyncio, sys
from pathlib import Path
from tests.asterisk.test_process import an_exchange

async def main():
    asterisk = an_exchange(Path(sys.argv[1]))
    await asterisk.start()
    print(asterisk.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_it_ends_when_we_are_killed_and_its_folder_is_free_again(tmp_path):
    service = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ORPHAN, str(tmp_path), stdout=subprocess.PIPE, cwd=config.ROOT
    )
    pid = int(await service.stdout.readline())
    assert is_alive(pid)

    service.kill()
    await service.wait()
    await gone(pid)

    async with started(an_exchange(tmp_path)) as again:
        assert again.pid
