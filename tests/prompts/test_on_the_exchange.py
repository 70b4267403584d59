"""On the real exchange: callers hear prompts, and what they say after the beep is kept."""

import asyncio

import pytest
import pytest_asyncio

from callcenter.asterisk.layout import OWN_SOUNDS
from callcenter.db import engine_for
from callcenter.prompts.shelf import Shelf
from callcenter.recordings.models import Recording
from callcenter.switchboard.plan import Message, Plan, Queue, Voicemail
from tests.asterisk.backfill_house import Paper, service
from tests.asterisk.spectrum import strength
from tests.recordings.sounds import heard, tone
from tests.recordings.sounds import strength as share
from tests.stage import stage, to
from tests.switchboard.house import number

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]

CLOSED, LEAVE, WAITS, SILENT = (f"0287300121{n}" for n in range(4))
PLAN = Plan(
    numbers=(
        number(CLOSED, "message", "closed"),
        number(LEAVE, "voicemail", "box"),
        number(WAITS, "queue", "impatient"),
        number(SILENT, "voicemail", "dumb"),
    ),
    messages=(Message(name="closed", title="Closed", prompt="closed"),),
    voicemails=(
        Voicemail(name="box", title="Box", prompt="leave", queue="care", longest_s=5),
        Voicemail(name="dumb", title="Dumb", prompt="nothing", queue="care", longest_s=5),
    ),
    queues=(
        Queue(name="sales", title="Sales"),
        Queue(name="care", title="Care"),
        Queue(name="impatient", title="Impatient", longest_wait_s=1, overflow=to("care")),
    ),
    default=to("sales"),
    caller_id=CLOSED,
)


async def pieces(content):
    yield content


async def put(house, tmp_path, name, hertz, length):
    """As the page puts a prompt there."""
    shelf = Shelf(house.home / "prompts", house.home / "exchange" / OWN_SOUNDS)
    content = tone(tmp_path / "prompt.wav", hertz, length).read_bytes()
    sound = await shelf.receive(pieces(content), len(content))
    await asyncio.to_thread(shelf.lay_ready, name, sound.sha256)
    await asyncio.to_thread(shelf.show, name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_stage(tmp_path_factory):
    async with stage(tmp_path_factory.mktemp("prompts"), plan=PLAN) as one:
        await put(one, tmp_path_factory.mktemp("sounds"), "closed", 660, 4)
        await put(one, tmp_path_factory.mktemp("sounds"), "leave", 660, 1)
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def paper(house, sqlite_url, tmp_path):
    engine = engine_for(sqlite_url)
    log = house.home / "exchange/log/cel-custom/cel.csv"
    log.unlink(missing_ok=True)
    yield Paper(engine, log, house.spool, tmp_path / "recordings")
    await engine.dispose()


async def rings_in(house, number, then):
    """The id of a call that comes in, and its channel."""
    count = len(house.heard.found("UserEvent", UserEvent="CCInbound")) + 1
    await house.carrier.call(number, "0912345678", then=then)
    told = await house.heard.event("UserEvent", UserEvent="CCInbound", count=count)
    return told["CCID"], told["Channel"]


async def listens(house, tmp_path, name):
    """Somebody rings in there, and hears to the end what is said: that, and the call's id."""
    call_id, channel = await rings_in(house, CLOSED, "silent")
    ears = f"{tmp_path}/{name}.wav,t({tmp_path}/{name}-hears.wav)"
    await house.exchange.cli(f"mixmonitor start {channel} {ears}")
    return call_id, tmp_path / f"{name}-hears.wav"


async def begins(ears):
    """Wait until something is heard there."""
    async with asyncio.timeout(10):
        while not ears.exists() or not any(ears.read_bytes()[44:]):
            await asyncio.sleep(0.02)


async def is_over(house, call_id):
    await house.heard.event("Hangup", Uniqueid=call_id)
    await house.silence()


async def test_the_caller_hears_the_prompt_and_the_next_one_hears_what_took_its_place(
    house, tmp_path
):
    call_id, first = await listens(house, tmp_path, "first")
    await begins(first)

    await put(house, tmp_path, "closed", 880, 4)
    await is_over(house, call_id)
    call_id, second = await listens(house, tmp_path, "second")
    await is_over(house, call_id)

    assert strength(first, 660) > 0.05 and strength(first, 880) < 0.005
    assert strength(second, 880) > 0.05 and strength(second, 660) < 0.005


async def nothing_is_left(house, built):
    """Wait until the exchange's files are put away."""
    async with asyncio.timeout(20):
        while built.library.waiting or any(house.spool.iterdir()):
            await asyncio.sleep(0.02)


async def test_a_message_is_a_missed_call_of_its_queue_with_what_was_said(house, paper):
    async with service(paper, house) as built:
        call_id, _ = await rings_in(house, LEAVE, "tone")
        await is_over(house, call_id)
        [call] = await paper.ended(call_id)
        recording = await paper.recording(call_id)
        await nothing_is_left(house, built)

    assert (call.queue, call.result, call.answered_at) == ("care", "no_answer", None)
    assert (recording.state, recording.kind, recording.silent) == ("ready", "voicemail", "")
    assert 2 < recording.duration_s < 7
    customer, nobody = heard(paper.recordings / recording.path)
    assert share(customer, 440) > 0.05 and share(nobody, 440) < 0.005


async def test_a_caller_who_says_nothing_has_left_no_message(house, paper):
    async with service(paper, house) as built:
        call_id, _ = await rings_in(house, SILENT, "silent")
        await is_over(house, call_id)
        [call] = await paper.ended(call_id)
        await nothing_is_left(house, built)
        async with paper.sessions() as session:
            assert await session.get(Recording, call_id) is None

    assert (call.queue, call.result) == ("care", "no_answer")


async def test_a_message_left_while_the_service_was_away_is_found_by_it(house, paper):
    async with service(paper, house):
        pass  # it has read the exchange's log once
    call_id, _ = await rings_in(house, LEAVE, "tone")
    await is_over(house, call_id)

    async with service(paper, house):
        [call] = await paper.ended(call_id)
        recording = await paper.recording(call_id)

    assert (call.queue, call.result, recording.kind) == ("care", "no_answer", "voicemail")
