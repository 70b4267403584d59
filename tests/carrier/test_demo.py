"""Somebody rings in at the demo company, from the command line."""

from datetime import UTC
from types import SimpleNamespace

from sqlalchemy import func, select

from callcenter.agents.models import AgentState
from callcenter.carrier.demo import _who_and_where
from callcenter.people.models import User
from tests.calls.test_journal import a_call, answered, journal_of, written


async def test_nothing_is_made_up_beside_what_a_service_that_runs_writes(engine, sessions):
    async with sessions.begin() as session:
        session.add(User(id=7, username="mai", name="Mai", password="", role="agent"))
    journal, _ = journal_of(engine)
    await written(journal, answered(a_call()))

    url = engine.url.render_as_string(hide_password=False)
    config = SimpleNamespace(database=SimpleNamespace(url=url), zone=UTC)
    arguments = SimpleNamespace(to="02873001234", withheld=True, number=None)
    assert await _who_and_where(config, arguments) == ("02873001234", None)

    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(AgentState)) == 0
