"""The lists as pages show them: found by any digits, our own newest first; how many there are."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers.numbers import digits_of, key_of
from callcenter.dialling.models import OWN, DoNotCall
from callcenter.keyset import Cut, cut
from callcenter.settings.queries import keep_value, value

LEAST = 3  # digits that are looked for inside numbers
_STATE = "do_not_call_national"  # row of `settings`


class National(msgspec.Struct, frozen=True, kw_only=True):
    """The national list that we have: how many numbers, since when, out of which file."""

    count: int = 0
    at: datetime | None = None
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    own: int
    national: National


async def counts(session: AsyncSession) -> Counts:
    """How many numbers are on each list."""
    own = select(func.count()).select_from(DoNotCall).where(OWN)
    kept = await value(session, _STATE)
    national = msgspec.json.decode(kept, type=National) if kept else National()
    return Counts(own=await session.scalar(own) or 0, national=national)


async def keep_national(session: AsyncSession, now: National) -> None:
    """Remember what was imported last, without committing."""
    await keep_value(session, _STATE, msgspec.json.encode(now).decode())


async def found(session: AsyncSession, text: str, cursor: str) -> Cut[tuple[DoNotCall]]:
    """Our own list, the newest first; with digits in `text`, whatever is on any list: that number
    alone when it is one, else all that have those digits in them."""
    digits = digits_of(text).lstrip("0")
    if not digits:
        own = select(DoNotCall).where(OWN)
        order = (DoNotCall.added_at, DoNotCall.number_key)
        return await cut(session, own, order, descending=True, cursor=cursor)
    columns = (DoNotCall.number_key, DoNotCall.source)
    return await cut(
        session, await _having(session, text, digits), columns, descending=False, cursor=cursor
    )


async def _having(session: AsyncSession, text: str, digits: str) -> Select[DoNotCall]:
    whole = select(DoNotCall).where(DoNotCall.number_key == key_of(text))
    if len(digits) < LEAST or await session.scalar(whole.limit(1)):
        return whole
    return select(DoNotCall).where(DoNotCall.number_key.contains(digits, autoescape=True))
