"""Asterisk 22 in a folder of its own: unpacked from Debian's packages, cut down to what we load,
never installed.

Standard library only: the installer runs it before the virtual environment exists. No root, no
chroot, no container; process.py starts the result with its own dynamic loader.
"""

import fcntl
import hashlib
import math
import os
import re
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from callcenter.asterisk.spoken import INSTEAD, SPOKEN

SUITE = "forky"  # the first Debian release after 12 that has Asterisk 22 LTS
PACKAGES = "asterisk,asterisk-core-sounds-en-wav"
SOUNDS = "en_US_f_Allison"
PROMPTS = (
    # What the carrier's people say; about 80 s in all.
    *("hello-world", "demo-congrats", "demo-moreinfo", "demo-abouttotry", "demo-thanks"),
    "vm-goodbye",
    *SPOKEN,
)
# What libraries open by name once they run, so that no list of what they need tells of it: libsrtp
# encrypts with NSS, and NSS opens its ciphers. Without them browsers have no sound.
OPENED = ("libsoftokn3.so", "libfreebl*3.so")
DIALPLAN = Path(__file__).resolve().parent.parent.parent / "dialplan"
STAMP = "callcenter.stamp"

Tell = Callable[[str], None]


class NoAsterisk(RuntimeError):
    """It could not be fetched or unpacked, or is not there; the message is for people."""


def folder(home: Path) -> Path:
    """Where Asterisk lies: below `home`, or in the ready folder that CALLCENTER_ASTERISK names."""
    return Path(os.environ.get("CALLCENTER_ASTERISK") or home / "asterisk").absolute()


def is_ready(home: Path) -> bool:
    """Whether there is an Asterisk with everything that this version of the program loads."""
    return _is_whole(folder(home))


def version(home: Path) -> str:
    """As it says itself: "Asterisk 22.10.1…". Raises NoAsterisk, OSError, SubprocessError."""
    said = subprocess.run(
        [*command(folder(home)), "-V"], capture_output=True, text=True, check=True, timeout=10
    )
    return said.stdout.strip()


def install(home: Path, tell: Tell) -> Path:
    """Have Asterisk ready below `home` and return its folder. Instant when it is there already.

    `tell` hears what is being done, a line at a time. All or nothing: the folder appears when it
    is whole. Raises NoAsterisk with the reason (no network, mmdebstrap missing, disk full).
    """
    root = folder(home)
    if _is_whole(root):
        return root
    if "CALLCENTER_ASTERISK" in os.environ:  # somebody else's folder: it is not ours to fill
        raise NoAsterisk(f"There is no Asterisk that fits in {root} (CALLCENTER_ASTERISK).")
    if shutil.which("mmdebstrap") is None:
        raise NoAsterisk("The program mmdebstrap is missing: apt-get install mmdebstrap")
    root.parent.mkdir(parents=True, exist_ok=True)
    with _alone(root):
        if not _is_whole(root):  # else somebody was faster
            _install(root, tell)
    return root


def _install(root: Path, tell: Tell) -> None:
    for left in root.parent.glob(f"{root.name}.new-*"):  # by a run that was killed
        shutil.rmtree(left)
    try:
        with tempfile.TemporaryDirectory(prefix=f"{root.name}.new-", dir=root.parent) as work:
            full, small = Path(work, "full"), Path(work, "small")
            _download(full, Path(work), tell)
            tell("Keeping what the call center needs of it")
            trim(full, small)
            if root.exists():  # an Asterisk that still runs from there keeps its open files
                root.rename(Path(work, "old"))
            small.rename(root)
    except OSError as error:
        raise NoAsterisk(f"Asterisk could not be unpacked: {error}") from error
    tell(f"Asterisk is ready in {root}")


def trim(full: Path, root: Path) -> None:
    """Copy out of the unpacked packages in `full` what we run, into `root` (which must not exist).

    That is: the binary, the loader, the modules both configurations list, the libraries all these
    need, the XML documentation (Asterisk ends at once without it), prompts, and a piece of music to
    wait with.
    """
    library = library_folder(full)
    target = root / library.relative_to(full)
    modules = target / "asterisk" / "modules"
    modules.mkdir(parents=True)
    (root / "usr/sbin").mkdir()
    binary = root / "usr/sbin/asterisk"
    shutil.copy2(full / "usr/sbin/asterisk", binary)
    for name in _modules():
        shutil.copy2(library / "asterisk/modules" / name, modules / name)
    shutil.copy2(loader(full).resolve(), target / loader(full).name)
    opened = [path for name in OPENED for path in library.glob(name)]
    for path in _libraries(full, [binary, *modules.iterdir(), *opened]) | set(opened):
        shutil.copy2(path.resolve(), target / path.name)

    share, full_share = root / "usr/share/asterisk", full / "usr/share/asterisk"
    shutil.copytree(full_share / "documentation", share / "documentation")
    (share / "sounds/en").mkdir(parents=True)
    for prompt in PROMPTS:
        copy = share / "sounds/en" / f"{prompt}.wav"
        copy.parent.mkdir(exist_ok=True)
        shutil.copy2(full_share / "sounds" / SOUNDS / f"{INSTEAD.get(prompt, prompt)}.wav", copy)
    (share / "moh").mkdir()
    write_music(share / "moh/waiting.wav")
    (root / STAMP).write_text(_stamp(), encoding="ascii")


