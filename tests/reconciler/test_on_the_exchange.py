"""On the real exchange: whatever becomes of calls, none is unlinked from its recording."""

from collections.abc import Awaitable, Callable
from datetime import UTC
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from callcenter.calls.call import Call, Direction, Result, State
from callcenter.calls.journal import Journal
from callcenter.calls.models import CallRecord
from callcenter.customers.numbers import key_of
from callcenter.db import database
from callcenter.reconciler import looking
from callcenter.reconciler.reconciler import Reconciler
from callcenter.recordings.library import Library
from callcenter.recordings.models import Finding, Recording
from callcenter.switchboard.plan import Strategy
from callcenter.tasks import running
from tests.asterisk.moves_house import SALES, House, on_stage
from tests.stage import PLAN, stage

pytestmark = pytest.mark.exchange

RING_ALL = msgspec.structs.replace(
    PLAN,
    queues=tuple(msgspec.structs.replace(each, strategy=Strategy.RING_ALL) for each in PLAN.queues),
)


def talks_with(extension: str) -> Callable[[Call], bool]:
    return lambda call: call.talking == {extension} and call.state is State.TALKING


async def all_rung_one_answers(house: House) -> Call:
    await house.stage.ready("sales", "101")  # never picks up
    await house.call(Direction.INBOUND)
    return await house.ends()


async def tried_again_until_somebody_answers(house: House) -> Call:
    await house.stage.ready("sales", "102")  # refuses
    await house.stage.carrier.call(SALES, "0912345678", then="tone")
    await house.until(lambda call: "102" in call.declined)
    await house.stage.ready("sales", "100")
    await house.until(talks_with("100"))
    await house.talks(1.0)
    return await house.ends("100")


async def handed_over_and_the_agent_hangs_up(house: House) -> Call:
    await house.call(Direction.INBOUND)
    await house.link.moves.transfer(house.channel("customer"), "100", "colleague", "103")
    await house.until(talks_with("103"))
    await house.talks(1.0)
    return await house.ends("103")


async def handed_over_and_back(house: House) -> Call:
    await house.call(Direction.OUTBOUND)
    await house.link.moves.transfer(house.channel("customer"), "100", "colleague", "102")
    await house.until(lambda call: "100" in call.ringing)
    await house.until(talks_with("100"))
    await house.talks(1.0)
    return await house.ends()


async def handed_over_to_a_queue(house: House) -> Call:
    await house.call(Direction.INBOUND)
    await house.stage.ready("care", "103")
    await house.link.moves.transfer(house.channel("customer"), "100", "queue", "care")
    await house.until(talks_with("103"))
    await house.talks(1.0)
    return await house.ends()


async def asked_first(house: House) -> Call:
    await house.call(Direction.OUTBOUND)
    await house.link.moves.consult(
        house.channel("customer"), house.channel("100"), "100", "colleague", "103"
    )
    await house.until(lambda call: bool(call.consult and call.consult.talking))
    await house.link.moves.complete(house.channel("100"), house.channel("asked"))
    await house.until(talks_with("103"))
    await house.talks(1.0)
    return await house.ends("103")


async def nobody_answers(house: House) -> Call:
    await house.stage.ready("sales", "101")
    await house.stage.carrier.call(SALES, "0912345678", then="tone")
    await house.until(lambda call: "101" in call.ringing)
    return await house.ends()


MATRIX: tuple[Callable[[House], Awaitable[Call]], ...] = (
    all_rung_one_answers,
    tried_again_until_somebody_answers,
    handed_over_and_the_agent_hangs_up,
    handed_over_and_back,
    handed_over_to_a_queue,
    asked_first,
    nobody_answers,
)


async def _nobody(call_id: str) -> None:
    return None


async def _no_customers(keys: set[str]) -> dict[str, int]:
    return {}


async def test_nothing_is_unlinked_after_all_that_can_become_of_calls(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "SETTLED_S", -1.0)  # nobody waits a minute here
    async with (
        database(sqlite_url) as (engine, sessions),
        stage(tmp_path / "stage", plan=RING_ALL) as one,
    ):
        library = Library(sessions, one.spool, tmp_path / "recordings", 32, _nobody)
        journal = Journal(
            engine,
            zone=UTC,
            whose=lambda call: (None, None),
            customers=_no_customers,
            key_of=key_of,
        )
        async with (
            running(journal.write(), "journal"),
            running(library.run(), "library"),
            on_stage(one, journal.note, library.call_ended) as house,
        ):
            calls = []
            for happens in MATRIX:
                calls.append(await happens(house))
                await one.cleared()
                house.told.clear()
            for call in calls:
                await library.through_with(call.call_id)
            await journal.drain()
            reconciler = Reconciler(sessions, library, house.board.calls, UTC)
            await reconciler.everything()

        async with sessions() as session:
            found = {row.key: row.reason for row in await session.scalars(select(Finding))}
            rows = {row.call_id: row for row in await session.scalars(select(Recording))}
            records = {row.call_id for row in await session.scalars(select(CallRecord))}
    answered = [call for call in calls if call.result is Result.ANSWERED]
    assert found == {}
    assert len(answered) == len(MATRIX) - 1
    assert {call.call_id for call in answered} == rows.keys() <= records
    for call in answered:
        row = rows[call.call_id]
        assert (row.state, row.silent) == ("ready", ""), call.agents
        assert row.duration_s == pytest.approx(call.talked_s, abs=1.5)
    assert not [path.name for path in one.spool.iterdir() if path.is_file()]
