"""What the search box asks (customers.box), as statements with parameters; see customers.asking.

Parameters: `letters0`… and `word0`… (a word, with a space before it), `sqlite` and `postgresql`
(the question to that database's index of words), `number_key`, `start`, `backwards`, `triples`,
`code0`… Of ranges the end is called as the beginning, with `_end`.
"""

from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from callcenter.customers.asking import constant, given
from callcenter.customers.indexes import (
    answers,
    answers_triples,
    rows_answering,
    rows_with_triples,
)
from callcenter.customers.models import Contact, Customer, CustomerPhone
from callcenter.people.models import User
from callcenter.people.rights import Scope

POOL: Final = 100  # customers among whom the likeliest are chosen
# Customers looked at one by one before PostgreSQL collects all that have some words; and how many
# more, which is the quicker way to ENOUGH of them where SOME of the newest have these words.
NEWEST: Final = 8_000
OLDER: Final = 40_000
SOME: Final = range(2, 20)
ENOUGH: Final = 8
MOST: Final = 2_000  # names with a number in them that are looked at
FEW_DEPARTMENTS: Final = 5  # that are asked each by itself whether a customer is theirs

_ORDERLY: Final = (CustomerPhone.position, CustomerPhone.id)


def by_digits(
    scope: Scope, is_sqlite: bool, starts: bool, words: bool, codes: int, many: bool, limit: int
) -> Select[Any]:
    """Numbers that are, begin and end so; then names, contacts and codes with these digits.

    One after the other, and no further than it takes to have `limit` rows. `many`: so many numbers
    begin so that who sees few customers is asked for the numbers of these.
    """
    key, backwards = CustomerPhone.number_key, CustomerPhone.reversed_digits
    theirs: Select[Any] = select(CustomerPhone.customer_id)
    ways = [theirs.where(key == given("number_key"))]
    if starts and many:
        ways += _looked_at(scope, _begins(key, "start"))
    elif starts:
        ways.append(theirs.where(_within(key, "start")))
    ways.append(theirs.where(_within(backwards, "backwards")))
    if words:
        ways += _named(is_sqlite)
    coded = select(Customer.id)
    ways += [coded.where(_within(Customer.code, f"code{place}")) for place in range(codes)]
    apart = [
        select(way.subquery().c[0].label("id"), constant(place).label("way"))
        for place, way in enumerate(ways)
    ]
    # What somebody may see is asked once, behind all ways: asked in each, it was half of what most
    # of these questions took. PostgreSQL would do that by itself, if it were not for the OFFSET,
    # and a join would not keep to the order of the ways.
    any_way = union_all(*apart)
    each = (any_way if is_sqlite else any_way.offset(constant(0))).subquery()
    if not scope.everything and len(scope.departments) <= FEW_DEPARTMENTS:
        is_seen = scope.sees(each.c.id)
    else:
        seen = scope.each_customer(select(Customer.id).where(Customer.id == each.c.id))
        is_seen = seen.limit(constant(1)).correlate(each).scalar_subquery().is_not(None)
    found = select(each).where(is_seen).limit(constant(limit)).subquery()
    by_number = select(*shown(_number_with_digits(starts)))
    return by_number.join(found, found.c.id == Customer.id).order_by(found.c.way)


def beginning_so(most: int) -> Select[Any]:
    """How many numbers begin so, counted up to `most`."""
    rows = select(CustomerPhone.customer_id).where(_within(CustomerPhone.number_key, "start"))
    return select(func.count()).select_from(rows.limit(constant(most)).subquery())


def by_pieces(scope: Scope, is_sqlite: bool, short: bool, limit: int) -> Select[Any]:
    """Numbers with these digits anywhere but at their end; up to `limit` rows. `short`: so many
    have these that they are asked of one's own customers, as in by_digits."""
    if short:
        backwards = CustomerPhone.reversed_digits
        where = func.instr if is_sqlite else func.strpos
        parts = _looked_at(scope, where(backwards, given("piece")) > 1)
        found = union_all(*parts).limit(constant(limit)).subquery()
    else:
        found = scope.each_customer(_pieces(is_sqlite)).limit(constant(limit)).subquery()
    by_number = select(*shown(_number_with_digits(starts=False)))
    return by_number.join(found, found.c.id == Customer.id)


