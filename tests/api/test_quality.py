"""How the sound of a call was: kept once for each who talked, read on the call's page."""

from typing import Any

import pytest
from sqlalchemy import select

from callcenter.calls.models import CallQuality
from callcenter.calls.quality import grade
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


@pytest.mark.parametrize(
    "wrong", [{"loss": 1.5}, {"mos": 0}, {"jitter_ms": -1}, {"mos": "good"}, {"more": 1}]
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
