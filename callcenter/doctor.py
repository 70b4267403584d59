"""`callcenter doctor`: what is wrong, in words, and how to mend it. Looks, changes nothing."""

import fcntl
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import func, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from callcenter.asterisk import rootfs
from callcenter.asterisk.ami import Ami
from callcenter.calls.models import CallRecord
from callcenter.config import ROOT, Config, database_url, home
from callcenter.db import database
from callcenter.errors import CallcenterError
from callcenter.priority import may_come_first
from callcenter.secrets import load_secrets
from callcenter.tasks import running

LITTLE = 2 * 2**30  # bytes of free disk below which recordings are in danger
LOCAL = ("127.0.0.1", "localhost", "::1")
MARK = {"ok": "✓", "warning": "!", "error": "✗"}


@dataclass(frozen=True)
class Finding:
    level: Literal["ok", "warning", "error"]
    what: str
    cure: str = ""


async def main(config: Config) -> int:
    """Print every finding; 1 if one of them is an error."""
    findings = await examine(config)
    for finding in findings:
        sys.stdout.write(f"{MARK[finding.level]} {finding.what}\n")
        if finding.cure:
            sys.stdout.write(f"    → {finding.cure}\n")
    return int(any(finding.level == "error" for finding in findings))


async def examine(config: Config) -> list[Finding]:
    """All findings, the good ones too, in the order a call meets the parts."""
    runs = service_runs(home())
    return [
        *programs(),
        *priority(),
        *disk(config),
        *clock(),
        *web_port(config, runs),
        *microphone(config),
        *asterisk_folder(config),
        *exchange_ports(config, runs),
        *[finding async for finding in _ami(config, runs)],
        *[finding async for finding in _database(config)],
    ]


def service_runs(folder: Path) -> bool:
    """Whether a service holds this folder now."""
    lock = folder / "run.lock"
    if not lock.exists():
        return False
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def programs() -> Iterator[Finding]:
    if ffmpeg := shutil.which("ffmpeg"):
        yield Finding("ok", f"ffmpeg is there: {ffmpeg}")
    else:
        yield Finding(
            "error",
            "ffmpeg is missing: recordings stay as wav files and cannot be played.",
            "apt-get install ffmpeg; recordings that wait are converted at the next start.",
        )
    from callcenter.report_files.layout import fonts  # a big library, for who prints only

    try:
        fonts()
        yield Finding("ok", "The letters for PDF are there.")
    except CallcenterError as error:
        why = f"Reports cannot be taken out as PDF. {error}"
        yield Finding("error", why, "apt-get install fonts-dejavu-core")
    if not (ROOT / "web" / "static" / "vendor" / "installed").exists():
        yield Finding("error", "The browser's code is not built.", "Run `make run`, it builds it.")


def priority() -> Iterator[Finding]:
    if may_come_first():
        yield Finding("ok", "The exchange and the service come before ordinary programs.")
    else:
        yield Finding(
            "warning",
            "Exchange and service wait for a core like any program: on a full machine the sound"
            " breaks up and popups come late.",
            "Allow it real-time priority: LimitRTPRIO=5 in its systemd unit, or `rtprio 5` in"
            " /etc/security/limits.conf.",
        )


def disk(config: Config) -> Iterator[Finding]:
    for name, path in ("the state", home()), ("recordings", ROOT / config.recordings.folder):
        while not path.exists():
            path = path.parent
        free = shutil.disk_usage(path).free
        if free < LITTLE:
            yield Finding(
                "error" if free < LITTLE / 8 else "warning",
                f"The disk that holds {name} is nearly full: {free / 2**30:.1f} GB free.",
                "Make room or move [recordings] folder; a minute of talk needs 0.24 MB.",
            )
        else:
            yield Finding("ok", f"Room for {name}: {free / 2**30:.0f} GB free")
        try:
            tempfile.TemporaryFile(dir=path).close()
        except OSError as error:
            yield Finding(
                "error", f"Nothing can be written to {path}: {error.strerror}.", "Check its owner."
            )


def clock() -> Iterator[Finding]:
    newest = max(path.stat().st_mtime for path in (ROOT / "callcenter").glob("*.py"))
    if time.time() < newest - 86400:
        yield Finding(
            "error",
            f"The clock says {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, before this program was made.",
            "Set the clock (timedatectl set-ntp true).",
        )
    else:
        yield Finding("ok", f"The clock says {datetime.now(UTC):%Y-%m-%d %H:%M} UTC")


