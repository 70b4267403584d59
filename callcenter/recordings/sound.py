"""What the two sides sound like: the waveform, who was never heard, where nothing was recorded.

Read piece by piece: four hours of a call never stand in memory. Everything here blocks: call it in
a thread.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from callcenter.recordings.wav import Wav

BUCKETS = 1000
HEARD = 32768 * 10 ** (-50 / 20)  # -50 dBFS in the loudest second: an idle line is below -70, a
# whisper above -45
STEPS = 10  # a second, of the search for gaps
SHORTEST_GAP = 1.0  # seconds
BLOCK_S = 10

Silent = Literal["", "customer", "agent", "both"]
Stretch = tuple[float, float]  # from, to: seconds of the recording


@dataclass(frozen=True, slots=True)
class Sound:
    """`peaks`: the loudest moment of each slice of time, 0..255: a row for the customer, one for
    the agent. `gaps`: where neither side has a single sample that is not 0: the recording was
    paused, nobody stays that silent."""

    peaks: bytes
    silent: Silent
    gaps: tuple[Stretch, ...]


def sound_of(customer: Wav, agent: Wav, buckets: int = BUCKETS) -> Sound:
    """Raises OSError."""
    (heard_customer, steps_customer), (heard_agent, steps_agent) = _listen(customer), _listen(agent)
    steps = [a or b for a, b in zip_longest(steps_customer, steps_agent, fillvalue=False)]
    return Sound(
        peaks(customer, agent, buckets),
        _silent(heard_customer, heard_agent),
        gaps(steps, max(customer.duration_s, agent.duration_s)),
    )


def peaks(customer: Wav, agent: Wav, buckets: int = BUCKETS) -> bytes:
    """As in Sound. Both rows have `buckets` bytes, fewer when there are fewer samples."""
    frames = max(customer.frames, agent.frames)
    buckets = min(buckets, frames)
    if not buckets:
        return b""
    edges = [round(number * frames / buckets) for number in range(buckets)]
    return b"".join(
        bytes(_peak(samples) for samples in side.slices(edges)) for side in (customer, agent)
    )


def silent(customer: Wav, agent: Wav) -> Silent:
    """Which party was never heard."""
    return _silent(_listen(customer)[0], _listen(agent)[0])


def gaps(steps: list[bool], length_s: float) -> tuple[Stretch, ...]:
    """The stretches without sound among `steps`, which say of each piece whether there is any."""
    found: list[Stretch] = []
    begins: int | None = None
    for at, has_sound in enumerate((*steps, True)):
        if not has_sound and begins is None:
            begins = at
        elif has_sound and begins is not None:
            stretch = (round(begins / STEPS, 1), round(min(at / STEPS, length_s), 1))
            if stretch[1] - stretch[0] >= SHORTEST_GAP:
                found.append(stretch)
            begins = None
    return tuple(found)


def unexplained(found: Sequence[Stretch], known: Sequence[Stretch]) -> list[Stretch]:
    """Gaps that are not mostly within pauses or masks which somebody wanted."""

    def shared(gap: Stretch) -> float:
        return sum(max(0.0, min(gap[1], to) - max(gap[0], start)) for start, to in known)

    return [gap for gap in found if shared(gap) < (gap[1] - gap[0]) / 2]


def as_text(stretches: Sequence[Stretch]) -> str:
    """As a row of the database has them: "[[1.5,4.0]]"."""
    return msgspec.json.encode(stretches).decode()


def _peak(samples: NDArray[np.int16]) -> int:
    if not len(samples):
        return 0
    loudest = max(int(samples.max()), -int(samples.min()))  # one sample may be -32768
    return (loudest * 255 + 32767) // 32768


def _listen(side: Wav) -> tuple[bool, list[bool]]:
    """Whether anybody is heard, and of each step whether there is a sample that is not 0."""
    loudest, steps = 0.0, list[bool]()
    for samples in _blocks(side):
        steps += (bool(piece.any()) for piece in _pieces(samples, side.rate // STEPS))
        for second in _pieces(samples, side.rate):
            squares = np.square(second, dtype=np.float32)
            loudest = max(loudest, float(np.sqrt(squares.mean())))
    return loudest > HEARD, steps


def _blocks(side: Wav) -> Iterator[NDArray[np.int16]]:
    return (np.frombuffer(block, "<i2") for block in side.blocks(BLOCK_S) if block)


def _pieces(samples: NDArray[np.int16], length: int) -> Iterator[NDArray[np.int16]]:
    return (samples[at : at + length] for at in range(0, len(samples), length))


def _silent(customer_heard: bool, agent_heard: bool) -> Silent:
    match customer_heard, agent_heard:
        case True, True:
            return ""
        case True, False:
            return "agent"
        case False, True:
            return "customer"
        case _:
            return "both"
