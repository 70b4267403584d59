"""The secrets of an installation."""

import re
import stat

import pytest

from callcenter.secrets import Secrets, load_secrets


def test_they_are_made_once_and_stay(tmp_path):
    first = load_secrets(tmp_path / "home")

    assert load_secrets(tmp_path / "home") == first


def test_nobody_else_can_read_them(tmp_path):
    load_secrets(tmp_path)

    assert stat.S_IMODE((tmp_path / "secrets.toml").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.toml"]


def test_a_file_that_others_could_read_is_closed(tmp_path):
    first = load_secrets(tmp_path)
    (tmp_path / "secrets.toml").chmod(0o644)

    assert load_secrets(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secrets.toml").stat().st_mode) == 0o600


def test_each_is_long_and_its_own_and_fits_into_asterisks_files(tmp_path):
    made = load_secrets(tmp_path)
    each = [getattr(made, name) for name in Secrets.__struct_fields__]

    assert len(set(each)) == len(each)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", secret) for secret in each)


def test_they_are_never_shown(tmp_path):
    made = load_secrets(tmp_path)

    assert made.ami not in f"{made} {made!r} {made!s} {[made]}"


def test_a_secret_that_a_newer_version_needs_is_added(tmp_path):
    first = load_secrets(tmp_path)
    path = tmp_path / "secrets.toml"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("carrier")))

    again = load_secrets(tmp_path)
    assert (again.ami, again.phones) == (first.ami, first.phones)
    assert again.carrier not in ("", first.carrier)
    assert load_secrets(tmp_path) == again


@pytest.mark.parametrize("text", ["ami = ", "ami = 5", 'amy = "x"', "\x00", 'ami = "\xff"'])
def test_a_broken_file_stops_the_start_and_is_not_replaced(tmp_path, text):
    path = tmp_path / "secrets.toml"
    path.write_bytes(text.encode("latin-1"))

    with pytest.raises(SystemExit, match=r"secrets\.toml: "):
        load_secrets(tmp_path)
    assert path.read_bytes() == text.encode("latin-1")
