"""Where those go on whose queue is no more."""

from callcenter.switchboard.editing import removed
from callcenter.switchboard.plan import HANG_UP, Kind, Menu, Number, Plan, Queue, Way
from callcenter.switchboard.waiting import instead_of
from callcenter.switchboard.ways import led_elsewhere
from tests.stage import to

MENU = Way(kind=Kind.MENU, name="main")
PLAN = Plan(
    numbers=(Number(number="1", way=MENU), Number(number="2", way=to("care"))),
    menus=(Menu(name="main", title="Main", keys={"1": to("sales"), "2": to("care")}),),
    queues=tuple(Queue(name=each, title=each) for each in ("sales", "care", "tech")),
    default=to("tech"),
)


def without(plan, queue, to_way):
    return led_elsewhere(removed(plan, Queue, queue), to(queue), to_way)


def test_who_waits_goes_where_the_key_that_led_there_leads_now():
    assert instead_of(PLAN, without(PLAN, "sales", to("care"))) == {"sales": to("care")}


def test_it_may_be_another_kind_of_part_or_the_end():
    assert instead_of(PLAN, without(PLAN, "care", MENU)) == {"care": MENU}
    assert instead_of(PLAN, without(PLAN, "care", HANG_UP)) == {"care": HANG_UP}


def test_when_what_led_there_is_gone_too_it_is_the_way_of_calls_that_have_none():
    after = removed(removed(PLAN, Queue, "sales"), Menu, "main")

    assert instead_of(PLAN, after) == {"sales": to("tech")}


def test_a_queue_that_is_still_there_sends_nobody_away():
    after = led_elsewhere(PLAN, to("sales"), to("care"))

    assert instead_of(PLAN, after) == {}
