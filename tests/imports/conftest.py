import asyncio

import pytest

from callcenter.keys import JOBS
from callcenter.sheets.reader import read
from callcenter.tasks import running
from tests.imports.office import Office
from tests.pages.site import password_hash, site

__all__ = ["password_hash", "site"]


@pytest.fixture
def upload(tmp_path):
    """Reads bytes as the file somebody uploaded, whose name says nothing."""

    def upload(content, caps=None):
        path = tmp_path / "upload"
        path.write_bytes(content)
        return read(path, caps)

    return upload


@pytest.fixture
async def office(site, tmp_path, monkeypatch):
    """The company's pages, and somebody who does the long work."""
    monkeypatch.setenv("CALLCENTER_HOME", str(tmp_path))
    async with running(site.app[JOBS].run(), "long work"):
        yield Office(site)
        await asyncio.sleep(0)
