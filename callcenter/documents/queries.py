"""Questions about documents, and what becomes of them. The caller commits."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.config import home
from callcenter.customers import history
from callcenter.customers.models import Customer
from callcenter.customers.search import key_of
from callcenter.customers.timeline import Entry
from callcenter.documents import names
from callcenter.documents.content import KINDS, TEXT
from callcenter.documents.models import Document
from callcenter.documents.store import Arrived
from callcenter.errors import N_, Conflict, Missing
from callcenter.people.models import User

SHOWN = 1000  # of one customer's, the newest

Found = tuple[Document, str | None]  # and the name of whoever brought it

HERE_ALREADY = N_("This file is here already: “{name}”.")
NO_DOCUMENT = N_("There is no such document.")


def folder() -> Path:
    return home() / "documents"


async def of_customer(session: AsyncSession, customer_id: int, text: str = "") -> Sequence[Found]:
    """The newest first; with `text`, those whose names have all its words, accents or not."""
    found = await session.execute(
        select(Document, User.name)
        .outerjoin(User, User.id == Document.user_id)
        .where(Document.customer_id == customer_id)
        .order_by(Document.created_at.desc(), Document.id.desc())
        .limit(SHOWN)
    )
    words = key_of(text).split()
    return [
        (document, who)
        for document, who in found
        if all(word in key_of(document.name) for word in words)
    ]


async def one(session: AsyncSession, customer_id: int, document_id: int) -> Found:
    """It and who brought it. Raises Missing when that customer has no such document."""
    found = (
        await session.execute(
            select(Document, User.name)
            .outerjoin(User, User.id == Document.user_id)
            .where(Document.id == document_id, Document.customer_id == customer_id)
        )
    ).one_or_none()
    if found is None:
        raise Missing(NO_DOCUMENT)
    return found[0], found[1]


async def entries(
    session: AsyncSession, customer_id: int, before: datetime, limit: int
) -> list[Entry]:
    """For the customer's line of time: uploads, the newest first."""
    found = await session.scalars(
        select(Document)
        .where(Document.customer_id == customer_id, Document.created_at < before)
        .order_by(Document.created_at.desc(), Document.id.desc())
        .limit(limit)
    )
    return [
        Entry(
            at=document.created_at,
            key=f"document-{document.id:012}",
            kind="document",
            icon="file",
            template="documents/timeline.html",
            by=document.user_id,
            values={"document": document},
        )
        for document in found
    ]


async def add(
    session: AsyncSession, customer_id: int, user_id: int, name: str, arrived: Arrived
) -> Document:
    """A new document; whoever calls gives its file a place and the row its `path`.

    Raises Conflict when the customer has the same file already, whatever it is called there, and
    Missing when there is no such customer any more.
    """
    name = names.tidy(name, arrived.kind)
    await _hold(session, customer_id)
    twin = await session.scalar(
        select(Document.name).where(
            Document.customer_id == customer_id, Document.sha256 == arrived.sha256
        )
    )
    if twin is not None:
        raise Conflict(HERE_ALREADY, name=twin)
    document = Document(
        customer_id=customer_id,
        name=name,
        media_type=arrived.kind.media_type,
        size=arrived.size,
        sha256=arrived.sha256,
        path="",
        user_id=user_id,
        created_at=datetime.now(UTC),
    )
    session.add(document)
    await history.note(session, customer_id, user_id, {"document": ("", name)})
    return document


async def _hold(session: AsyncSession, customer_id: int) -> None:
    """Keep the customer's row to ourselves until the end, so that of two uploads of the same file
    at once one finds the other. A change that changes nothing does it on every database."""
    held = await session.scalar(
        update(Customer)
        .where(Customer.id == customer_id)
        .values(version=Customer.version)
        .returning(Customer.id)
        .execution_options(synchronize_session=False)
    )
    if held is None:
        raise Missing(N_("There is no such customer."))


async def rename(session: AsyncSession, document: Document, user_id: int, name: str) -> None:
    """Raises Invalid for a name that is none."""
    before = document.name
    document.name = names.typed(name, KINDS.get(document.media_type, TEXT))
    if document.name != before:
        change = {"document": (before, document.name)}
        await history.note(session, document.customer_id, user_id, change)


async def remove(session: AsyncSession, document: Document, user_id: int) -> Path:
    """Its file, which whoever calls removes (store.forget) once this is committed."""
    await session.delete(document)
    await history.note(session, document.customer_id, user_id, {"document": (document.name, "")})
    return folder() / document.path


async def remove_files_of(session: AsyncSession, customer_ids: Collection[int]) -> list[Path]:
    """For customers that are deleted for good: their documents go. The files, which whoever calls
    removes (store.forget) once this is committed."""
    paths = await session.scalars(
        delete(Document).where(Document.customer_id.in_(customer_ids)).returning(Document.path)
    )
    return [folder() / path for path in paths]


async def move(session: AsyncSession, from_id: int, to_id: int) -> list[Path]:
    """For a file that is merged into another: its documents go there, each once. The files of
    those that were there already, which whoever calls removes once this is committed."""
    there = select(Document.sha256).where(Document.customer_id == to_id)
    twins = await session.scalars(
        delete(Document)
        .where(Document.customer_id == from_id, Document.sha256.in_(there))
        .returning(Document.path)
        .execution_options(synchronize_session=False)
    )
    paths = [folder() / path for path in twins]
    await session.execute(
        update(Document)
        .where(Document.customer_id == from_id)
        .values(customer_id=to_id)
        .execution_options(synchronize_session=False)
    )
    return paths
