"""A company to begin with: a believable one for the demo, or an empty one for real work."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from random import Random

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from callcenter.activities.models import Activity
from callcenter.callbacks.models import Callback, MissedMark
from callcenter.calls.counting import difference
from callcenter.calls.models import (
    CallNote,
    CallRecord,
    Outcome,
    OutcomeQueue,
    UnfinishedCall,
)
from callcenter.calls.rows import Row
from callcenter.calls.summing import Sums
from callcenter.catalogues.models import CatalogueItem, Place
from callcenter.customers.models import Customer, CustomerGroup, CustomerPhone
from callcenter.errors import N_, Conflict, Invalid
from callcenter.people.models import Department, Role, User, UserSkill
from callcenter.people.passwords import generated, hashed
from callcenter.prompts.models import Prompt
from callcenter.recordings.models import Recording
from callcenter.settings import (
    demo_callbacks,
    demo_care,
    demo_catalogues,
    demo_outcomes,
    demo_plan,
    demo_sounds,
    demo_voices,
    queries,
    wrap_up,
)
from callcenter.settings.company import Company, save_company
from callcenter.settings.demo_calls import Desk, Known, Life, past_calls
from callcenter.settings.demo_contacts import People, put_contacts
from callcenter.settings.demo_notes import notes, unfinished
from callcenter.settings.demo_people import Owner, customers
from callcenter.settings.demo_rows import put
from callcenter.settings.demo_states import put_states
from callcenter.settings.models import Did, Queue, Setting
from callcenter.switchboard.models import PlanVersion
from callcenter.switchboard.plan import Kind, Number, Plan, Way
from callcenter.switchboard.plan import Queue as PlannedQueue

COMPANY = "Công ty TNHH Thương mại An Phát"
CALLER_ID = "02873001234"
CUSTOMERS = 3000
RECORDINGS = 20
SEED = 2026
SALES, CARE = 1, 2  # departments
DEPARTMENTS = {SALES: "Bán hàng", CARE: "Chăm sóc khách hàng"}
QUEUES = {SALES: ("sales", "02873001234"), CARE: ("care", "19006789")}
NUMBERS = (*QUEUES.values(), ("sales", demo_plan.HOTLINE))  # each with the queue it reaches first
PEOPLE = (  # username, name, role, department, extension
    ("admin", "Phạm Quốc Bảo", Role.SUPERADMIN, None, "210"),
    ("huong", "Trần Thị Thu Hường", Role.TEAM_LEAD, SALES, "211"),
    ("thanh", "Lê Đức Thành", Role.TEAM_LEAD, CARE, "212"),
    ("mai", "Nguyễn Thị Ngọc Mai", Role.AGENT, SALES, "201"),
    ("tuan", "Võ Anh Tuấn", Role.AGENT, SALES, "202"),
    ("linh", "Đặng Khánh Linh", Role.AGENT, SALES, "203"),
    ("phuong", "Hoàng Minh Phương", Role.AGENT, CARE, "204"),
    ("dat", "Bùi Tiến Đạt", Role.AGENT, CARE, "205"),
    ("nga", "Đỗ Thúy Nga", Role.AGENT, CARE, "206"),
)
WRAP_UP, CARE_WRAP_UP = 120, 180  # seconds after a call
SKILLS = {"mai": "Tiếng Anh", "phuong": "Kỹ thuật"}  # who could take a queue's calls by skill
ROLES = {Role.SUPERADMIN: "superadmin", Role.TEAM_LEAD: "team lead", Role.AGENT: "agent"}


Rows = Sequence[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. The password is nowhere else: show it once, never log it."""

    username: str
    password: str
    name: str
    what: str  # "agent, Bán hàng, extension 201"


