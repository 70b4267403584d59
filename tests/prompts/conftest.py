"""These tests visit the pages, with a folder of their own for the files."""

import pytest

from tests.pages.site import password_hash, site

__all__ = ["password_hash", "site"]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CALLCENTER_HOME", str(tmp_path))
    return tmp_path
