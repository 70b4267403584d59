"""What is wrong with a plan is said, and nothing else; what passes leads every call to an end."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from callcenter.asterisk.ways import check
from callcenter.errors import Invalid
from callcenter.switchboard.checks import Known, Severity, problems
from callcenter.switchboard.plan import (
    HANG_UP,
    Dialling,
    Hours,
    Kind,
    Menu,
    Message,
    Number,
    Opening,
    Plan,
    Queue,
    Shown,
    Trunk,
    Voicemail,
    Way,
)
from tests.draws import cases

DAY = Opening(days=frozenset(range(7)), begins=0, ends=1440)
KNOWN = Known(departments={1: 3, 2: 0}, skilled={7: 1}, prompts={"welcome"})


def way(kind, name):
    return Way(kind=Kind(kind), name=name)


SALES, CLOSED, OFFICE, MAIN = (
    *(way("queue", "sales"), way("message", "closed")),
    *(way("hours", "office"), way("menu", "main")),
)
GOOD = Plan(
    trunks=(Trunk(name="carrier", title="Carrier"),),
    numbers=(Number(number="19006789", way=OFFICE),),
    hours=(Hours(name="office", title="Office", openings=(DAY,), open=MAIN, closed=CLOSED),),
    menus=(Menu(name="main", title="Main", prompt="welcome", keys={"1": SALES}, otherwise=SALES),),
    messages=(Message(name="closed", title="Closed", prompt="welcome"),),
    queues=(Queue(name="sales", title="Sales", department_id=1),),
    default=SALES,
)


def said(plan, known=KNOWN):
    """(severity, part, name, sentence in words) of each problem."""
    return [
        (each.severity.value, each.part, each.name, each.sentence.format(**each.values))
        for each in problems(plan, known)
    ]


def test_nothing_is_wrong_with_a_plan_that_leads_everybody_somewhere():
    assert said(GOOD) == []


def queue(**values):
    return (Queue(**{"name": "sales", "title": "Sales", "department_id": 1, **values}),)


def menu(**values):
    return (replace(GOOD.menus[0], **values),)


def hours(**values):
    return (replace(GOOD.hours[0], **values),)


GONE = way("queue", "gone")
CASES = {
    "a number that leads to what is gone": (
        {"numbers": (Number(number="19006789", way=GONE), Number(number="1", way=OFFICE))},
        ("error", "numbers", "19006789", "19006789 leads to something that is gone"),
    ),
    "a number that leads nowhere": (
        {"numbers": (*GOOD.numbers, Number(number="1", way=HANG_UP))},
        ("warning", "numbers", "1", "The number 1 leads nowhere"),
    ),
    "a number that is there twice": (
        {"numbers": GOOD.numbers * 2},
        ("error", "numbers", "19006789", "The number 19006789 is there twice"),
    ),
    "a key that leads to what is gone": (
        {"menus": menu(keys={"1": SALES, "2": GONE})},
        ("error", "menus", "main", "Main leads to something that is gone"),
    ),
    "a default that is gone": (
        {"default": GONE},
        ("error", "", "", "Calls to any other number lead to something that is gone"),
    ),
    "a menu without keys": (
        {"menus": menu(keys={})},
        ("error", "menus", "main", "The menu Main has no keys"),
    ),
    "a menu that says nothing": (
        {"menus": menu(prompt="")},
        ("warning", "menus", "main", "Main says nothing"),
    ),
    "a sound that is missing": (
        {"messages": (Message(name="closed", title="Closed", prompt="lost"),)},
        ("warning", "messages", "closed", "The sound of Closed is missing"),
    ),
    "music that is missing": (
        {"queues": queue(music="lost")},
        ("warning", "queues", "sales", "The sound of Sales is missing"),
    ),
    "words after the callback key that are missing": (
        {"queues": queue(callback_key="*", callback_prompt="lost")},
        ("warning", "queues", "sales", "The sound of Sales is missing"),
    ),
    "hours that are never open": (
        {"hours": hours(openings=())},
        ("warning", "hours", "office", "Office is never open"),
    ),
    "a queue whose department has nobody": (
        {"queues": queue(department_id=2)},
        ("warning", "queues", "sales", "Nobody takes the calls of Sales"),
    ),
    "a queue whose department is gone": (
        {"queues": queue(department_id=9)},
        ("error", "queues", "sales", "The department of the queue Sales is gone"),
    ),
    "a queue that hangs up": (
        {"queues": queue(longest_wait_s=60)},
        ("warning", "queues", "sales", "Who waits too long in Sales is hung up on"),
    ),
    "a queue that goes on to itself": (
        {"queues": queue(longest_wait_s=60, overflow=SALES)},
        ("error", "queues", "sales", "The queue Sales goes on to itself"),
    ),
    "a menu that goes round to its hours": (
        {"menus": menu(otherwise=OFFICE)},
        ("error", "hours", "office", "Calls go round and reach nobody: Office → Main → Office"),
    ),
    "a voicemail for a queue that is gone": (
        {
            "voicemails": (Voicemail(name="box", title="Box", prompt="welcome", queue="gone"),),
            "default": way("voicemail", "box"),
        },
        ("error", "voicemails", "box", "The messages of Box are for a queue that is gone"),
    ),
    "two trunks that are one account": (
        {"trunks": tuple(Trunk(name=n, title=n, host="a.vn", username="u") for n in "ab")},
        ("error", "trunks", "a", "The trunk a is the same account as another one"),
    ),
    "no trunk in use": (
        {"trunks": (Trunk(name="carrier", title="Carrier", is_on=False),)},
        ("warning", "trunks", "", "No trunk is in use"),
    ),
    "two rules for one prefix": (
        {"dialling": (Dialling(prefix="+84", roles=frozenset()),) * 2},
        ("error", "dialling", "+84", "There are two rules for numbers with +84"),
    ),
    "a number shown for a department that is gone": (
        {"shown": (Shown(department_id=9, number="19006789"),)},
        ("warning", "shown", "9", "The number 19006789 is shown for a department that is gone"),
    ),
    "two of one name to the exchange, which does not see dashes": (
        {"queues": (*queue(), *queue(name="sa-les", title="Others"))},
        ("error", "queues", "sa-les", "Others has the name of another one"),
    ),
    "two of one title": (
        {"queues": (*queue(), *queue(name="more"))},
        ("warning", "queues", "more", "Two are called Sales"),
    ),
    "a message that nothing leads to": (
        {"messages": (*GOOD.messages, Message(name="x", title="X", prompt="welcome"))},
        ("warning", "messages", "x", "Nothing leads to X"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_said_with_what_to_do(case):
    changed, (severity, part, name, begins) = CASES[case]

    found = said(replace(GOOD, **changed))

    assert any(each[:3] == (severity, part, name) and each[3].startswith(begins) for each in found)
    errors = [each for each in found if each[0] == "error"]
    assert severity == "error" or errors == []
    assert found[: len(errors)] == errors  # these first


def test_two_queues_where_somebody_is_may_hand_on_to_each_other():
    first, second = way("queue", "a"), way("queue", "b")
    two = (
        Queue(name="a", title="A", department_id=1, longest_wait_s=60, overflow=second),
        Queue(name="b", title="B", department_id=1, longest_wait_s=60, overflow=first),
    )

    assert said(replace(GOOD, queues=(*GOOD.queues, *two))) == []


def test_but_not_when_both_are_left_at_once_while_nobody_is_signed_in():
    first, second = way("queue", "a"), way("queue", "b")
    two = (
        Queue(name="a", title="A", department_id=1, needs_agents=True, overflow=second),
        Queue(name="b", title="B", department_id=1, needs_agents=True, overflow=first),
    )

    [found] = said(replace(GOOD, queues=(*GOOD.queues, *two)))
    assert found[3].startswith("Calls go round and reach nobody: A → B → A")


# ------------------------------------------------------------------ any plan whatever

NAMES = st.sampled_from("abc")
KINDS = st.sampled_from([kind for kind in Kind if kind is not Kind.HANG_UP])
WAYS = st.just(HANG_UP) | st.builds(Way, kind=KINDS, name=NAMES)


KEYS = st.dictionaries(st.sampled_from("1*#"), WAYS, max_size=2)


def parts(is_a, **values):
    """Some of these, with different names."""
    one = st.builds(is_a, name=NAMES, title=NAMES, **values)
    return st.lists(one, max_size=3, unique_by=lambda each: each.name).map(tuple)


PLANS = st.builds(
    Plan,
    numbers=st.lists(
        st.builds(Number, number=st.sampled_from(["1", "2"]), way=WAYS), max_size=2
    ).map(tuple),
    hours=parts(Hours, openings=st.just((DAY,)) | st.just(()), open=WAYS, closed=WAYS),
    menus=parts(Menu, keys=KEYS, otherwise=WAYS),
    messages=parts(Message),
    voicemails=parts(Voicemail, queue=NAMES),
    queues=parts(
        Queue,
        department_id=st.sampled_from([None, 1, 2, 9]),
        longest_wait_s=st.sampled_from([0, 60]),
        needs_agents=st.booleans(),
        overflow=WAYS,
    ),
    default=WAYS,
)


def outcomes(plan, start):
    """Where callers who press nothing end while nobody is signed in, each as its last way; None
    for one who goes round."""
    parts = {
        **{(Kind.HOURS, each.name): each for each in plan.hours},
        **{(Kind.MENU, each.name): each for each in plan.menus},
        **{(Kind.QUEUE, each.name): each for each in plan.queues},
    }
    ends, rest = set(), [(start, frozenset())]
    while rest:
        now, seen = rest.pop()
        if now in seen:
            ends.add(None)
            continue
        match parts.get((now.kind, now.name)):
            case Hours(open=is_open, closed=closed):
                following = [is_open, closed]
            case Menu(otherwise=otherwise):
                following = [otherwise]
            case Queue(needs_agents=True, overflow=overflow):
                following = [overflow]
            case _:
                ends.add(now)
                continue
        rest += [(each, seen | {now}) for each in following]
    return ends


@settings(max_examples=cases(300), deadline=None)
@given(PLANS)
def test_without_an_error_no_call_goes_round_and_none_ends_where_nothing_is(plan):
    if any(each.severity is Severity.ERROR for each in problems(plan, KNOWN)):
        return

    for start in (*(each.way for each in plan.numbers), plan.default):
        for end in outcomes(plan, start):
            assert end is not None
            assert end == HANG_UP or any(
                each.name == end.name for each in getattr(plan, FIELD_OF[end.kind])
            )


FIELD_OF = {
    Kind.QUEUE: "queues",
    Kind.MENU: "menus",
    Kind.HOURS: "hours",
    Kind.MESSAGE: "messages",
    Kind.VOICEMAIL: "voicemails",
}


@settings(max_examples=cases(200), deadline=None)
@given(PLANS)
def test_whatever_passes_the_exchange_can_be_told(plan):
    known = Known(departments={1: 1, 2: 1, 9: 1})
    if any(each.severity is Severity.ERROR for each in problems(plan, known)):
        return

    try:
        check(plan)
    except Invalid as refused:
        pytest.fail(str(refused))
