"""Many rows with few statements: what all of them share, and what they do not."""

from datetime import UTC, date, datetime

from sqlalchemy import select

from callcenter.customers.models import Customer, CustomerPhone
from callcenter.imports.writing import Insert, put

NOW = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)
EMPTY = (
    *("company", "email", "fax", "website", "tax_code", "address", "address_key"),
    *("registered_address", "registered_key", "note"),
)


def customers(names, **columns):
    n = len(names)
    always = {name: "" for name in EMPTY} | {"kind": "person", "version": 1}
    always |= {"created_at": NOW, "updated_at": NOW, "place_id": None}
    return (
        {"id": list(range(1, n + 1)), "name": names, "search_key": names}
        | {"code": [f"KH-{number}" for number in range(n)]}
        | {name: [value] * n for name, value in always.items()}
        | columns
    )


async def written(engine, table, columns):
    insert = Insert(engine.dialect, table.__table__)
    async with engine.begin() as connection:
        await put(connection, insert.of(columns))


async def test_days_and_moments_arrive_whether_rows_share_them_or_not(engine, sessions):
    days = [date(1990, 12, 31), None, date(1985, 2, 28)]
    columns = customers(["An", "Lan", "Minh"], birthday=days, founded_on=[date(2001, 1, 1)] * 3)

    await written(engine, Customer, columns)

    async with sessions() as session:
        found = list(await session.scalars(select(Customer).order_by(Customer.id)))
    assert [each.birthday for each in found] == days
    assert {each.founded_on for each in found} == {date(2001, 1, 1)}
    assert {(each.created_at, each.place_id, each.email) for each in found} == {(NOW, None, "")}
    assert [(each.name, each.code) for each in found] == [
        ("An", "KH-0"),
        ("Lan", "KH-1"),
        ("Minh", "KH-2"),
    ]


async def test_a_single_row_arrives_though_it_shares_everything_with_itself(engine, sessions):
    await written(engine, Customer, customers(["An"], birthday=[date(1990, 12, 31)]))

    async with sessions() as session:
        [found] = await session.scalars(select(Customer))
    assert (found.name, found.code, found.birthday) == ("An", "KH-0", date(1990, 12, 31))


async def test_no_rows_are_no_statement(engine, sessions):
    await written(engine, CustomerPhone, {})

    async with sessions() as session:
        assert list(await session.scalars(select(CustomerPhone))) == []


async def test_more_rows_than_one_statement_takes_arrive_in_their_order(engine, sessions):
    await written(engine, Customer, customers(["An"]))
    keys = [f"+8491{number:07}" for number in range(12_000)]

    await written(
        engine,
        CustomerPhone,
        {
            "customer_id": [1] * len(keys),
            "number_key": keys,
            "raw": [f"0{key[3:]}" for key in keys],
            "reversed_digits": [key[:0:-1] for key in keys],
            "position": [0] * len(keys),
        },
    )

    async with sessions() as session:
        found = await session.scalars(select(CustomerPhone.number_key).order_by(CustomerPhone.id))
        assert list(found) == keys
