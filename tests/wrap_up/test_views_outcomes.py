"""The settings of what calls end in and of the time after a call, as people fill them in."""

import re

import pytest
from sqlalchemy import select

from callcenter.calls.models import CallNote, Outcome, OutcomeQueue
from callcenter.settings.wrap_up import WrapUpRules, wrap_up_rules
from callcenter.wrap_up.editing import code_for
from callcenter.wrap_up.outcomes import catalogue
from tests.pages.site import IDS, NOW

PAGE = "/settings/outcomes"


@pytest.fixture
async def root(site):
    return await site.signed_in("root")


async def codes(site):
    async with site.sessions() as session:
        return [each.code for each in await catalogue(session)]


async def mark(visitor, page=PAGE):
    return re.search(r'name="mark" value="(\w+)"', (await visitor.get(page)).text)[1]


async def adds(visitor, vi, en, of="", queues=()):
    fields = [("name_vi-:new", vi), ("name_en-:new", en), ("position-:new", "")]
    fields += [("queues-:new", each) for each in queues]
    return await visitor.post(f"{PAGE}/new{f'?of={of}' if of else ''}", fields)


async def test_an_outcome_is_added_for_some_queues_and_its_sub_outcomes_below_it(site, root):
    await adds(root, "Quan tâm", "Interested", queues=["sales", "*"])
    answer = await adds(root, "Muốn báo giá", "Wants a quote", of="interested")

    assert (answer.status, answer.headers["Location"].split("&")[0]) == (
        303,
        "/settings/outcomes?of=interested",
    ) or "of=interested" in answer.headers["Location"]
    assert await codes(site) == ["agreed", "interested", "wants_a_quote"]
    async with site.sessions() as session:
        offers = {each.code: each for each in await catalogue(session)}
    assert offers["wants_a_quote"].queues == {"sales", ""}
    page = (await root.get(PAGE)).text
    assert "Wants a quote" in page and "Bán hàng, Outgoing calls" in page


async def test_a_name_in_one_language_stands_for_both(site, root):
    await adds(root, "Khác", "")

    async with site.sessions() as session:
        row = await session.get_one(Outcome, "khac")
    assert (row.name_vi, row.name_en) == ("Khác", "Khác")


async def test_the_same_name_twice_is_refused_and_what_was_typed_is_kept(site, root):
    answer = await adds(root, "đồng ý MUA", "Says yes")

    assert answer.status == 409
    assert "is in the list already." in answer.text and 'value="Says yes"' in answer.text
    assert await codes(site) == ["agreed"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name_vi-:new": " "}, "Enter a name."),
        ({"name_vi-:new": "x" * 101}, "Too long: 100 letters at most."),
        ({"name_vi-:new": "x", "position-:new": "-1"}, "The position is a number of at most"),
        ({"name_vi-:new": "x", "queues-:new": "secret"}, "There is no queue secret."),
    ],
)
async def test_what_cannot_be_is_refused_in_words(site, root, typed, sentence):
    answer = await root.post(f"{PAGE}/new", typed)

    assert (answer.status, sentence in answer.text) == (400, True)
    assert await codes(site) == ["agreed"]


async def test_a_whole_level_is_renamed_reordered_and_given_to_queues_at_once(site, root):
    await adds(root, "Từ chối", "Refused")

    answer = await root.post(
        PAGE,
        [
            ("mark", await mark(root)),
            ("name_vi-agreed", "Chốt đơn"),
            ("name_en-agreed", "Sold"),
            ("position-agreed", "20"),
            ("queues-agreed", "care"),
            ("name_vi-refused", "Từ chối"),
            ("name_en-refused", "Refused"),
            ("position-refused", "10"),
        ],
    )

    assert answer.status == 303
    async with site.sessions() as session:
        offers = await catalogue(session)
    assert [(each.code, each.name_en, each.queues) for each in offers] == [
        ("refused", "Refused", frozenset()),
        ("agreed", "Sold", frozenset({"care"})),
    ]


async def test_who_saves_an_old_list_is_told_and_nothing_is_changed(site, root):
    old = await mark(root)
    await adds(root, "Từ chối", "Refused")

    answer = await root.post(
        PAGE, {"mark": old, "name_vi-agreed": "Khác hẳn", "name_en-agreed": "Other"}
    )

    assert answer.status == 409 and "Somebody else has changed this list" in answer.text
    assert "Khác hẳn" in answer.text
    async with site.sessions() as session:
        assert (await session.get_one(Outcome, "agreed")).name_vi == "Đồng ý mua"


async def test_what_calls_ended_in_is_retired_not_deleted(site, root):
    await site.call("mara", call_id="c")
    await site.add(CallNote(call_id="c", user_id=IDS["mara"], outcome="agreed", updated_at=NOW))

    refused = await root.post(f"{PAGE}/agreed/delete")
    await root.post(f"{PAGE}/agreed/retire")

    assert refused.status == 409 and "calls ended in" in refused.text
    async with site.sessions() as session:
        [offer] = await catalogue(session)
    assert (offer.code, offer.active) == ("agreed", False)
    assert "retired" in (await root.get(PAGE)).text
    await root.post(f"{PAGE}/agreed/bring-back")
    async with site.sessions() as session:
        assert (await catalogue(session))[0].active


async def test_an_unused_one_is_deleted_with_its_sub_outcomes_and_queues(site, root):
    await adds(root, "Quan tâm", "Interested", queues=["sales"])
    await adds(root, "Báo giá", "Quote", of="interested")

    await root.post(f"{PAGE}/interested/delete")

    assert await codes(site) == ["agreed"]
    async with site.sessions() as session:
        assert (await session.scalars(select(OutcomeQueue))).all() == []


async def test_one_that_is_gone_is_a_sentence(site, root):
    for address in (f"{PAGE}/gone/retire", f"{PAGE}/gone/delete"):
        assert (await root.post(address)).status == 404
    assert (await root.get(f"{PAGE}?of=gone")).status == 404


async def test_agents_set_nothing(site):
    mara = await site.signed_in("mara")

    for address in (PAGE, "/settings/wrap-up"):
        assert (await mara.get(address)).status == 403


def test_codes_are_readable_short_and_nobody_elses():
    assert code_for("Đồng ý mua!", set()) == "dong_y_mua"
    assert code_for("Quote", {"quote", "quote_2"}) == "quote_3"
    assert code_for("你好", set()) == "outcome"
    assert len(code_for("x" * 99, {"x" * 28})) <= 32


async def test_the_time_after_a_call_is_set_for_the_company_and_by_queue(site, root):
    answer = await root.post(
        "/settings/wrap-up",
        {"seconds": "60", "more": "90", "own-sales": "45", "own-care": "", "own-": "30"},
    )

    assert answer.status == 303
    async with site.sessions() as session:
        assert await wrap_up_rules(session) == WrapUpRules(
            seconds=60, more=90, own={"sales": 45, "": 30}
        )
    assert 'value="45"' in (await root.get("/settings/wrap-up")).text


async def test_a_wrong_time_is_said_beside_its_field_and_kept(site, root):
    answer = await root.post("/settings/wrap-up", {"seconds": "soon", "more": "0"})

    assert answer.status == 400
    assert "A whole number from 0 to 3600, please." in answer.text and 'value="soon"' in answer.text
