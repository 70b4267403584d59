"""The folder an Asterisk of ours lives in: its configuration, and what an earlier run has left
there.
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from callcenter.asterisk.spoken import LANGUAGE, SPOKEN, prompt_for
from callcenter.errors import N_, ExchangeUnavailable

LOG_LIMIT = 20_000_000  # bytes; a larger log is put aside at a start, one old one is kept
SOCKET_PATH_LIMIT = 107  # of a Unix socket's name
# Sounds of the company's own, played as callcenter/NAME. They are in this folder and not where
# Asterisk was unpacked, which is thrown away with every new version.
OWN_SOUNDS = "data/sounds/callcenter"

ASTERISK_CONF = """\
[directories]
astetcdir => {folder}/etc
astmoddir => {modules}
astvarlibdir => {folder}/lib
astdbdir => {folder}/lib
astkeydir => {folder}/lib
astdatadir => {folder}/data
astagidir => {folder}/lib
astspooldir => {folder}/spool
astrundir => {run}
astlogdir => {folder}/log
astsbindir => {folder}/sbin

[options]
systemname = {name}
autosystemname = no
verbose = 2
nocolor = yes
dumpcore = no
hideconnect = yes
live_dangerously = no
execincludes = no
defaultlanguage = en
documentation_language = en_US
"""

# A real-time Asterisk starts this beside it, and becomes an ordinary one once the file has not been
# touched for a minute: then it takes all the time there is. (Debian's own needs the C library that
# Asterisk was unpacked with.)
CANARY = """\
#!/bin/sh
while kill -0 "$2" 2>/dev/null && touch "$1"; do sleep 5; done
"""


def lay_out(name: str, root: Path, modules: Path, folder: Path, files: Mapping[str, str]) -> None:
    """Write the configuration and make the folders; put aside large logs."""
    for path in (folder, root):
        if set(str(path)) & set(";\n\r"):  # they end a value in Asterisk's files
            raise ExchangeUnavailable(
                N_("Asterisk cannot live in {folder}: there is a semicolon in its name."),
                folder=str(path),
            )
    for below in (
        "etc",
        "lib/keys",
        "log/cdr-custom",
        "log/cel-custom",
        OWN_SOUNDS,
        "sbin",
        "spool/monitor",
        "spool/tmp",
    ):
        (folder / below).mkdir(parents=True, exist_ok=True)
    run = run_folder(folder)
    run.mkdir(parents=True, exist_ok=True, mode=0o700)
    if run.stat().st_uid != os.getuid():  # in the shared temp folder anybody could have made it
        raise ExchangeUnavailable(N_("{folder} belongs to somebody else."), folder=str(run))
    control_socket(folder).unlink(missing_ok=True)
    canary = folder / "sbin/astcanary"
    canary.write_text(CANARY, encoding="ascii")
    canary.chmod(0o755)
    _link_data(root / "usr/share/asterisk", folder / "data")
    _link_spoken(folder / OWN_SOUNDS)

    conf = ASTERISK_CONF.format(name=name, modules=modules, folder=folder, run=run)
    # Until everything is loaded AMI would let people in and not know what a queue is.
    closed = re.sub(r"(?m)^enabled *= *yes", "enabled = no", files.get("manager.conf", ""))
    files = {**files, "asterisk.conf": conf, "manager.conf": closed}
    _write_configuration(folder / "etc", files)
    _rotate_logs(folder / "log")


def open_manager(folder: Path, files: Mapping[str, str]) -> None:
    """AMI as it is configured, from the next "manager reload" on."""
    (folder / "etc/manager.conf").write_text(files.get("manager.conf", ""), encoding="utf-8")


def own_sounds(folder: Path) -> Path:
    """Where the company's own sounds lie, of the exchange in `folder`."""
    return folder.absolute() / OWN_SOUNDS


def control_socket(folder: Path) -> Path:
    return run_folder(folder) / "asterisk.ctl"


def run_folder(folder: Path) -> Path:
    """Where the console's socket lies: in the folder, or, when that name is too long for a socket,
    elsewhere.
    """
    run = folder / "run"
    if len(os.fsencode(run / "asterisk.ctl")) <= SOCKET_PATH_LIMIT:
        return run
    mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"callcenter-{os.getuid()}-{mark}")


def _link_data(brought: Path, data: Path) -> None:
    """What Asterisk brought is in `data`, too, beside what is our own."""
    for place in data, data / "sounds":
        for old in place.iterdir():
            if old.is_symlink():
                old.unlink()
    # Record() takes a name that begins nowhere for one of a sound
    (data / "sounds/messages").symlink_to(data.parent / "spool/monitor")
    for each in [*brought.glob("*"), *brought.glob("sounds/*")]:
        link = data / each.relative_to(brought)
        if not link.exists():
            link.symlink_to(each)


def _link_spoken(own: Path) -> None:
    """What queues say is the company's own prompt of that name, as soon as there is one."""
    for sound in SPOKEN:
        link = own.parent / LANGUAGE / f"{sound}.wav"
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            up = "../" * (sound.count("/") + 1)
            link.symlink_to(f"{up}{own.name}/{prompt_for(sound)}.wav")


def _write_configuration(etc: Path, files: Mapping[str, str]) -> None:
    etc.chmod(0o700)  # there are secrets in it
    for old in etc.iterdir():
        if old.name not in files:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    for name, text in files.items():
        (etc / name).write_text(text, encoding="utf-8")


def _rotate_logs(log: Path) -> None:
    """The journal (cdr-custom, cel-custom) is not ours to touch: whoever reads it rotates it."""
    for path in [*log.glob("*.log"), log / "queue_log"]:
        if path.exists() and path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_name(f"{path.name}.old"))
