"""Who rings in when a call is simulated, and where."""

import random
from collections.abc import Collection

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers.models import Customer, CustomerPhone
from callcenter.customers.numbers import dialable, key_of
from callcenter.errors import N_, Conflict, Invalid
from callcenter.people.directory import Directory, Person
from callcenter.people.rights import Scope
from callcenter.settings.models import Did
from callcenter.switchboard.plan import Kind
from callcenter.switchboard.versions import live

TRIES = 20
MOBILE = ("090", "091", "093", "094", "096", "097", "098", "070", "079", "083", "085", "032", "038")


def queues_of(directory: Directory, person: Person) -> frozenset[str]:
    """The queues this person answers: their department's, else those below it, else all."""
    homes = {name: department for name, (_, department) in directory.queues.items()}
    if person.department_id is None:
        return frozenset(homes)
    below = directory.below(person.department_id)
    own = {name for name, department in homes.items() if department == person.department_id}
    return frozenset(own or {name for name, department in homes.items() if department in below})


async def did_to(session: AsyncSession, queues: Collection[str]) -> str:
    """A number of ours that leads to one of the queues, straight if there is one that does. Raises
    Conflict when there is none."""
    numbers = (await session.scalars(select(Did.number).where(Did.queue.in_(queues)))).all()
    straight = [
        each.number
        for each in (await live(session)).plan.numbers
        if each.way.kind is Kind.QUEUE and each.way.name in queues
    ]
    if not numbers:
        raise Conflict(N_("No number of the company leads to a queue of yours."))
    return random.choice(straight or numbers)


async def known_number(session: AsyncSession, scope: Scope) -> str:
    """A customer's number: one whom the person looks after, else one whom they may see.

    Raises Conflict when they have no customer who could call.
    """
    theirs = select(Customer.id).where(Customer.owner_id == scope.user_id)
    for customers in theirs, scope.customers(select(Customer.id)):
        if number := await some_number(session, customers):
            return number
    raise Conflict(N_("You have no customer who could call."))


async def unknown_number(session: AsyncSession) -> str:
    """A mobile number that no customer has."""
    for _ in range(TRIES):
        number = random.choice(MOBILE) + f"{random.randrange(10**7):07}"
        key = key_of(number)
        taken = select(CustomerPhone.id).where(CustomerPhone.number_key == key).limit(1)
        if await session.scalar(taken) is None:
            break
    return number


async def some_number(session: AsyncSession, customers: Select[int]) -> str | None:
    raw = (
        select(CustomerPhone.raw)
        .where(CustomerPhone.customer_id.in_(customers), CustomerPhone.position == 0)
        .order_by(func.random())
        .limit(TRIES)
    )
    for text in await session.scalars(raw):
        try:
            return dialable(text)
        except Invalid:  # not every number that people typed in can call
            continue
    return None