async def make_demo(
    engine: AsyncEngine,
    zone: tzinfo,
    recordings_folder: Path,
    *,
    tell: Callable[[str], None],
    sounds: Path | None = None,
    prompts: Path | None = None,
    recordings: int = RECORDINGS,
    now: datetime | None = None,
) -> list[Account]:
    """Make the demo company, whole or not at all; who may sign in.

    Nothing happens, and the list is empty, where there are people already. `sounds` is a folder of
    the exchange's prompts, for the voices in the recordings; `prompts` is where ours are kept.
    """
    async with engine.connect() as connection:
        if await connection.scalar(select(func.count()).select_from(User)):
            return []
    tell("making the demo company")
    chance, now, desks = Random(SEED), now or datetime.now(UTC), _desks()
    owners = [Owner(desk.user_id, desk.department_id) for desk in desks]
    people = list(customers(chance, CUSTOMERS, owners, now))
    groups = list(demo_catalogues.spread(files := [row for row, _ in people], Random(SEED), now))
    done = demo_care.lately(files, Random(SEED), now, zone)
    rows = list(past_calls(Life(chance, desks, _known(people)), now, zone))
    recorded = await demo_voices.record(
        demo_voices.fit(rows, recordings),
        recordings_folder,
        zone,
        names={row["id"]: row["name"] for row in files},  # type: ignore[misc]
        agents={id: name for id, (_, name, *_) in enumerate(PEOPLE, 1)},
        sounds=sounds,
        tell=tell,
    )
    said = await demo_sounds.prompts(prompts, now, tell) if prompts else []
    recorded += await demo_sounds.message(rows, recordings_folder, zone) if said else []
    accounts, written = _accounts(), list(notes(chance, rows))
    hashes = await asyncio.gather(*(hashed(each.password) for each in accounts))
    async with engine.begin() as connection:
        await put(connection, CatalogueItem, demo_catalogues.items(demo=True))
        await put(connection, Place, demo_catalogues.places())
        await _put_company(connection, hashes, said, now.astimezone(zone))
        await _put_customers(connection, people, groups, done)
        await _put_calls(connection, rows, written, recorded, now, zone)
        planned = demo_callbacks.callbacks(Random(SEED), desks, _known(people), now, zone)
        await put(connection, Callback, list(planned))
    await put_states(engine, zone, now)
    tell(f"{len(people)} customers, {len(rows)} calls, {len(recorded)} recordings")
    return accounts


async def make_company(
    engine: AsyncEngine, company: str, username: str, *, name: str, number: str = ""
) -> Account:
    """A company for real work: one superadmin, one department, one queue, and the number that leads
    there when one is given. Raises Conflict where there are people already, Invalid in words."""
    username = username.strip().lower()
    if not username or len(username) > 64 or not username.isprintable() or " " in username:
        raise Invalid(N_("A user name has 1 to 64 letters and no space."), field="username")
    password = generated()
    hash = await hashed(password)
    async with AsyncSession(engine) as session, session.begin():
        if await session.scalar(select(func.count()).select_from(User)):
            raise Conflict(N_("This database already has a company."))
        department = Department(name=company.strip()[:100])
        session.add(department)
        await session.flush()
        person = User(username=username, name=name[:200], password=hash, role=Role.SUPERADMIN.value)
        session.add(person)
        await queries.save_queue(session, "main", company, department.id)
        caller_id = await queries.save_did(session, number, "main") if number else ""
        connection = await session.connection()
        await put(connection, Outcome, demo_outcomes.outcomes())
        await put(connection, CatalogueItem, demo_catalogues.items())
        await put(connection, Place, demo_catalogues.places())
        await save_company(
            session, Company(name=company, caller_id=caller_id, default_queue="main")
        )
    return Account(username, password, name, ROLES[Role.SUPERADMIN])


def _accounts() -> list[Account]:
    accounts = []
    for username, name, role, department, extension in PEOPLE:
        what = filter(
            None, (ROLES[role], DEPARTMENTS.get(department or 0), f"extension {extension}")
        )
        accounts.append(Account(username, generated(), name, ", ".join(what)))
    return accounts


def _desks() -> list[Desk]:
    return [
        Desk(id, department, extension, *QUEUES[department])
        for id, (_, _, role, department, extension) in enumerate(PEOPLE, 1)
        if role is Role.AGENT and department
    ]


def _known(
    people: Sequence[tuple[dict[str, object], list[dict[str, object]]]],
) -> list[Known]:
    return [
        Known(row["id"], row["owner_id"], phones[0]["raw"])  # type: ignore[arg-type]
        for row, phones in people
    ]


