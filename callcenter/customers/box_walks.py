"""What the search box asks about names for who sees few customers; see box_questions.

Besides its parameters: `whole0`… (a word with spaces around it) and `ids` (JSON).
"""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers.asking import constant, given, question
from callcenter.customers.box_questions import POOL, called, has_all
from callcenter.customers.indexes import rows_answering
from callcenter.customers.models import Customer
from callcenter.people.rights import Scope

RARE: Final = 300  # customers who are sooner asked one by one whose they are than all are read


async def first_met(
    session: AsyncSession,
    scope: Scope,
    words: int,
    given: Mapping[str, str],
    *,
    whole: bool = False,
) -> Sequence[Any]:
    """On SQLite the first POOL of a department who have the words."""
    of = question(session, ("met", scope, words, whole), partial(met, scope, words, whole))
    return await of.rows(session, given)


async def with_whole_words(
    session: AsyncSession, scope: Scope, words: int, given: Mapping[str, str]
) -> Sequence[Any]:
    """On SQLite those of a department who have these very words, which few have of a word that is
    not typed to its end: they are asked of the index of words. Else the department is walked."""
    ids = [row[0] for row in await question(session, ("rare", RARE), rare).rows(session, given)]
    if len(ids) > RARE:
        return await first_met(session, scope, words, given, whole=True)
    of = question(session, ("among", scope), partial(among, scope))
    return await of.rows(session, {"ids": json.dumps(ids)})


def rare() -> Select[Any]:
    """On SQLite the ids of all who have the words, or RARE + 1 of them."""
    return rows_answering(Customer, given("sqlite")).limit(constant(RARE + 1))


def among(scope: Scope) -> Select[Any]:
    """On SQLite which of these customers somebody sees."""
    these = func.json_each(given("ids")).table_valued("value")
    return scope.each_customer(called().where(Customer.id.in_(select(these.c.value))))


def met(scope: Scope, words: int, whole: bool) -> Select[Any]:
    """On SQLite the first who have the words (`whole`: these very words), soon if many have."""
    parts, wholes = _parts(scope, words, func.instr)
    any_part = union_all(*(part.where(*wholes) if whole else part for part in parts))
    first = any_part.limit(constant(POOL)).subquery()
    return called().join(first, first.c.id == Customer.id)


def walked(scope: Scope, is_sqlite: bool, words: int) -> Select[Any]:
    """The keys of all are looked at, in indexes; those who have these very words come first."""
    parts, wholes = _parts(scope, words, func.instr if is_sqlite else func.strpos)
    beginning = case((and_(*wholes), 0), else_=1).label("beginning")
    found = union_all(
        *(
            select(part.add_columns(beginning).order_by(beginning).limit(constant(POOL)).subquery())
            for part in parts
        )
    ).subquery()
    first = (
        select(found.c.id)
        .group_by(found.c.id)
        .order_by(func.min(found.c.beginning))
        .limit(constant(POOL))
        .subquery()
    )
    return called().join(first, first.c.id == Customer.id)


def _parts(
    scope: Scope, words: int, where: Any
) -> tuple[list[Select[Any]], list[ColumnElement[bool]]]:
    """The ids of those who have the words, a part of the scope each; and what whole words are."""
    has = has_all(Customer.search_key, words, where)
    spaced = literal(" ") + Customer.search_key + " "
    wholes = [where(spaced, given(f"whole{place}")) > 0 for place in range(words)]
    mine = select(Customer.id.label("id")).where(
        Customer.deleted_at.is_(None),
        Customer.search_key > "",  # else SQLite might take an index in which the key is not
    )
    # SQLite asks in this order, and whose they are is asked sooner than what they are called.
    return [mine.where(part, *has) for part in scope.parts()], wholes
