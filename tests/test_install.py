"""The installer runs on a machine that has nothing yet, and installs what the locks say."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from callcenter import install

ROOT = Path(__file__).parent.parent
LOCKS = ["requirements/run.txt", "requirements/test.txt", "web/package-lock.json"]


def test_the_installer_needs_no_package():
    # -S: without site-packages, as the system's python3 has them on a new machine
    found = subprocess.run(
        [sys.executable, "-S", "-c", "import callcenter.install"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock):
    assert not re.search(r"https?://|\bfile:", (ROOT / lock).read_text())


@pytest.mark.parametrize("lock", ["run", "test"])
def test_a_lock_holds_every_dependency_with_its_hash(lock):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    tools = project["optional-dependencies"]["test"] if lock == "test" else []
    locked = (ROOT / f"requirements/{lock}.txt").read_text()
    names = set(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z]+\])?==", locked, re.MULTILINE))

    wanted = {re.split(r"[^A-Za-z0-9._-]", each)[0] for each in project["dependencies"] + tools}
    assert wanted <= names
    assert all("--hash=sha256:" in part for part in re.split(r"(?m)^(?=[a-z0-9])", locked)[1:])


def test_the_test_lock_holds_what_the_run_lock_holds():
    pins = [
        set(re.findall(r"^\S+==\S+", (ROOT / f"requirements/{lock}.txt").read_text(), re.MULTILINE))
        for lock in ("run", "test")
    ]

    assert pins[0] <= pins[1]


def test_a_package_that_is_missing_is_named_when_nothing_can_install_it(monkeypatch):
    monkeypatch.setattr(install.shutil, "which", lambda name: None)

    with pytest.raises(RuntimeError, match=r"install these first.*some-package"):
        install._debian_packages({"some-package": lambda: False})