def library_folder(root: Path) -> Path:
    """Where the libraries are, whatever the processor: usr/lib/x86_64-linux-gnu."""
    for found in root.glob("usr/lib/*-linux-gnu*/asterisk/modules"):
        return found.parent.parent
    raise NoAsterisk(f"There is no Asterisk in {root}.")


def loader(root: Path) -> Path:
    """Asterisk's own dynamic loader, so that nothing of the machine's C library is used."""
    for found in library_folder(root).glob("ld-linux*.so.*"):
        return found
    raise NoAsterisk(f"There is no Asterisk in {root}.")


def command(root: Path) -> list[str]:
    """How to run the Asterisk in `root`; arguments follow.

    --library-path and not LD_LIBRARY_PATH: what Asterisk starts must use the machine's libraries.
    """
    library = ["--library-path", str(library_folder(root))]
    return [str(loader(root)), *library, str(root / "usr/sbin/asterisk")]


def write_music(path: Path) -> None:
    """Half a minute of slow chords, made here so that no one else's music has to be licensed."""
    rate, beat = 8000, 0.6  # seconds between two notes
    chords = (
        (262, 330, 392, 523),
        (247, 330, 392, 494),
        (175, 262, 349, 523),
        (196, 294, 392, 494),
    )
    tones = [tone for chord in chords for tone in (*chord, *chord[::-1])]
    length = int(rate * beat)
    notes = {tone: _note(tone, rate, 3 * length) for tone in set(tones)}
    samples = [0.0] * (length * (len(tones) + 2))
    for position, tone in enumerate(tones):
        for index, value in enumerate(notes[tone], start=position * length):
            samples[index] += value
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(b"".join(int(s * 7000).to_bytes(2, "little", signed=True) for s in samples))


def _note(tone: int, rate: int, samples: int) -> list[float]:
    """A plucked note: a quick start, a slow end, a little of the octave."""
    return [
        min(1.0, n / 80)
        * math.exp(-4.0 * n / samples)
        * (math.sin(2 * math.pi * tone * n / rate) + 0.3 * math.sin(4 * math.pi * tone * n / rate))
        for n in range(samples)
    ]


def _is_whole(root: Path) -> bool:
    try:
        return (root / STAMP).read_text(encoding="ascii") == _stamp()
    except OSError:
        return False


def _modules() -> list[str]:
    """The modules that either configuration loads."""
    names: set[str] = set()
    for side in ("exchange", "carrier"):
        text = (DIALPLAN / side / "modules.conf").read_text(encoding="utf-8")
        names.update(re.findall(r"^load = (\w+\.so)$", text, re.MULTILINE))
    return sorted(names)


def _stamp() -> str:
    content = "\n".join((SUITE, PACKAGES, *PROMPTS, *_modules(), "layout 2"))
    return hashlib.sha256(content.encode()).hexdigest()


def _libraries(full: Path, binaries: list[Path]) -> set[Path]:
    """The shared libraries in `full` that `binaries` need, and those that these need."""
    library, needed = library_folder(full), set[Path]()
    for binary in binaries:
        # --list does not run the program; it only says what the loader would load.
        listing = subprocess.run(
            [loader(full), "--library-path", library, "--list", binary],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for line in listing.splitlines():
            name, arrow, place = line.strip().partition(" => ")
            if arrow and place == "not found":
                raise OSError(f"{binary.name} needs {name}, which is not there")
            path = Path(place.rpartition(" (")[0])
            if arrow and path.is_relative_to(library):
                needed.add(path)
    return needed


def _download(full: Path, work: Path, tell: Tell) -> None:
    """Let mmdebstrap choose, fetch, verify and unpack the packages; no maintainer script is run."""
    tell("Fetching Asterisk 22 from Debian (about 75 MB, once)")
    words = ["mmdebstrap", "--mode=chrootless", "--variant=extract", "--components=main"]
    if os.geteuid() == 0:  # harmless: the check is about maintainer scripts, and extract runs none
        words.append("--skip=check/chrootless")
    words += ["--aptopt=" + option for option in _APT_OPTIONS]
    words += [f"--include={PACKAGES}", SUITE, str(full)]
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=os.environ | {"TMPDIR": str(work), "LC_ALL": "C.UTF-8"},
    )
    problems: list[str] = []
    try:
        assert process.stderr is not None
        for line in process.stderr:
            kind, _, text = line.strip().partition(": ")
            if kind == "I" and text:
                tell(text)
            elif kind in ("E", "W", "Err", "error"):
                problems.append(text)
        process.wait()
    finally:  # Ctrl+C, or `tell` raised
        if process.poll() is None:
            process.terminate()
            process.wait()
        if process.stderr:
            process.stderr.close()
    if process.returncode:
        raise OSError("; ".join(problems[-3:]) or f"mmdebstrap ended with {process.returncode}")


_APT_OPTIONS = (
    'APT::Install-Recommends "false"',
    'Acquire::Check-Valid-Until "false"',  # a mirror may be a frozen snapshot
    'Acquire::Retries "3"',
)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Two installers at once would fetch everything twice: the second waits for the first."""
    with (root.parent / f".{root.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
