"""A PostgreSQL 15 of the tests' own: a temporary folder, a unix socket, no fsync."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import asyncpg

BIN = Path(os.environ.get("POSTGRES_BIN", "/usr/lib/postgresql/15/bin"))
PATIENCE = 30  # seconds; a start takes less than one
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
        await self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    async def drop(self, name: str) -> None:
        await self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def start(self) -> None:
        options = " ".join(f"-c {key}={value!r}" for key, value in SETTINGS.items())
        _run(
            *("pg_ctl", "start", "--wait", "--silent", f"--timeout={PATIENCE}"),
            *("-D", str(self.folder / "data"), "-l", str(self.folder / "log")),
            *("-o", f"-k {self.folder} {options}"),
        )

    def stop(self) -> None:
        """Now, without waiting for anybody to disconnect."""
        _run(
            "pg_ctl",
            "stop",
            "--wait",
            "--silent",
            "-m",
            "immediate",
            "-D",
            str(self.folder / "data"),
        )

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
    folder = Path(
        tempfile.mkdtemp(prefix="callcenter-pg-")
    )  # short: a socket's path has 107 letters
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


def _run(program: str, *arguments: str) -> None:
    """One of PostgreSQL's programs. It refuses to be root."""
    done = subprocess.run(
        [str(BIN / program), *arguments],
        user=_user(),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # a pipe would be held open by the server that pg_ctl starts
        stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
        text=True,
        timeout=60,
    )
    if done.returncode:
        raise RuntimeError(f"{program} failed: {done.stderr or 'see the log in its folder'}")


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise RuntimeError(
            "There is no user postgres, and PostgreSQL does not run as root."
        ) from None
