"""What is worked out from sums."""

from callcenter.calls.counting import Figures
from callcenter.sums import terms
from callcenter.sums.terms import Sum

SOME = Sum(
    key=("sales",),
    calls=14,
    answered=9,
    offered=12,
    offered_answered=8,
    answered_in_time=6,
    abandoned=4,
    abandoned_short=2,
    waited_answered_s=80.0,
    talked_s=900.0,
    held_s=90.0,
    wrapped_s=270.0,
    longest_wait_s=61.0,
)


def test_a_sum_has_every_figure_of_a_call_in_the_same_order():
    assert Sum._fields == ("key", *Figures._fields)


def test_who_hangs_up_at_once_spoils_no_service_level():
    assert terms.service_level(SOME) == 6 / 10
    assert terms.abandonment(SOME) == 2 / 10


def test_speed_of_answer_is_of_calls_that_waited_in_a_queue():
    assert terms.average_speed_of_answer(SOME) == 10.0


def test_handling_is_talk_hold_and_what_follows():
    assert terms.handling_time(SOME) == 1260.0 / 9


def test_where_nothing_divides_there_is_nothing_to_say():
    none = Sum()

    assert {
        terms.service_level(none),
        terms.answer_rate(none),
        terms.average_speed_of_answer(none),
        terms.average_talk(none),
        terms.handling_time(none),
        terms.abandonment(none),
    } == {None}


def test_all_of_them_hung_up_at_once_and_there_is_no_service_level():
    assert terms.service_level(Sum(offered=2, abandoned=2, abandoned_short=2)) is None


def test_a_total_adds_everything_but_the_longest_wait():
    both = terms.total([SOME, Sum(calls=1, talked_s=0.5, longest_wait_s=99.0)])

    assert (both.key, both.calls, both.talked_s, both.longest_wait_s) == ((), 15, 900.5, 99.0)
