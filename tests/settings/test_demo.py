import asyncio
import logging
import os
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from mutagen.mp3 import MP3
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import async_sessionmaker

from callcenter.activities.models import Activity
from callcenter.callbacks.missed import missed_lines
from callcenter.calls.call import Result
from callcenter.calls.models import CallDay, CallNote, CallRecord, Outcome, UnfinishedCall
from callcenter.catalogues.models import Catalogue, CatalogueItem, Place
from callcenter.customers.models import Contact, Customer, CustomerGroup, CustomerPhone
from callcenter.customers.numbers import dialable, key_of
from callcenter.db import engine_for
from callcenter.dialling.gate import Gate
from callcenter.dialling.rules import deciding
from callcenter.errors import Conflict, Invalid
from callcenter.migrations import migrate
from callcenter.people.directory import Directory
from callcenter.people.models import Department, Role, User, UserSkill
from callcenter.people.passwords import matches
from callcenter.prompts.models import Prompt
from callcenter.prompts.shelf import Shelf
from callcenter.recordings.models import Recording
from callcenter.settings import demo_sounds
from callcenter.settings.company import company
from callcenter.settings.demo import SKILLS, Account, make_company, make_demo
from callcenter.settings.models import Queue
from callcenter.settings.queries import dids
from callcenter.sums.rebuild import rebuild
from callcenter.switchboard.checks import Severity, problems
from callcenter.switchboard.plan import Kind, Number, Way
from callcenter.switchboard.publishing import known
from callcenter.switchboard.questions import caller_id
from callcenter.switchboard.times import is_open
from callcenter.switchboard.versions import live

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
FRIDAY = datetime(2026, 3, 13, 8, tzinfo=UTC)  # three in the afternoon in Saigon


def silently(_):
    pass


async def demo_in(engine, folder, recordings=0, tell=silently, now=FRIDAY, **more):
    return await make_demo(
        engine, SAIGON, folder, tell=tell, recordings=recordings, now=now, **more
    )


@dataclass
class Made:
    path: Path
    accounts: list[Account]
    folder: Path
    told: list[str]


@pytest.fixture(scope="module")
def made(sqlite_template, tmp_path_factory):
    """The demo company, made once for those who only look at it."""
    folder, told = tmp_path_factory.mktemp("demo"), []
    shutil.copyfile(sqlite_template, folder / "demo.db")

    async def make():
        engine = engine_for(f"sqlite+aiosqlite:///{folder / 'demo.db'}")
        accounts = await demo_in(engine, folder, recordings=2, tell=told.append)
        await engine.dispose()
        return accounts

    return Made(folder / "demo.db", asyncio.run(make()), folder, told)


@pytest.fixture
async def demo(made):
    engine = engine_for(f"sqlite+aiosqlite:///{made.path}")
    yield async_sessionmaker(engine)
    await engine.dispose()


async def all_of(sessions, model):
    async with sessions() as session:
        return list(await session.scalars(select(model)))


async def count_of(sessions, model, *conditions):
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(model).where(*conditions))


async def test_the_company_is_whole(engine, sessions, tmp_path):
    accounts = await demo_in(engine, tmp_path)

    async with sessions() as session:
        plan, named = (await live(session)).plan, await company(session)
    assert "An Phát" in named.name
    assert {each.number: each.way.name for each in plan.numbers} == {
        "02873001234": "sales",
        "19006789": "care",
        "02873005678": "hanh_chinh",
    }
    assert caller_id(plan) == "02873001234"
    assert {queue.title for queue in await all_of(sessions, Queue)} == {
        "Bán hàng",
        "Chăm sóc khách hàng",
    }
    users = {user.username: user for user in await all_of(sessions, User)}
    assert [users[account.username].name for account in accounts] == [a.name for a in accounts]
    assert sorted(user.extension for user in users.values()) == [
        *("201", "202", "203", "204", "205", "206", "210", "211", "212"),
    ]
    assert len(await all_of(sessions, Department)) == 2
    outcomes = {each.code: each for each in await all_of(sessions, Outcome)}
    assert len(outcomes) > 20
    parents = {each.parent_code for each in outcomes.values() if each.parent_code}
    assert {outcomes[each].parent_code for each in parents} == {None}
    skills = {each.id: each.name for each in await all_of(sessions, CatalogueItem)}
    named = {user.id: user.username for user in users.values()}
    assert {
        named[each.user_id]: skills[each.skill_id] for each in await all_of(sessions, UserSkill)
    } == SKILLS


async def test_everybody_may_sign_in_with_the_password_that_is_shown(made, demo):
    users = {user.username: user for user in await all_of(demo, User)}
    right = [matches(users[a.username].password, a.password) for a in made.accounts]

    assert all(await asyncio.gather(*right))
    assert len({account.password for account in made.accounts}) == 9


