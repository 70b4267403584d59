"""Long work: one after the other, in processes of its own, whatever happens to them or to us."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from callcenter.config import ROOT
from callcenter.jobs import kinds
from callcenter.jobs.daily import forget_jobs
from callcenter.jobs.models import Job
from callcenter.jobs.runner import MOST_ATTEMPTS
from callcenter.priority import NICE
from callcenter.settings.models import Setting
from tests.jobs.house import FORGOTTEN, JON, MARA, House, working


@pytest.fixture
async def idle(engine, tmp_path):
    """A house in which nobody works yet."""
    return House(engine, tmp_path / "jobs")


@pytest.fixture
async def house(idle):
    async with working(idle):
        yield idle


async def test_progress_arrives_in_order_and_the_row_has_the_last(house):
    job_id = await house.start("count", to=1000)

    row = await house.ends(job_id)

    assert house.states(job_id) == ["waiting", "running", "done"]
    done = [job["done"] for job in house.of(job_id)]
    assert done == sorted(done) and done[-1] == 1000
    assert (row.state, row.done, row.total, row.counts) == ("done", 1000, 1000, {"odd": 500})
    assert row.created_at <= row.started_at <= row.finished_at
    assert {user_id for user_id, _ in house.told} == {MARA}


async def test_the_end_is_a_sentence_with_numbers_and_a_link(house):
    job_id = await house.start("count", to=3)

    row = await house.ends(job_id)

    said = house.of(job_id)[-1]
    assert said["said"]["text"] == "{title}: {done} of {total}, {odd} odd."
    values = said["said"]["values"]
    assert (values["done"], values["total"], values["odd"]) == (3, 3, 2)
    assert values["title"] == {"text": "Import of {file}", "values": {"file": "customers.xlsx"}}
    assert said["link"] == f"/x/{job_id}"
    assert row.result["sum"] == 3


def test_what_is_said_at_the_end_reads_right_for_one_as_well():
    said = [kind.done for kind in kinds.KINDS.values()]
    assert not [words for words in said if re.search(r"ready\b.*\{done\} \w+s", words)]


async def test_the_work_is_done_behind_calls_and_pages_with_a_folder_of_its_own(house):
    job_id = await house.start("count", to=1)

    row = await house.ends(job_id)

    assert row.result["nice"] == max(NICE, os.nice(0))
    assert row.result["group"] in ("", str(NICE))
    assert (house.jobs.folder(job_id) / "result.txt").read_text() == "counted"


async def test_the_work_has_the_database(house):
    async with house.sessions.begin() as session:
        session.add(Setting(name="company", value="An Phát"))

    row = await house.ends(await house.start("ask"))

    assert row.result == {"names": ["company"]}


async def test_a_job_that_is_not_committed_never_runs(house):
    async with house.sessions() as session:
        lost = await house.jobs.start(session, "count", MARA, "Lost", {"to": 1})
        await session.rollback()

    await house.ends(await house.start("count", to=1))

    assert house.of(lost) == [] or "Lost" not in str(house.of(lost))
    assert house.jobs.of(MARA) == []


async def test_two_jobs_wait_for_each_other(house):
    first, second = await house.start("wait"), await house.start("count", JON, to=1)
    await house.works(first)

    assert house.states(second) == ["waiting"]
    assert [job["id"] for job in house.jobs.of(JON)] == [second]
    await house.jobs.cancel(first)
    await house.ends(second)

    told = [(job["id"], job["state"]) for _, job in house.told]
    assert told.index((first, "cancelled")) < told.index((second, "running"))


async def test_with_room_for_two_they_run_at_once(engine, tmp_path):
    async with working(House(engine, tmp_path / "jobs", at_once=2)) as house:
        first, second = await house.start("wait"), await house.start("wait")

        await house.works(first)
        await house.works(second)


async def test_a_cancelled_job_stops_between_two_batches(house):
    job_id = await house.start("wait")
    await house.works(job_id)

    await house.jobs.cancel(job_id)
    row = await house.ends(job_id)

    assert (row.state, row.cancel_requested, row.done) == ("cancelled", True, 1)
    assert any(job["cancel_requested"] and job["state"] == "running" for job in house.of(job_id))


async def test_a_job_that_waits_and_is_cancelled_never_begins(house):
    first, second = await house.start("wait"), await house.start("count", to=1)
    await house.works(first)

    await house.jobs.cancel(second)

    row = await house.ends(second)
    assert (row.state, row.started_at) == ("cancelled", None)
    assert house.states(second) == ["waiting", "cancelled"]
    assert house.of(second)[-1]["finished_at"]


async def test_a_job_that_does_not_listen_is_killed_with_all_that_it_started(house):
    job_id = await house.start("deaf")
    await house.works(job_id)
    pids = (house.jobs.folder(job_id) / "pids").read_text().split()

    await house.jobs.cancel(job_id)
    row = await house.ends(job_id)

    assert row.state == "cancelled"
    assert not any(alive(int(pid)) for pid in pids)


async def test_cancelling_what_is_over_changes_nothing(house):
    job_id = await house.start("count", to=1)
    before = await house.ends(job_id)

    await house.jobs.cancel(job_id)

    after = await house.row(job_id)
    assert (after.state, after.cancel_requested) == (before.state, False)


@pytest.mark.parametrize(
    "kind, why",
    [
        ("crash", "It ended unexpectedly. The reason stands in the log of the service."),
        ("boast", "It ended unexpectedly. The reason stands in the log of the service."),
        ("eat", "It needs more memory than it may have."),
        ("refuse", "{number} is not a number one can call."),
    ],
)
async def test_work_that_fails_says_why_and_the_next_goes_on(house, kind, why):
    failing, next_one = await house.start(kind), await house.start("count", to=1)

    row = await house.ends(failing)

    assert (row.state, row.problem["text"]) == ("failed", why)
    assert house.of(failing)[-1]["said"]["values"]["why"] == row.problem
    assert (await house.ends(next_one)).state == "done"


async def test_what_a_crashed_one_complained_about_stands_in_the_log(house, caplog):
    await house.ends(await house.start("crash"))

    assert "something of ours is broken" in caplog.text
    assert "a word to nobody" in caplog.text


async def test_a_killed_child_is_a_failed_job(house):
    job_id = await house.start("wait")
    await house.works(job_id)

    os.kill(house.jobs.pid(job_id), signal.SIGKILL)
    row = await house.ends(job_id)

    assert row.state == "failed"
    assert row.problem["text"] == "The system ended it, most likely because memory ran out."


async def test_a_child_ended_from_outside_was_not_cancelled(house):
    job_id = await house.start("wait")
    await house.works(job_id)

    os.kill(house.jobs.pid(job_id), signal.SIGTERM)

    assert (await house.ends(job_id)).state == "failed"


async def test_much_talk_is_told_a_few_times_a_second(house):
    job_id = await house.start("chatter")

    row = await house.ends(job_id)

    seconds = (row.finished_at - row.started_at).total_seconds()
    assert len(house.of(job_id)) <= 4 * seconds + 5
    assert (row.state, row.done) == ("done", 199_999)


async def test_a_kind_that_nobody_knows_is_said_so(house):
    row = await house.ends(await house.start("unheard-of"))

    assert row.problem["text"] == "This version of the program does not know such work."


async def test_what_was_remembered_is_forgotten_before_anybody_is_told(house):
    job_id = await house.start("forgetful")

    await house.hears(job_id, lambda job: job["state"] == "done")

    assert house.app[FORGOTTEN] == [("forgetful", "done")]


async def test_a_job_cut_off_by_a_stop_is_taken_up_where_it_was(idle, engine, tmp_path):
    async with working(idle):
        job_id, later = await idle.start("resume"), await idle.start("count", to=1)
        await idle.works(job_id)
        pid = idle.jobs.pid(job_id)
    assert not alive(pid)
    row = await idle.row(job_id)
    assert (row.state, row.done, row.attempts) == ("waiting", 7, 0)

    async with working(House(engine, tmp_path / "jobs")) as again:
        await again.hears(job_id, lambda job: job["state"] == "waiting")
        row = await again.ends(job_id)

        assert (row.state, row.result) == ("done", {"from": 7, "attempt": 1})
        assert (await again.ends(later)).state == "done"


async def test_the_work_of_a_killed_service_ends_with_it_and_is_taken_up_by_the_next(
    engine, tmp_path
):
    url, folder = engine.url.render_as_string(hide_password=False), tmp_path / "jobs"
    keeper = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.jobs.keeper", url, str(folder)), stdout=PIPE, cwd=ROOT
    )
    job_id, pid = map(int, (await keeper.stdout.readline()).split())
    over = ended(pid)

    keeper.kill()
    await keeper.wait()
    async with asyncio.timeout(10):
        await over.wait()

    async with working(House(engine, folder)) as again:
        assert (await again.works(job_id))["id"] == job_id
        await again.jobs.cancel(job_id)
        row = await again.ends(job_id)
    assert (row.state, row.attempts) == ("cancelled", 2)


async def test_a_job_whose_service_was_killed_begins_again_from_nothing(idle):
    job_id = await idle.start("count", to=2)
    await changed(idle, job_id, state="running", attempts=1, done=700, total=1000)

    async with working(idle):
        row = await idle.ends(job_id)

    assert (row.state, row.done, row.total, row.attempts) == ("done", 2, 2, 2)


async def test_a_job_that_takes_the_service_down_is_not_begun_for_ever(idle):
    job_id = await idle.start("count", to=2)
    await changed(idle, job_id, state="running", attempts=MOST_ATTEMPTS)

    async with working(idle):
        row = await idle.ends(job_id)

    assert row.state == "failed"
    assert row.problem["values"] == {"n": MOST_ATTEMPTS}


async def test_a_cancelled_job_is_not_taken_up_again(idle, engine, tmp_path):
    job_id = await idle.start("count", to=2)
    await changed(idle, job_id, state="running", cancel_requested=True)

    async with working(House(engine, tmp_path / "jobs")) as again:
        await again.ends(await again.start("count", to=1))

    assert (await idle.row(job_id)).state == "cancelled"


async def test_old_jobs_and_their_folders_are_forgotten_and_others_kept(house, tmp_path):
    old, young, running_ = [await house.start(kind, to=1) for kind in ("count", "count", "wait")]
    await house.works(running_)
    long_ago = datetime.now(UTC) - timedelta(days=31)
    await changed(house, old, finished_at=long_ago)
    for job_id in old, young, running_:
        os.utime(house.jobs.folder(job_id), (long_ago.timestamp(),) * 2)
    lost, new = tmp_path / "jobs/777", tmp_path / "jobs/778"
    lost.mkdir()
    new.mkdir()
    os.utime(lost, (long_ago.timestamp(),) * 2)

    await forget_jobs(tmp_path / "jobs")(house.sessions)

    assert await house.row(old) is None
    assert await house.row(young) and await house.row(running_)
    left = {path.name for path in (tmp_path / "jobs").iterdir()}
    assert left == {str(young), str(running_), new.name}


async def changed(house, job_id, **values):
    async with house.sessions.begin() as session:
        await session.execute(update(Job).where(Job.id == job_id).values(**values))


def ended(pid):
    """An event that is set when that process has ended, whoever its parent is."""
    event, loop, handle = asyncio.Event(), asyncio.get_running_loop(), os.pidfd_open(pid)

    def over():
        loop.remove_reader(handle)
        os.close(handle)
        event.set()

    loop.add_reader(handle, over)
    return event


def alive(pid):
    """Whether that process runs; one that has ended and waits for its parent does not."""
    with suppress(OSError):
        return " Z " not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:4]
    return False
