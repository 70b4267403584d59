"""Finding customers: what is found is what a plain look at every customer finds, however asked."""

from datetime import UTC, datetime, timedelta
from itertools import cycle
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from callcenter.calls.models import CallRecord
from callcenter.customers import (
    asking,
    box,
    box_questions,
    box_walks,
    finding,
    indexes,
    search,
)
from callcenter.customers.asking import Question
from callcenter.customers.box import best
from callcenter.customers.models import Contact, Customer, CustomerPhone, CustomerShare
from callcenter.customers.numbers import digits_of, key_of, shown
from callcenter.customers.queries import CustomerFilters, customers_count, customers_cut, named
from callcenter.people.models import Department, User
from callcenter.people.rights import Scope
from callcenter.settings import demo_people
from tests.draws import cases

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
EVERYTHING = Scope(everything=True, user_id=1)
SCOPES = {
    "superadmin": EVERYTHING,
    "lead": Scope(everything=False, user_id=9, departments=frozenset({1, 2}), department_id=1),
    # Their own department is none of those they lead, and lies between these.
    "director": Scope(everything=False, user_id=2, departments=frozenset({1, 3}), department_id=2),
    "agent": Scope(everything=False, user_id=2, department_id=2),
}
ELSEWHERE = ({}, {}, {}, {}, {}, *({"department_id": each} for each in (3, None, 4, 2)))
CROWD = 120
SHARED_WITH = [(2, None), (None, 2), (None, None), (3, None), (1, None)]  # user, department


@pytest.fixture(params=["few", "common", "many"])
def ways(request, monkeypatch):
    """Asked of the indexes, or of each row; `common`: of each that one sees. And of a lead's other
    departments each by itself, or together."""
    monkeypatch.setattr(finding, "_many", set())
    for name in ("FEW", "COUNTED", "SOME"):
        monkeypatch.setattr(finding, name, 2000 if request.param == "few" else 0)
    monkeypatch.setattr(finding, "_few", {})
    monkeypatch.setattr(asking, "_questions", {})
    monkeypatch.setattr(box_questions, "FEW_DEPARTMENTS", 0 if request.param == "many" else 5)
    monkeypatch.setattr(indexes, "MOST_GAPS", 0 if request.param == "common" else 20)
    monkeypatch.setattr(box_walks, "RARE", 300 if request.param == "few" else 0)
    most = 0 if request.param == "many" else 40_000
    monkeypatch.setattr(finding, "LOOKED_AT", {"sqlite": most, "postgresql": most})


def customer(id, name, *, company="", **values):
    return Customer(
        id=id,
        code=values.pop("code", f"KH-{id:06}"),
        name=name,
        company=company,
        search_key=search.key_of(name, company),
        created_at=NOW + timedelta(minutes=id),
        updated_at=NOW,
        **values,
    )


def phone(customer_id, raw, contact_id=None):
    key = key_of(raw)
    return CustomerPhone(
        customer_id=customer_id,
        contact_id=contact_id,
        number_key=key,
        raw=raw,
        reversed_digits=digits_of(key)[::-1],
    )


def contact(customer_id, name):
    key = search.key_of(name)
    return Contact(customer_id=customer_id, name=name, search_key=key, created_at=NOW)


async def add(sessions, *rows):
    async with sessions.begin() as session:
        session.add_all(rows)


async def listed(sessions, text, scope=EVERYTHING):
    async with sessions() as session:
        cut = await customers_cut(session, scope, CustomerFilters(text=text), limit=500)
        counted = await customers_count(session, scope, CustomerFilters(text=text))
        assert counted == len(cut.rows), text
        return [row.id for row, _ in cut.rows]


async def boxed(sessions, text, scope=EVERYTHING, limit=500, **how):
    async with sessions() as session:
        return [row.id for row in await best(session, scope, text, limit, **how)]


