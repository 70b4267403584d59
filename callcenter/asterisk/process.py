"""An Asterisk that is ours: laid out in a folder, started, watched, restarted and stopped. No
root, no container.
"""

import asyncio
import fcntl
import logging
import re
import resource
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import IO

from callcenter.asterisk.layout import control_socket, lay_out, open_manager
from callcenter.asterisk.rootfs import NoAsterisk, command, library_folder
from callcenter.errors import N_, Conflict, ExchangeUnavailable
from callcenter.priority import CALLS, may_come_first

log = logging.getLogger(__name__)

BOOT_S = 30.0  # an idle machine needs 0.4
STOP_S = 5.0  # then it is killed
CLI_S = 10.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0  # between restarts
WELL_S = 60.0  # after so long up, the next fall is a first one again
# 11 to 13 descriptors a recorded call; with the usual 1024 Asterisk loses CDRs from the 80th call
# on. Not the hard limit itself, which may be a thousand million.
DESCRIPTORS = 65536
# Asterisk goes on without what it could not open; for us that is a failed start.
FATAL = re.compile(
    r"Address already in use|[Uu]nable to bind|could not be started"
    r"|not loaded|refused to load|declined to load"
)


class Asterisk:
    """One Asterisk.

    `name` is its system name (channel ids begin with it), `root` where rootfs.py unpacked it,
    `folder` its own folder: etc, log, lib, and spool/monitor where recordings appear. `files` are
    the configuration, name -> text, without asterisk.conf, which is made here; when they become
    others (asterisk.reload), the next start has those. One that `comes_first` is real-time where
    the system allows it.
    """

    def __init__(
        self,
        name: str,
        root: Path,
        folder: Path,
        files: Mapping[str, str],
        *,
        comes_first: bool = False,
    ) -> None:
        self._name = name
        self._comes_first = comes_first
        self._root = root
        self._folder = folder.absolute()
        self.files = files
        self._process: Process | None = None
        self._lock: IO[str] | None = None
        self.log = self._folder / "log/messages.log"
        self.recordings = self._folder / "spool/monitor"
        self.etc = self._folder / "etc"

    @property
    def pid(self) -> int | None:
        """None while it does not run."""
        alive = self._process and self._process.returncode is None
        return self._process.pid if self._process and alive else None

    async def start(self) -> None:
        """Start it; returns when it is fully booted and its AMI answers.

        Raises Conflict when another one runs in this folder, ExchangeUnavailable with what its log
        says when it does not come up.
        """
        if self.pid:
            return
        self._take_folder()
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self.stop)
            try:
                await self._boot()
            except NoAsterisk as error:
                raise self._failure(str(error)) from error
            except TimeoutError as error:
                raise ExchangeUnavailable(
                    N_("{name} did not start within {seconds} seconds; its log is {log}"),
                    name=self._name,
                    seconds=int(BOOT_S),
                    log=str(self.log),
                ) from error
            undo.pop_all()  # it is up and stays
        log.info("%s runs, pid %s", self._name, self.pid)

    async def run(self) -> None:
        """Watch it, and start it again when it falls. For ever: end by cancelling, then stop()."""
        pause = FIRST_PAUSE_S
        while True:
            since = time.monotonic()
            if self._process:
                await self._process.wait()
            if time.monotonic() - since > WELL_S:
                pause = FIRST_PAUSE_S
            log.error("%s has ended; starting it again in %.1f s", self._name, pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
            try:
                await self.start()
            except (ExchangeUnavailable, Conflict, OSError) as error:
                log.error("%s", error)

    async def stop(self) -> None:
        """Hang up all calls, let it write its last records, end it; harmless when it is not up."""
        process, self._process = self._process, None
        if process and process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(STOP_S):
                    await process.wait()
            except TimeoutError:
                log.warning("%s does not end by itself and is killed", self._name)
                process.kill()
                await process.wait()
        if self._lock:
            self._lock.close()
            self._lock = None

    async def cli(self, command: str) -> str:
        """What Asterisk's console answers to `command`; raises ExchangeUnavailable."""
        process = await asyncio.create_subprocess_exec(
            *self._command("-rx", command), stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
        )
        try:
            async with asyncio.timeout(CLI_S):
                answer, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise ExchangeUnavailable(N_("{name} does not answer."), name=self._name) from None
        if process.returncode:
            raise ExchangeUnavailable(N_("{name} does not run."), name=self._name)
        return answer.decode("utf-8", "replace")

    def _command(self, *arguments: str) -> list[str]:
        return [*command(self._root), "-C", str(self._folder / "etc/asterisk.conf"), *arguments]

    async def _boot(self) -> None:
        modules = library_folder(self._root) / "asterisk/modules"
        lay_out(self._name, self._root, modules, self._folder, self.files)
        said = self.log.stat().st_size if self.log.exists() else 0
        self._process = await self._spawn()
        async with asyncio.timeout(BOOT_S):
            await self._booted()
            if self.pid:
                open_manager(self._folder, self.files)
                await self.cli("manager reload")
        if problem := self._problem(said):
            raise self._failure(problem)
        await self._ami_answers()

    def _failure(self, reason: str) -> ExchangeUnavailable:
        sentence = N_("{name} did not start: {reason}")
        return ExchangeUnavailable(sentence, name=self._name, reason=reason)

    def _take_folder(self) -> None:
        """Hold the folder's lock. Asterisk inherits it: should we be killed, it is held until
        Asterisk is gone too.
        """
        if self._lock:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = (self._folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise Conflict(
                N_("Another {name} runs in {folder} already."),
                name=self._name,
                folder=str(self._folder),
            ) from None
        self._lock = lock

    async def _spawn(self) -> Process:
        assert self._lock  # start() took it
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        most = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
        # Root's Asterisk keeps no priority that it was given, but takes one (-p) and ends if it may
        # not; anybody else's keeps what it was given, and takes none.
        first = ("chrt", "--rr", str(CALLS)) if self._comes_first and may_come_first() else ()
        with (self._folder / "log/console.log").open("wb") as console:
            return await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig", "TERM"),  # it ends when we do, however we do
                *("prlimit", f"--nofile={most}:{most}"),
                *first,
                *self._command("-f", "-n", *(["-p"] if first else [])),
                stdin=DEVNULL,
                stdout=console,
                stderr=console,
                cwd=self._folder,  # the dialplan names recordings relative to it
                start_new_session=True,  # Ctrl+C is for us: we stop it in good order
                pass_fds=(self._lock.fileno(),),
            )

    async def _booted(self) -> None:
        """Wait until Asterisk says that it is fully booted, or has given up."""
        while self.pid:
            if control_socket(self._folder).exists():
                with suppress(ExchangeUnavailable):  # the socket is there before anybody listens
                    if "fully booted" in await self.cli("core waitfullybooted"):
                        return
            await asyncio.sleep(0.02)

    def _problem(self, said: int) -> str:
        """Why this start is none, by the log from byte `said` on: a quotation, or "" when all is
        well.
        """
        with suppress(FileNotFoundError), self.log.open("rb") as file:
            file.seek(said)
            lines = file.read().decode("utf-8", "replace").splitlines()
            errors = [line.partition(" ERROR")[2] for line in lines if " ERROR" in line]
            fatal = [line for line in errors if FATAL.search(line)] or (
                errors if not self.pid else []
            )
            if fatal:
                return fatal[0].partition(": ")[2].strip()
        if self.pid:
            return ""
        console = (self._folder / "log/console.log").read_text(encoding="utf-8", errors="replace")
        return console.strip()[-500:] or "it ended without a word"

    async def _ami_answers(self) -> None:
        """The port may be open and somebody else's."""
        found = re.search(r"^port *= *(\d+)", self.files["manager.conf"], re.MULTILINE)
        if not found:
            return
        reader, writer = await asyncio.open_connection("127.0.0.1", int(found[1]))
        try:
            async with asyncio.timeout(CLI_S):
                banner = await reader.readline()
        finally:
            writer.close()
        if not banner.startswith(b"Asterisk Call Manager"):
            raise self._failure(f"port {found[1]} belongs to another program")
