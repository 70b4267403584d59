"""The house the API's tests live in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.db import Sessions
from tests.api.house import House, house_of


@pytest.fixture
async def house(engine: AsyncEngine, sessions: Sessions, tmp_path: Path) -> AsyncIterator[House]:
    async with house_of(engine, sessions, tmp_path) as house:
        yield house
