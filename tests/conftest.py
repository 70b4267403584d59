"""What many tests need: a database of each kind, fresh for each test; an exchange for each file."""

import asyncio
import os
import shutil

import pytest
import pytest_asyncio
from aiohttp.web_app import _cached_build_middleware
from hypothesis import settings
from sqlalchemy.ext.asyncio import async_sessionmaker

from callcenter.db import engine_for
from callcenter.migrations import migrate
from tests import draws  # noqa: F401 - its profiles
from tests.memory import memory
from tests.postgres import postgres
from tests.shared import shared
from tests.stage import stage

settings.load_profile("repeated")
if folder := memory():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))  # tmp_path is in there


@pytest.fixture(scope="session", autouse=True)
def made_once():
    with shared():
        yield


@pytest.fixture(autouse=True)
def no_app_outlives_its_test():
    """aiohttp remembers the last 1024 handlers with their apps, which is nothing in a service of
    one app: here it would be up to 1024 apps of 4 MB."""
    yield
    _cached_build_middleware.cache_clear()


@pytest.fixture(scope="session")
def postgres_server():
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """An empty database with all tables; copying it is quicker than making it."""
    path = tmp_path_factory.mktemp("template") / "callcenter.db"
    asyncio.run(_migrated(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server):
    name = asyncio.run(postgres_server.create())
    asyncio.run(_migrated(postgres_server.url(name)))
    return name


async def _migrated(url):
    engine = engine_for(url)
    await migrate(engine)
    await engine.dispose()


@pytest.fixture
def sqlite_url(sqlite_template, tmp_path):
    path = tmp_path / "callcenter.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
def site_url(sqlite_url):
    """The database behind the pages; a room says `database_url` here to see both kinds."""
    return sqlite_url


@pytest.fixture
async def postgres_url(postgres_server, postgres_template):
    name = await postgres_server.create(template=postgres_template)
    yield postgres_server.url(name)
    await postgres_server.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request):
    """The URL of a fresh database with all tables; every test that asks runs once on each kind."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")


@pytest.fixture
async def engine(database_url):
    engine = engine_for(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture
def sessions(engine):
    return async_sessionmaker(engine, expire_on_commit=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_stage(tmp_path_factory):
    """A real exchange and its carrier, for each file of tests that asks for one."""
    async with stage(tmp_path_factory.mktemp("stage")) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def house(one_stage):
    """The same two Asterisks for all tests here, without a call, a member or a memory."""
    yield one_stage
    await one_stage.cleared()