def has_all(key: Any, words: int, where: Any) -> list[ColumnElement[bool]]:
    """Each word as letters first, which most have not: a text need not be put together for these.
    `where` is how that database calls the place of a text in another; a pattern costs more."""
    has = [where(key, given(f"letters{place}")) > 0 for place in range(words)]
    spaced = literal(" ") + key
    return has + [where(spaced, given(f"word{place}")) > 0 for place in range(words)]


def answering(scope: Scope, is_sqlite: bool) -> Select[Any]:
    """By the database's index of words. SQLite gives the first at once, however many there are."""
    if is_sqlite:
        found = rows_answering(Customer, given("sqlite")).subquery()
        statement = called().join(found, found.c.rowid == Customer.id)
    else:
        statement = called().where(_answers(Customer))
    return scope.each_customer(statement).limit(constant(POOL))


def beginning(scope: Scope) -> Select[Any]:
    """Whose name begins with these words, as it is typed most of the time."""
    key = Customer.search_key
    found = scope.each_customer(called().where(_within(key, "start")))
    return found.order_by(key, Customer.id).limit(constant(POOL))


def newest(scope: Scope, words: int) -> Select[Any]:
    """Among the newest customers of all: what many have, some of these have."""
    return _among(scope, words, 0, NEWEST).limit(constant(POOL))


def older(scope: Scope, words: int) -> Select[Any]:
    """Among those before the newest, until a few are found: for what SOME of the newest have."""
    return _among(scope, words, NEWEST, OLDER).limit(constant(ENOUGH))


def _among(scope: Scope, words: int, begin: int, count: int) -> Select[Any]:
    last = (
        select(Customer.id, Customer.search_key)
        .where(Customer.deleted_at.is_(None))
        .order_by(Customer.id.desc())
        .offset(constant(begin))
        .limit(constant(count))
        .subquery()
    )
    has = has_all(last.c.search_key, words, func.strpos)
    return scope.each_customer(called().join(last, last.c.id == Customer.id).where(*has))


def these(count: int) -> Select[Any]:
    """Customers who have been found, by `id0`…: what is shown of them, in any order."""
    return _shown().where(Customer.id.in_([bindparam(f"id{n}", 0) for n in range(count)]))


def contacts_count(is_sqlite: bool, most: int) -> Select[Any]:
    """How many contacts have the words, counted up to `most`."""
    rows = (
        rows_answering(Contact, given("sqlite"))
        if is_sqlite
        else select(Contact.id).where(_answers(Contact))
    )
    return select(func.count()).select_from(rows.limit(constant(most)).subquery())


def of_contacts(scope: Scope, is_sqlite: bool, most: int) -> Select[Any]:
    """Whose contacts have the words, if no more than `most` contacts have."""
    found = scope.each_customer(_shown().where(Customer.id.in_(_theirs(is_sqlite, most))))
    return found.limit(constant(POOL))


def coded(scope: Scope, codes: int) -> Select[Any]:
    ways = or_(*(_within(Customer.code, f"code{place}") for place in range(codes)))
    return scope.each_customer(_shown().where(ways)).order_by(Customer.code).limit(constant(POOL))


def shown(number: Select[Any] | None = None) -> list[Any]:
    """The columns of box.Found; `number` is another one than that which is called first."""
    if number is None:
        number = _its_numbers().where(CustomerPhone.contact_id.is_(None)).order_by(*_ORDERLY)
    first = number.limit(constant(1)).correlate(Customer).scalar_subquery()
    owner = select(User.name).where(User.id == Customer.owner_id).correlate(Customer)
    return [
        Customer.id,
        Customer.name,
        Customer.company,
        Customer.search_key,
        Customer.code,
        func.coalesce(owner.scalar_subquery(), literal_column("''")),
        func.coalesce(first, literal_column("''")),
    ]


