"""Two people in the same file: what one has changed while the other was typing.

Fields that only one side changed are put together. Where both changed the same one, the second is
told what it was, what it is, and what they typed, and decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers import history
from callcenter.customers.fields import FIELDS
from callcenter.customers.forms import CustomerForm
from callcenter.customers.models import CustomerChange
from callcenter.customers.words import names_of, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A field that both have changed: from `old`, by user `by` at `at` to `theirs`; I typed `mine`.

    All in words; `by` is None for the system.
    """

    field: str
    by: int | None
    at: datetime
    old: str
    theirs: str
    mine: str


async def together(
    session: AsyncSession, customer_id: int, version: int, typed: CustomerForm, now: CustomerForm
) -> tuple[CustomerForm, list[Clash]]:
    """`typed` by somebody who saw `version`, with what has become of the file (`now`) since.

    Where both changed a field, what was typed stands in the form that comes back.
    """
    changes = await history.since(session, customer_id, version)
    names = await names_of(session, typed, now)
    mine, theirs = words(typed, names), words(now, names)
    taken, clashes = settle(mine, theirs, changes)
    for name in taken:
        typed = typed.taking(name, now)
    return typed, clashes


def settle(
    mine: Mapping[str, str], theirs: Mapping[str, str], changes: Sequence[CustomerChange]
) -> tuple[list[str], list[Clash]]:
    """The fields to be taken from them, and those where both have an opinion.

    `changes` since the version I saw, oldest first: the first of a field says what I saw.
    """
    seen: dict[str, str] = {}
    last: dict[str, CustomerChange] = {}
    for change in changes:
        if change.field in FIELDS:
            seen.setdefault(change.field, change.old)
            last[change.field] = change
    taken, clashes = [], []
    for name, old in seen.items():
        if mine[name] == theirs[name] or theirs[name] == old:  # the same, or back as it was
            continue
        if mine[name] == old:
            taken.append(name)
        else:
            clashes.append(
                Clash(
                    field=name,
                    by=last[name].user_id,
                    at=last[name].at,
                    old=old,
                    theirs=theirs[name],
                    mine=mine[name],
                )
            )
    return taken, clashes
