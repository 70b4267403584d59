"""The browsers somebody is signed in with, in words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, Missing
from callcenter.people.models import Session
from callcenter.people.session import IDLE

BROWSERS = (  # what stands in User-Agent, the most particular first: all claim to be others
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("coc_coc", "Cốc Cốc"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
NAMED = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """`name` is a piece of the session's id, enough to tell it by; "" for what is not known."""

    name: str
    browser: str
    system: str
    address: str
    since: datetime
    seen_at: datetime
    is_this: bool


async def devices(session: AsyncSession, user_id: int, this: str = "") -> list[Device]:
    """Those that are signed in, this one first, then the last seen; `this` is a session's id."""
    now = datetime.now(UTC)
    rows = await session.scalars(
        select(Session)
        .where(Session.user_id == user_id)
        .where(Session.expires_at > now, Session.seen_at > now - IDLE)
        .order_by(Session.seen_at.desc(), Session.id)
    )
    found = [
        Device(
            name=row.id[:16],
            browser=_word(BROWSERS, row.device),
            system=_word(SYSTEMS, row.device),
            address=row.address,
            since=row.created_at,
            seen_at=row.seen_at,
            is_this=row.id == this,
        )
        for row in rows
    ]
    return sorted(found, key=lambda device: not device.is_this)


async def sign_out(session: AsyncSession, user_id: int, name: str) -> None:
    """Raises Missing when that device is not (or no longer) signed in. The caller commits."""
    if not NAMED.fullmatch(name):
        raise Missing(N_("This device is not signed in any more."))
    ended = await session.scalars(
        delete(Session)
        .where(Session.user_id == user_id, Session.id.startswith(name, autoescape=True))
        .returning(Session.id)
    )
    if not ended.all():
        raise Missing(N_("This device is not signed in any more."))


def _word(words: Sequence[tuple[str, str]], text: str) -> str:
    return next((word for mark, word in words if mark in text), "")
