"""What was changed, said part by part and field by field; nothing of a password."""

import msgspec
from hypothesis import assume, given, settings
from msgspec.structs import replace

from callcenter.switchboard import plan as parts
from callcenter.switchboard.difference import What, differences, taken_back
from callcenter.switchboard.labels import LABELS, PARTS, Names
from tests.draws import cases
from tests.switchboard.test_checks import GOOD, PLANS, SALES


def lines(before, after, **known):
    """Each change as (what, part, name, label, old, new), in words."""
    return [
        (each.what.value, each.part, each.name, each.label, said(each.old), said(each.new))
        for each in differences(before, after, **known)
    ]


def said(phrase):
    return phrase and phrase.sentence.format(**phrase.values)


def test_what_came_and_went_is_said_whole():
    closed = parts.Message(name="bye", title="Bye")

    changed = replace(GOOD, messages=(closed,))

    assert lines(GOOD, changed) == [
        ("added", "messages", "bye", "", None, None),
        ("removed", "messages", "closed", "", None, None),
    ]


def test_a_field_is_said_with_what_it_was_and_what_it_is():
    office = parts.Opening(days=frozenset({0, 1, 2, 3, 4}), begins=480, ends=1020)
    sales = parts.Queue(name="sales", title="Sales", department_id=2, ring_s=30, needs_agents=True)
    changed = replace(
        GOOD,
        default=parts.HANG_UP,
        hours=(replace(GOOD.hours[0], openings=(office,)),),
        queues=(sales,),
    )

    assert lines(GOOD, changed, names=Names(departments={1: "Bán hàng"})) == [
        ("changed", "", "", "Calls to any other number", "Queue “Sales”", "Hang up"),
        ("changed", "hours", "office", "Hours", "Mon–Sun 00:00–24:00", "Mon–Fri 08:00–17:00"),
        ("changed", "queues", "sales", "Department", "Bán hàng", "2"),
        ("changed", "queues", "sales", "How long a phone rings", "20 s", "30 s"),
        ("changed", "queues", "sales", "Goes on when nobody is signed in", "no", "yes"),
    ]


def test_what_has_but_an_id_or_a_name_in_the_plan_is_said_as_people_call_it():
    names = Names(skills={7: "English"}, prompts={"welcome": "Lời chào"})
    box = parts.Voicemail(name="box", title="Box", prompt="welcome", queue="sales")
    rule = parts.Dialling(prefix="+84", roles=frozenset({"agent"}))
    before = replace(GOOD, voicemails=(box,), dialling=(rule,))
    [sales] = GOOD.queues
    after = replace(
        GOOD,
        voicemails=(replace(box, prompt="lost", queue="gone"),),
        queues=(replace(sales, skills=(7, 8), callback_prompt="welcome"),),
        dialling=(replace(rule, roles=frozenset({"agent", "team_lead"})),),
    )

    assert [each[3:] for each in lines(before, after, names=names)] == [
        ("What is said", "Lời chào", "lost"),
        ("Whose missed call it becomes", "Sales", "gone"),
        ("Skills", "nothing", "8, English"),
        ("Said after the key to be called back", "nothing", "Lời chào"),
        ("Who may call there", "Agent", "Team lead, Agent"),
    ]


def test_each_key_of_a_menu_is_a_line_of_its_own():
    keys = {"1": parts.Way(kind=parts.Kind.MESSAGE, name="closed"), "2": SALES}
    changed = replace(GOOD, menus=(replace(GOOD.menus[0], keys=keys),))

    assert lines(GOOD, changed) == [
        ("changed", "menus", "main", "Key", "1: Queue “Sales”", "1: Announcement “Closed”"),
        ("changed", "menus", "main", "Key", None, "2: Queue “Sales”"),
    ]


def test_a_password_is_never_told():
    trunk = parts.Trunk(name="a", title="A", password="secret-1")

    [change] = differences(
        replace(GOOD, trunks=(trunk,)), replace(GOOD, trunks=(replace(trunk, password="new-2"),))
    )

    assert (change.field, change.old, change.new) == ("password", None, None)
    assert "secret-1" not in repr(change) and "new-2" not in repr(change)


def test_holidays_of_one_title_are_told_apart():
    spring, summer, autumn = (parts.Holiday(title="Nghỉ", month=n, day=5) for n in (3, 6, 9))
    two = replace(GOOD, holidays=(spring, summer))

    assert lines(replace(GOOD, holidays=(spring,)), two) == [
        ("added", "holidays", "Nghỉ", "", None, None)
    ]
    assert lines(two, replace(GOOD, holidays=(spring, autumn))) == [
        ("changed", "holidays", "Nghỉ", "Month", "6", "9")
    ]
    assert [each[0] for each in lines(GOOD, two)] == ["added", "added"]


def test_trunks_that_change_places_are_said_to_have():
    first, second = (parts.Trunk(name=name, title=name, host=name) for name in ("a", "b"))

    assert lines(replace(GOOD, trunks=(first, second)), replace(GOOD, trunks=(second, first))) == [
        ("moved", "trunks", "b", "", None, None),
        ("moved", "trunks", "a", "", None, None),
    ]


def test_every_field_has_a_name_for_people():
    told_apart_by = {
        (parts.Number, "number"),
        (parts.Holiday, "title"),
        (parts.Dialling, "prefix"),
        (parts.Shown, "department_id"),
    }
    named = "Number Hours Holiday Menu Message Voicemail Queue Trunk Dialling Shown"
    kinds = [getattr(parts, name) for name in named.split()]
    missing = {
        (kind, each.name)
        for kind in kinds
        for each in msgspec.structs.fields(kind)
        if each.name != "name" and (kind, each.name) not in told_apart_by
    } - LABELS.keys()

    assert missing == set()
    own = {each.name for each in msgspec.structs.fields(parts.Plan)} - PARTS.keys()
    assert own == {"default", "caller_id"}


@settings(max_examples=cases(200), deadline=None)
@given(PLANS, PLANS)
def test_there_is_a_difference_exactly_when_two_plans_differ(before, after):
    def as_told(plan):
        """Without what is the same to everybody: the order of all but trunks."""
        return {
            part: {name(each): each for each in getattr(plan, part)} for part, name in PARTS.items()
        }

    same = as_told(before) == as_told(after) and before.default == after.default
    assert (differences(before, after) == []) == same
    assert all(each.what is not What.MOVED for each in differences(before, after))


@given(PLANS, PLANS)
@settings(max_examples=cases(100))
def test_taking_back_each_change_in_turn_leaves_none(before, after):
    assume(is_told_apart(before) and is_told_apart(after))
    left = differences(before, after)
    while left:
        after = taken_back(before, after, left[0].part, left[0].name)
        fewer = differences(before, after)
        assert len(fewer) < len(left)
        left = fewer


def is_told_apart(plan):
    """No two parts of one name: the pages keep none."""
    names = [
        (part, name_of(each)) for part, name_of in PARTS.items() for each in getattr(plan, part)
    ]
    return len(names) == len({*names})


def test_taking_back_one_part_leaves_the_others_and_puts_it_where_it_was():
    trunks = tuple(parts.Trunk(name=name, title=name.upper()) for name in "abc")
    before = replace(GOOD, trunks=trunks)
    a, b, c = trunks
    after = replace(before, trunks=(c, replace(a, title="Other")), caller_id="19001234")

    again = taken_back(before, after, "trunks", "b")
    assert again.trunks == (c, replace(a, title="Other"), b)
    again = taken_back(before, again, "trunks", "a")
    assert (again.trunks, again.caller_id) == (trunks, "19001234")
