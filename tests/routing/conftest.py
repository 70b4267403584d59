"""An exchange for each file of tests that asks for one."""

import pytest_asyncio

from tests.stage import stage


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_stage(tmp_path_factory):
    async with stage(tmp_path_factory.mktemp("stage")) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def house(one_stage):
    yield one_stage
    await one_stage.cleared()
