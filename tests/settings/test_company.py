import pytest

from callcenter.errors import Conflict, Invalid, Missing
from callcenter.people.models import Department
from callcenter.settings import queries
from callcenter.settings.company import Company, company, save_company
from callcenter.switchboard.plan import HANG_UP
from callcenter.switchboard.questions import caller_id
from callcenter.switchboard.versions import live


@pytest.fixture
async def session(sessions):
    async with sessions() as session:
        session.add(Department(id=1, name="Bán hàng"))
        await session.flush()
        yield session


async def test_an_empty_database_has_an_empty_company(session):
    assert await company(session) == Company(name="")


async def test_a_company_is_as_it_was_saved(session):
    await queries.save_queue(session, "sales", "Bán hàng", 1)
    saved = Company(name="An Phát", caller_id="02873001234", default_queue="sales")

    await save_company(session, Company(name="Before"))
    await save_company(session, saved)

    assert await company(session) == saved


@pytest.mark.parametrize("name", ["", "  ", "Ư" * 101])
async def test_a_company_needs_a_name_that_fits(session, name):
    with pytest.raises(Invalid):
        await save_company(session, Company(name=name))


async def test_calls_cannot_go_to_a_queue_that_is_not_there(session):
    with pytest.raises(Invalid, match="There is no queue sales"):
        await save_company(session, Company(name="An Phát", default_queue="sales"))
    with pytest.raises(Invalid, match="There is no queue sales"):
        await queries.save_did(session, "19006789", "sales")


async def test_the_exchange_is_told_where_each_number_leads(session):
    await queries.save_queue(session, "sales", "Bán hàng", 1)
    await queries.save_queue(session, "care", "Chăm sóc", None)
    await queries.save_did(session, "+84 28 7300 1234", "sales")
    await queries.save_did(session, "1900 6789", "care")

    plan = (await live(session)).plan

    assert {each.number: each.way.name for each in plan.numbers} == {
        "02873001234": "sales",
        "19006789": "care",
    }
    assert {each.name for each in plan.queues} == {"sales", "care"}
    assert plan.default == HANG_UP
    assert caller_id(plan) == "02873001234"  # nothing else was set


async def test_a_number_leads_to_one_queue_the_last_that_was_said(session):
    await queries.save_queue(session, "sales", "Bán hàng", 1)
    await queries.save_queue(session, "care", "Chăm sóc", None)
    await queries.save_did(session, "1900 6789", "care")
    await queries.save_did(session, "19006789", "sales")

    assert [(did.number, did.queue) for did in await queries.dids(session)] == [
        ("19006789", "sales")
    ]


@pytest.mark.parametrize("name", ["", "general", "Sales", "a b", "sales\n[evil]", "x" * 33])
async def test_a_queue_has_a_name_the_exchange_can_bear(session, name):
    with pytest.raises(Invalid):
        await queries.save_queue(session, name, "Title", None)


async def test_a_queue_of_no_department_is_possible_and_of_an_unknown_one_is_not(session):
    await queries.save_queue(session, "main", "Main", None)
    with pytest.raises(Missing):
        await queries.save_queue(session, "other", "Other", 99)

    assert [queue.name for queue in await queries.queues(session)] == ["main"]


async def test_a_queue_that_a_number_leads_to_stays(session):
    await queries.save_queue(session, "main", "Main", None)
    await queries.save_did(session, "19006789", "main")

    with pytest.raises(Conflict):
        await queries.remove_queue(session, "main")

    await queries.remove_did(session, "19006789")
    await queries.remove_queue(session, "main")
    assert await queries.queues(session) == []
