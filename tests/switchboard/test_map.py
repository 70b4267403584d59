"""The map of the way of a call: what follows what, where it stands, and what one call takes."""

from datetime import datetime
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.switchboard.graph import DEFAULT, PEOPLE, Crew, branches, lit, mapped
from callcenter.switchboard.layout import GAP, WIDTH, _crossings, arrange
from callcenter.switchboard.plan import (
    HANG_UP,
    Hours,
    Kind,
    Menu,
    Message,
    Number,
    Plan,
    Queue,
    Way,
)
from callcenter.switchboard.times import VIETNAM, Group, openings_of
from callcenter.switchboard.walk import MOST_HOPS, Hop, walk

HOTLINE = "19006789"


def to(kind, name):
    return Way(kind=Kind(kind), name=name)


OFFICE = Hours(
    name="office",
    title="Office",
    openings=openings_of([Group((0, 1, 2, 3, 4), ((480, 720), (810, 1050)))]),
    open=to("menu", "main"),
    closed=to("message", "closed"),
)
MAIN = Menu(
    name="main",
    title="Main",
    keys={"1": to("queue", "sales"), "2": to("menu", "more"), "*": to("menu", "main")},
    tries=2,
    otherwise=to("queue", "care"),
)
MORE = Menu(name="more", title="More", keys={"9": to("menu", "main")}, otherwise=HANG_UP)
PLAN = Plan(
    numbers=(Number(number=HOTLINE, title="Hotline", way=to("hours", "office")),),
    hours=(OFFICE,),
    holidays=VIETNAM,
    menus=(MAIN, MORE),
    messages=(Message(name="closed", title="Closed"), Message(name="old", title="Old")),
    queues=(
        Queue(name="sales", title="Sales", department_id=1),
        Queue(name="care", title="Care", longest_wait_s=60, overflow=to("message", "closed")),
    ),
    default=to("queue", "care"),
)
CREWS = {"sales": Crew("1_", "Sales", 3, "/team?department=1")}
FRIDAY = datetime.fromisoformat("2026-11-27 09:00")


def names(walked):
    return [hop.name for hop in walked.hops]


@pytest.mark.parametrize(
    "at, keys, way, end",
    [
        ("2026-11-27 09:00", "1", ["office", "main", "sales"], "sales"),
        ("2026-11-27 09:00", "", ["office", "main", "care"], "care"),
        ("2026-11-27 09:00", "71", ["office", "main", "sales"], "sales"),
        ("2026-11-27 09:00", "77", ["office", "main", "care"], "care"),  # two tries
        ("2026-11-27 09:00", "771", ["office", "main", "care"], "care"),
        ("2026-11-27 09:00", "**1", ["office", "main", "main", "main", "sales"], "sales"),
        ("2026-11-27 09:00", "2", ["office", "main", "more"], ""),
        ("2026-11-27 09:00", "291", ["office", "main", "more", "main", "sales"], "sales"),
        ("2026-11-27 12:30", "1", ["office", "closed"], "closed"),  # lunch
        ("2027-02-08 09:00", "1", ["office", "closed"], "closed"),  # Tết
    ],
)
def test_a_call_goes_by_the_time_and_by_what_is_pressed(at, keys, way, end):
    walked = walk(PLAN, HOTLINE, datetime.fromisoformat(at), keys)

    assert names(walked) == [HOTLINE, *way]
    assert walked.end.name == end
    assert not walked.lacking


def test_another_number_takes_the_default_way():
    walked = walk(PLAN, "0912345678", FRIDAY)

    assert walked.hops == (Hop("", "", 0), Hop("queues", "care", None))


def test_a_way_to_what_is_gone_goes_on_by_the_default_one():
    plan = msgspec.structs.replace(PLAN, menus=())

    walked = walk(plan, HOTLINE, FRIDAY, "1")

    assert (walked.end.name, walked.lacking) == ("care", True)


def test_parts_that_lead_to_each_other_come_to_an_end():
    round_ = Menu(name="main", title="Round", otherwise=to("menu", "main"))
    plan = msgspec.structs.replace(PLAN, menus=(round_,))

    walked = walk(plan, HOTLINE, FRIDAY)

    assert walked.end is None
    assert len(walked.hops) <= MOST_HOPS + 1
    gone = msgspec.structs.replace(PLAN, menus=(), default=to("menu", "main"))
    assert walk(gone, HOTLINE, FRIDAY).end is None


def test_everything_is_on_the_map_and_what_nothing_leads_to_says_so():
    found = mapped(PLAN, CREWS)

    assert set(found.nodes) == {
        *(("numbers", HOTLINE), DEFAULT, ("hours", "office"), ("menus", "main"), ("menus", "more")),
        *(("messages", "closed"), ("messages", "old"), ("queues", "sales"), ("queues", "care")),
        (PEOPLE, "1_"),
    }
    assert [key for key, node in found.nodes.items() if node.unused] == [("messages", "old")]


def test_ways_back_are_words_not_wires():
    found = mapped(PLAN, CREWS)

    back = {
        (key, row.leg.values.get("key"))
        for key, node in found.nodes.items()
        for row in node.rows
        if row.is_back
    }
    assert back == {(("menus", "main"), "*"), (("menus", "more"), "9")}


