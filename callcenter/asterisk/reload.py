"""Other files for an exchange of ours while it has calls: written, read anew, proved; or as before.

Nobody in a call notices: what runs goes on, and finds the new dialplan at its next step.
"""

import asyncio
import hashlib
import logging
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from callcenter.asterisk.process import Asterisk
from callcenter.errors import N_, ExchangeUnavailable

log = logging.getLogger(__name__)

# File -> what the console is told when it has changed. Others are read at the next start.
COMMANDS: Mapping[str, str] = {
    "musiconhold.conf": "moh reload",
    "pjsip.conf": "module reload res_pjsip.so",
    "queues.conf": "queue reload all",
    "extensions.conf": "dialplan reload",  # last: it leads to what the others have made
}
MARK = "callcenter-files"  # the context that says which files it is
QUEUES = re.compile(r"^\[([A-Za-z0-9_-]+)\]\(", re.MULTILINE)  # in queues.conf
WAITING = re.compile(r"^ +\d+\. (\S+) \(wait:", re.MULTILINE)  # in "queue show NAME"


def marked(files: Mapping[str, str]) -> dict[str, str]:
    """The files, and in the dialplan a mark by which the exchange shows that it has read them."""
    text = files["extensions.conf"]
    return {**files, "extensions.conf": f"{text}\n[{MARK}]\nexten => {_mark(text)},1,Return()\n"}


async def take(asterisk: Asterisk, files: Mapping[str, str]) -> None:
    """Let it go on with these files (marked). Raises ExchangeUnavailable, in words, when it does
    not take them; then it has its former ones again."""
    former = dict(asterisk.files)
    changed = [name for name in files if files[name] != former.get(name)]
    if not changed:
        return
    try:
        await _tell(asterisk, files, changed)
    except ExchangeUnavailable as problem:
        log.error("the exchange has not taken its new files: %s", problem)
        try:
            await _tell(asterisk, former, changed)
        except ExchangeUnavailable as worse:  # it does not run: it reads them when it starts
            log.error("nor its former ones: %s", worse)
        raise


async def _tell(asterisk: Asterisk, files: Mapping[str, str], changed: Iterable[str]) -> None:
    asterisk.files = dict(files)  # also for the next start, whenever that is
    said = asterisk.log.stat().st_size if asterisk.log.exists() else 0
    try:
        await asyncio.to_thread(_write, asterisk.etc, {name: files[name] for name in changed})
    except OSError as error:  # the disk is full
        raise ExchangeUnavailable(
            N_("The exchange’s files cannot be written: {reason}"), reason=error.strerror
        ) from error
    for name, command in COMMANDS.items():
        if name in changed:
            await asterisk.cli(command)
    await _prove(asterisk, files, said)


async def look_up(asterisk: Asterisk) -> None:
    """Let it look up the names of providers again, whose calls it knows by their addresses: it does
    so only when it reads its files, and has nothing of a name that is not found then. Raises
    ExchangeUnavailable."""
    await asyncio.to_thread(os.utime, asterisk.etc / "pjsip.conf")  # else it does not read it
    await asterisk.cli("module reload res_pjsip_endpoint_identifier_ip.so")


def _write(etc: Path, files: Mapping[str, str]) -> None:
    """Each whole or not at all: a start in between reads the old or the new one."""
    for name, text in files.items():
        beside = etc / f"{name}.new"
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, etc / name)


async def _prove(asterisk: Asterisk, files: Mapping[str, str], said: int) -> None:
    """Raises ExchangeUnavailable unless it says that it has them."""
    text = files["extensions.conf"].partition(f"\n[{MARK}]")[0]
    shown = await asterisk.cli(f"dialplan show {MARK}")
    known = await queues(asterisk)
    missing = set(QUEUES.findall(files["queues.conf"])) - {"callcenter-queue"} - known
    if f"'{_mark(text)}'" not in shown or missing:
        complaint = await asyncio.to_thread(_complaint, asterisk.log, said)
        raise ExchangeUnavailable(
            N_("The exchange has not taken the change: {reason}"),
            reason=complaint or ", ".join(sorted(missing)) or "-",
        )


def _complaint(path: Path, said: int) -> str:
    """What the log has against the files, from byte `said` on; "" for nothing."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(said)
        lines = file.read().decode("utf-8", "replace").splitlines()
    found = [line for line in lines if re.search(r" (ERROR|WARNING)\[.*(config|queue)", line)]
    return found[0].partition(": ")[2].strip() if found else ""


async def queues(asterisk: Asterisk) -> set[str]:
    """The names of those it has."""
    shown = await asterisk.cli("queue show")
    return {line.partition(" has ")[0] for line in shown.splitlines() if " has " in line}


async def waiting(asterisk: Asterisk, queue: str) -> list[str]:
    """The channels that wait in that queue."""
    return WAITING.findall(await asterisk.cli(f"queue show {queue}"))


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
