"""What is heard at the phones of a real exchange: each whistles a tone of its own."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import uuid4

from callcenter.carrier.behaviour import DESKS, RINGS, Behaviour
from callcenter.carrier.carrier import Carrier
from tests.asterisk.spectrum import strength
from tests.stage import Stage

CUSTOMER, MARA, JON, LEA, ROOT = 440, 1000, 1200, 1700, 2300  # hertz
LISTENS_S = 1.0  # of sound that is looked at
HEARD = 0.03  # amplitude of a tone that is there; those that are have 0.1 and more


def whistles(hertz: int) -> Behaviour:
    steps = (*RINGS, "Answer()", f"Playtones({hertz})", "Wait(3600)", "Hangup(16)")
    return Behaviour("Picks up and whistles.", steps)


# 100 is Mara, 103 Jon; 105 and 106 are the leads Lea and Root.
PHONES = (*DESKS, whistles(LEA), whistles(ROOT))


async def can_hear(carrier: Carrier) -> None:
    """The carrier's phones can be listened at from now on."""
    await carrier.asterisk.cli("module load app_mixmonitor.so")


async def heard_at(stage: Stage, *extensions: str) -> list[set[int]]:
    """The tones that come to each of these phones from the exchange; "" is the customer's."""
    async with AsyncExitStack() as stack:
        files = [await stack.enter_async_context(_heard(stage, each)) for each in extensions]
        await asyncio.sleep(LISTENS_S + 0.3)  # sound takes its time
    return [_tones(each) for each in files]


@asynccontextmanager
async def _heard(stage: Stage, extension: str):
    cli = stage.carrier.asterisk.cli
    channel = await _channel(stage, extension)
    name = stage.home / uuid4().hex
    heard = Path(f"{name}-in.wav")
    await cli(f"mixmonitor start {channel} {name}.wav,r({heard})")
    yield heard
    await cli(f"mixmonitor stop {channel}")
    async with asyncio.timeout(5):
        while not (heard.exists() and heard.stat().st_size > 44 + 16_000 * LISTENS_S):
            await asyncio.sleep(0.02)


async def _channel(stage: Stage, extension: str) -> str:
    lines = (await stage.carrier.asterisk.cli("core show channels concise")).splitlines()
    found = [line.split("!") for line in lines if line.startswith("PJSIP/")]
    wanted = ("phones", extension) if extension else None
    for name, context, exten, *_ in found:
        if wanted == (context, exten) or (wanted is None and context != "phones"):
            return name
    raise AssertionError((extension, lines))


def _tones(path: Path) -> set[int]:
    return {
        hertz
        for hertz in (CUSTOMER, MARA, JON, LEA, ROOT)
        if strength(path, hertz, 0.1, LISTENS_S) > HEARD
    }
