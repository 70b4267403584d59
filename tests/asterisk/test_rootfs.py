"""Asterisk in a folder of its own. The real download is part of every installation."""

import os
import shutil
import stat
import subprocess
import sys
import threading
import wave

import pytest

from callcenter import config
from callcenter.asterisk import rootfs

HERE = rootfs.folder(config.home())
OH = "digits/oh.wav"  # Debian's name of what is digits/odd here (asterisk/spoken.py)


@pytest.fixture(autouse=True)
def no_ready_folder(monkeypatch):
    monkeypatch.delenv("CALLCENTER_ASTERISK", raising=False)


@pytest.fixture
def mmdebstrap(tmp_path, monkeypatch):
    """A program in its place: `mmdebstrap(script)`; the last argument is the folder to fill."""

    def put(script):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        path = folder / "mmdebstrap"
        path.write_text(f"#!/bin/sh\nfor target; do :; done\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    return put


def told():
    lines = []
    return lines, lines.append


def left(home):
    return sorted(
        path.name for path in home.iterdir() if not path.name.startswith(".") and path.name != "bin"
    )


@pytest.mark.exchange
def test_the_one_that_is_here_is_whole_and_says_what_it_is(monkeypatch):
    monkeypatch.setenv("CALLCENTER_ASTERISK", str(HERE))

    assert rootfs.is_ready(HERE.parent)
    assert rootfs.version(HERE.parent).startswith("Asterisk 22.")


@pytest.mark.exchange
def test_trimming_a_trimmed_one_finds_every_library_again(tmp_path):
    (tmp_path / "full").mkdir()
    subprocess.run(["cp", "-a", f"{HERE}/.", tmp_path / "full"], check=True)
    sounds = tmp_path / "full/usr/share/asterisk/sounds"
    (sounds / "en").rename(sounds / rootfs.SOUNDS)
    shutil.copy(sounds / rootfs.SOUNDS / "digits/odd.wav", sounds / rootfs.SOUNDS / OH)

    rootfs.trim(tmp_path / "full", tmp_path / "small")

    here = {path.name for path in rootfs.library_folder(HERE).iterdir()}
    assert {path.name for path in rootfs.library_folder(tmp_path / "small").iterdir()} == here
    subprocess.run([*rootfs.command(tmp_path / "small"), "-V"], check=True, capture_output=True)


@pytest.mark.exchange
def test_a_second_time_is_instant_and_silent(tmp_path, mmdebstrap):
    mmdebstrap("exit 1")
    (tmp_path / "asterisk").symlink_to(HERE)
    lines, tell = told()

    assert rootfs.install(tmp_path, tell) == tmp_path / "asterisk"
    assert lines == []


def test_a_broken_download_leaves_nothing_and_says_why(tmp_path, mmdebstrap):
    mmdebstrap(
        'mkdir -p "$target/usr"; echo "I: downloading packages with apt..." >&2;'
        ' echo "E: Could not resolve mirror" >&2; exit 25'
    )
    lines, tell = told()

    with pytest.raises(rootfs.NoAsterisk, match="could not be unpacked: Could not resolve mirror"):
        rootfs.install(tmp_path, tell)

    assert left(tmp_path) == []
    assert "downloading packages with apt..." in lines


def test_packages_without_an_asterisk_leave_nothing(tmp_path, mmdebstrap):
    mmdebstrap('mkdir -p "$target/usr"')

    with pytest.raises(rootfs.NoAsterisk, match="There is no Asterisk in"):
        rootfs.install(tmp_path, lambda line: None)

    assert left(tmp_path) == []


def test_a_broken_download_keeps_the_one_that_was_there(tmp_path, mmdebstrap):
    mmdebstrap("exit 1")
    (tmp_path / "asterisk").mkdir()
    (tmp_path / "asterisk" / rootfs.STAMP).write_text("an older version's")

    with pytest.raises(rootfs.NoAsterisk, match="mmdebstrap ended with 1"):
        rootfs.install(tmp_path, lambda line: None)

    assert left(tmp_path) == ["asterisk"]


def test_what_a_killed_installation_left_is_cleared_away(tmp_path, mmdebstrap):
    mmdebstrap("exit 1")
    (tmp_path / "asterisk.new-abc/full").mkdir(parents=True)

    with pytest.raises(rootfs.NoAsterisk):
        rootfs.install(tmp_path, lambda line: None)

    assert left(tmp_path) == []


def test_an_interrupted_download_takes_its_program_with_it(tmp_path, mmdebstrap):
    mmdebstrap(f'echo $$ > "{tmp_path}/.pid"; echo "I: begun" >&2; exec sleep 60')

    def interrupt(line):
        if line == "begun":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rootfs.install(tmp_path, interrupt)

    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / ".pid").read_text()), 0)
    assert left(tmp_path) == []


@pytest.mark.exchange
def test_of_two_installations_at_once_one_waits_for_the_other(tmp_path, mmdebstrap):
    mmdebstrap(
        f'echo run >> "{tmp_path}/.runs"; mkdir "$target"; cp -a "{HERE}/." "$target";'
        f' cd "$target/usr/share/asterisk/sounds"; mv en {rootfs.SOUNDS};'
        f" cd {rootfs.SOUNDS}; cp digits/odd.wav {OH}"
    )
    both = [
        threading.Thread(target=rootfs.install, args=(tmp_path, lambda line: None)) for _ in "ab"
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()

    assert rootfs.is_ready(tmp_path)
    assert (tmp_path / ".runs").read_text() == "run\n"
    assert left(tmp_path) == ["asterisk"]


def test_without_mmdebstrap_the_command_to_get_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(rootfs.NoAsterisk, match="apt-get install mmdebstrap"):
        rootfs.install(tmp_path, lambda line: None)


def test_a_ready_folder_that_does_not_fit_is_not_touched(tmp_path, monkeypatch):
    monkeypatch.setenv("CALLCENTER_ASTERISK", str(tmp_path / "theirs"))

    with pytest.raises(rootfs.NoAsterisk, match="CALLCENTER_ASTERISK"):
        rootfs.install(tmp_path, lambda line: None)

    assert left(tmp_path) == []


def test_an_installer_without_any_package_can_use_it():
    code = "import sys; sys.path[:0] = ['.']; import callcenter.asterisk.rootfs"
    subprocess.run([sys.executable, "-S", "-I", "-c", code], check=True, cwd=config.ROOT)


def test_the_music_to_wait_with_has_no_tone_that_tests_listen_for(tmp_path):
    from tests.asterisk.spectrum import seconds, strength

    rootfs.write_music(tmp_path / "music.wav")

    assert seconds(tmp_path / "music.wav") > 15
    assert strength(tmp_path / "music.wav", 262, 0, 1) > 0.05
    assert all(strength(tmp_path / "music.wav", tone) < 0.002 for tone in (440, 1000, 1200, 1700))
    with wave.open(str(tmp_path / "music.wav")) as file:
        assert (file.getnchannels(), file.getframerate()) == (1, 8000)
