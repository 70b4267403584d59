"""How the sound of a call was: kept once for each who talked, read on the call's page."""

from typing import Any

import pytest
from sqlalchemy import select

from callcenter.calls.models import CallQuality
from callcenter.calls.quality import MOST_PARTS, grade, together
from tests.api.house import House, a_call

FIGURES: dict[str, Any] = {
    **{"seconds": 61.0, "loss": 0.012, "loss_out": 0.0, "jitter_ms": 4.2, "rtt_ms": 30.0},
    **{"mos": 4.32, "mos_low": 3.4, "deaf_s": 0.0},
}


async def kept(house: House) -> list[CallQuality]:
    async with house.sessions() as session:
        return list(await session.scalars(select(CallQuality)))


async def test_figures_are_kept_and_told_again_replace_what_was_told(house: House) -> None:
    await house.add(a_call("c1", "mara"))

    assert await house.says("mara", "PUT", "/calls/c1/quality", json=FIGURES) == FIGURES
    await house.says("mara", "PUT", "/calls/c1/quality", json=FIGURES | {"mos": 3.0})

    [row] = await kept(house)
    assert (row.call_id, row.mos, row.loss, row.seconds) == ("c1", 3.0, 0.012, 61.0)


async def test_nobody_tells_of_a_call_they_do_not_see(house: House) -> None:
    await house.add(a_call("theirs", "thao"))

    await house.says("mara", "PUT", "/calls/theirs/quality", 404, json=FIGURES)

    assert await kept(house) == []


async def test_what_was_measured_before_a_reload_counts_for_the_whole_call(house: House) -> None:
    await house.add(a_call("c1", "mara"))
    before = FIGURES | {"seconds": 30.0, "mos": 2.0, "mos_low": 1.2, "loss": 0.2, "deaf_s": 5.0}
    after = FIGURES | {"seconds": 90.0, "mos": 4.0, "mos_low": 3.9, "loss": 0.0, "deaf_s": 1.0}

    await house.says("mara", "PUT", "/calls/c1/quality", json=before | {"part": "a"})
    await house.says("mara", "PUT", "/calls/c1/quality", json=after | {"part": "b", "mos": 1.0})
    told = await house.says("mara", "PUT", "/calls/c1/quality", json=after | {"part": "b"})

    [row] = await kept(house)
    assert (row.seconds, row.mos, row.loss) == (120.0, 3.5, 0.05)
    assert (row.mos_low, row.deaf_s) == (1.2, 6.0)
    assert told["mos"] == 3.5


async def test_a_page_that_is_reloaded_for_ever_fills_no_table(house: House) -> None:
    await house.add(a_call("c1", "mara"))

    for part in range(MOST_PARTS + 2):
        await house.says("mara", "PUT", "/calls/c1/quality", json=FIGURES | {"part": str(part)})

    [row] = await kept(house)
    assert row.seconds == 61.0 * MOST_PARTS


@pytest.mark.parametrize("parts", [1, 3])
def test_parts_without_a_length_count_alike(parts: int) -> None:
    assert together([FIGURES | {"seconds": 0.0}] * parts)["mos"] == FIGURES["mos"]


@pytest.mark.parametrize(
    "wrong",
    [
        *({"loss": 1.5}, {"mos": 0}, {"jitter_ms": -1}),
        *({"mos": "good"}, {"more": 1}, {"part": "a b"}),
    ],
)
async def test_figures_that_cannot_be_are_refused(house: House, wrong: dict[str, Any]) -> None:
    await house.add(a_call("c1", "mara"))

    await house.says("mara", "PUT", "/calls/c1/quality", 400, json=FIGURES | wrong)

    assert await kept(house) == []


@pytest.mark.parametrize(
    "mos, words", [(4.4, "Good"), (4.0, "Good"), (3.99, "Fair"), (3.2, "Poor"), (1.0, "Bad")]
)
def test_a_mos_has_a_word(mos: float, words: str) -> None:
    assert grade(mos)[0] == words