async def crowd(sessions, chance):
    """Customers of four departments and of none, some shared, some in the bin, and their calls."""
    await add(sessions, *(Department(id=i, name=f"D{i}") for i in (1, 2, 3, 4)))
    people = [(1, 1), (2, 2), (3, 3), (9, 1)]
    await add(
        sessions,
        *(
            User(id=i, username=f"u{i}", name=f"U{i}", password="x", role="agent", department_id=d)
            for i, d in people
        ),
    )
    owners = [demo_people.Owner(i, d) for i, d in people]
    rows = list(demo_people.customers(chance, CROWD, owners, NOW))
    async with sessions.begin() as session:
        session.add_all(
            Customer(**{**row, **elsewhere, "deleted_at": NOW if chance.random() < 0.1 else None})
            for (row, _), elsewhere in zip(rows, cycle(ELSEWHERE), strict=False)
        )
        await session.flush()
        session.add_all(CustomerPhone(**each) for _, numbers in rows for each in numbers)
        session.add_all(
            CustomerShare(customer_id=i, user_id=u, department_id=d, at=NOW)
            for i, (u, d) in zip(range(1, CROWD, 3), cycle(SHARED_WITH), strict=False)
        )
        session.add_all(
            CallRecord(
                call_id=f"c{place}",
                direction="inbound",
                state="ended",
                number_key=rows[place][1][0]["number_key"],
                customer_id=place + 1 if place % 2 else None,
                user_id=chance.randrange(1, 4),
                started_at=NOW,
            )
            for place in range(0, CROWD, 3)
        )


async def seen_by(session, scope):
    """Which customers that scope has, looked at one by one in plain Python."""
    customers = (await session.scalars(select(Customer))).all()
    shares = (await session.scalars(select(CustomerShare))).all()
    calls = (await session.scalars(select(CallRecord))).all()
    numbers = (await session.scalars(select(CustomerPhone))).all()
    colleagues = {
        user.id
        for user in await session.scalars(select(User))
        if user.department_id in scope.departments
    }
    shared = {
        share.customer_id
        for share in shares
        if share.user_id == scope.user_id
        or (share.department_id is not None and share.department_id == scope.department_id)
        or (share.user_id is None and share.department_id is None)
    }
    mine = [call for call in calls if call.user_id == scope.user_id]
    met = {call.customer_id for call in mine} | {
        number.customer_id
        for number in numbers
        if number.number_key in {call.number_key for call in mine if call.number_key}
    }

    def is_seen(one):
        if scope.everything or one.owner_id == scope.user_id or one.id in shared:
            return True
        if scope.departments:
            return one.department_id in scope.departments or one.owner_id in colleagues
        return one.id in met

    return [one for one in customers if one.deleted_at is None and is_seen(one)]


def has_words(text, key):
    words = key.split()
    return all(any(word.startswith(w) for word in words) for w in search.key_of(text).split())


@pytest.mark.parametrize("who", SCOPES)
async def test_lists_and_box_find_what_a_plain_look_at_every_customer_finds(sessions, ways, who):
    chance, scope = Random(3), SCOPES[who]
    await crowd(sessions, chance)
    async with sessions() as session:
        there = await seen_by(session, scope)
        numbers = {}
        for number in await session.scalars(select(CustomerPhone)):
            numbers.setdefault(number.customer_id, []).append(shown(number.raw).replace(" ", ""))
    assert await listed(sessions, "", scope) == [
        one.id for one in sorted(there, key=lambda one: (one.search_key, one.id))
    ]

    for text in ("nguyen", "Nguyễn", "th n", "tran van", "a", "van le", "cong ty", "zzz"):
        found = {one.id for one in there if has_words(text, one.search_key)}
        assert set(await listed(sessions, text, scope)) == found, text
        assert set(await boxed(sessions, text, scope)) == found, text
        first = await boxed(sessions, text, scope, limit=8)
        keys = {one.id: one.search_key.split() for one in there}
        wholes = {id for id in found if set(search.key_of(text).split()) <= set(keys[id])}
        assert set(first) <= found and len(first) == min(8, len(found)), text
        assert len(wholes & set(first)) == min(8, len(wholes)), text
    for text in ("091", "9012", "345", "0903", "777"):
        found = {one.id for one in there if any(text in each for each in numbers[one.id])}
        plain = found | {one.id for one in there if text in one.code}
        got = set(await listed(sessions, text, scope))
        assert found <= got <= plain, text
        assert set(await boxed(sessions, text, scope)) == got, text