async def test_a_second_start_makes_nothing_and_no_password_is_logged(
    engine, sessions, tmp_path, caplog
):
    caplog.set_level(logging.DEBUG)
    accounts = await demo_in(engine, tmp_path)
    before = await count_of(sessions, CallRecord)

    assert await demo_in(engine, tmp_path) == []
    assert await count_of(sessions, CallRecord) == before
    assert not [account for account in accounts if account.password in caplog.text]


def test_no_password_is_told(made):
    everything = "\n".join(made.told)

    assert made.told
    assert not [account for account in made.accounts if account.password in everything]


async def test_the_customers_have_numbers_one_can_call_each_its_own(demo):
    customers = await all_of(demo, Customer)
    phones = await all_of(demo, CustomerPhone)

    assert len(customers) == 3000
    assert len({customer.code for customer in customers}) == 3000
    assert len({phone.number_key for phone in phones}) == len(phones) > 3000
    assert all(dialable(phone.raw) == phone.raw for phone in phones)
    assert all(key_of(phone.raw) == phone.number_key for phone in phones)
    assert not [phone for phone in phones if phone.raw.startswith("09000001")]
    assert 300 < len([customer for customer in customers if customer.owner_id is None]) < 600
    assert len({customer.name for customer in customers}) > 2000


async def test_firms_have_somebody_to_talk_to_with_a_number_of_their_own(demo):
    firms = {each.id for each in await all_of(demo, Customer) if each.kind != "person"}
    contacts = await all_of(demo, Contact)
    numbers = {each.contact_id: each for each in await all_of(demo, CustomerPhone)}

    assert {each.customer_id for each in contacts} == firms
    assert len(firms) < len(contacts) < 2 * len(firms)
    assert all(numbers[each.id].customer_id == each.customer_id for each in contacts)
    assert len({each.position_id for each in contacts} - {None}) > 2


async def test_a_customer_added_afterwards_has_an_id_of_its_own(engine, sessions, tmp_path):
    await demo_in(engine, tmp_path)

    async with sessions.begin() as session:
        new = Customer(code="X", name="X", search_key="x", created_at=FRIDAY, updated_at=FRIDAY)
        session.add(new)
        await session.flush()
        session.add(User(username="new", name="New", password="", role="agent"))
        session.add(Contact(customer_id=new.id, name="Y", search_key="y", created_at=FRIDAY))

    assert new.id == 3001


async def test_two_weeks_of_calls_have_every_result_at_believable_times(demo):
    calls = await all_of(demo, CallRecord)

    assert {call.result for call in calls} == {str(result) for result in Result}
    assert all(call.started_at < call.ended_at < FRIDAY for call in calls)
    days = {}
    for call in calls:
        days.setdefault(call.started_at.astimezone(SAIGON).date(), []).append(call)
    assert len(days) == 15
    for day, its in days.items():
        if day.weekday() == 6:
            assert len(its) < 12
        elif day.weekday() < 5 and day != FRIDAY.date():
            assert 90 <= len(its) <= 150
    hours = [call.started_at.astimezone(SAIGON).hour for call in calls]
    assert min(hours) >= 8
    assert hours.count(12) < hours.count(10)


async def test_nobody_looked_after_a_customer_who_was_not_theirs_yet(demo):
    asked = select(func.count()).select_from(Activity).join(Customer)
    async with demo() as session:
        early = asked.where(Activity.at < Customer.assigned_at)
        assert await session.scalar(asked) > 200
        assert await session.scalar(early) == 0


async def test_nobody_talks_to_two_people_at_once(demo):
    talks = {}
    for call in await all_of(demo, CallRecord):
        if call.answered_at:
            talks.setdefault(call.user_id, []).append((call.answered_at, call.ended_at))
    for its in talks.values():
        its.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(its))
    assert len(talks) == 6


async def test_the_sums_are_those_of_the_calls(engine, sessions, tmp_path):
    await demo_in(engine, tmp_path)

    async def sums():
        columns = list(CallDay.__table__.columns)
        async with sessions() as session:
            rows = await session.execute(select(*columns).order_by(*columns[:7]))
            return [tuple(round(v, 6) if isinstance(v, float) else v for v in row) for row in rows]

    before = await sums()
    assert await rebuild(engine, SAIGON) == await count_of(sessions, CallRecord)
    assert await sums() == before


async def test_notes_are_of_calls_that_are_there_with_outcomes_one_can_choose(demo):
    notes = await all_of(demo, CallNote)
    calls = {call.call_id for call in await all_of(demo, CallRecord)}
    codes = {outcome.code for outcome in await all_of(demo, Outcome)}

    assert len(notes) > 300
    assert {note.call_id for note in notes} <= calls
    assert {note.outcome for note in notes} <= codes
    assert {note.finished_at is not None for note in notes} == {True}


