"""Documents in both databases: kept once, moved by a merge, gone with their customers."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.customers.models import Customer
from callcenter.documents import queries
from callcenter.documents.content import PDF
from callcenter.documents.models import Document
from callcenter.documents.store import Arrived
from callcenter.errors import Conflict, Missing

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)


@pytest.fixture
async def customers(sessions):
    async with sessions.begin() as session:
        rows = [
            Customer(code=f"KH-{n}", name="An", search_key="an", created_at=NOW, updated_at=NOW)
            for n in range(2)
        ]
        session.add_all(rows)
    return [row.id for row in rows]


def arrived(sha256):
    return Arrived(Path("somewhere"), PDF, 100, sha256)


async def added(sessions, customer_id, sha256, path):
    async with sessions.begin() as session:
        document = await queries.add(session, customer_id, 1, "a.pdf", arrived(sha256))
        document.path = path


async def paths(sessions, customer_id):
    async with sessions() as session:
        rows = await session.scalars(
            select(Document.path).where(Document.customer_id == customer_id)
        )
        return sorted(rows)


async def test_the_same_file_is_kept_once_and_nothing_of_the_second_is_noted(sessions, customers):
    await added(sessions, customers[0], "aa", "1")

    with pytest.raises(Conflict):
        await added(sessions, customers[0], "aa", "2")

    assert await paths(sessions, customers[0]) == ["1"]
    async with sessions() as session:
        assert (await session.get(Customer, customers[0])).version == 2


async def test_a_customer_who_is_gone_gets_no_document(sessions, customers):
    with pytest.raises(Missing):
        await added(sessions, 999, "aa", "1")


async def test_a_merge_moves_each_document_once(sessions, customers):
    kept, merged = customers
    await added(sessions, kept, "aa", "1")
    await added(sessions, merged, "aa", "2")
    await added(sessions, merged, "bb", "3")

    async with sessions.begin() as session:
        spare = await queries.move(session, merged, kept)

    assert spare == [queries.folder() / "2"]
    assert await paths(sessions, kept) == ["1", "3"]
    assert await paths(sessions, merged) == []


async def test_documents_go_with_their_customers_and_nobody_elses(sessions, customers):
    await added(sessions, customers[0], "aa", "1")
    await added(sessions, customers[1], "bb", "2")

    async with sessions.begin() as session:
        files = await queries.remove_files_of(session, [customers[0]])

    assert files == [queries.folder() / "1"]
    assert await paths(sessions, customers[0]) == []
    assert await paths(sessions, customers[1]) == ["2"]