@pytest.mark.parametrize("who", SCOPES)
async def test_what_the_box_finds_at_once_are_the_first_of_all_that_it_finds(sessions, ways, who):
    chance, scope = Random(4), SCOPES[who]
    await crowd(sessions, chance)
    async with sessions() as session:
        there = {one.id for one in await seen_by(session, scope)}
        numbers = (await session.scalars(select(CustomerPhone))).all()

    for digits in {number.number_key[-4:] for number in numbers}:
        at_once = await boxed(sessions, digits, scope, pieces=False)
        ends = {one.customer_id for one in numbers if one.number_key.endswith(digits)} & there
        assert ends <= set(at_once), digits
        assert (await boxed(sessions, digits, scope))[: len(at_once)] == at_once
        assert await boxed(sessions, digits, scope, limit=1, pieces=False) == at_once[:1]


async def test_ones_own_numbers_looked_at_one_by_one_are_those_that_the_index_finds(
    sessions, monkeypatch
):
    chance, scope = Random(5), SCOPES["agent"]
    await crowd(sessions, chance)
    async with sessions() as session:
        shown_numbers = [shown(each) for each in await session.scalars(select(CustomerPhone.raw))]
    pieces = set()
    for number in shown_numbers[::3]:
        digits, at = number.replace(" ", ""), chance.randrange(0, 6)
        pieces |= {digits[:3], digits[:4], digits[at : at + 3], digits[at : at + 4]}

    for digits in pieces:
        found = []
        for short, begun in ((4, 0), (4, 10_000), (0, 0)):
            monkeypatch.setattr(box, "SHORT", short)
            monkeypatch.setattr(box, "BEGUN", begun)
            at_once = await boxed(sessions, digits, scope, pieces=False)
            found.append((set(at_once), set(await boxed(sessions, digits, scope))))
        assert found[0] == found[1] == found[2], digits


async def test_ones_own_customers_whom_one_has_met_are_not_asked_for_twice(sessions, monkeypatch):
    await add(sessions, User(id=2, username="u", name="U", password="x", role="agent"))
    for id in (1, 2):
        await add(sessions, customer(id, "An", owner_id=2), phone(id, f"091234567{id}"))
        call = {"direction": "inbound", "state": "ended", "user_id": 2, "started_at": NOW}
        await add(sessions, CallRecord(call_id=f"c{id}", customer_id=id, number_key="", **call))
    asked, rows = [], Question.rows

    async def noted(self, session, given):
        asked.append(given)
        return await rows(self, session, given)

    monkeypatch.setattr(Question, "rows", noted)
    monkeypatch.setattr(box, "BEGUN", 0)

    assert set(await boxed(sessions, "091", SCOPES["agent"], 3, pieces=False)) == {1, 2}
    assert len(asked) == 2  # and whether many numbers begin so


def plans(monkeypatch):
    """The steps of SQLite's plan for each question of the box, as they are asked."""
    asked, rows = [], Question.rows

    async def noted(self, session, given):
        driver = (await session.connection()).sync_connection.connection.driver_connection
        values = {**self._values, **given}
        explain = f"EXPLAIN QUERY PLAN {self._sql}"
        plan = await driver.execute_fetchall(explain, [values[name] for name in self._names])
        asked.extend(row[3] for row in plan)
        return await rows(self, session, given)

    monkeypatch.setattr(Question, "rows", noted)
    return asked


