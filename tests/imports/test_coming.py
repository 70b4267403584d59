"""A piece is made ready while the one before is written; what others write meanwhile counts."""

from datetime import UTC, datetime
from itertools import count

import pytest
from sqlalchemy import select, update

from callcenter.customers.models import Customer, CustomerPhone
from callcenter.imports import coming, run
from callcenter.imports.models import ImportRow
from callcenter.people.models import User
from tests.imports.workshop import Workshop

FILE = [(f"K{n}", f"09120000{n:02}", "") for n in range(12)]  # three pieces of four
NOW = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)


@pytest.fixture
async def shop(engine, tmp_path, monkeypatch):
    for room in (run, coming):
        monkeypatch.setattr(room, "PIECE", 4)
    shop = Workshop(engine, tmp_path / "imports")
    await shop.open()
    return shop


@pytest.fixture
def before_piece(monkeypatch):
    """Somebody does something once that piece is ready, and before it is written."""

    def does(wanted, what):
        pieces, hold = count(1), run.hold

        async def held(connection):
            if next(pieces) == wanted:
                await what()
            await hold(connection)

        monkeypatch.setattr(run, "hold", held)

    return does


def typing(shop, code, number, key=None):
    """Somebody who types a customer."""

    async def typed():
        always = {"kind": "person", "version": 1, "created_at": NOW, "updated_at": NOW}
        async with shop.sessions.begin() as session:
            session.add(customer := Customer(code=code, name="Typed", search_key="typed", **always))
            await session.flush()
            if key:
                session.add(
                    CustomerPhone(
                        customer_id=customer.id,
                        number_key=key,
                        raw=number,
                        reversed_digits=key[:0:-1],
                    )
                )

    return typed


async def imported(shop, file=FILE, **choices):
    mapping = ["name", "phone", "code"]
    import_id = await shop.file(["Tên", "Số điện thoại", "Mã"], file, mapping, **choices)
    await shop.check(import_id)
    assert await shop.run(import_id)
    return import_id


async def codes(shop, import_id):
    customers = await shop.customers(import_id)
    return [each.code for each in sorted(customers, key=lambda each: each.id)]


async def reasons(shop):
    async with shop.sessions() as session:
        rows = await session.execute(select(ImportRow.number, ImportRow.reasons))
        return {number: [each["code"] for each in reasons] for number, reasons in rows}


@pytest.mark.parametrize("piece", [1, 2, 3])
async def test_a_number_that_somebody_types_meanwhile_is_not_written_twice(
    shop, before_piece, piece
):
    row = 4 * piece - 2  # the third of the piece
    number = FILE[row][1]
    before_piece(piece, typing(shop, "T-1", number, f"+84{number[1:]}"))

    import_id = await imported(shop)

    names = [name for name, _, _ in FILE]
    found = {each.name for each in await shop.customers(import_id)}
    assert found == set(names) - {names[row]}
    assert await reasons(shop) == {row + 2: ["duplicate_unowned"]}


@pytest.mark.parametrize("piece", [1, 2, 3])
async def test_who_is_typed_meanwhile_keeps_their_id_and_their_code(shop, before_piece, piece):
    """Typed where the next piece would have gone, with a code that one of its rows would get."""
    theirs = f"KH-{4 * piece:06}"
    before_piece(piece, typing(shop, theirs, ""))

    import_id = await imported(shop)

    given = await codes(shop, import_id)
    assert len(set(given)) == len(FILE) and theirs not in given
    async with shop.sessions() as session:
        typed = await session.scalar(select(Customer).where(Customer.code == theirs))
    assert typed.name == "Typed"


async def test_a_code_of_the_file_that_a_row_before_was_given_is_refused(shop):
    file = [list(row) for row in FILE]
    file[5][2] = "KH-000002"  # the second row's, who has none of their own

    import_id = await imported(shop, file)

    assert await reasons(shop) == {7: ["duplicate_unowned"]}
    assert len(await shop.customers(import_id)) == len(FILE) - 1


@pytest.mark.parametrize("row", [4, 7])
async def test_a_code_of_the_file_that_a_row_after_it_would_be_given_stays_its_own(shop, row):
    """A row of the same piece, or of the next."""
    file = [list(each) for each in FILE]
    file[1][2] = f"KH-{row:06}"

    given = await codes(shop, await imported(shop, file))

    assert given[1] == f"KH-{row:06}" and len(set(given)) == len(FILE)
    if row == 4:
        assert given[3] == "KH-000004-2"


async def test_who_leaves_meanwhile_gets_nothing_more(shop, before_piece):
    async def leaves():
        async with shop.sessions.begin() as session:
            await session.execute(update(User).where(User.id == 2).values(active=False))

    before_piece(2, leaves)
    people = [{"user_id": 2}, {"user_id": 1}]

    import_id = await imported(shop, destination="people", mechanism="turn", people=people)

    customers = sorted(await shop.customers(import_id), key=lambda each: each.id)
    assert [each.owner_id for each in customers] == [2, 1, 2, 1] + [1] * 8


async def test_what_is_made_once_more_shares_as_if_it_had_been_made_once(shop, before_piece):
    before_piece(2, typing(shop, "T-1", "0999", "+84999"))
    people = [{"user_id": 2, "capacity": 5}, {"user_id": 1, "capacity": 4}]

    import_id = await imported(shop, destination="people", mechanism="priority", people=people)

    owners = [each.owner_id for each in await shop.customers(import_id)]
    assert (owners.count(2), owners.count(1), owners.count(None)) == (5, 4, 3)
