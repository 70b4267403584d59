"""The number outside at which an agent takes calls, as it is typed and as it is dialled."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers.numbers import dialable, key_of
from callcenter.errors import N_, Invalid
from callcenter.settings.company import company
from callcenter.settings.models import Did


async def own_numbers(session: AsyncSession) -> frozenset[str]:
    """The company's numbers, by their keys: a call to one of them would come back to us."""
    numbers = [*await session.scalars(select(Did.number)), (await company(session)).caller_id]
    return frozenset(filter(None, map(key_of, numbers)))


def mobile_number(typed: str, ours: Collection[str]) -> str:
    """As the trunk wants it, "0912345678". Raises Invalid, in words, for what cannot be an agent's
    phone: no number, a short or a service number, one abroad, one of `ours` (keys).
    """
    if not typed.strip():
        raise Invalid(N_("Enter the number of the mobile phone."), "mobile")
    try:
        number = dialable(typed)
    except Invalid as error:
        raise Invalid(error.sentence, "mobile", **error.values) from error
    if not number.startswith("0"):
        raise Invalid(N_("Only mobile and fixed-line numbers of Viet Nam can be called."), "mobile")
    if key_of(number) in ours:
        raise Invalid(N_("This is a number of the company: its calls would go round."), "mobile")
    return number
