"""Guessing passwords gets slow: a few tries in a quarter of an hour, then one has to wait.

A superior takes the waiting away (`unlock`) once they know that it is a colleague who forgot.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Delete, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, TooMany
from callcenter.people.models import SignInAttempt

WINDOW = timedelta(minutes=15)  # failed sign-ins are counted over this time
TRIES = 5  # of one username from one address
TRIES_ANYWHERE = 50  # of one username, or from one address


async def count_a_try(session: AsyncSession, username: str, address: str) -> int:
    """Note one more try, before it is checked: many at once must not all be the first.

    How many there were lately from here, this one included. Raises TooMany, which says how long to
    wait. Commits.
    """
    now = datetime.now(UTC)
    lately = select(SignInAttempt.at).where(SignInAttempt.at > now - WINDOW)
    here = (
        await session.scalars(
            lately.where(SignInAttempt.username == username, SignInAttempt.address == address)
            .order_by(SignInAttempt.at.desc())
            .limit(TRIES)
        )
    ).all()
    anywhere = await session.scalar(
        select(func.count())
        .select_from(SignInAttempt)
        .where(SignInAttempt.at > now - WINDOW)
        .where((SignInAttempt.username == username) | (SignInAttempt.address == address))
    )
    if len(here) >= TRIES or (anywhere or 0) >= TRIES_ANYWHERE:
        until = (min(here) if len(here) >= TRIES else now) + WINDOW
        seconds = max(1, int((until - now).total_seconds()))
        raise TooMany(
            N_("Too many failed attempts. Wait {minutes} min, then try again."),
            minutes=-(-seconds // 60),
            seconds=seconds,
        )
    await session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - timedelta(days=1)))
    session.add(SignInAttempt(username=username, address=address[:64], at=now))
    await session.commit()
    return len(here) + 1


def tries_of(username: str, address: str) -> Delete:
    """Forgets the tries of that username from there."""
    return delete(SignInAttempt).where(
        SignInAttempt.username == username, SignInAttempt.address == address
    )


async def locked(session: AsyncSession, usernames: Iterable[str]) -> set[str]:
    """Which of them have to wait somewhere before they may try again."""
    lately = (
        select(SignInAttempt.username, func.count())
        .where(SignInAttempt.at > datetime.now(UTC) - WINDOW)
        .where(SignInAttempt.username.in_(list(usernames)))
        .group_by(SignInAttempt.username, SignInAttempt.address)
    )
    return {username for username, tries in await session.execute(lately) if tries >= TRIES}


async def unlock(session: AsyncSession, username: str) -> None:
    """They may try again at once, from everywhere. The caller commits."""
    await session.execute(delete(SignInAttempt).where(SignInAttempt.username == username))
