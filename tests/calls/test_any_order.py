"""What the exchange says may come in another order, twice, or not at all: calls stay the same."""

from datetime import timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.asterisk.replay import messages
from callcenter.asterisk.translate import translate
from callcenter.calls import events as happened
from callcenter.calls.board import Board
from callcenter.calls.call import State
from callcenter.calls.events import ChannelState, SnapshotBegan, SnapshotEnded
from callcenter.calls.talks import seconds, without
from tests.draws import cases

TRANSCRIPTS = Path(__file__).parent.parent / "transcripts"
FILES = sorted(path.name for path in TRANSCRIPTS.glob("*.txt"))
NEAR = 0.35  # seconds
OWN = (happened.ChannelSeen, happened.HangupAsked, happened.ChannelEnded)
OVERTAKES = timedelta(milliseconds=50)  # more than was ever seen between the families of events


@cache
def events_of(file):
    translated = map(translate, messages(TRANSCRIPTS / file))
    return tuple(event for event in translated if event)


def calls_after(events, *listeners):
    """The calls that ended, and the board that has the others."""
    ended = []

    def keep(change):
        if change.after.ended_at:
            ended.append(change.after)

    board = Board([keep, *listeners])
    for event in events:
        board.apply(event)
    return sorted(ended, key=lambda call: (call.call_id, call.number or "")), board


def same(one, other):
    lengths = ["waited_s", "talked_s", "held_s"]
    facts = [
        "call_id",
        "direction",
        "state",
        "number",
        "did",
        "queue",
        "agents",
        "result",
        "ended_by",
        "transfers",
        "digits",
        "recordings",
        "automatic",
        "caller_name",
        "placed_by",
    ]
    return all(getattr(one, fact) == getattr(other, fact) for fact in facts) and all(
        abs(getattr(one, length) - getattr(other, length)) <= NEAR for length in lengths
    )


def shuffled(events, window, seed):
    """In each window of so many events, or OVERTAKES seconds, the families overtake each other.

    What one channel says of itself keeps its order: that much an exchange does promise.
    """
    mixed, piece = [], []
    for event in [*events, None]:
        if len(piece) == window or not event or (piece and event.at - piece[0].at > OVERTAKES):
            mixed += overtaking(piece, seed)
            piece = []
        piece.append(event)
    return mixed


def overtaking(piece, seed):
    mixed = list(piece)
    seed.shuffle(mixed)
    own = {}
    for event in piece:
        own.setdefault(event.channel_id, []).append(event) if isinstance(event, OWN) else None
    return [own[e.channel_id].pop(0) if isinstance(e, OWN) else e for e in mixed]


def repeated(events, seed):
    """Everything may come again, at once or much later."""
    again = list(events)
    for event in events:
        if seed.random() < 0.3:
            again.insert(again.index(event) + seed.randrange(1, 20), event)
    return again


@pytest.mark.parametrize("file", FILES)
@given(window=st.integers(2, 5), seed=st.randoms(use_true_random=False))
@settings(max_examples=cases(12), deadline=None)
def test_neither_order_nor_repetition_changes_a_call(file, window, seed):
    right, _ = calls_after(events_of(file))

    told, board = calls_after(repeated(shuffled(events_of(file), window, seed), seed))

    assert len(told) == len(right)
    for one, other in zip(told, right, strict=True):
        assert same(one, other), f"{one}\n{other}"
    assert board.calls() == []


@pytest.mark.parametrize("file", FILES)
@given(cut=st.floats(0, 1))
@settings(max_examples=cases(12), deadline=None)
def test_whenever_the_connection_is_lost_a_snapshot_ends_what_is_gone(file, cut):
    events = events_of(file)
    begun = events[: int(cut * len(events))]
    told = []
    _, board = calls_after(begun, told.append)
    alive, before = board.calls(), len(told)
    later = events[-1].at + timedelta(minutes=5)

    board.apply(SnapshotBegan(at=later))
    board.apply(SnapshotEnded(at=later))

    ended = told[before:]
    assert board.calls() == []
    assert sorted(change.after.call_id for change in ended) == sorted(c.call_id for c in alive)
    for call in (change.after for change in ended):
        assert (call.state, call.ended_by, call.ended_at) == (State.ENDED, None, later)
        assert call.result is not None


@pytest.mark.parametrize("file", FILES)
@given(seed=st.randoms(use_true_random=False))
@settings(max_examples=cases(8), deadline=None)
def test_no_call_is_told_after_its_end(file, seed):
    told = []
    board = Board([told.append])
    for event in repeated(events_of(file), seed):
        board.apply(event)

    for before, change in pairwise(told):
        if change.before is not None and change.after.call_id == before.after.call_id:
            assert change.before == before.after
            assert change.before.state is not State.ENDED