async def test_all_numbers_that_begin_so_are_not_walked_for_who_sees_few(
    engine, sessions, monkeypatch
):
    """A million customers have seventy thousand that begin with 091."""
    if engine.dialect.name != "sqlite":
        pytest.skip("with few rows PostgreSQL takes no index at all")
    await add(sessions, User(id=2, username="u", name="U", password="x", role="agent"))
    await add(sessions, customer(1, "An", owner_id=2), phone(1, "0912345678"))
    asked = plans(monkeypatch)
    monkeypatch.setattr(box, "BEGUN", 0)

    assert await boxed(sessions, "091", SCOPES["agent"]) == [1]
    walked = [step for step in asked if "number_key>?" in step and "customer_phones" in step]
    assert len(walked) == 1  # to know that there are many; up to BEGUN of them
    assert any("customers_of_owner" in step for step in asked)


@pytest.mark.parametrize(
    "who, index", [("agent", "owner_id (owner"), ("lead", "department_id (department")]
)
async def test_no_row_is_read_of_customers_whom_one_does_not_see(
    engine, sessions, monkeypatch, who, index
):
    """Of a million, a hundred have the last four digits, and an agent sees one of a thousand."""
    if engine.dialect.name != "sqlite":
        pytest.skip("with few rows PostgreSQL takes no index at all")
    asked = plans(monkeypatch)

    await boxed(sessions, "5678", SCOPES[who], pieces=False)

    assert any(f"ix_customers_{index}_id=? AND id>? AND id<?)" in step for step in asked)


async def test_a_lead_s_customers_are_walked_once(engine, sessions, monkeypatch):
    """Those of the lead's people are their department's, but for a few, and these lie together."""
    if engine.dialect.name != "sqlite":
        pytest.skip("with few rows PostgreSQL takes no index at all")
    await crowd(sessions, Random(3))
    asked = plans(monkeypatch)

    assert await boxed(sessions, "nguyen", SCOPES["lead"])
    ranges = [step for step in asked if "ix_customers_of_owner (owner_id=? AND dep" in step]
    assert len(ranges) == 3  # none, those before and those behind the departments 1 and 2
    walked = [step for step in asked if "search_key>?" in step]
    assert all("(department_id=? AND search_key>?)" in step for step in walked) and walked


async def test_digits_in_the_middle_of_a_number_are_found_after_those_at_its_end(sessions, ways):
    await add(sessions, customer(1, "An"), customer(2, "Bình"), customer(3, "Chi"))
    await add(sessions, phone(1, "0912345678"), phone(2, "0988113456"), phone(3, "0977000111"))

    assert await boxed(sessions, "3456") == [2, 1]
    assert await boxed(sessions, "3456", pieces=False) == [2]
    assert await boxed(sessions, "34567") == [1]
    assert [box.has_pieces(text) for text in ("3456", "34", "an", "an 345")] == [True, *[False] * 3]


LETTERS = st.sampled_from("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộ")
WORD = st.text(LETTERS, min_size=1, max_size=7)
NAME = st.lists(WORD, min_size=1, max_size=4).map(lambda words: " ".join(words).title())
MOBILE = st.tuples(st.sampled_from(sorted(demo_people.MOBILE)), st.integers(10**6, 10**7 - 1)).map(
    lambda parts: f"{parts[0]}{parts[1]}"
)


