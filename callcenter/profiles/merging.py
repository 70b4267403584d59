"""Two files of the same customer become one [2.7], and nothing of either is lost.

One stays. For each field it is said whose value stays; the other one is kept in the history.
Everything else moves over: calls, numbers, contacts, documents, activities, shares, groups, the
changes. The other file is emptied, and its address leads to the one that stays.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.activities.models import Activity
from callcenter.callbacks.models import Callback
from callcenter.calls import late
from callcenter.calls.models import TALKED, CallRecord
from callcenter.customers import history, saving
from callcenter.customers.fields import FIELDS
from callcenter.customers.forms import CustomerForm
from callcenter.customers.models import (
    Contact,
    Customer,
    CustomerChange,
    CustomerGroup,
    CustomerPhone,
    CustomerShare,
)
from callcenter.customers.numbers import key_of
from callcenter.customers.words import names_of, words
from callcenter.documents.queries import move
from callcenter.errors import N_, Conflict
from callcenter.people import audit
from callcenter.profiles.bin import keys_of
from callcenter.recordings.models import Hold

# Put together instead of chosen between; and the code is the address of the file that stays.
BOTH = frozenset({"phone", "groups", "note"})
CHOSEN = [name for name in FIELDS if name not in BOTH | {"code"}]


async def merge(
    session: AsyncSession, keep: Customer, other: Customer, take: Collection[str], by: int
) -> tuple[list[str], list[Path]]:
    """`other` into `keep`, without committing; `take`: the fields whose values come from `other`.

    The keys of all numbers concerned, and the files of documents that both had, which whoever
    calls removes (documents.store.forget) once this is committed. Raises Conflict.
    """
    await saving.hold(session, keep)
    await session.refresh(other)
    if keep.id == other.id or keep.deleted_at or other.deleted_at:
        raise Conflict(N_("These two files cannot be merged any more."))
    keys = await keys_of(session, [keep.id, other.id])
    mine, theirs = await saving.current(session, keep), await saving.current(session, other)
    names = await names_of(session, mine, theirs)
    lost = _lost(words(mine, names), words(theirs, names), take)
    await session.execute(
        delete(CustomerPhone).where(
            CustomerPhone.customer_id == other.id, CustomerPhone.contact_id.is_(None)
        )
    )
    await _move_rows(session, keep.id, other.id)
    files = await move(session, other.id, keep.id)
    other.merged_into, other.deleted_at, other.deleted_by = keep.id, datetime.now(UTC), by
    keep.created_at = min(keep.created_at, other.created_at)
    await session.flush()
    await saving.change(session, keep, put_together(mine, theirs, take), by, only=())
    await history.note(session, keep.id, by, {"merged": (lost, f"{other.code} {other.name}")})
    audit.note(session, by, "customer-merged", f"{other.code} → {keep.code}")
    return keys, files


def put_together(mine: CustomerForm, theirs: CustomerForm, take: Collection[str]) -> CustomerForm:
    """The form of the file that stays. Its own first number stays the one that is called."""
    form = mine
    for name in CHOSEN:
        if name in take:
            form = form.taking(name, theirs)
    has = set(mine.number_keys)
    more = [phone for phone in theirs.phones if key_of(phone) not in has]
    notes = dict.fromkeys(note for note in (mine.note, theirs.note) if note)  # each once
    return replace(
        form,
        phones=[*mine.phones, *more],
        group_ids=mine.group_ids | theirs.group_ids,
        note="\n\n".join(notes),
    )


def _lost(mine: dict[str, str], theirs: dict[str, str], take: Collection[str]) -> str:
    """The values that do not stay, a line each: "email: lan@phat.vn"."""
    gone = {
        name: mine[name] if name in take else theirs[name]
        for name in CHOSEN
        if mine[name] != theirs[name]
    }
    return "\n".join(f"{name}: {text}" for name, text in gone.items() if text)


async def _move_rows(session: AsyncSession, to: int, gone: int) -> None:
    """What points at the file that goes; documents have their own way."""
    for at, *which in (
        (CallRecord.started_at, TALKED, CallRecord.customer_id == gone),
        (Activity.at, Activity.customer_id == gone),
    ):
        await late.note_rows(session, at, literal(to), *which, is_moved=True)
    for table in (CallRecord, Callback, Contact, CustomerPhone, Activity, Hold):
        await _point(session, update(table).where(table.customer_id == gone), to)
    moved = update(CustomerChange).where(CustomerChange.customer_id == gone)
    # Version 0: none of them is news to whoever has the other file open.
    await session.execute(
        moved.values(customer_id=to, version=0).execution_options(synchronize_session=False)
    )
    here = select(CustomerShare.user_id, CustomerShare.department_id)
    known = {
        tuple(row) for row in await session.execute(here.where(CustomerShare.customer_id == to))
    }
    for share in await session.scalars(
        select(CustomerShare).where(CustomerShare.customer_id == gone)
    ):
        if (share.user_id, share.department_id) in known:
            await session.delete(share)
        else:
            share.customer_id = to
    await session.execute(delete(CustomerGroup).where(CustomerGroup.customer_id == gone))
    await session.execute(
        update(Customer).where(Customer.merged_into == gone).values(merged_into=to)
    )


async def _point(session: AsyncSession, statement: Any, to: int) -> None:
    await session.execute(
        statement.values(customer_id=to).execution_options(synchronize_session=False)
    )
