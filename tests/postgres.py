"""A PostgreSQL 15 of the tests' own: a temporary folder, a unix socket, no fsync."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import asyncpg

from tests.memory import memory

BIN = Path(os.environ.get("POSTGRES_BIN", "/usr/lib/postgresql/15/bin"))
PATIENCE = 30  # seconds; a start takes less than one
PR_SET_PDEATHSIG = 1
PREFIX = "callcenter-pg-"
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "max_wal_size": "256MB",
}


class Postgres:
    """A running server. Databases are made from one another; a copy of an empty one takes 30 ms."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names = (f"test_{number}" for number in count(1))

    def url(self, name: str) -> str:
        return f"postgresql+asyncpg://postgres@/{name}?host={self.folder}"

    async def create(self, template: str = "template1") -> str:
        """A fresh database's name."""
        name = next(self._names)
        # Not by way of the log, as it would by itself: that takes twice as long.
        await self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    async def drop(self, name: str) -> None:
        await self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def start(self) -> None:
        """Return once it answers. In the main thread: it dies with the thread that starts it."""
        options = [f"--{key}={value}" for key, value in SETTINGS.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [BIN / "postgres", "-D", self.folder / "data", "-k", self.folder, *options],
                user=_user(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,  # Ctrl+C is for pytest; the fixture stops the server
                preexec_fn=_die_with_us,
            )
        until = time.monotonic() + PATIENCE
        while _run("pg_isready", "--quiet", "-h", str(self.folder), check=False):
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"no start:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Now, without waiting for anybody to disconnect."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(PATIENCE)

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(
            host=str(self.folder), user="postgres", database="postgres"
        )
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server for as long as the block lasts."""
    if not (BIN / "postgres").exists():
        raise RuntimeError(
            f"The tests need PostgreSQL 15 and {BIN}/postgres is not there. "
            "On Debian: apt-get install postgresql-15. Elsewhere: set POSTGRES_BIN."
        )
    _forget_the_dead()
    # A short name: a socket's path has 107 letters.
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=memory()))
    try:
        if user := _user():
            shutil.chown(folder, user)
        initdb = ("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8")
        _run(*initdb, "--locale=C.UTF-8", "--no-sync", "-D", str(folder / "data"))
        server = Postgres(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _forget_the_dead() -> None:
    """Take away what is left of servers whose pytest was killed."""
    for folder in (memory() or Path(tempfile.gettempdir())).glob(f"{PREFIX}*-*"):
        if not Path("/proc", folder.name.removeprefix(PREFIX).partition("-")[0]).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _run(program: str, *arguments: str, check: bool = True) -> int:
    """One of PostgreSQL's programs. It refuses to be root."""
    done = subprocess.run(
        [str(BIN / program), *arguments],
        user=_user(),
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if check and done.returncode:
        raise RuntimeError(f"{program} failed: {done.stderr or done.stdout}")
    return done.returncode


def _die_with_us() -> None:
    """Also when pytest is killed: a server that is left behind would be found by nobody."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise RuntimeError(
            "There is no user postgres, and PostgreSQL does not run as root."
        ) from None
