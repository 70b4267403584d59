"""One draft for everybody beside what is live; nothing of what was live is lost."""

import msgspec
import pytest

from callcenter.errors import Conflict, Missing
from callcenter.people.models import Department
from callcenter.settings import queries
from callcenter.settings.company import Company, save_company
from callcenter.switchboard import versions
from callcenter.switchboard.editing import put, removed
from callcenter.switchboard.plan import Kind, Menu, Message, Plan, Queue, Way

HELLO = Message(name="hello", title="Hello")


@pytest.fixture
async def session(sessions):
    async with sessions() as session:
        session.add(Department(id=1, name="Sales"))
        await session.flush()
        await queries.save_queue(session, "sales", "Sales", 1)
        await queries.save_did(session, "1900 6789", "sales")
        await save_company(session, Company(name="An", caller_id="19006789", default_queue="sales"))
        yield session


async def test_before_the_first_change_the_plan_is_what_was_set_without_one(session):
    now = await versions.working(session)

    sales = Way(kind=Kind.QUEUE, name="sales")
    assert [(each.number, each.way) for each in now.plan.numbers] == [("19006789", sales)]
    assert now.plan.queues == (Queue(name="sales", title="Sales", department_id=1),)
    assert (now.plan.default, now.plan.caller_id) == (sales, "19006789")
    assert await versions.draft(session) is None


async def test_a_change_makes_a_draft_and_leaves_what_is_live(session):
    before = await versions.live(session)

    changed = await versions.change(session, 7, lambda plan: put(plan, HELLO))

    assert (await versions.working(session)).plan.messages == (HELLO,)
    assert (await versions.draft(session)) == changed
    assert await versions.live(session) == before
    assert changed.changed_by == 7


async def test_a_draft_that_says_the_same_as_what_is_live_is_none(session):
    await versions.change(session, 7, lambda plan: put(plan, HELLO))

    await versions.change(session, 7, lambda plan: removed(plan, Message, "hello"))

    assert await versions.draft(session) is None


async def test_who_has_not_seen_the_last_change_is_told_so(session):
    seen = await versions.working(session)
    await versions.change(session, 7, lambda plan: put(plan, HELLO), seen.revision)

    with pytest.raises(Conflict, match="Somebody else"):
        await versions.change(session, 8, lambda _: Plan(), seen.revision)

    assert (await versions.working(session)).plan.messages == (HELLO,)


async def test_a_draft_can_be_forgotten(session):
    await versions.change(session, 7, lambda plan: put(plan, HELLO))

    await versions.discard(session)

    assert await versions.draft(session) is None


async def test_only_what_was_live_comes_back(session):
    changed = await versions.change(session, 7, lambda plan: put(plan, HELLO))

    for unknown in (changed.id, changed.id + 1):
        with pytest.raises(Missing):
            await versions.restore(session, 7, unknown)


def test_a_part_takes_the_place_of_the_one_of_its_name():
    menus = [Menu(name=name, title=name) for name in ("one", "two")]
    plan = Plan(menus=tuple(menus))

    after = put(plan, msgspec.structs.replace(menus[0], title="First"))

    assert [each.title for each in after.menus] == ["First", "two"]
    with pytest.raises(Missing):
        removed(after, Menu, "three")
