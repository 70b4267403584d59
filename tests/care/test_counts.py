"""The reports about care against a count of the same rows without a database; each number is the
length of the list it opens."""

from collections import Counter, defaultdict
from datetime import date
from itertools import product
from urllib.parse import parse_qs, urlsplit

import pytest
from multidict import MultiDict
from sqlalchemy import func, select

from callcenter.care import daily, files, newcomers, times, touched
from callcenter.customers.models import Customer
from callcenter.lists.filters import assigned, narrowed, read
from callcenter.reports import asked as asking
from callcenter.reports.asked import Asked, Step
from callcenter.reports.comparing import answered
from tests.care.house import CARE, NORTH, OF, SALES, SCOPES, TODAY, ZONE, asker, company, day_of

PERIOD = {"since": date(2026, 10, 7), "until": date(2026, 11, 12)}
QUESTIONS = [
    Asked(**PERIOD),
    Asked(since=TODAY, until=TODAY),
    Asked(**PERIOD, users=(3, 6)),
    Asked(**PERIOD, departments=(SALES,)),
    Asked(**PERIOD, departments=(CARE,), users=(3, 5), direction="inbound", types=(5,)),
]


@pytest.fixture
async def there(sessions):
    return await company(sessions)


def whose(scope, asked):
    """The employees a report may be about."""
    below = {each for d in asked.departments for each in ({d, NORTH} if d == SALES else {d})}
    return {
        user_id
        for user_id in (1, *OF)
        if (scope == "everything" or user_id == 3 or (scope == "sales" and OF.get(user_id) != CARE))
        and (scope != "own" or user_id == 3)
        and (not asked.users or user_id in asked.users)
        and (not below or OF.get(user_id) in below)
    } - ({1} if scope != "everything" else set())


def interactions(there, scope, asked):
    """(day, channel, type, seconds, customer) of those one may see, narrowed as asked."""
    found = [
        (day_of(c["started_at"]), c["direction"], None, c["talked_s"], c)
        for c in there.calls
        if c["result"] == "answered" and c["direction"] != "internal" and c["customer_id"]
    ] + [
        (day_of(a["at"]), "activity", a["type_id"], a["minutes"] and a["minutes"] * 60.0, a)
        for a in there.activities
    ]
    below = {each for d in asked.departments for each in ({d, NORTH} if d == SALES else {d})}
    for day, channel, type_id, seconds, row in found:
        department = row.get("department_id", OF.get(row["user_id"]))
        mine = row["user_id"] == SCOPES[scope].user_id
        seen = scope == "everything" or mine or department in SCOPES[scope].departments
        by = not asked.direction or channel == asked.direction or type_id in asked.types
        of = not asked.users or row["user_id"] in asked.users
        at = not below or department in below
        if seen and by and of and at and asked.since <= day <= asked.until:
            yield day, channel, type_id, seconds, row["customer_id"]


def owned(there, people):
    return [c for c in there.customers if c["owner_id"] in people and not c["deleted_at"]]


async def length(session, scope, link):
    """How many customers the list at that address has."""
    query = MultiDict((k, v) for k, vs in parse_qs(urlsplit(link).query).items() for v in vs)
    filters = read(query)
    conditions = [assigned(filters.owner), *narrowed(filters, scope, ZONE, lambda d: {d})]
    found = scope.customers(select(Customer.id).where(*conditions)).subquery()
    return await session.scalar(select(func.count()).select_from(found))


async def assert_links_lead_to_what_is_counted(session, scope, table):
    for row in (*table.rows, table.total):
        for key, link in row.links.items():
            place = [column.key for column in table.columns].index(key)
            assert await length(session, scope, link) == row.cells[place], link
        counted = {c.key for c, value in zip(table.columns, row.cells, strict=True) if value}
        numbers = {c.key for c in table.columns if c.kind == "count"}
        assert counted & numbers == set(row.links)  # each number leads somewhere, no 0 does


async def test_files_are_counted_by_owner_and_status_in_the_statuses_order(sessions, there):
    for scope, asked in product(SCOPES, QUESTIONS):
        people = whose(scope, asked)
        expected = Counter((c["owner_id"], c["status_id"]) for c in owned(there, people))
        async with sessions() as session:
            table = await files.answer(session, asker(there, scope), asked)
            await assert_links_lead_to_what_is_counted(session, SCOPES[scope], table)

        titles = [column.title for column in table.columns]
        assert titles[:3] == ["Employee", "Type of employee", "Number of customer files"]
        assert [t for t in titles if t in ("Won", "New")] == ["Won", "New"]
        for row in table.rows:
            cells = dict(zip(titles, row.cells, strict=True))
            mine = {s: expected[int(row.key), n] for s, n in (("New", 1), ("Won", 2))}
            assert {s: cells[s] for s in mine} == mine
            assert cells["Number of customer files"] == sum(cells[t] for t in titles[3:])
            assert cells["Type of employee"] == ("Full-time" if row.key == "3" else "")
        assert table.total.cells[2] == sum(expected.values())