def web_port(config: Config, runs: bool) -> Iterator[Finding]:
    if runs:
        yield Finding("ok", f"The service runs on {config.web.listen}")
    elif problem := _cannot_bind(config.web.host, config.web.port, socket.SOCK_STREAM):
        yield Finding(
            "error",
            f"The web port {config.web.listen} cannot be used: {problem}.",
            "End the other program or set [web] listen to another port.",
        )
    else:
        yield Finding("ok", f"The web port {config.web.listen} is free")


def microphone(config: Config) -> Iterator[Finding]:
    if config.web.host not in LOCAL and not config.web.certificate:
        yield Finding(
            "warning",
            "Pages for other machines without HTTPS: browsers give them no microphone.",
            "Set [web] certificate and key.",
        )
    for path in filter(None, (config.web.certificate, config.web.key)):
        if not Path(path).is_file():
            yield Finding("error", f"There is no file {path}.", "Mend [web] certificate and key.")


def asterisk_folder(config: Config) -> Iterator[Finding]:
    if config.asterisk.mode == "external":
        return
    if not rootfs.is_ready(home()):
        yield Finding("error", "Asterisk is not installed.", "Run `make run`, it installs it.")
        return
    try:
        version = rootfs.version(home())
    except (OSError, subprocess.SubprocessError) as error:
        yield Finding(
            "error", f"Asterisk does not start: {error}", "Delete var/asterisk and run `make run`."
        )
    else:
        yield Finding("ok", f"{version} is there")


def exchange_ports(config: Config, runs: bool) -> Iterator[Finding]:
    if config.asterisk.mode == "external" or runs:
        return
    for offset, what, kind in (
        (0, "AMI", socket.SOCK_STREAM),
        (1, "SIP", socket.SOCK_DGRAM),
        (2, "websocket", socket.SOCK_STREAM),
    ):
        port = config.asterisk.port + offset
        if problem := _cannot_bind("127.0.0.1", port, kind):
            yield Finding(
                "error",
                f"The exchange's {what} port {port} cannot be used: {problem}.",
                "End the other program or set [asterisk] port to another number.",
            )


async def _ami(config: Config, runs: bool) -> AsyncIterator[Finding]:
    if config.asterisk.mode == "embedded" and not runs:
        yield Finding("ok", "The exchange is started together with the service")
        return
    embedded = config.asterisk.mode == "embedded"
    ami = Ami(
        "127.0.0.1" if embedded else config.asterisk.host,
        config.asterisk.port,
        "callcenter" if embedded else config.asterisk.user,
        load_secrets(home()).ami if embedded else config.asterisk.secret,
        hear=lambda message: None,
    )
    async with running(ami.run(), "doctor's AMI", vital=False):
        try:
            await ami.wait_connected(5)
            answer = await ami.ask("Ping")
        except (CallcenterError, TimeoutError):
            yield Finding(
                "error",
                f"No way in on AMI, port {config.asterisk.port}: {ami.problem or 'no answer'}",
                "Check that Asterisk runs, and host, port, user and secret of [asterisk].",
            )
            return
    apart = abs(float(answer.headers.get("Timestamp", time.time())) - time.time())
    if apart > 2:
        yield Finding(
            "warning", f"The exchange's clock is {apart:.0f} s apart from ours.", "Set both clocks."
        )
    else:
        yield Finding("ok", "The exchange answers on AMI")


async def _database(config: Config) -> AsyncIterator[Finding]:
    url = make_url(database_url(config))
    if url.database and url.drivername.startswith("sqlite") and not Path(url.database).exists():
        yield Finding("ok", "The database is made at the first start")
        return
    try:
        async with database(database_url(config)) as (_, sessions), sessions() as session:
            count = await session.scalar(select(func.count()).select_from(CallRecord))
            latest = await session.scalar(select(func.max(CallRecord.started_at)))
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        yield Finding(
            "error",
            f"The database cannot be used: {reason}.",
            "Run `callcenter migrate`, or check [database] url.",
        )
        return
    yield Finding("ok", f"The database holds {count} calls")
    if latest and latest > datetime.now(UTC):
        yield Finding(
            "warning",
            "The newest call lies in the future: the clock was changed.",
            "Set the clock.",
        )


def _cannot_bind(host: str, port: int, kind: int) -> str:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return ""
