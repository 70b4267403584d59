"""A recording in pieces is one recording, whatever has become of one of them."""

import os
import wave
from pathlib import Path

import pytest

from callcenter.recordings.pieces import join, whole
from callcenter.recordings.spool import Spool
from callcenter.recordings.wav import Unusable
from tests.asterisk.spectrum import loudest
from tests.recordings.sounds import killed, tone


def samples(path: Path) -> int:
    with wave.open(str(path)) as file:
        return file.getnframes()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path)


def recorded(folder: Path, name: str, customer: int, agent: int, seconds: float) -> None:
    """Both sides of one piece, each a tone."""
    tone(folder / f"{name}-in.wav", customer, seconds)
    tone(folder / f"{name}-out.wav", agent, seconds)


def test_pieces_follow_each_other_and_both_sides_stay_in_step(spool: Spool, tmp_path: Path) -> None:
    recorded(spool.folder, "c1", 440, 1000, 2)
    recorded(spool.folder, "c1_2", 440, 1200, 3)
    tone(spool.folder / "c1_3-in.wav", 440, 1)  # the agent's side was lost

    join(spool.sides("c1").pieces, tmp_path / "in.wav", tmp_path / "out.wav")

    assert samples(tmp_path / "in.wav") == samples(tmp_path / "out.wav") == 6 * 8000
    assert loudest(tmp_path / "in.wav") == [440]
    assert sorted(loudest(tmp_path / "out.wav")) == [1000, 1200]


async def test_one_piece_is_taken_as_it_is_and_several_leave_nothing_behind(spool: Spool) -> None:
    recorded(spool.folder, "c1", 440, 1000, 1)
    recorded(spool.folder, "c2", 440, 1000, 1)
    recorded(spool.folder, "c2_2", 440, 1200, 1)
    before = sorted(os.listdir(spool.folder))

    async with whole(spool.sides("c1").pieces, spool.folder) as (customer, _):
        assert customer == spool.folder / "c1-in.wav"
    async with whole(spool.sides("c2").pieces, spool.folder) as (customer, agent):
        assert samples(customer) == samples(agent) == 2 * 8000

    assert sorted(os.listdir(spool.folder)) == before


def test_a_call_is_closed_when_its_last_piece_is(spool: Spool) -> None:
    recorded(spool.folder, "c1", 440, 1000, 1)
    recorded(spool.folder, "c1_2", 440, 1200, 1)
    assert spool.sides("c1").closed

    killed(spool.folder / "c1_2-out.wav")  # as long as it is written to

    assert not spool.sides("c1").closed


def test_without_a_side_nothing_is_closed_and_without_a_sound_it_is(spool: Spool) -> None:
    tone(spool.folder / "c1-in.wav", 440, 1)
    recorded(spool.folder, "c2", 440, 1000, 0)

    assert not spool.sides("c1").closed and spool.sides("c2").closed


def test_pieces_are_listed_under_their_call(spool: Spool) -> None:
    recorded(spool.folder, "c1", 440, 1000, 1)
    recorded(spool.folder, "c1_2", 440, 1000, 1)

    assert spool.call_ids() == ["c1"]


def test_pieces_that_are_all_gone_or_of_two_rates_are_not_joined(
    spool: Spool, tmp_path: Path
) -> None:
    recorded(spool.folder, "c1", 440, 1000, 1)
    with wave.open(str(spool.folder / "c1_2-in.wav"), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(bytes(3200))
    (spool.folder / "c1_2-out.wav").write_bytes(b"")

    with pytest.raises(Unusable, match="do not belong together"):
        join(spool.sides("c1").pieces, tmp_path / "in.wav", tmp_path / "out.wav")
