"""Signed-in browsers and programs: who is behind a request, and until when.

A session is a row whose id is the hash of the cookie's token: who reads the table cannot sign in
with it, and deleting the row signs the browser out at once. Programs bring a bearer token instead.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiohttp import web
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, SignedOut
from callcenter.keys import DIRECTORY, SESSIONS
from callcenter.people.directory import Person, person_of
from callcenter.people.models import Session, Token, User
from callcenter.people.permissions import Permission, Rights, needed_by
from callcenter.people.rights import Scope

COOKIE = "callcenter"
IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
NOTED_EVERY = timedelta(minutes=5)  # writing `seen_at` at each request would be a commit a click


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`scope` is that of the permission which the handler of this request needs."""

    user: User
    person: Person
    csrf: str  # "" with a bearer token, which needs none
    scope: Scope
    by_token: bool
    rights: Rights

    def may(self, permission: Permission) -> bool:
        return self.rights.may(permission)


SIGNED_IN = web.RequestKey("SIGNED_IN", SignedIn)


def signed_in(request: web.Request) -> SignedIn:
    """Who is behind this request; raises SignedOut when it is nobody."""
    if SIGNED_IN not in request:
        raise SignedOut(N_("Please sign in."))
    return request[SIGNED_IN]


async def recognise(request: web.Request) -> SignedIn | None:
    """Whoever the bearer token or the cookie of this request speaks for, if anyone."""
    by_token, token = spoken_for(request)
    async with request.app[SESSIONS]() as session:
        if by_token:
            user = await _of_token(session, token)
            if user is None:
                raise SignedOut(N_("The token is unknown, or its time is over."))
            return _who(request, user, "", by_token=True)
        found = await _of_cookie(session, token)
    return _who(request, found[0], found[1], by_token=False) if found else None


def spoken_for(request: web.Request) -> tuple[bool, str]:
    """Whether it is a program, and the token that says who it is: the bearer's, else the cookie's.

    Any other authorization is somebody else's, a proxy's in front of us: many browsers bring it.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return True, token.strip()
    return False, request.cookies.get(COOKIE, "")


def scope_for(request: web.Request, *permissions: Permission) -> Scope:
    """What whoever is behind this request may see with another permission than the handler's; of
    several as far as the nearest of them reaches."""
    who = signed_in(request)
    nearest = min(permissions, key=who.rights.reach)
    return request.app[DIRECTORY].scope_of(who.person, nearest)


async def open_session(session: AsyncSession, user: User, address: str, device: str) -> str:
    """Begin a session of `user`; its token, for the cookie. The caller commits."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    await session.execute(
        delete(Session).where((Session.expires_at < now) | (Session.seen_at < now - IDLE))
    )
    session.add(
        Session(
            id=digest(token),
            user_id=user.id,
            csrf=secrets.token_urlsafe(32),
            created_at=now,
            seen_at=now,
            expires_at=now + ABSOLUTE,
            address=address[:64],
            device=device[:300],
        )
    )
    await session.execute(update(User).where(User.id == user.id).values(seen_at=now))
    return token


async def close_session(session: AsyncSession, token: str) -> None:
    """End the session of that token; nothing happens when there is none. The caller commits."""
    await session.execute(delete(Session).where(Session.id == digest(token)))


def put_cookie(request: web.Request, response: web.StreamResponse, token: str) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(ABSOLUTE.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=request.secure,
        path="/",
    )


def digest(token: str) -> str:
    """What we keep of a session's or a program's token."""
    return hashlib.sha256(token.encode()).hexdigest()


async def _of_cookie(session: AsyncSession, token: str) -> tuple[User, str] | None:
    if not token:
        return None
    # To the second: times on their way to the database are remembered (db.sqlite_text).
    now = datetime.now(UTC).replace(microsecond=0)
    row = (
        await session.execute(
            select(User, Session)
            .join(Session, Session.user_id == User.id)
            .where(Session.id == digest(token), User.active)
            .where(Session.expires_at > now, Session.seen_at > now - IDLE)
        )
    ).one_or_none()
    if row is None:
        return None
    user, found = row
    if now - found.seen_at > NOTED_EVERY:
        await session.execute(update(Session).where(Session.id == found.id).values(seen_at=now))
        await session.execute(update(User).where(User.id == user.id).values(seen_at=now))
        await session.commit()
    return user, found.csrf


async def _of_token(session: AsyncSession, token: str) -> User | None:
    now = datetime.now(UTC)
    user: User | None = await session.scalar(
        select(User)
        .join(Token, Token.user_id == User.id)
        .where(Token.id == digest(token), User.active)
        .where(Token.expires_at.is_(None) | (Token.expires_at > now))
    )
    return user


def _who(request: web.Request, user: User, csrf: str, *, by_token: bool) -> SignedIn:
    person = person_of(user)  # from the row, not from memory: a role taken away is gone at once
    directory, needed = request.app[DIRECTORY], needed_by(request.match_info.handler)
    permission = needed if isinstance(needed, Permission) else Permission.CUSTOMERS
    scope = directory.scope_of(person, permission)
    return SignedIn(user, person, csrf, scope, by_token, directory.rights_of(person))
