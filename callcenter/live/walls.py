"""Links of wallboards: made, listed, revoked. Only the hash of what stands in a link is kept."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, Invalid, Missing
from callcenter.live.models import Wallboard
from callcenter.people.models import Department
from callcenter.people.rights import Scope
from callcenter.people.session import digest

LONGEST_NAME: Final = 100
LANGUAGES: Final = ("vi", "en")
THEMES: Final = ("dark", "light")


async def make(
    session: AsyncSession, scope: Scope, by: int, name: str, department: str, looks: tuple[str, str]
) -> tuple[Wallboard, str]:
    """A wallboard, and the token of its link, which is not to be had again; without committing.

    `department` is an id, "" for the company; `looks` are language and theme. Raises Invalid.
    """
    name = " ".join(name.replace("\0", "").split())
    if not name or len(name) > LONGEST_NAME:
        sentence = N_("A wallboard has a name of at most {n} letters.")
        raise Invalid(sentence, field="name", n=LONGEST_NAME)
    department_id = int(department[:9]) if department.isascii() and department.isdecimal() else None
    if not await _may_show(session, scope, department, department_id):
        raise Invalid(N_("Choose what the wallboard shows."), field="department")
    language, theme = looks
    token = secrets.token_urlsafe(32)
    wall = Wallboard(
        token=digest(token),
        name=name,
        department_id=department_id,
        language=language if language in LANGUAGES else LANGUAGES[0],
        theme=theme if theme in THEMES else THEMES[0],
        created_by=by,
        created_at=datetime.now(UTC),
    )
    session.add(wall)
    await session.flush()
    return wall, token


async def _may_show(
    session: AsyncSession, scope: Scope, department: str, department_id: int | None
) -> bool:
    if not scope.everything:
        return department_id in scope.departments
    return department == "" or (
        department_id is not None and await session.get(Department, department_id) is not None
    )


async def listed(session: AsyncSession, scope: Scope) -> Sequence[Wallboard]:
    """Those whose links work, and that this scope may see: of its departments."""
    asked = select(Wallboard).where(Wallboard.revoked_at.is_(None)).order_by(Wallboard.id.desc())
    if not scope.everything:
        asked = asked.where(Wallboard.department_id.in_(scope.departments))
    return (await session.scalars(asked)).all()


async def revoke(session: AsyncSession, scope: Scope, by: int, wall_id: int) -> None:
    """Its link leads nowhere from now on; without committing. Raises Missing."""
    for wall in await listed(session, scope):
        if wall.id == wall_id:
            wall.revoked_at, wall.revoked_by = datetime.now(UTC), by
            return
    raise Missing(N_("There is no such wallboard."))


async def of_token(session: AsyncSession, token: str) -> Wallboard:
    """The wallboard that this link leads to. Raises Missing."""
    asked = select(Wallboard).where(
        Wallboard.token == digest(token), Wallboard.revoked_at.is_(None)
    )
    wall = await session.scalar(asked)
    if wall is None:
        raise Missing(N_("There is no such page."))
    return wall
