"""Some of these tests ask the API, others visit the pages."""

import pytest

from tests.api.house import house_of
from tests.pages.site import password_hash, site

__all__ = ["password_hash", "site"]


@pytest.fixture
async def api(engine, sessions, tmp_path):
    """The whole API, with an Asterisk that is none."""
    async with house_of(engine, sessions, tmp_path) as house:
        yield house
