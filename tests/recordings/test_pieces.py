"""A recording in pieces is one recording, whatever has become of one of them."""

import os
import wave
from pathlib import Path

import pytest

from callcenter.recordings.pieces import join, whole
from callcenter.recordings.spool import Spool
from callcenter.recordings.wav import Unusable
from tests.asterisk.spectrum import loudest
from tests.recordings.sounds import tone


def samples(path: Path) -> int:
    with wave.open(str(path)) as file:
        return file.getnframes()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    (tmp_path / "done").mkdir()
    return Spool(tmp_path)


def recorded(folder: Path, name: str, customer: int, agent: int, seconds: float) -> None:
    """Both sides of one piece, each a tone."""
    tone(folder / f"{name}-in.wav", customer, seconds)
    tone(folder / f"{name}-out.wav", agent, seconds)


def test_pieces_follow_each_other_and_both_sides_stay_in_step(spool: Spool, tmp_path: Path) -> None:
    recorded(spool.done, "c1", 440, 1000, 2)
    recorded(spool.done, "c1_2", 440, 1200, 3)
    tone(spool.done / "c1_3-in.wav", 440, 1)  # the agent's side was lost

    join(spool.finished("c1").pieces, tmp_path / "in.wav", tmp_path / "out.wav")

    assert samples(tmp_path / "in.wav") == samples(tmp_path / "out.wav") == 6 * 8000
    assert loudest(tmp_path / "in.wav") == [440]
    assert sorted(loudest(tmp_path / "out.wav")) == [1000, 1200]


async def test_one_piece_is_taken_as_it_is_and_several_leave_nothing_behind(spool: Spool) -> None:
    recorded(spool.done, "c1", 440, 1000, 1)
    recorded(spool.done, "c2", 440, 1000, 1)
    recorded(spool.done, "c2_2", 440, 1200, 1)
    before = sorted(os.listdir(spool.done))

    async with whole(spool.finished("c1").pieces, spool.done) as (customer, _):
        assert customer == spool.done / "c1-in.wav"
    async with whole(spool.finished("c2").pieces, spool.done) as (customer, agent):
        assert samples(customer) == samples(agent) == 2 * 8000

    assert sorted(os.listdir(spool.done)) == before


def test_a_call_is_complete_when_its_last_piece_is_handed_over(spool: Spool) -> None:
    recorded(spool.done, "c1", 440, 1000, 1)
    recorded(spool.folder, "c1_2", 440, 1200, 1)  # still written

    assert not spool.finished("c1").complete
    assert [piece.customer.parent for piece in spool.left("c1").pieces] == [
        spool.done,
        spool.folder,
    ]
    for path in list(spool.folder.glob("c1_2-*")):
        path.rename(spool.done / path.name)
    assert spool.finished("c1").complete


def test_pieces_are_listed_under_their_call(spool: Spool) -> None:
    recorded(spool.done, "c1", 440, 1000, 1)
    recorded(spool.done, "c1_2", 440, 1000, 1)

    assert spool.all_finished() == ["c1"]


def test_pieces_that_are_all_gone_or_of_two_rates_are_not_joined(
    spool: Spool, tmp_path: Path
) -> None:
    recorded(spool.done, "c1", 440, 1000, 1)
    with wave.open(str(spool.done / "c1_2-in.wav"), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(bytes(3200))
    (spool.done / "c1_2-out.wav").write_bytes(b"")

    with pytest.raises(Unusable, match="do not belong together"):
        join(spool.finished("c1").pieces, tmp_path / "in.wav", tmp_path / "out.wav")