def _its_numbers() -> Select[Any]:
    return select(CustomerPhone.raw).where(CustomerPhone.customer_id == Customer.id)


def _number_with_digits(starts: bool) -> Select[Any]:
    """Those with the digits that were typed first, a contact's too; then the customer's own."""
    key = CustomerPhone.number_key
    has = [CustomerPhone.reversed_digits.contains(given("piece")), key == given("number_key")]
    if starts:
        has.append(_within(key, "start"))
    own, others = CustomerPhone.contact_id.is_(None), case((or_(*has), 0), else_=1)
    return _its_numbers().where(or_(own, *has)).order_by(others, *_ORDERLY)


def _shown() -> Select[Any]:
    return select(*shown())


def called() -> Select[Any]:
    """What is needed to choose among many: less than is shown, for it is read for each."""
    columns: list[Any] = [Customer.id, Customer.name, Customer.company, Customer.search_key]
    return select(*columns)


def _pieces(is_sqlite: bool) -> Select[Any]:
    """Those that end so are left out: they have been found before."""
    backwards = CustomerPhone.reversed_digits
    numbers = select(Customer.id).join(CustomerPhone, CustomerPhone.customer_id == Customer.id)
    has = and_(backwards.contains(given("piece")), not_(_within(backwards, "backwards")))
    if not is_sqlite:
        return numbers.where(answers_triples(given("triples"), given("triples")), has)
    found = rows_with_triples(given("triples")).subquery()
    return numbers.join(found, found.c.rowid == CustomerPhone.id).where(has)


def _looked_at(scope: Scope, has: ColumnElement[bool]) -> list[Select[Any]]:
    """The ids of one's own customers who have such a number, `has` being asked of each."""
    # By the number's customer, else SQLite reads of each customer the row and whose they are.
    numbers = select(CustomerPhone.customer_id.label("id")).where(has)
    owned, others = scope.parts(CustomerPhone.customer_id)
    # Most whom one has met are one's own: found twice, they would leave no room for the others.
    there = select(Customer.id).where(
        Customer.id == CustomerPhone.customer_id,
        Customer.deleted_at.is_(None),
        not_(func.coalesce(owned, false())),
    )
    join = numbers.join(Customer, CustomerPhone.customer_id == Customer.id)
    return [
        join.where(Customer.deleted_at.is_(None), owned),
        numbers.where(others, there.correlate(CustomerPhone).exists()),
    ]


def _begins(column: InstrumentedAttribute[str], name: str) -> ColumnElement[bool]:
    """As _within, but no index is wanted."""
    start = given(name)
    return func.substr(column, 1, func.length(start)) == start


def _named(is_sqlite: bool) -> list[Select[Any]]:
    """The ids of customers with such a name, and with such a contact."""
    if is_sqlite:
        ids = rows_answering(Customer, given("sqlite"))
    else:
        ids = select(Customer.id).where(_answers(Customer))
    return [ids.limit(constant(MOST)), _theirs(is_sqlite, MOST)]


def _theirs(is_sqlite: bool, most: int) -> Select[Any]:
    if is_sqlite:
        rows = rows_answering(Contact, given("sqlite")).limit(constant(most)).subquery()
        return select(Contact.customer_id).join(rows, rows.c.rowid == Contact.id)
    return select(Contact.customer_id).where(_answers(Contact)).limit(constant(most))


def _answers(entity: type[Customer | Contact]) -> ColumnElement[bool]:
    return answers(entity, given("sqlite"), given("postgresql"))


def _within(column: InstrumentedAttribute[str], name: str) -> ColumnElement[bool]:
    return and_(column >= given(name), column < given(f"{name}_end"))