IDS = st.sampled_from(["", "a", "b", "c", "d"])
NAMES = st.sampled_from(
    [
        "PJSIP/carrier-00000001",
        "PJSIP/201-00000002",
        "PJSIP/202-00000003",
        "Local/9@x-1;1",
        "Local/9@x-1;2",
        "OutgoingSpoolFailed",
        "PJSIP/",
        "",
    ]
)
TIMES = st.integers(0, 30).map(lambda second: happened.UNTIMED + timedelta(days=730_000 + second))
CHANNEL = {"at": TIMES, "channel_id": IDS, "linked_id": IDS, "ccid": IDS, "name": NAMES}
LOOKS = {
    "state": st.sampled_from(ChannelState),
    "number": st.sampled_from([None, "201", "0912"]),
    "connected": st.sampled_from([None, "202"]),
    "context": st.sampled_from(["", "autocall"]),
    "exten": st.sampled_from(["s", "7001"]),
}
BRIDGE = {"bridge_id": st.sampled_from(["x", "y"])}
FACTS = st.one_of(
    st.builds(happened.ChannelCreated, **CHANNEL, **LOOKS),
    st.builds(happened.ChannelSeen, **CHANNEL, **LOOKS),
    st.builds(happened.ChannelListed, **CHANNEL, **LOOKS, **BRIDGE, age_s=st.floats(0, 1e6)),
    st.builds(happened.ChannelEnded, **CHANNEL, cause=st.sampled_from([None, 0, 1, 16, 17])),
    st.builds(happened.DialBegan, **CHANNEL, by=IDS, dialled=st.sampled_from(["", "09@carrier"])),
    st.builds(happened.DialHeard, **CHANNEL, sign=st.sampled_from(["RINGING", "PROGRESS", ""])),
    st.builds(happened.DialEnded, **CHANNEL, status=st.sampled_from(["ANSWER", "CANCEL", ""])),
    st.builds(happened.BridgeEntered, **CHANNEL, **BRIDGE),
    st.builds(happened.BridgeLeft, **CHANNEL, **BRIDGE),
    *(
        st.builds(kind, **CHANNEL)
        for kind in (
            happened.HangupAsked,
            happened.Held,
            happened.Unheld,
            happened.MusicStarted,
            happened.MusicStopped,
            happened.QueueAbandoned,
            happened.RecordingStarted,
            happened.TransferMade,
            happened.SpyingBegan,
        )
    ),
    st.builds(happened.QueueJoined, **CHANNEL, queue=st.just("sales")),
    st.builds(happened.InboundAnnounced, **CHANNEL, did=st.just("1900"), queue=st.just("care")),
    st.builds(happened.AutomaticStepped, **CHANNEL, digit=st.sampled_from(["", "1"])),
    st.builds(happened.DigitPressed, **CHANNEL, digit=st.just("1")),
    st.builds(happened.OriginateAnswered, **CHANNEL, ok=st.booleans(), number=LOOKS["number"]),
    st.builds(happened.CallPlaced, at=TIMES, call_id=IDS, extension=IDS, number=IDS),
    st.builds(happened.SnapshotBegan, at=TIMES),
    st.builds(happened.SnapshotEnded, at=TIMES),
)


@given(st.lists(FACTS, max_size=40))
@settings(max_examples=cases(400), deadline=None)
def test_no_sequence_of_facts_breaks_the_board(facts):
    told = []
    board = Board([told.append])
    for fact in facts:
        board.apply(fact)

    board.apply(SnapshotBegan(at=happened.UNTIMED + timedelta(days=730_001)))
    board.apply(SnapshotEnded(at=happened.UNTIMED + timedelta(days=730_001)))

    assert board.calls() == []
    for change in told:
        call = change.after
        assert (call.state is State.ENDED) == (call.ended_at is not None)
        assert min(call.waited_s, call.talked_s, call.held_s) >= 0
        assert (call.result is not None) == (call.ended_at is not None)


HOURS = st.integers(0, 20).map(lambda hour: happened.UNTIMED + timedelta(hours=hour))
PERIODS = st.lists(st.tuples(HOURS, HOURS).filter(lambda each: each[0] < each[1]), max_size=5)


@given(PERIODS, PERIODS)
def test_what_is_cut_out_of_times_and_what_is_left_are_all_of_them_once(times, taken):
    left = without(times, taken)

    assert seconds(left) + seconds(taken) == seconds([*times, *taken])
    assert seconds([*left, *times]) == seconds(times)
