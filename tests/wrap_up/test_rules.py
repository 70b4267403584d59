"""How long agents have after a call, as it is set: read from a form, kept, and found again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.settings.models import Queue
from callcenter.settings.wrap_up import (
    LONGEST,
    OUTGOING,
    WrapUpRules,
    read_rules,
    save_rules,
    wrap_up_rules,
)

QUEUES = {"sales": None, "care": None}


def test_a_queue_without_a_time_of_its_own_is_as_the_company():
    rules = WrapUpRules(seconds=60, own={"care": 0, OUTGOING: 30})

    assert [rules.after(queue) for queue in ("sales", "care", None)] == [60, 0, 30]


def test_a_form_is_read_into_rules():
    texts = {"seconds": "60", "more": " 90 ", "own-sales": "45", "own-care": "", "own-": "0"}

    rules, problems = read_rules(texts, QUEUES)

    assert problems == {}
    assert rules == WrapUpRules(seconds=60, more=90, own={"sales": 45, OUTGOING: 0})


@pytest.mark.parametrize("text", ["-1", "1.5", "soon", "٣", str(LONGEST + 1), "9" * 30])
def test_what_is_no_number_of_seconds_is_said_beside_its_field(text):
    _, problems = read_rules({"seconds": "60", "more": "0", "own-care": text}, QUEUES)

    assert list(problems) == ["own-care"]


def test_the_company_must_say_something():
    _, problems = read_rules({"seconds": "", "more": ""}, QUEUES)

    assert list(problems) == ["seconds", "more"]


async def test_before_the_first_time_there_is_no_end(sessions):
    async with sessions() as session:
        assert await wrap_up_rules(session) == WrapUpRules()


seconds = st.integers(0, LONGEST)


@given(seconds, seconds, st.dictionaries(st.sampled_from(["sales", "care", OUTGOING]), seconds))
def test_what_is_typed_is_what_is_meant(company, more, own):
    typed = {"seconds": str(company), "more": str(more)}
    typed |= {f"own-{queue}": str(s) for queue, s in own.items()}

    rules, problems = read_rules(typed, QUEUES)

    assert (rules, problems) == (WrapUpRules(seconds=company, more=more, own=own), {})


async def test_rules_are_kept_and_found_again(sessions):
    async with sessions.begin() as session:
        session.add_all(Queue(name=name, title=name) for name in QUEUES)
    for rules in (
        WrapUpRules(seconds=60, more=30, own={"sales": 0, OUTGOING: 15}),
        WrapUpRules(seconds=0, more=0, own={"care": 5}),
    ):
        async with sessions.begin() as session:
            await save_rules(session, rules)
        async with sessions() as session:
            assert await wrap_up_rules(session) == rules