@given(name=NAME, company=st.one_of(st.just(""), NAME), raw=MOBILE, data=st.data())
@settings(
    max_examples=cases(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_anybody_is_found_by_any_word_any_piece_of_the_number_and_its_last_digits(
    sessions, name, company, raw, data
):
    async with sessions.begin() as session:
        await session.execute(delete(CustomerPhone))
        await session.execute(delete(Customer))
    await add(sessions, customer(1, name, company=company))
    await add(sessions, phone(1, raw))
    number = shown(raw).replace(" ", "")
    start = data.draw(st.integers(0, len(number) - 3))
    end = data.draw(st.integers(start + 3, len(number)))
    word = data.draw(st.sampled_from(f"{name} {company}".split()))

    for text in (word, search.key_of(word), number[start:end], number[-4:], shown(raw)):
        assert await listed(sessions, text) == [1], text
        assert await boxed(sessions, text) == [1], text


@pytest.mark.parametrize(
    "text", ["%", "_", "'", '"', "* OR a", "a\\", "NEAR(a b)", "🙂", "0", "()"]
)
async def test_nothing_that_is_typed_is_a_question_of_its_own(sessions, ways, text):
    await add(sessions, customer(1, "Bình"), customer(2, "Đạt"))

    assert await listed(sessions, text) == []
    assert await boxed(sessions, text) == []


async def test_a_contacts_name_and_number_lead_to_their_customer(sessions, ways):
    await add(sessions, customer(1, "Công ty Hòa Phát"), customer(2, "Lê Hoa"))
    await add(sessions, contact(1, "Đặng Thị Hường"))
    async with sessions() as session:
        contact_id = await session.scalar(select(Contact.id))
    await add(sessions, phone(1, "0988777666", contact_id))

    for text in ("huong dang", "Hường", "777666", "0988"):
        assert await listed(sessions, text) == [1]
        assert await boxed(sessions, text) == [1]


async def test_words_of_two_people_are_not_one_persons(sessions, ways):
    await add(sessions, customer(1, "Lê Hoa"))
    await add(sessions, contact(1, "Trần Đạt"), contact(1, "Vũ Minh"))

    assert await listed(sessions, "dat minh") == []


async def test_a_code_is_found_by_how_it_begins_and_by_its_number(sessions, ways):
    await add(sessions, customer(1, "An"), customer(12, "Bình"), customer(3, "Chi", code="VIP7"))

    assert await listed(sessions, "KH-00001") == [12]
    assert await listed(sessions, "kh-0") == [1, 12]
    assert await listed(sessions, "12") == [12]
    assert await boxed(sessions, "vip7") == [3]


async def test_a_number_of_before_2018_finds_who_has_it_today(sessions, ways):
    await add(sessions, customer(1, "An"))
    await add(sessions, phone(1, "0368123456"))

    assert await listed(sessions, "0168 812 3456") == []
    assert await listed(sessions, "01668123456") == [1]
    assert await listed(sessions, "+84 368 123 456") == [1]


async def test_who_is_in_the_bin_is_not_found_and_who_comes_back_is(sessions, ways):
    await add(sessions, customer(1, "An", deleted_at=NOW))
    await add(sessions, phone(1, "0912345678"))
    assert (await listed(sessions, "an"), await boxed(sessions, "345678")) == ([], [])

    async with sessions.begin() as session:
        await session.execute(update(Customer).values(deleted_at=None))

    assert (await listed(sessions, "an"), await boxed(sessions, "345678")) == ([1], [1])


async def test_an_agent_does_not_find_by_digits_who_is_in_the_bin(sessions):
    await add(sessions, User(id=2, username="u", name="U", password="x", role="agent"))
    rows = [customer(1, "An", owner_id=2), customer(2, "An"), customer(3, "An", owner_id=2)]
    rows[0].deleted_at = rows[1].deleted_at = NOW
    await add(sessions, *rows, *(phone(id, f"091234567{id}") for id in (1, 2, 3)))
    await add(sessions, CustomerShare(customer_id=2, user_id=2, at=NOW))

    found = [await boxed(sessions, f"4567{id}", SCOPES["agent"]) for id in (1, 2, 3)]

    assert found == [[], [], [3]]


async def test_a_name_that_changes_and_a_customer_who_goes_leave_nothing_behind(sessions, ways):
    await add(sessions, customer(1, "An Bình"), customer(2, "Bình"))
    async with sessions.begin() as session:
        one = await session.get(Customer, 1)
        one.name, one.search_key = "Chi", search.key_of("Chi")
        await session.execute(delete(Customer).where(Customer.id == 2))

    assert (await listed(sessions, "binh"), await listed(sessions, "chi")) == ([], [1])


async def test_the_very_accents_come_first_then_whole_words_then_beginnings(sessions):
    names = ["Hương Lan", "Huống Lan", "Hường Lan", "Hườngg Lan"]
    await add(sessions, *(customer(i, name) for i, name in enumerate(names, start=1)))

    assert await boxed(sessions, "hường") == [3, 1, 2, 4]
    assert (await boxed(sessions, "huong"))[-1] == 4
    assert await boxed(sessions, "hường", limit=1) == [3]


async def test_the_very_word_is_found_behind_a_hundred_that_begin_so(sessions, ways):
    await add(sessions, Department(id=1, name="D1"))
    names = ["An Phanh"] * 110 + ["Yên Phan"] * 3
    await add(
        sessions, *(customer(i, name, department_id=1) for i, name in enumerate(names, start=1))
    )

    assert await boxed(sessions, "phan", SCOPES["lead"], limit=3) == [111, 112, 113]


async def test_a_colleagues_customer_is_found_by_their_lead_in_whatever_department(sessions, ways):
    await add(sessions, *(Department(id=i, name=f"D{i}") for i in (1, 3)))
    owner = User(id=4, username="m", name="M", password="x", role="agent", department_id=1)
    await add(sessions, owner)
    await add(sessions, customer(1, "An", owner_id=4), customer(2, "An", owner_id=4))
    await add(sessions, customer(3, "An", department_id=1), customer(4, "An", department_id=3))
    async with sessions.begin() as session:
        await session.execute(update(Customer).where(Customer.id == 2).values(department_id=3))

    assert await boxed(sessions, "an", SCOPES["lead"]) == [1, 2, 3]


async def test_somebody_with_two_such_numbers_takes_nobodys_place_in_the_box(sessions):
    await add(sessions, customer(1, "An"), customer(2, "Bình"), customer(3, "Chi"))
    await add(sessions, *(phone(1, f"091200{n}777") for n in range(4)), phone(2, "0988999777"))

    assert set(await boxed(sessions, "777", limit=2)) == {1, 2}


async def test_the_box_tells_the_owner_and_the_number_that_is_called_first_or_was_typed(sessions):
    await add(sessions, User(id=4, username="m", name="Mara", password="x", role="agent"))
    await add(sessions, customer(1, "An", owner_id=4, company="Hòa Phát"), customer(2, "Bình"))
    second, first = phone(1, "0912 000 222"), phone(1, "0912 000 111")
    second.position = 1
    await add(sessions, second, first)

    async with sessions() as session:
        [an] = await best(session, EVERYTHING, "hoa phat", 8)
        [by_digits] = await best(session, EVERYTHING, "000222", 8)
        [by_piece] = await best(session, EVERYTHING, "20002", 8)
        [by_code] = await best(session, EVERYTHING, "000001", 8)
        [binh] = await best(session, EVERYTHING, "binh", 8)

    assert an == (1, "An", "Hòa Phát", "an hoa phat", "KH-000001", "Mara", "0912 000 111")
    assert by_digits == by_piece == an._replace(number="0912 000 222")
    assert by_code == an
    assert (binh.owner, binh.number) == ("", "")


async def test_calls_by_a_name_find_the_customers_and_their_contacts(sessions):
    await add(sessions, customer(1, "Lê Hoa"), customer(2, "Vũ Minh"), customer(3, "0912"))
    await add(sessions, contact(1, "Trần Đạt"))

    async with sessions() as session:
        assert set(await session.scalars(named("dat"))) == {1}
        assert set(await session.scalars(named("%"))) == set()
