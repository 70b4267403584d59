"""Sees to it that sockets end with the sign-in that opened them."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import select

from callcenter.db import Sessions
from callcenter.people.models import Session, User
from callcenter.people.session import IDLE

EVERY = 15.0  # seconds


class Sockets(Protocol):
    """Whoever holds sockets open: Desk, Phones. Sessions are named by their CSRF token."""

    @property
    def sessions(self) -> set[str]: ...

    def extensions_of(self, session: str) -> set[str]: ...

    def sign_out(self, session: str) -> None: ...


async def watch(
    sessions: Sessions,
    holders: Sequence[Sockets],
    in_call: Callable[[str], bool] = lambda _: False,
    every: float = EVERY,
) -> None:
    """Close what belongs to a session that is over, for as long as the application lives.

    `in_call(extension)`: a call is not cut, its page goes once it has ended.
    """
    while True:
        await asyncio.sleep(every)
        held = set[str]().union(*(holder.sessions for holder in holders))
        if not held:
            continue
        for session in held - await _alive(sessions):
            used = set[str]().union(*(holder.extensions_of(session) for holder in holders))
            if any(in_call(extension) for extension in used):
                continue
            for holder in holders:
                holder.sign_out(session)


async def _alive(sessions: Sessions) -> set[str]:
    now = datetime.now(UTC)
    async with sessions() as session:
        rows = await session.scalars(
            select(Session.csrf)
            .join(User, User.id == Session.user_id)
            .where(User.active, Session.expires_at > now, Session.seen_at > now - IDLE)
        )
        return set(rows)
