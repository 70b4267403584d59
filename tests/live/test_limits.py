"""The thresholds of alerts, as they are set."""

import pytest
from sqlalchemy import delete

from callcenter.live.rules import Limits, load_rules, read_limits, save_limits
from callcenter.settings.models import Queue
from tests.pages.site import password_hash, site

__all__ = ["password_hash", "site"]

COMPANY = {
    **{"service_level_s": "30", "target_percent": "85"},
    **{"wait_s": "90", "nobody_s": "0", "abandoned_percent": "10"},
}


async def test_before_the_first_time_there_are_defaults(sessions):
    async with sessions() as session:
        rules, own = await load_rules(session)

    assert (rules.of("sales"), own) == (Limits(), {})


async def test_what_is_saved_is_found_again_and_a_queue_may_differ(site):
    root = await site.signed_in("root")

    answer = await root.post(
        "/settings/alerts", COMPANY | {"wait_s-sales": "45", "wait_s-care": ""}
    )
    page = await root.get("/settings/alerts")

    assert answer.status == 303
    assert 'value="45"' in page.text and 'value="85"' in page.text
    async with site.sessions() as session:
        rules, own = await load_rules(session)
    assert rules.of("care") == Limits(
        service_level_s=30, target_percent=85, wait_s=90, nobody_s=0, abandoned_percent=10
    )
    assert rules.of("sales").wait_s == 45
    assert own == {"sales": {"wait_s": 45}}


async def test_a_queue_has_the_service_level_that_the_switchboard_set_for_it(sessions):
    async with sessions.begin() as session:
        session.add(Queue(name="sales", title="Sales", service_level_s=10))
        session.add(Queue(name="care", title="Care"))
        await session.flush()
        await save_limits(session, Limits(service_level_s=30), {"sales": {"wait_s": 45}})

    async with sessions() as session:
        rules, own = await load_rules(session)

    assert (rules.of("sales").service_level_s, rules.of("sales").wait_s) == (10, 45)
    assert rules.of("care").service_level_s == 30
    assert own == {"sales": {"wait_s": 45}}


async def test_what_cannot_be_is_said_beside_what_was_typed_and_nothing_is_kept(site):
    root = await site.signed_in("root")

    answer = await root.post(
        "/settings/alerts", COMPANY | {"abandoned_percent": "101", "wait_s-sales": "soon"}
    )

    assert answer.status == 400
    assert "A whole number from 0 to 100, please." in answer.text
    assert 'value="soon"' in answer.text and 'value="101"' in answer.text
    async with site.sessions() as session:
        assert (await load_rules(session))[1] == {}


@pytest.mark.parametrize("text", ["", "-1", "1.5", "٣", "9" * 30])
def test_the_company_must_say_a_number(text):
    _, _, problems = read_limits(COMPANY | {"wait_s": text}, {"sales": None})

    assert list(problems) == ["wait_s"]


async def test_a_queue_that_goes_takes_its_limits_with_it(sessions):
    async with sessions.begin() as session:
        session.add(Queue(name="sales", title="Sales"))
        await session.flush()
        await save_limits(session, Limits(), {"sales": {"wait_s": 5}})
    async with sessions.begin() as session:
        await session.execute(delete(Queue))
    async with sessions() as session:
        assert (await load_rules(session))[1] == {}


async def test_only_who_sets_the_company_up_may_set_them(site):
    assert (await (await site.signed_in("lea")).get("/settings/alerts")).status == 403
