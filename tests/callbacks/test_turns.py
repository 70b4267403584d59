"""Nobody is served later, nor sooner, for having hung up and kept their place: by simulation."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callcenter.callbacks.turns import KeptPlace, ahead, turn

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
QUEUES = ("care", "sales")


def at(second):
    return NOON + timedelta(seconds=second)


@dataclass(frozen=True)
class Caller:
    id: int
    queue: str
    comes: int  # seconds
    talks: int
    hangs_up: int | None  # after so many seconds of waiting, keeping the place


@dataclass(frozen=True)
class Agent:
    queues: frozenset[str]
    begins: int


def served(callers, agents):
    """Caller's id -> (second, agent) of the conversation: an exchange that hands out whoever came
    first of the agent's queues, unless a kept place's turn is before."""
    free_at = {number: agent.begins for number, agent in enumerate(agents)}
    left, began = {each.id: each for each in callers}, {}
    second = 0
    while left and second < 10_000:
        for number in sorted(free_at, key=lambda n: (free_at[n], n)):
            if free_at[number] > second:
                continue
            queues = agents[number].queues
            there = [each for each in left.values() if each.comes <= second]
            kept = [
                KeptPlace(at(each.comes), str(each.id), each.queue, at(each.comes))
                for each in there
                if each.hangs_up is not None and each.comes + each.hangs_up <= second
            ]
            keeping = {place.id for place in kept}
            phones = [each for each in there if str(each.id) not in keeping]
            waiting = {
                queue: [at(each.comes) for each in phones if each.queue == queue]
                for queue in QUEUES
            }
            if place := turn(queues, waiting, kept, at(second)):
                taken = left[int(place.id)]
            else:
                own = [each for each in phones if each.queue in queues]
                taken = min(own, key=lambda each: (each.comes, each.id), default=None)
            if taken:
                began[taken.id] = (second, number)
                free_at[number] = second + taken.talks
                del left[taken.id]
        second += 1
    return began


CALLERS = st.lists(
    st.tuples(
        st.sampled_from(QUEUES),
        st.integers(0, 40),
        st.integers(1, 30),
        st.none() | st.integers(0, 30),
    ),
    max_size=12,
    unique_by=lambda each: each[1],  # nobody came at the same second
).map(lambda rows: [Caller(number, *row) for number, row in enumerate(rows)])
AGENTS = st.lists(
    st.builds(
        Agent,
        st.sets(st.sampled_from(QUEUES), min_size=1).map(frozenset),
        st.integers(0, 20),
    ),
    max_size=4,
).map(lambda some: [Agent(frozenset(QUEUES), 0), *some])


@given(CALLERS, AGENTS)
def test_a_place_that_is_kept_is_worth_what_waiting_at_the_phone_is(callers, agents):
    at_the_phone = [Caller(e.id, e.queue, e.comes, e.talks, None) for e in callers]

    assert served(callers, agents) == served(at_the_phone, agents)


def test_who_cannot_be_called_yet_lets_others_pass_and_is_the_first_again_then():
    early = KeptPlace(at(0), "1", "sales", due=at(60))
    late = KeptPlace(at(10), "2", "sales", due=at(10))

    assert turn({"sales"}, {}, [early, late], at(30)) == late
    assert turn({"sales"}, {}, [early, late], at(60)) == early


def test_an_agent_calls_nobody_of_another_queue():
    assert turn({"care"}, {}, [KeptPlace(at(0), "1", "sales", at(0))], at(30)) is None


def test_the_number_of_those_before_counts_both_kinds_of_the_same_queue():
    place = KeptPlace(at(20), "5", "sales", at(20))
    kept = [place, KeptPlace(at(10), "3", "sales", at(10)), KeptPlace(at(0), "4", "care", at(0))]

    assert ahead(place, [at(5), at(20), at(21)], kept) == 3
