"""Bearer tokens for programs. Only the hash is kept: a token is shown once, when it is made."""

import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from callcenter.db import Sessions
from callcenter.errors import N_, Invalid, Missing
from callcenter.people.models import Token, User
from callcenter.people.session import digest


async def make_token(sessions: Sessions, username: str, name: str, days: int) -> str:
    """A token that speaks for `username` for so many days; `name` says what it is for.

    Raises Missing for a user who is not there (any more), Invalid for days or a name that are none.
    """
    name = name.strip()
    if not 1 <= days <= 3650:
        raise Invalid(N_("A token is good for 1 to 3650 days."), "days")
    if not name or len(name) > 100:
        raise Invalid(N_("A token needs a name of at most 100 letters."), "name")
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    async with sessions() as session:
        user = await session.scalar(
            select(User).where(User.username == username.strip().lower(), User.active)
        )
        if user is None:
            raise Missing(N_("There is no active user {username}."), username=username)
        session.add(
            Token(
                id=digest(token),
                user_id=user.id,
                name=name,
                created_at=now,
                expires_at=now + timedelta(days=days),
            )
        )
        await session.commit()
    return token
