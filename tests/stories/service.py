"""The whole service as a person starts it: `callcenter run` in its own folder, on free ports."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from callcenter.asterisk import rootfs
from callcenter.carrier.ports import free_port
from callcenter.config import ROOT

READY = "The call center is ready: "


@dataclass
class Service:
    """`accounts`: user name -> password, as printed at the first start."""

    home: Path
    config: Path
    url: str
    ports: int  # the exchange's first port
    process: subprocess.Popen[str] | None = None
    accounts: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    under: tuple[str, ...] = ()  # a program that runs it

    def start(self) -> None:
        """Start it and read what it prints until it is ready."""
        self.process = subprocess.Popen(
            [*self.under, sys.executable, "-m", "callcenter", "--config", self.config, "run"],
            env=self.environment,
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if account := re.match(r"  (\S+) +(\S+) +\S", line):
                self.accounts[account[1]] = account[2]
            if line.startswith("Ctrl+C"):
                # A pipe that nobody empties would hold the service up once it is full.
                threading.Thread(
                    target=self._listen, args=[self.process.stdout], daemon=True
                ).start()
                return
        raise AssertionError("it did not start:\n" + "\n".join(self.said))

    def _listen(self, lines: TextIO) -> None:
        with lines:
            self.said.extend(map(str.rstrip, lines))

    def stop(self, by: int = signal.SIGINT) -> int:
        """As Ctrl+C does; the exit status."""
        assert self.process
        self.process.send_signal(by)
        return self.process.wait(30)

    def pids(self, *words: str) -> list[int]:
        """The processes that have this service's folder, and these words, in their command line."""
        found = []
        for folder in Path("/proc").iterdir():
            with suppress(OSError):  # it may have ended since
                line = (folder / "cmdline").read_bytes().decode(errors="replace")
                if folder.name.isdigit() and all(w in line for w in (str(self.folder), *words)):
                    found.append(int(folder.name))
        return found

    def pid_of(self, asterisk: str) -> int:
        """Of the "exchange" or the "carrier"."""
        [pid] = self.pids(f"{asterisk}/etc/asterisk.conf", "-n")
        return pid

    def console(self, asterisk: str, command: str) -> str:
        """What the "exchange" or the "carrier" answers on its console."""
        conf = self.home / asterisk / "etc/asterisk.conf"
        words = [*rootfs.command(rootfs.folder(ROOT / "var")), "-C", conf, "-rx", command]
        return subprocess.run(words, capture_output=True, text=True, timeout=30, check=True).stdout

    def console_says(self, asterisk: str, command: str, words: str, within: float = 20.0) -> None:
        """Ask that console until those words stand in its answer."""
        until = time.monotonic() + within
        while words not in (said := self.console(asterisk, command)):
            assert time.monotonic() < until, said

    @property
    def folder(self) -> Path:
        """Everything of this service lies below."""
        return self.config.parent

    @property
    def log(self) -> str:
        return (self.home / "callcenter.log").read_text(encoding="utf-8")

    def has_said(self, words: str, within: float = 20.0) -> None:
        """Wait until that stands in the log."""
        until = time.monotonic() + within
        while words not in self.log:
            assert time.monotonic() < until, self.log
            time.sleep(0.05)

    def says(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another word of the command line beside it."""
        return subprocess.run(
            [sys.executable, "-m", "callcenter", "--config", self.config, *words],
            env=self.environment,
            cwd=ROOT,
            text=True,
            capture_output=True,
            timeout=120,
            check=False,
        )

    @property
    def environment(self) -> dict[str, str]:
        asterisk = str(rootfs.folder(ROOT / "var"))
        return {**os.environ, "CALLCENTER_HOME": str(self.home), "CALLCENTER_ASTERISK": asterisk}


@contextmanager
def a_service(folder: Path, **changes: str) -> Iterator[Service]:
    """A service that is configured, not started; stopped at the end if it runs."""
    folder.mkdir(exist_ok=True)
    ports, page = free_port(8), free_port()
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    values = {
        "listen": f'"127.0.0.1:{page}"',
        "port": str(ports),
        "folder": f'"{folder / "recordings"}"',
        **changes,
    }
    for key, value in values.items():
        text, found = re.subn(rf"(?m)^{key} = (\"[^\"]*\"|\S+)", f"{key} = {value}", text, count=1)
        assert found, key
    config = folder / "config.toml"
    config.write_text(text, encoding="utf-8")
    service = Service(folder / "var", config, f"http://127.0.0.1:{page}", ports)
    try:
        yield service
    finally:
        if service.process and service.process.poll() is None:
            service.stop()


def is_plain(said: subprocess.CompletedProcess[str]) -> bool:
    """No trace of a mistake of ours."""
    return "Traceback" not in said.stdout + said.stderr
