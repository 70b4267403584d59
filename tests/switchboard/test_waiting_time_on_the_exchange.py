"""Whoever waits hears the place in line and how long it will take, in Vietnamese, on the real
exchange: each sound is a tone of its own, so that what is said can be read out of a recording."""

import asyncio
import re
from itertools import groupby

import numpy as np
import pytest
import pytest_asyncio

from callcenter.asterisk.layout import own_sounds
from callcenter.asterisk.spoken import prompt_for
from callcenter.switchboard.plan import Number, Plan, Queue
from tests.stage import stage, to
from tests.switchboard.test_queues_on_the_exchange import whistle

pytestmark = [pytest.mark.exchange, pytest.mark.asyncio(loop_scope="module")]

NUMBER = "02873001205"
SAYS = (  # as a Vietnamese voice would say it: "Quý khách là người thứ …" and so on
    *("queue-youarenext", "queue-thereare", "queue-callswaiting", "queue-holdtime"),
    *("queue-minute", "queue-minutes", "queue-thankyou"),
    *("digits/1", "digits/1a", "digits/2", "digits/10", "digits/20"),
)
TONES = {600 + 200 * place: sound for place, sound in enumerate(SAYS)}
STEP_S, TONE_S = 0.05, 0.5
IN_LINE = 21  # hai mươi mốt: a one that is said as in no other place
LONG_S = 42  # nobody is told of less than half a minute
PLAN = Plan(
    numbers=(Number(number=NUMBER, way=to("timed")),),
    queues=(
        Queue(name="timed", title="Timed", says_place=True, says_wait=True, music="silence"),
        Queue(name="sales", title="Sales"),
        Queue(name="care", title="Care"),
    ),
    default=to("sales"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_stage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("waiting")
    own = own_sounds(folder / "exchange")
    own.mkdir(parents=True)
    whistle(own / "silence.wav", 0, 1)
    for hertz, sound in TONES.items():
        whistle(own / f"{prompt_for(sound)}.wav", hertz, TONE_S)
    async with stage(folder, plan=PLAN) as one:
        yield one


async def joins(house):
    """Somebody comes into the line; their channel."""
    count = len(house.heard.found("QueueCallerJoin")) + 1
    await house.carrier.call(NUMBER, f"09123456{count:02}", then="silent")
    return (await house.heard.event("QueueCallerJoin", count=count))["Channel"]


async def says(house, tmp_path, name):
    """What somebody is told who comes into the line now."""
    ears = tmp_path / f"{name}.wav"
    channel = await joins(house)
    await house.exchange.cli(f"mixmonitor start {channel} {tmp_path}/{name}-all.wav,t({ears})")
    last = next(hertz for hertz, sound in TONES.items() if sound == "queue-thankyou")
    async with asyncio.timeout(20):
        while not ears.exists() or last not in tones(ears):
            await asyncio.sleep(0.1)
    return [TONES[hertz] for hertz in tones(ears)]


def tones(ears):
    """The tones heard there, one after the other."""
    raw = ears.read_bytes()[44:]  # its header is right at the end of the call only
    found, size = np.frombuffer(raw[: len(raw) // 2 * 2], "<i2") / 32768, int(8000 * STEP_S)
    heard = []
    for place in range(len(found) // size):
        part = found[place * size : (place + 1) * size]
        spectrum = np.abs(np.fft.rfft(part * np.hanning(size))) / size * 4
        at = int(spectrum.argmax())
        hertz = min(TONES, key=lambda each: abs(each - at / STEP_S))
        heard.append(hertz if spectrum[at] > 0.1 else 0)
    pieces = ((hertz, len(list(steps))) for hertz, steps in groupby(heard))
    return [hertz for hertz, steps in pieces if hertz and steps > 2]


async def held(house):
    """How long they have waited on average, as the exchange has it; and whoever waits, in s."""
    said = await house.exchange.cli("queue show timed")
    waits = [60 * int(m) + int(s) for m, s in re.findall(r"\(wait: (\d+):(\d+)", said)]
    return int(re.search(r"\((\d+)s holdtime", said)[1]), waits


async def test_the_place_and_the_waiting_time_are_said_in_vietnamese(house, tmp_path):
    assert await says(house, tmp_path, "first") == ["queue-youarenext", "queue-thankyou"]
    for _ in range(IN_LINE - 3):
        await joins(house)
    twentieth = await says(house, tmp_path, "twentieth")
    assert twentieth == ["queue-thereare", "digits/20", "queue-callswaiting", "queue-thankyou"]

    async with asyncio.timeout(LONG_S + 20):
        while min((await held(house))[1]) < LONG_S:
            await asyncio.sleep(0.5)
    await house.ready("timed", "100", "103", "104")
    answered = 0
    async with asyncio.timeout(60):
        while (await held(house))[0] <= 30:  # a mean in which each call counts a quarter
            answered += 1
            talk = await house.heard.event("AgentConnect", Queue="timed", count=answered)
            await house.ask("Hangup", {"Channel": talk["Channel"], "Cause": "16"})
    for extension in ("100", "103", "104"):
        await house.exchange.cli(f"queue remove member PJSIP/{extension} from timed")
    while len((await held(house))[1]) < IN_LINE - 1:
        await joins(house)

    assert await says(house, tmp_path, "last") == [
        *("queue-thereare", "digits/20", "digits/1a", "queue-callswaiting"),
        *("queue-holdtime", "digits/1", "queue-minute", "queue-thankyou"),
    ]
