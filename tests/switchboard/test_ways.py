"""Names made of titles, and ways that are led elsewhere."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.switchboard.editing import part_of, removed
from callcenter.switchboard.names import mark_of, name_for
from callcenter.switchboard.plan import Hours, Kind, Menu, Message, Number, Plan, Queue, Way
from callcenter.switchboard.questions import ways
from callcenter.switchboard.ways import led_elsewhere, read_way, text_of, uses, way_to


@pytest.mark.parametrize(
    "title, name",
    [
        ("Giờ hành chính", "gio_hanh_chinh"),
        ("Đường dây nóng – 24/7", "duong_day_nong_24_7"),
        ("H", "menu_h"),  # the exchange's own extension for hanging up is called so
        ("!?", "menu"),
        ("x" * 40, "x" * 32),
        ("Taken", "taken_2"),
    ],
)
def test_a_name_is_made_of_the_title(title, name):
    assert name_for(title, {"taken"}, "menu") == name


@given(st.lists(st.text(max_size=60), max_size=12))
def test_names_are_names_and_each_is_another(titles):
    taken: set[str] = set()
    for title in titles:
        name = name_for(title, taken, "menu")
        assert re.fullmatch(r"[a-z0-9_]{3,32}", name)
        assert name not in taken and not name.startswith("_")
        taken.add(name)


def test_the_mark_of_a_part_does_not_depend_on_the_order_of_its_days():
    one = Queue(name="q", title="Q", skills=(1, 2))

    assert mark_of(one) == mark_of(Queue(name="q", title="Q", skills=(1, 2)))
    assert mark_of(one) != mark_of(Queue(name="q", title="Q", skills=(2, 1)))


NAMES = ("one", "two", "three")
WAYS = st.builds(
    Way,
    kind=st.sampled_from([Kind.MENU, Kind.HOURS, Kind.MESSAGE, Kind.QUEUE]),
    name=st.sampled_from(NAMES),
)


@st.composite
def plans(draw):
    def each(make):
        return tuple(make(name) for name in NAMES)

    return Plan(
        numbers=tuple(Number(number=f"0{n}", way=draw(WAYS)) for n in range(3)),
        hours=each(lambda n: Hours(name=n, title=n, open=draw(WAYS), closed=draw(WAYS))),
        menus=each(lambda n: Menu(name=n, title=n, keys={"1": draw(WAYS)}, otherwise=draw(WAYS))),
        messages=each(lambda n: Message(name=n, title=n)),
        queues=each(
            lambda n: Queue(name=n, title=n, overflow=draw(WAYS), needs_agents=draw(st.booleans()))
        ),
        default=draw(WAYS),
    )


@given(plans(), st.sampled_from([Hours, Menu, Message]), st.sampled_from(NAMES))
def test_nothing_leads_to_what_was_deleted_with_its_ways_led_elsewhere(plan, kind, name):
    gone = way_to(part_of(plan, kind, name))
    without = removed(plan, kind, name)
    elsewhere = Way(kind=Kind.QUEUE, name="one")

    after = led_elsewhere(without, gone, elsewhere)

    assert gone not in ways(after)
    assert uses(after, gone) == []
    before, now = list(ways(without)), list(ways(after))
    assert [elsewhere if way == gone else way for way in before] == now


@given(plans(), WAYS)
def test_a_way_in_a_form_is_the_way_it_was(plan, way):
    assert read_way(plan, text_of(way), "way") == way
