"""Questions about imports and their errors. Everybody sees their own, a superadmin all."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import keyset
from callcenter.catalogues.models import CatalogueItem
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.errors import N_, Conflict, Missing
from callcenter.imports.models import Import, ImportRow, RowState, State
from callcenter.imports.verdicts import Flag
from callcenter.jobs.models import OPEN, Job
from callcenter.people.models import User
from callcenter.people.rights import Scope

KEPT = timedelta(days=30)  # files, after their import is over or was left

_MASKS: Mapping[str, int] = {
    "duplicate": Flag.DUPLICATE,
    "malformed": Flag.MISSING | Flag.WRONG,
}


def _mine(scope: Scope) -> ColumnElement[bool]:
    return true() if scope.everything else Import.user_id == scope.user_id


async def newest(
    session: AsyncSession, scope: Scope, cursor: str = ""
) -> keyset.Cut[tuple[Import, str | None]]:
    """Imports and the names of those who made them, the newest first."""
    statement = select(Import, User.name).outerjoin(User, User.id == Import.user_id)
    return await keyset.cut(
        session, statement.where(_mine(scope)), [Import.id], descending=True, cursor=cursor
    )


async def one(session: AsyncSession, scope: Scope, import_id: int) -> Import:
    """Raises Missing when there is none, or none that may be seen."""
    found: Import | None = await session.scalar(
        select(Import).where(Import.id == import_id, _mine(scope))
    )
    if found is None:
        raise Missing(N_("There is no such import."))
    return found


async def one_row(session: AsyncSession, scope: Scope, row_id: int) -> tuple[ImportRow, Import]:
    """Raises Missing."""
    found = (
        await session.execute(
            select(ImportRow, Import)
            .join(Import, Import.id == ImportRow.import_id)
            .where(ImportRow.id == row_id, ImportRow.state != RowState.CHECKED, _mine(scope))
        )
    ).one_or_none()
    if found is None:
        raise Missing(N_("There is no such row."))
    return found[0], found[1]


async def job_of(session: AsyncSession, made: Import) -> Job | None:
    return await session.get(Job, made.job_id) if made.job_id else None


async def check_idle(session: AsyncSession, made: Import) -> None:
    """Raises Conflict while something is being done with it."""
    job = await job_of(session, made)
    if job is not None and job.state in OPEN:
        raise Conflict(N_("This import is being worked on. Wait until it is over, or cancel it."))


async def turn(session: AsyncSession, made: Import, before: Sequence[State], after: State) -> None:
    """Let its state be `after`. Raises Conflict when another page was quicker."""
    done = await session.execute(
        update(Import)
        .where(Import.id == made.id, Import.state.in_(before))
        .values(state=after)
        .returning(Import.id)
    )
    if done.scalar_one_or_none() is None:
        raise Conflict(N_("This import has moved on meanwhile. Reload the page."))


async def alike(
    session: AsyncSession, scope: Scope, made: Import
) -> tuple[Import, str | None] | None:
    """The newest import of a file with the same columns whose columns were chosen; who chose."""
    rows = await session.execute(
        select(Import, User.name)
        .outerjoin(User, User.id == Import.user_id)
        .where(Import.headings_key == made.headings_key, Import.id != made.id)
        .where(Import.state.not_in([State.UPLOADED]), Import.has_headings == made.has_headings)
        .order_by((Import.user_id == scope.user_id).desc(), Import.id.desc())
        .limit(20)
    )
    columns = len(made.sheet["texts"])
    for other, name in rows:
        if len(other.mapping) == columns:
            return other, name
    return None


def errors(
    scope: Scope, *, state: RowState = RowState.OPEN, kind: str = "", import_id: int | None = None
) -> Select[ImportRow, Import]:
    """The rows in the list of import errors, with their imports."""
    statement = (
        select(ImportRow, Import)
        .join(Import, Import.id == ImportRow.import_id)
        .where(ImportRow.state == state, _mine(scope))
    )
    if kind in _MASKS:
        statement = statement.where(ImportRow.flags.bitwise_and(int(_MASKS[kind])) != 0)
    if import_id is not None:
        statement = statement.where(ImportRow.import_id == import_id)
    return statement


async def errors_cut(
    session: AsyncSession, statement: Select[ImportRow, Import], cursor: str = ""
) -> keyset.Cut[tuple[ImportRow, Import]]:
    """The newest import first, its rows in their order."""
    return await keyset.cut(session, statement, [ImportRow.id], descending=False, cursor=cursor)


async def errors_count(session: AsyncSession, scope: Scope) -> int:
    """How many rows wait in the list of import errors, counted up to keyset.MOST + 1."""
    return await keyset.count(session, errors(scope).with_only_columns(ImportRow.id))


async def checked(
    session: AsyncSession, import_id: int, numbers: Sequence[int]
) -> dict[int, ImportRow]:
    """What was found wrong with these rows, by their number."""
    rows = await session.scalars(
        select(ImportRow).where(
            ImportRow.import_id == import_id, ImportRow.number.in_(list(numbers))
        )
    )
    return {row.number: row for row in rows}


async def brought(
    session: AsyncSession, import_id: int, number_keys: Sequence[str]
) -> dict[str, tuple[int, str | None]]:
    """The customers it has brought by one of these numbers: id, and the owner's name."""
    rows = await session.execute(
        select(CustomerPhone.number_key, Customer.id, User.name)
        .join(Customer, Customer.id == CustomerPhone.customer_id)
        .outerjoin(User, User.id == Customer.owner_id)
        .where(Customer.import_id == import_id, CustomerPhone.number_key.in_(list(number_keys)))
    )
    return {key: (customer_id, owner) for key, customer_id, owner in rows}