async def _put_company(
    connection: AsyncConnection, hashes: Sequence[str], said: Rows, now: datetime
) -> None:
    born = demo_catalogues.birthdays(len(PEOPLE), Random(SEED), now.date())
    await put(
        connection, Department, [{"id": id, "name": name} for id, name in DEPARTMENTS.items()]
    )
    await put(
        connection,
        User,
        [
            {
                "id": id,
                "username": username,
                "name": name,
                "password": hash,
                "role": role.value,
                "department_id": department,
                "extension": extension,
                "email": f"{username}@anphat.example",  # a name that nobody can have
                "birthday": birthday,
                "employee_type_id": demo_care.employee_type(id),
            }
            for id, ((username, name, role, department, extension), hash, birthday) in enumerate(
                zip(PEOPLE, hashes, born, strict=True), 1
            )
        ],
    )
    ids = {username: id for id, (username, *_) in enumerate(PEOPLE, 1)}
    whose = {ids[username]: skill for username, skill in SKILLS.items()}
    await put(connection, UserSkill, demo_catalogues.skilled(whose))
    for id, (_, _, role, department, _) in enumerate(PEOPLE, 1):
        if role is Role.TEAM_LEAD:
            led = update(Department).where(Department.id == department)
            await connection.execute(led.values(leader_id=id))
    await _put_switchboard(connection, said, now)
    values = {"company": COMPANY, "caller_id": CALLER_ID, "default_queue": "sales"}
    values |= {wrap_up.SECONDS: str(WRAP_UP), wrap_up.MORE: str(WRAP_UP)}
    await put(connection, Setting, [{"name": k, "value": v} for k, v in values.items()])
    await put(connection, Outcome, demo_outcomes.outcomes())
    await put(connection, OutcomeQueue, demo_outcomes.outcome_queues())


async def _put_switchboard(connection: AsyncConnection, said: Rows, now: datetime) -> None:
    titles: list[dict[str, object]] = [
        {
            "name": QUEUES[id][0],
            "title": name,
            "department_id": id,
            "wrap_up_s": CARE_WRAP_UP if id == CARE else None,
        }
        for id, name in DEPARTMENTS.items()
    ]
    await put(connection, Queue, titles)
    await put(connection, Did, [{"number": did, "queue": queue} for queue, did in NUMBERS])
    await put(connection, PlanVersion, [demo_plan.version(_plan(said), now)])
    await put(connection, Prompt, said)


def _plan(said: Rows) -> Plan:
    """What the exchange does with calls: the rows above, and a number that shows more."""
    sales, care = (
        PlannedQueue(name=QUEUES[id][0], title=name, department_id=id)
        for id, name in DEPARTMENTS.items()
    )
    first, second = (
        Number(number=did, title=DEPARTMENTS[id], way=Way(kind=Kind.QUEUE, name=queue))
        for id, (queue, did) in QUEUES.items()
    )
    return demo_plan.plan(sales, care, (first, second), CALLER_ID, {each["name"] for each in said})


async def _put_customers(
    connection: AsyncConnection, people: People, groups: Rows, done: Rows
) -> None:
    await put(connection, Customer, [row for row, _ in people])
    await put(connection, CustomerPhone, [phone for _, phones in people for phone in phones])
    await put(connection, CustomerGroup, groups)
    await put(connection, Activity, done)
    await put_contacts(connection, people, Random(SEED), set())


async def _put_calls(
    connection: AsyncConnection,
    rows: Sequence[Row],
    written: Rows,
    recorded: Rows,
    now: datetime,
    zone: tzinfo,
) -> None:
    await put(connection, CallRecord, [row._asdict() for row in rows])
    await put(connection, CallNote, written)
    await put(connection, Recording, recorded)
    await put(connection, MissedMark, list(demo_callbacks.marks(rows, now)))
    await put(connection, UnfinishedCall, unfinished(rows, written))
    summed = difference(((None, row) for row in rows), zone)
    await Sums(connection.dialect, zone).add(connection, summed)
