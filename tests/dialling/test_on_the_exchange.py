"""On the real exchange: a call that is refused rings nobody, at neither end."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import async_sessionmaker

from callcenter.api.setup import setup as api_setup
from callcenter.api.tokens import make_token
from callcenter.callbacks.inbox import Inbox
from callcenter.calls.call import State
from callcenter.config import ROOT, load
from callcenter.db import engine_for
from callcenter.dialling.gate import Gate
from callcenter.dialling.models import DoNotCall
from callcenter.keys import BOARD, CONFIG, DIRECTORY, GATE, INBOX, LINK, PRESENCE, SESSIONS
from callcenter.pages.setup import setup as pages_setup
from callcenter.switchboard.plan import Dialling, Plan
from tests.routing.exchange_house import rung, service
from tests.routing.house import NOW

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]

WHISTLES, BARRED, DEAR, OTHER = "0900000111", "0900000113", "19006789", "0900000101"
RULES = (
    Dialling(prefix="+84", title="Việt Nam", roles=frozenset({"agent"})),
    Dialling(prefix="+841900", title="1900", roles=frozenset({"superadmin"})),
)


def application(work, sessions):
    """As much of it as it takes to call."""
    app = web.Application()
    app[CONFIG], app[SESSIONS], app[DIRECTORY] = (
        load(ROOT / "config.toml"),
        sessions,
        work.directory,
    )
    app[PRESENCE], app[BOARD], app[LINK] = work.presence, work.board, work.link
    app[INBOX] = Inbox(sessions, work.directory)
    app[GATE] = Gate(work.directory, app[CONFIG].zone)
    app[GATE].take(Plan(dialling=RULES))
    pages_setup(app)
    api_setup(app)
    return app


def called(house):
    """Whom the carrier was asked to call."""
    return {event["Exten"] for event in house.world.found("Newchannel") if event["Exten"] != "s"}


async def test_who_is_refused_rings_nobody_and_who_may_be_called_is(house, sqlite_url):
    engine = engine_for(sqlite_url)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    async with service(house, sqlite_url, owner="103") as work:
        token = await make_token(sessions, "agent103", "tests", 1)
        async with sessions.begin() as session:
            session.add(
                DoNotCall(number_key="+84900000113", source="own", reason="No", added_at=NOW)
            )
        headers = {"Authorization": f"Bearer {token}"}
        async with TestClient(TestServer(application(work, sessions)), headers=headers) as client:
            await work.ready("103")

            async def calls(number):
                json = {"number": number}
                async with client.post("/api/v1/calls", json=json) as answer:
                    return answer.status, await answer.json()

            refused = [await calls(BARRED), await calls(DEAR)]
            status, started = await calls(WHISTLES)
            call = await work.call(lambda call: call.state is State.TALKING)
            moved = []
            for way in "transfer", "consult":
                where = f"/api/v1/calls/{call.call_id}/{way}"
                async with client.post(where, json={"kind": "number", "to": BARRED}) as answer:
                    moved.append(answer.status)
            assert work.board.call(call.call_id).state is State.TALKING
            await work.link.hang_up(call.call_id)
            await work.call(lambda call: call.state is State.ENDED)
    await engine.dispose()

    assert [each[0] for each in refused] == moved == [403, 403] and status == 201
    assert started["call_id"] == call.call_id
    assert {each.call_id for each in work.seen} == {call.call_id}
    assert rung(house) == ["103"]  # once, for the call that was allowed
    assert WHISTLES in called(house) and not {BARRED, DEAR} & called(house)