async def test_each_agent_has_a_few_calls_to_finish_and_none_that_is_noted(demo):
    open_calls = await all_of(demo, UnfinishedCall)
    noted = {note.call_id for note in await all_of(demo, CallNote)}
    calls = {call.call_id: call for call in await all_of(demo, CallRecord)}

    assert 6 <= len(open_calls) <= 12
    assert not {each.call_id for each in open_calls} & noted
    for each in open_calls:
        call = calls[each.call_id]
        assert (call.user_id, call.result) == (each.user_id, "answered")


async def test_a_few_calls_can_be_heard_both_parties_in_their_own_channel(made, demo):
    recordings = await all_of(demo, Recording)
    calls = {call.call_id: call for call in await all_of(demo, CallRecord)}

    assert len(recordings) == 2
    for recording in recordings:
        info = MP3(made.folder / recording.path).info
        call = calls[recording.call_id]
        half = len(recording.peaks) // 2
        assert info.channels == 2
        assert abs(info.length - (call.talked_s + call.held_s)) < 0.5
        assert (recording.state, recording.silent) == ("ready", "")
        assert max(recording.peaks[:half]) > 20 < max(recording.peaks[half:])


async def test_without_ffmpeg_there_is_a_company_without_recordings(
    sqlite_url, tmp_path, monkeypatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    told = []
    engine = engine_for(sqlite_url)
    sessions = async_sessionmaker(engine)

    await demo_in(engine, tmp_path, recordings=2, tell=told.append)

    assert await all_of(sessions, Recording) == []
    assert await count_of(sessions, CallRecord) > 1000
    assert any("ffmpeg is not installed" in line for line in told)
    await engine.dispose()


async def test_the_same_company_comes_of_the_same_moment(demo, tmp_path):
    first = sorted(call.call_id for call in await all_of(demo, CallRecord))

    other = engine_for(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}")
    await migrate(other)
    await demo_in(other, tmp_path)
    async with other.connect() as connection:
        again = list(await connection.scalars(select(CallRecord.call_id)))
    await other.dispose()

    assert sorted(again) == first


async def test_it_is_made_in_less_than_four_seconds(engine, tmp_path):
    began = time.process_time()

    await demo_in(engine, tmp_path)

    assert time.process_time() - began < 4


async def test_the_switchboard_has_hours_a_menu_and_holidays_and_nothing_wrong(
    engine, sessions, tmp_path
):
    await demo_in(engine, tmp_path)

    async with sessions() as session:
        plan = (await live(session)).plan
        numbers = await dids(session)
    found = problems(plan, await known(sessions))
    assert [each.sentence for each in found if each.severity is Severity.ERROR] == []
    assert {each.number: each.queue for each in numbers} == {
        **{"02873001234": "sales", "02873005678": "sales", "19006789": "care"},
    }

    [office] = plan.hours
    assert is_open(plan, office, datetime(2027, 1, 4, 9, tzinfo=SAIGON))
    assert not is_open(plan, office, datetime(2027, 1, 4, 12, 30, tzinfo=SAIGON))  # lunch
    assert not is_open(plan, office, datetime(2027, 1, 3, 9, tzinfo=SAIGON))  # a Sunday
    assert not is_open(plan, office, datetime(2027, 2, 8, 9, tzinfo=SAIGON))  # Tết, a Monday


def speaks(folder, seconds=2):
    """An espeak-ng that says one tone."""
    program = folder / "espeak-ng"
    program.write_text(
        "#!/bin/sh\nwhile [ $1 != -w ]; do shift; done\n"
        f'exec ffmpeg -v error -f lavfi -i sine=300:d={seconds} -ar 22050 -y "$2"\n'
    )
    program.chmod(0o755)


async def test_callers_hear_a_computers_voice_and_one_has_left_a_message(
    engine, sessions, tmp_path, monkeypatch
):
    speaks(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    shelf = Shelf(tmp_path / "prompts", None)

    await demo_in(engine, tmp_path, prompts=tmp_path / "prompts")

    async with sessions() as session:
        plan = (await live(session)).plan
        kept = {each.name: each for each in await session.scalars(select(Prompt))}
        [left] = await session.scalars(select(Recording))
        missed = await missed_lines(session, FRIDAY - timedelta(days=14))
    assert {each.prompt for each in (*plan.menus, *plan.messages, *plan.voicemails)} == set(kept)
    assert all("computer voice, replace it" in each.title for each in kept.values())
    assert all(shelf.file_of(each.sha256).is_file() for each in kept.values())
    found = problems(plan, await known(sessions))
    assert found == []
    assert (left.kind, left.duration_s) == ("voicemail", pytest.approx(2, abs=0.1))
    assert (tmp_path / left.path).is_file()
    assert [m.call_id for line in missed for m in line.messages] == [left.call_id]


async def test_where_nobody_speaks_the_announcements_are_silent(
    engine, sessions, tmp_path, monkeypatch
):
    monkeypatch.setattr(demo_sounds, "PROGRAM", "no-such-program")
    told = []

    await demo_in(engine, tmp_path, tell=told.append, prompts=tmp_path / "prompts")

    assert any("espeak-ng is not installed" in line for line in told)
    assert await all_of(sessions, Prompt) == []
    assert await all_of(sessions, Recording) == []


async def test_each_role_has_a_rule_of_whom_it_may_call(engine, sessions, tmp_path):
    await demo_in(engine, tmp_path)

    gate = Gate(Directory(), SAIGON)
    await gate.load(sessions)
    may = {
        number: {role for role in Role if role.value in deciding(gate.rules, number).roles}
        for number in ("0912345678", "19001234", "+6591234567")
    }
    assert may == {
        "0912345678": set(Role),
        "19001234": {Role.TEAM_LEAD, Role.SUPERADMIN},
        "+6591234567": {Role.SUPERADMIN},
    }


async def test_a_company_for_real_work_has_one_superadmin_and_nothing_made_up(engine, sessions):
    account = await make_company(
        engine, "Minh Long", "Sep", name="Lê Minh Long", number="028 7300 1234"
    )

    [user] = await all_of(sessions, User)
    async with sessions() as session:
        plan = (await live(session)).plan
    assert (user.username, user.role, user.name) == ("sep", "superadmin", "Lê Minh Long")
    assert await matches(user.password, account.password)
    main = Way(kind=Kind.QUEUE, name="main")
    assert plan.numbers == (Number(number="02873001234", way=main),)
    assert (plan.default, caller_id(plan)) == (main, "02873001234")
    assert await count_of(sessions, Customer) == await count_of(sessions, CallRecord) == 0


async def test_a_company_is_made_once_and_never_beside_another(engine, tmp_path):
    await make_company(engine, "Minh Long", "sep", name="Sep")

    with pytest.raises(Conflict):
        await make_company(engine, "Other", "boss", name="Boss")
    assert await demo_in(engine, tmp_path) == []


@pytest.mark.parametrize(
    ("name", "username", "number"),
    [("", "sep", ""), ("An", "", ""), ("An", "two words", ""), ("An", "sep", "12 ab")],
)
async def test_a_company_that_makes_no_sense_leaves_nothing_behind(
    engine, sessions, name, username, number
):
    with pytest.raises(Invalid):
        await make_company(engine, name, username, name="Sep", number=number)

    assert await count_of(sessions, User) == 0
    assert await all_of(sessions, Department) == []


def test_the_demo_needs_no_folder_of_prompts(tmp_path):
    from callcenter.settings.demo_voices import RATE, _reel

    assert len(_reel(None)) > 10 * RATE
    assert len(_reel(Path(tmp_path / "nothing"))) > 10 * RATE


async def test_the_demos_customers_have_statuses_sources_groups_and_places(demo):
    people = await all_of(demo, Customer)
    items = {item.id: item for item in await all_of(demo, CatalogueItem)}
    places = {place.id: place for place in await all_of(demo, Place)}
    groups = await all_of(demo, CustomerGroup)

    assert {items[each.status_id].catalogue for each in people} == {"status"}
    assert len({each.status_id for each in people}) == 7
    assert {items[each.source_id].catalogue for each in people if each.source_id} == {"source"}
    assert {items[each.group_id].catalogue for each in groups} == {"customer_group"}
    assert {places[each.place_id].level for each in people if each.place_id} == {"province"}
    assert {each.kind for each in people} == {"person", "organisation", "shop", "household"}
    assert all(each.birthday is None or each.founded_on is None for each in people)


async def test_the_demo_has_an_employee_whose_birthday_is_near(demo):
    born = [each.birthday for each in await all_of(demo, User)]

    assert any((day.month, 13 <= day.day <= 15) == (3, True) for day in born)


async def test_a_new_company_begins_with_lists_and_the_provinces(sessions, engine):
    await make_company(engine, "An Phát", "admin", name="Bảo")

    items = await all_of(sessions, CatalogueItem)
    places = await all_of(sessions, Place)
    kinds = {each.catalogue for each in items}
    assert kinds == {each.value for each in Catalogue} - {"project"}
    assert [each.level for each in places].count("province") == 34
    async with sessions() as session:  # what is added later gets an id of its own
        session.add(CatalogueItem(catalogue="project", name="A", position=10))
        session.add(Place(parent_id=1, level="province", name="B", search_key="b", code=""))
        await session.commit()
