"""A process that waits for its order: taken by whoever was expected, ended for everybody else."""

import asyncio
from dataclasses import replace

import pytest

from callcenter.jobs import ready as room
from callcenter.jobs.ready import Ready, end
from callcenter.tasks import running
from tests.jobs.house import KINDS, House, working

COUNT, WAIT = KINDS["count"].run, KINDS["wait"].run


@pytest.fixture
def begun(monkeypatch):
    """The processes, in the order in which they begin."""
    processes, begin = asyncio.Queue(), room.spawn

    async def spawn(place):
        process = await begin(place)
        processes.put_nowait(process)
        return process

    monkeypatch.setattr(room, "spawn", spawn)
    return processes


@pytest.fixture
async def ready(begun):
    ready = Ready()
    async with running(ready.run(), name="ready"):
        yield ready


async def test_what_was_expected_is_there(ready, begun):
    ready.expect(COUNT)
    ready.expect(COUNT)
    process = await begun.get()

    taken = await ready.take(COUNT)

    assert taken is process and taken.returncode is None
    assert begun.empty()
    await end(taken)


async def test_for_anything_else_there_is_a_new_one(ready, begun):
    ready.expect(COUNT)
    process = await begun.get()

    taken = await ready.take(WAIT)

    assert taken is not process
    assert process.returncode is not None
    await end(taken)


async def test_one_that_died_meanwhile_is_given_to_nobody(ready, begun):
    ready.expect(COUNT)
    process = await begun.get()
    process.kill()
    await process.wait()

    taken = await ready.take(COUNT)

    assert taken is not process and taken.returncode is None
    await end(taken)


async def test_the_last_expectation_counts(ready, begun):
    ready.expect(COUNT)
    first = await begun.get()
    ready.expect(WAIT)
    second = await begun.get()

    taken = await ready.take(WAIT)

    assert first.returncode is not None
    assert taken is second
    await end(taken)


async def test_nobody_asks_for_it(ready, begun, monkeypatch):
    monkeypatch.setattr(room, "KEPT_S", 0)
    ready.expect(COUNT)
    process = await begun.get()

    async with asyncio.timeout(20):
        await process.wait()

    taken = await ready.take(COUNT)
    assert taken is not process
    await end(taken)


async def test_it_ends_with_the_service(begun):
    ready = Ready()
    async with running(ready.run(), name="ready"):
        ready.expect(COUNT)
        process = await begun.get()

    assert process.returncode is not None


async def test_the_next_step_finds_its_process(engine, tmp_path, begun):
    kinds = KINDS | {"first": replace(KINDS["count"], then="wait")}
    async with working(House(engine, tmp_path / "jobs", kinds=kinds)) as house:
        await house.ends(await house.start("first", to=3))
        its_own, process = await begun.get(), await begun.get()

        job_id = await house.start("wait")
        await house.works(job_id)

        assert process is not its_own
        assert house.jobs.pid(job_id) == process.pid