async def test_a_customer_was_interacted_with_or_was_not(sessions, there):
    for scope, asked in product(SCOPES, QUESTIONS[:4]):
        everybody = interactions(there, "everything", Asked(since=asked.since, until=asked.until))
        met = {customer for *_, customer in everybody}
        expected = defaultdict(lambda: [0, 0])
        for c in owned(there, whose(scope, asked)):
            expected[c["owner_id"]][c["id"] not in met] += 1
        async with sessions() as session:
            table = await touched.answer(session, asker(there, scope), asked)
            await assert_links_lead_to_what_is_counted(session, SCOPES[scope], table)

        assert {int(r.key): list(r.cells[2:4]) for r in table.rows} == dict(expected)
        assert all(row.cells[1] == row.cells[2] + row.cells[3] for row in table.rows)


async def test_new_customers_are_counted_on_the_company_s_day(sessions, there):
    for scope, asked in product(SCOPES, QUESTIONS[:4]):
        expected = defaultdict(lambda: [0, 0])
        for c in owned(there, whose(scope, asked)):
            day = day_of(c["assigned_at"])
            if asked.since <= day <= asked.until:
                expected[day, c["owner_id"]][c["created_by"] != c["owner_id"]] += 1
        async with sessions() as session:
            table = await newcomers.answer(session, asker(there, scope), asked)
            await assert_links_lead_to_what_is_counted(session, SCOPES[scope], table)

        assert {(r.cells[0], int(r.key)): list(r.cells[2:4]) for r in table.rows} == expected


async def test_care_time_is_what_one_would_add_up(sessions, there):
    for scope, asked in product(SCOPES, QUESTIONS):
        expected = defaultdict(list)
        for day, channel, type_id, seconds, _ in interactions(there, scope, asked):
            expected[max(asked.since, day.replace(day=1)), f"{channel}-{type_id}"].append(seconds)
        async with sessions() as session:
            who = asker(there, scope)
            table = await times.answer(session, who, asked)
            lists = {}
            for row in (*table.rows, table.total):
                if link := row.links.get("interactions"):
                    narrower = asking.read(MultiDict(parse_one(link)), TODAY)
                    lists[link] = await daily.interactions_count(session, who, narrower)

        assert {(row.cells[0], row.key) for row in table.rows} == expected.keys()
        for row in table.rows:
            many = expected[row.cells[0], row.key]
            known = [each for each in many if each is not None]
            average = sum(known) / len(known) if known else None
            figures = (len(many), sum(known), min(known, default=None), max(known, default=None))
            assert row.cells[2:6] == figures
            assert row.cells[6] == pytest.approx(average)
            assert lists[row.links["interactions"]] == len(many)
        assert table.total.cells[2] == sum(map(len, expected.values()))
        assert sum(lists.values()) == 2 * table.total.cells[2]


async def test_interactions_are_paged_through_without_a_gap_in_both_directions(sessions, there):
    for scope in SCOPES:
        expected = len(list(interactions(there, scope, QUESTIONS[0])))
        async with sessions() as session:
            who, found, cursor = asker(there, scope), [], ""
            while True:
                cut = await daily.interactions_cut(
                    session, who, QUESTIONS[0], cursor=cursor, limit=3
                )
                found += [row[0].key for row in cut.rows]
                if not (cursor := cut.after):
                    break
            back = await daily.interactions_cut(
                session, who, QUESTIONS[0], cursor=cut.before, limit=3
            )
            table = await daily.answer(session, who, QUESTIONS[0])

        assert len(found) == len(set(found)) == expected
        assert [row[0].key for row in back.rows] == found[-len(cut.rows) - 3 : -len(cut.rows)]
        assert [row.key for row in table.rows] == found


async def test_a_long_period_is_cut_into_months(sessions, there):
    asked = Asked(since=date(2026, 1, 15), until=TODAY)
    async with sessions() as session:
        who = asker(there, "everything")
        table = await newcomers.answer(session, who, asked)
        weeks = await newcomers.answer(session, who, Asked(**PERIOD, step=Step.WEEK))

    assert {row.cells[0].day for row in table.rows} <= {1, 15}
    assert {row.cells[0] for row in weeks.rows if row.cells[0] != PERIOD["since"]} <= {
        date(2026, 10, 12),
        date(2026, 10, 19),
        date(2026, 10, 26),
        date(2026, 11, 2),
        date(2026, 11, 9),
    }


async def test_months_stand_beside_months_though_days_are_asked_for(sessions, there):
    asked = Asked(since=date(2026, 10, 7), until=date(2027, 1, 20), against=date(2026, 9, 3))

    async with sessions() as session:
        who = asker(there, "everything")
        tables = [await answered(session, each.answer, who, asked) for each in (times, newcomers)]

    for table in tables:
        pairs = {
            (now.cells[0], then.cells[0])
            for now, then in zip(table.rows, table.before.rows, strict=True)
            if sum(then.cells[2:4])
        }
        assert (date(2026, 11, 1), date(2026, 10, 1)) in pairs
        assert {month(now) - month(then) for now, then in pairs} == {1}


def month(day):
    return day.year * 12 + day.month


def parse_one(link):
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
