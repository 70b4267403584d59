"""Changing what calls can end in, on both databases: queues, levels, uses, what must stay."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.calls.models import CallNote, Outcome, OutcomeQueue
from callcenter.errors import Conflict, Missing
from callcenter.wrap_up import editing
from callcenter.wrap_up.editing import LONGEST_CODE, Draft, code_for, problems
from callcenter.wrap_up.outcomes import catalogue

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def a_draft(name, position="", queues=()):
    return Draft(name_vi=name, name_en=name, position=position, queues=frozenset(queues))


@pytest.fixture
async def tree(sessions):
    """“Interested” for sales and outgoing calls, with “Quote” below; “Other” for all."""
    async with sessions.begin() as session:
        await editing.add(session, a_draft("Interested", queues=["sales", ""]), None)
        await editing.add(session, a_draft("Quote"), "interested")
        await editing.add(session, a_draft("Other"), None)
    return sessions


async def codes(sessions):
    async with sessions() as session:
        return [each.code for each in await catalogue(session)]


async def used(sessions, *outcomes):
    async with sessions.begin() as session:
        session.add_all(
            CallNote(call_id=f"c{at}", user_id=1, outcome=each, updated_at=NOW)
            for at, each in enumerate(outcomes)
        )


async def test_a_new_one_comes_last_in_its_level(tree):
    assert await codes(tree) == ["interested", "quote", "other"]
    async with tree() as session:
        rows = [await editing.level(session, parent) for parent in (None, "interested")]
    assert [[row.position for row in level] for level in rows] == [[10, 20], [10]]


async def test_queues_are_replaced_and_a_sub_outcome_has_none_of_its_own(tree):
    async with tree.begin() as session:
        rows = [await editing.one(session, code) for code in ("interested", "quote")]
        drafts = {
            "interested": a_draft("Interested", queues=["care"]),
            "quote": a_draft("Quote", queues=["sales"]),
        }
        await editing.write(session, rows, drafts)

    async with tree() as session:
        offers = {each.code: each.queues for each in await catalogue(session)}
    assert offers == {"interested": {"care"}, "quote": {"care"}, "other": frozenset()}


async def test_uses_of_sub_outcomes_count_for_their_outcome_too(tree):
    await used(tree, "quote", "quote", "other", "interested", None)

    async with tree() as session:
        assert await editing.uses(session) == {"quote": 2, "interested": 3, "other": 1}


@pytest.mark.parametrize("code", ["quote", "interested"])
async def test_what_is_used_stays_and_so_does_its_parent(tree, code):
    await used(tree, "quote")

    async with tree.begin() as session:
        with pytest.raises(Conflict, match="Retire it"):
            await editing.remove(session, await editing.one(session, code))

    assert await codes(tree) == ["interested", "quote", "other"]


async def test_what_is_unused_goes_with_all_below_it(tree):
    async with tree.begin() as session:
        await editing.remove(session, await editing.one(session, "interested"))

    assert await codes(tree) == ["other"]
    async with tree() as session:
        assert await session.get(OutcomeQueue, ("interested", "sales")) is None
        with pytest.raises(Missing):
            await editing.one(session, "quote")


def test_a_retired_name_is_to_be_brought_back_instead():
    old = Outcome(code="x", name_vi="Cũ", name_en="Old", position=1, active=False)

    found = problems({"new": a_draft("Old")}, [old], [])

    assert "bring it back" in str(found["name_en-new"])


def test_two_that_are_typed_at_once_must_differ_too():
    found = problems({"a": a_draft("Same"), "b": a_draft("SAME")}, [], [])

    assert set(found) == {"name_vi-b", "name_en-b"}


@given(st.lists(st.text(min_size=1, max_size=100), max_size=8))
def test_every_name_has_a_code_of_its_own_that_addresses_can_bear(names):
    taken: set[str] = set()
    for name in names:
        code = code_for(name, taken)
        assert code not in taken and 0 < len(code) <= LONGEST_CODE
        assert set(code) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")
        taken.add(code)