def test_the_columns_follow_the_call():
    columns = {box.id: box.column for box in mapped(PLAN, CREWS).picture.boxes}

    assert [
        columns[key]
        for key in (
            *(("numbers", HOTLINE), ("hours", "office"), ("menus", "main"), ("queues", "sales")),
            (PEOPLE, "1_"),
        )
    ] == [0, 1, 2, 3, 4]


def test_the_boxes_and_rows_that_a_call_takes_are_lit():
    way = lit(CREWS, walk(PLAN, HOTLINE, FRIDAY, "1"))

    assert way == {
        ("numbers", HOTLINE): 0,
        ("hours", "office"): 0,
        ("menus", "main"): 0,
        ("queues", "sales"): 0,
        (PEOPLE, "1_"): None,
    }


def test_the_list_has_each_part_with_all_that_follows_once():
    said = list(lines(branches(mapped(PLAN, CREWS))))

    whole = [key for key, again in said if key and not again and key[0] in ("menus", "hours")]
    assert sorted(whole) == [("hours", "office"), ("menus", "main"), ("menus", "more")]
    assert (("menus", "main"), True) in said


def lines(found):
    """(the part, whether it stands further up) of each line."""
    for each in found:
        yield (each.node.key if each.node else None), each.again
        yield from lines(each.below)


def test_parts_that_only_lead_to_each_other_are_in_the_list_too():
    one, other = (
        Menu(name=name, title=name, otherwise=to("menu", on)) for name, on in ("ab", "ba")
    )

    said = list(lines(branches(mapped(Plan(menus=(one, other)), {}))))

    assert said[-3:] == [(("menus", "a"), False), (("menus", "b"), False), (("menus", "a"), True)]


def test_a_chain_of_hundreds_has_a_list_that_is_no_deeper_than_a_call_comes():
    names = [f"q{n:03}" for n in range(400)]
    queues = tuple(
        Queue(name=name, title=name, longest_wait_s=9, overflow=to("queue", on))
        for name, on in pairwise(names)
    )
    last = Queue(name=names[-1], title="Last")
    plan = Plan(queues=(*queues, last), default=to("queue", names[0]))

    found = branches(mapped(plan, {}))

    assert {key[1] for key, _ in lines(found) if key} == {"", *names}
    assert max(map(depth, found)) <= MOST_HOPS + 2


def depth(branch):
    return 1 + max(map(depth, branch.below), default=0)


# ------------------------------------------------------------------ any graph

sizes = st.integers(2, 12)


@st.composite
def graphs(draw):
    count = draw(sizes)
    heights = {n: draw(st.sampled_from([42.0, 88.0, 148.0])) for n in range(count)}
    ends = st.integers(0, count - 1)
    wires = draw(st.lists(st.tuples(ends, ends, st.just(20.0)), max_size=24))
    return heights, wires


@given(graphs())
def test_boxes_never_overlap_and_all_are_in_the_picture(graph):
    heights, wires = graph
    picture = arrange(heights, wires)

    assert {box.id for box in picture.boxes} == set(heights)
    for box in picture.boxes:
        assert box.y >= -0.001 and box.y + box.height <= picture.height + 0.001
        assert box.x + WIDTH <= picture.width
    for one in picture.boxes:
        for other in picture.boxes:
            if one.id < other.id and one.column == other.column:
                assert one.y + one.height <= other.y or other.y + other.height <= one.y


@given(graphs())
def test_wires_lead_to_the_right_and_none_runs_through_a_box(graph):
    heights, wires = graph
    picture = arrange(heights, wires)
    boxes = {box.id: box for box in picture.boxes}

    assert {wire.number for wire in picture.wires} | picture.back == set(range(len(wires)))
    for wire in picture.wires:
        source, target, leaves = wires[wire.number]
        assert boxes[source].column < boxes[target].column
        assert wire.points[0] == (boxes[source].x + WIDTH, boxes[source].y + leaves)
        for (x, y), (to_x, to_y) in pairwise(wire.points[1:-1]):
            if y == to_y and to_x - x == WIDTH:  # the straight piece in a column
                beside = [box for box in picture.boxes if box.x == x]
                assert all(y < box.y or y > box.y + box.height for box in beside)
            else:
                assert to_x - x in (GAP, WIDTH)


@given(graphs())
def test_only_wires_that_close_a_circle_are_left_out(graph):
    heights, wires = graph
    picture = arrange(heights, wires)

    assert all(
        source != target for n, (source, target, _) in enumerate(wires) if n not in picture.back
    )
    is_tree = all(source < target for source, target, _ in wires)
    assert not (is_tree and picture.back)


@given(graphs())
def test_the_same_graph_is_the_same_picture(graph):
    assert arrange(*graph) == arrange(*graph)


def test_wires_that_need_not_cross_do_not():
    heights = dict.fromkeys("abcdef", 42.0)
    picture = arrange(heights, [("a", "f", 20.0), ("b", "e", 20.0), ("c", "d", 20.0)])

    tops = {box.id: box.y for box in picture.boxes}
    assert [sorted("abc", key=tops.get), sorted("fed", key=tops.get)] == [[*"abc"], [*"fed"]]
    assert _crossings([[*"ab"], [*"cd"]], {"a": ["d"], "b": ["c"]}) == 1


def test_nothing_is_a_picture_too():
    assert arrange({}, []).boxes == ()
