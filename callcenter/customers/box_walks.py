"""What the search box asks about names for who sees few customers; see box_questions.

Besides its parameters: `whole0`… (a word with spaces around it) and `ids` (JSON).
"""

from typing import Any, Final

from sqlalchemy import Select, and_, case, func, literal, select, union_all

from callcenter.customers.asking import constant, given
from callcenter.customers.box_questions import POOL, called, has_all
from callcenter.customers.indexes import rows_answering
from callcenter.customers.models import Customer
from callcenter.people.rights import Scope

RARE: Final = 300  # customers who are sooner asked one by one whose they are than all are read


def rare() -> Select[Any]:
    """On SQLite the ids of all who have the words, or RARE + 1 of them."""
    return rows_answering(Customer, given("sqlite")).limit(constant(RARE + 1))


def among(scope: Scope) -> Select[Any]:
    """On SQLite which of these customers somebody sees."""
    these = func.json_each(given("ids")).table_valued("value")
    return scope.each_customer(called().where(Customer.id.in_(select(these.c.value))))


def walked(scope: Scope, is_sqlite: bool, words: int, whole: bool) -> Select[Any]:
    """For who sees few customers: the keys of all of them are looked at, in indexes.

    `whole`: of those who have these very words the first ones, which are soon there if many have.
    """
    where = func.instr if is_sqlite else func.strpos
    has = has_all(Customer.search_key, words, where)
    spaced = literal(" ") + Customer.search_key + " "
    wholes = [where(spaced, given(f"whole{place}")) > 0 for place in range(words)]
    beginning = case((and_(*wholes), 0), else_=1).label("beginning")
    mine = select(Customer.id.label("id"), beginning).where(
        Customer.deleted_at.is_(None),
        Customer.search_key > "",  # else SQLite might take an index in which the key is not
    )
    # SQLite asks in this order, and whose they are is asked sooner than what they are called.
    parts = [mine.where(part, *has) for part in scope.parts()]
    if whole:
        any_part = union_all(*(part.where(*wholes) for part in parts))
        first = any_part.limit(constant(POOL)).subquery()
        return called().join(first, first.c.id == Customer.id)
    likeliest = (part.order_by(beginning).limit(constant(POOL)).subquery() for part in parts)
    found = union_all(*(select(part) for part in likeliest)).subquery()
    first = (
        select(found.c.id)
        .group_by(found.c.id)
        .order_by(func.min(found.c.beginning))
        .limit(constant(POOL))
        .subquery()
    )
    return called().join(first, first.c.id == Customer.id)
