"""A plan made live: the exchange and the rows have the same one, whatever happens in between."""

import asyncio
from types import SimpleNamespace

import pytest
from aiohttp import web

from callcenter.errors import Conflict, ExchangeUnavailable
from callcenter.keys import DIRECTORY, SESSIONS, SWITCH
from callcenter.people.directory import Directory
from callcenter.switchboard import versions
from callcenter.switchboard.editing import put
from callcenter.switchboard.exchange import Switch
from callcenter.switchboard.plan import Message, Plan
from callcenter.switchboard.publishing import publish


class Exchange:
    """What the switchboard asks of the exchange; `had` are the plans that it was told. It calls
    `meanwhile` while it is told one."""

    def __init__(self):
        self.lock, self.had, self.meanwhile = asyncio.Lock(), [], None

    async def take(self, plan):
        self.had.append(plan)
        if meanwhile := self.meanwhile:
            self.meanwhile = None
            await meanwhile()

    async def stranded(self, before, after):
        return {}

    async def lead_on(self, stranded, instead):
        pass


@pytest.fixture
def app(sessions):
    app = web.Application()
    app[SESSIONS], app[DIRECTORY], app[SWITCH] = sessions, Directory(), Exchange()
    return app


async def says(app, title):
    """Change the draft."""
    async with app[SESSIONS].begin() as session:
        hello = Message(name="hello", title=title)
        return await versions.change(session, 1, lambda plan: put(plan, hello))


async def live(app):
    async with app[SESSIONS]() as session:
        return (await versions.live(session)).plan


async def test_of_two_who_publish_the_same_at_once_the_second_is_told(app):
    draft = await says(app, "Hello")

    done = await asyncio.gather(
        *(publish(app, user_id, draft.revision, "") for user_id in (1, 2)), return_exceptions=True
    )

    [first] = [each for each in done if not isinstance(each, Exception)]
    [second] = [each for each in done if isinstance(each, Exception)]
    assert isinstance(second, Conflict)
    assert (first.plan, await live(app)) == (draft.plan, draft.plan)
    assert app[SWITCH].had == [draft.plan]


async def test_when_the_draft_is_changed_meanwhile_the_exchange_has_its_former_plan_again(app):
    before, draft = await live(app), await says(app, "Hello")
    app[SWITCH].meanwhile = lambda: says(app, "Good bye")

    with pytest.raises(Conflict, match="look again"):
        await publish(app, 1, draft.revision, "")

    assert app[SWITCH].had == [draft.plan, before]
    assert await live(app) == before


async def test_while_the_exchange_is_away_nothing_is_published(app):
    before, draft = await live(app), await says(app, "Hello")

    async def is_away():
        raise ExchangeUnavailable("exchange does not run.")

    app[SWITCH].meanwhile = is_away
    with pytest.raises(ExchangeUnavailable):
        await publish(app, 1, draft.revision, "")

    assert await live(app) == before
    async with app[SESSIONS]() as session:
        assert await versions.draft(session) == draft  # to try again
    assert await publish(app, 1, draft.revision, "") and await live(app) == draft.plan


async def test_an_exchange_that_does_not_run_is_told_nothing_and_one_is_asked_to_try_again():
    switch = Switch(SimpleNamespace(pid=None), files=lambda plan: {})

    for asked in (switch.take(Plan()), switch.stranded(Plan(), Plan())):
        with pytest.raises(ExchangeUnavailable, match="try again soon"):
            await asked


async def test_what_parts_are_called_is_known_at_once(app):
    draft = await says(app, "Chào")

    await publish(app, 1, draft.revision, "")

    assert app[DIRECTORY].titles["messages", "hello"] == "Chào"
    assert await live(app) != Plan()
