"""What calls can end in: two levels, for some queues or for all, chosen or not."""

from hypothesis import given
from hypothesis import strategies as st

from callcenter.calls.models import Outcome, OutcomeQueue
from callcenter.calls.queries import OutcomeName, outcome_names
from callcenter.wrap_up.outcomes import (
    OUTGOING,
    Offer,
    catalogue,
    choices,
    offered,
    says_enough,
)


def an_offer(code, parent=None, queues=(), active=True):
    return Offer(
        code=code,
        name_vi=code,
        name_en=code,
        parent=parent,
        queues=frozenset(queues),
        active=active,
    )


SOLD, QUOTE, DEMO = an_offer("sold"), an_offer("quote", "sold"), an_offer("demo", "sold")
OTHER = an_offer("other")


def codes(offers):
    return [each.code for each in offers]


def test_without_queues_an_outcome_is_offered_for_all_calls():
    assert [OTHER.is_for(queue) for queue in ("sales", None)] == [True, True]


def test_with_queues_only_for_theirs():
    sold = an_offer("sold", queues=["sales"])

    assert [sold.is_for(queue) for queue in ("sales", "care", None)] == [True, False, False]


def test_outgoing_calls_can_have_their_own():
    later = an_offer("later", queues=[OUTGOING])

    assert [later.is_for(queue) for queue in ("sales", None)] == [False, True]


def test_retired_ones_are_not_offered():
    assert codes(offered([an_offer("old", active=False), OTHER], "sales")) == ["other"]


def test_a_menu_keeps_what_is_chosen_even_if_it_is_offered_no_more():
    offers = [
        an_offer("old", active=False),
        an_offer("older", "old", active=False),
        an_offer("oldest", "old", active=False),
        OTHER,
    ]

    menu = choices(offers, "sales", chosen="older")

    assert [(top.code, codes(below)) for top, below in menu] == [("old", ["older"]), ("other", [])]


def test_an_outcome_with_sub_outcomes_is_half_a_choice():
    offers = [SOLD, QUOTE, DEMO, OTHER]

    assert says_enough(offers, "quote", "sales")
    assert says_enough(offers, "other", "sales")
    assert not says_enough(offers, "sold", "sales")
    assert not says_enough(offers, None, "sales")


def test_where_there_is_no_choice_none_is_missing():
    assert says_enough([an_offer("sold", queues=["sales"])], None, "care")


def test_what_was_chosen_while_it_was_offered_stays_a_choice():
    assert says_enough([an_offer("old", active=False), OTHER], "old", "sales")


trees = st.lists(
    st.tuples(
        st.sets(st.sampled_from(["sales", "care", OUTGOING])), st.booleans(), st.integers(0, 3)
    ),
    max_size=6,
).map(
    lambda tops: [
        offer
        for at, (queues, active, below) in enumerate(tops)
        for offer in (
            an_offer(f"o{at}", queues=queues, active=active),
            *(an_offer(f"o{at}s{n}", f"o{at}", queues, active) for n in range(below)),
        )
    ]
)


@given(trees, st.sampled_from(["sales", "care", None]))
def test_whatever_the_list_every_call_can_be_finished_with_what_is_offered(offers, queue):
    menu = choices(offers, queue)
    leaves = [each.code for top, below in menu for each in (below or [top])]

    assert all(says_enough(offers, code, queue) for code in leaves)
    assert says_enough(offers, None, queue) == (not leaves)


async def an_order(sessions, *rows):
    async with sessions.begin() as session:
        session.add_all(rows)
        await session.flush()


def a_row(code, position, parent=None, active=True):
    return Outcome(
        code=code,
        name_vi=f"{code} vi",
        name_en=f"{code} en",
        position=position,
        parent_code=parent,
        active=active,
    )


async def test_the_catalogue_is_in_order_with_sub_outcomes_behind_their_outcome(sessions):
    await an_order(
        sessions,
        a_row("b", 20),
        a_row("a", 10),
        a_row("b2", 40, "b"),
        a_row("b1", 30, "b"),
        a_row("gone", 5, active=False),
        a_row("gone1", 6, "gone"),
    )
    await an_order(sessions, OutcomeQueue(code="b", queue="sales"))

    async with sessions() as session:
        offers = await catalogue(session)

    assert codes(offers) == ["gone", "gone1", "a", "b", "b1", "b2"]
    assert [each.queues for each in offers[-3:]] == [frozenset({"sales"})] * 3
    assert not offers[1].active  # its parent is offered no more


async def test_a_sub_outcome_is_read_after_its_parent(sessions):
    await an_order(sessions, a_row("a", 1), a_row("a1", 2, "a"))

    async with sessions() as session:
        names = await outcome_names(session)

    assert names["a1"] == OutcomeName("a1", "a vi › a1 vi", "a en › a1 en")
    assert names["a"].name_en == "a en"
