"""What a person does about missed calls: takes them on, puts them aside, or takes that back."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.callbacks.changes import purpose_of
from callcenter.callbacks.missed import Missed
from callcenter.callbacks.models import MissedMark
from callcenter.errors import N_, Conflict, Invalid
from callcenter.people.directory import Directory


async def claim(
    session: AsyncSession, line: Missed, by: int, directory: Directory, now: datetime
) -> None:
    """Raises Conflict when somebody else has it."""
    if line.claimed_by not in (None, by):
        other = directory.known(line.claimed_by or 0)
        raise Conflict(N_("{name} has taken it already."), name=other.name if other else "–")
    await _put(session, line.number_keys, {"claimed_by": by, "claimed_at": now})


async def release(session: AsyncSession, line: Missed) -> None:
    """It is everybody's again."""
    await _put(session, line.number_keys, {"claimed_by": None, "claimed_at": None})


async def dismiss(session: AsyncSession, line: Missed, by: int, reason: str, now: datetime) -> None:
    """Nobody needs to call back; the next missed call brings the line back. Raises Invalid."""
    reason = purpose_of(reason)
    if not reason:
        raise Invalid(N_("Say why nobody needs to call back."), field="reason")
    told = {"dismissed_by": by, "dismissed_at": now, "reason": reason}
    await _put(session, line.number_keys, told)


async def bring_back(session: AsyncSession, line: Missed) -> None:
    """Undo its dismissal."""
    nothing = {"dismissed_by": None, "dismissed_at": None, "reason": ""}
    await _put(session, line.number_keys, nothing)


async def _put(session: AsyncSession, keys: Iterable[str], values: dict[str, Any]) -> None:
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    for key in sorted(keys):
        statement = insert(MissedMark).values(number_key=key, **({"reason": ""} | values))
        await session.execute(
            statement.on_conflict_do_update(index_elements=["number_key"], set_=values)
        )
