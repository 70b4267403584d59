"""One draft for everybody beside what is live; nothing of what was live is lost."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest
from sqlalchemy import func, select

from callcenter.errors import Conflict, Invalid, Missing
from callcenter.people.models import Department, User
from callcenter.prompts.models import Prompt
from callcenter.settings import queries
from callcenter.settings.company import Company, company, save_company
from callcenter.settings.models import Queue as Row
from callcenter.settings.models import QueueSkill
from callcenter.switchboard import versions
from callcenter.switchboard.checks import Known
from callcenter.switchboard.editing import put, removed
from callcenter.switchboard.models import PlanVersion
from callcenter.switchboard.plan import Kind, Menu, Message, Number, Plan, Queue, Way
from callcenter.switchboard.projection import project
from callcenter.switchboard.publishing import known

NOW = datetime(2026, 11, 27, tzinfo=UTC)
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


async def test_what_is_published_is_live_and_what_was_before_is_kept(session):
    first = await versions.live(session)
    draft = await versions.change(session, 7, lambda plan: put(plan, HELLO))

    await versions.publish(session, 8, draft.revision, "Say hello")

    live = await versions.live(session)
    assert (live.plan.messages, live.published_by, live.note) == ((HELLO,), 8, "Say hello")
    assert await versions.draft(session) is None
    assert [each.plan for each in await versions.history(session)] == [live.plan, first.plan]


async def test_what_was_live_before_there_were_plans_can_be_taken_back(session):
    first = await versions.live(session)
    draft = await versions.change(session, 7, lambda plan: put(plan, HELLO))
    await versions.publish(session, 7, draft.revision, "")

    [_, before] = await versions.history(session)
    await versions.restore(session, 7, before.id)

    assert (await versions.draft(session)).plan == first.plan


async def test_only_what_was_looked_at_is_published(session):
    draft = await versions.change(session, 7, lambda plan: put(plan, HELLO))

    with pytest.raises(Conflict, match="look again"):
        await versions.publish(session, 7, draft.revision + 1, "")
    assert (await versions.live(session)).plan.messages == ()


async def test_a_draft_made_anew_is_not_taken_for_the_one_that_was_looked_at(session):
    looked_at = await versions.change(session, 7, lambda plan: put(plan, HELLO))
    await versions.discard(session)
    await versions.change(session, 8, lambda plan: msgspec.structs.replace(plan, caller_id="113"))

    with pytest.raises(Conflict, match="look again"):
        await versions.publish(session, 7, looked_at.revision, "")


async def test_of_some_who_save_at_the_same_moment_none_loses_what_they_did(sessions):
    names = ["one", "two", "three", "four"]

    async def adds(name):
        async with sessions.begin() as session:
            await versions.change(
                session, 7, lambda plan: put(plan, Message(name=name, title=name))
            )

    await asyncio.gather(*(adds(name) for name in names))

    async with sessions() as session:
        kept = (await versions.draft(session)).plan.messages
    assert sorted(each.name for each in kept) == sorted(names)


# ------------------------------------------------------------------ plans as they are kept


async def was_live(session, text, *, day):
    at = datetime(2026, 11, day, tzinfo=UTC)
    row = PlanVersion(plan=text, revision=1, changed_at=at, published_at=at, note="")
    session.add(row)
    await session.flush()
    return row.id


async def test_what_could_not_be_read_again_is_not_kept(session):
    with pytest.raises(Invalid, match="This cannot be kept"):
        menu = Menu(name="main", title="Main", wait_s=99)
        await versions.change(session, 7, lambda plan: put(plan, menu))

    assert await versions.draft(session) is None


async def test_what_another_version_of_the_program_has_written_besides_is_read_over(session):
    queue = '{"name": "sales", "title": "Sales", "colour": "red"}'
    await was_live(session, f'{{"queues": [{queue}], "robots": [], "caller_id": "1900"}}', day=1)

    live = (await versions.live(session)).plan

    assert live == Plan(queues=(Queue(name="sales", title="Sales"),), caller_id="1900")


async def test_a_plan_that_cannot_be_read_is_named_and_the_others_are_shown(session):
    good = await was_live(session, "{}", day=1)
    bad = await was_live(session, '{"default": {"kind": "robot"}}', day=2)

    with pytest.raises(versions.Unreadable, match=f"Version {bad} .* cannot be read"):
        await versions.live(session)
    assert [each.id for each in await versions.history(session)] == [good]


# ------------------------------------------------------------------ the rows that others read


def number(digits, kind, name):
    return Number(number=digits, way=Way(kind=kind, name=name))


async def test_rows_of_queues_and_numbers_follow_the_plan(session):
    row = await session.get(Row, "sales")
    row.wrap_up_s = 90
    plan = (await versions.live(session)).plan
    menu = Menu(name="main", title="Main", keys={"1": Way(kind=Kind.QUEUE, name="care")})
    care = Queue(name="care", title="Care", department_id=1, service_level_s=30, skills=(5,))
    plan = msgspec.structs.replace(
        plan,
        numbers=(number("1", Kind.MENU, "main"), number("2", Kind.QUEUE, "sales")),
        menus=(menu,),
        queues=(msgspec.structs.replace(plan.queues[0], title="Bán hàng"), care),
    )

    await project(session, plan)

    assert {each.number: each.queue for each in await queries.dids(session)} == {
        "1": "care",
        "2": "sales",
    }
    assert [(e.title, e.service_level_s, e.wrap_up_s) for e in await queries.queues(session)] == [
        ("Bán hàng", None, 90),
        ("Care", 30, None),
    ]
    skills = await session.execute(select(QueueSkill.queue, QueueSkill.skill_id))
    assert [tuple(each) for each in skills] == [("care", 5)]


async def test_a_queue_that_is_gone_leaves_no_row_and_the_company_follows(session):
    await project(session, Plan(queues=(Queue(name="care", title="Care"),), caller_id="1900"))

    assert [each.name for each in await queries.queues(session)] == ["care"]
    assert await queries.dids(session) == []
    now = await company(session)
    assert (now.caller_id, now.default_queue) == ("1900", None)


async def test_checks_know_who_takes_calls_and_which_prompts_have_a_sound(sessions):
    async with sessions.begin() as session:
        session.add_all([Department(id=1, name="Sales"), Department(id=2, name="Care")])
        await session.flush()
        about = {"password": "!", "role": "agent", "department_id": 1}
        session.add_all(
            [
                User(id=1, username="a", name="A", extension="201", **about),
                User(id=2, username="b", name="B", extension=None, **about),  # no phone
                Prompt(name="welcome", title="W", seconds=1, sha256="0" * 64, made_at=NOW),
            ]
        )

    assert await known(sessions) == Known(departments={1: 1, 2: 0}, prompts={"welcome"})


async def test_changes_of_a_draft_are_undone_one_by_one_until_there_is_none(session):
    await versions.change(session, 7, lambda plan: put(plan, HELLO))
    bye = Message(name="bye", title="Bye")
    second = await versions.change(session, 8, lambda plan: put(plan, bye))

    await versions.undo(session, second.revision)
    first = await versions.draft(session)
    assert (first.plan.messages, first.changed_by) == ((HELLO,), 7)
    with pytest.raises(Conflict):
        await versions.undo(session, second.revision)  # what was looked at is no more

    await versions.undo(session, first.revision)
    assert await versions.draft(session) is None
    assert await session.scalar(select(func.count()).select_from(PlanVersion)) == 0


async def test_who_undoes_more_than_is_kept_is_told_so_and_the_draft_stays(session):
    for n in range(1, versions.MOST_STEPS + 4):
        part = Message(name=f"m{n}", title="M")
        draft = await versions.change(session, 7, lambda plan, part=part: put(plan, part))
    for _ in range(versions.MOST_STEPS):
        await versions.undo(session, (await versions.draft(session)).revision)

    for more in (False, True):
        left = await versions.draft(session)
        assert [each.name for each in left.plan.messages] == ["m1", "m2", "m3"]
        with pytest.raises(Conflict, match="Only the last 50 changes"):
            await versions.undo(session, left.revision)
        if not more:  # a change after it can be undone as any
            draft = await versions.change(session, 7, replace_caller)
            await versions.undo(session, draft.revision)


async def test_what_was_undone_does_not_come_back_with_the_next_draft(session):
    for end in ("publish", "discard"):
        await versions.change(session, 7, lambda plan: put(plan, HELLO))
        bye = Message(name=f"bye-{end}", title="Bye")
        draft = await versions.change(session, 7, lambda plan, bye=bye: put(plan, bye))
        if end == "publish":
            await versions.publish(session, 7, draft.revision, "")
        else:
            await versions.discard(session)
        changed = await versions.change(session, 7, replace_caller)
        await versions.undo(session, changed.revision)

        assert await versions.draft(session) is None


def replace_caller(plan):
    return msgspec.structs.replace(plan, caller_id="02873000000")