async def waiting(session: AsyncSession, scope: Scope) -> dict[int, int]:
    """How many errors of each import wait."""
    rows = await session.execute(
        select(ImportRow.import_id, func.count())
        .join(Import, Import.id == ImportRow.import_id)
        .where(ImportRow.state == RowState.OPEN, _mine(scope))
        .group_by(ImportRow.import_id)
    )
    return {import_id: n for import_id, n in rows}


async def old(session: AsyncSession) -> list[int]:
    """The imports whose files are kept no longer."""
    before = datetime.now(UTC) - KEPT
    return list(
        await session.scalars(
            select(Import.id).where(func.coalesce(Import.finished_at, Import.created_at) < before)
        )
    )


def values_of(made: Import, texts: Sequence[str]) -> dict[str, Any]:
    """What a row says about name and phone, for a list."""
    found: dict[str, list[str]] = {"name": [], "phone": []}
    for key, text in zip(made.mapping, texts, strict=False):
        if key in found and text:
            found[key].append(text)
    return {"name": " ".join(found["name"])[:200], "phones": found["phone"]}


async def names_of(session: AsyncSession, item_ids: Sequence[int | None]) -> dict[int | None, str]:
    """What items of catalogues are called."""
    wanted = [each for each in item_ids if each is not None]
    rows = await session.execute(
        select(CatalogueItem.id, CatalogueItem.name).where(CatalogueItem.id.in_(wanted))
    )
    return {item_id: name for item_id, name in rows}


async def open_job(session: AsyncSession, made: Import) -> Job | None:
    """What is being done with it now."""
    job = await job_of(session, made)
    return job if job is not None and job.state in OPEN else None


async def kinds_count(
    session: AsyncSession, scope: Scope, state: RowState, import_id: int | None
) -> dict[str, int]:
    """How many errors there are of each kind, "" for all, counted up to keyset.MOST + 1."""
    return {
        kind: await keyset.count(
            session,
            errors(scope, state=state, kind=kind, import_id=import_id).with_only_columns(
                ImportRow.id
            ),
        )
        for kind in ("", *_MASKS)
    }


async def discarded_count(session: AsyncSession, scope: Scope, import_id: int | None) -> int:
    statement = errors(scope, state=RowState.DISCARDED, import_id=import_id)
    return await keyset.count(session, statement.with_only_columns(ImportRow.id))
