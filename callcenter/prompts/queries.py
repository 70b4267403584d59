"""The rows of prompts. Nothing here commits; the sounds are the shelf's."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, Invalid, Missing
from callcenter.prompts.models import Prompt
from callcenter.prompts.shelf import Sound

LONGEST_TITLE = 100


async def prompts(session: AsyncSession) -> Sequence[Prompt]:
    """All of them, by title."""
    return (await session.scalars(select(Prompt).order_by(Prompt.title, Prompt.name))).all()


async def sounds(session: AsyncSession) -> dict[str, str]:
    """Name -> sha256 of all there are."""
    rows = await session.execute(select(Prompt.name, Prompt.sha256))
    return {name: sha256 for name, sha256 in rows}


async def one(session: AsyncSession, name: str, *, lock: bool = False) -> Prompt:
    """Raises Missing."""
    found = await session.get(Prompt, name, with_for_update=lock or None)
    if found is None:
        raise Missing(N_("There is no such prompt."))
    return found


def add(session: AsyncSession, name: str, title: str, sound: Sound, source: str, by: int) -> Prompt:
    prompt = Prompt(name=name, title=title)
    replace(prompt, sound, source, by)
    session.add(prompt)
    return prompt


def replace(prompt: Prompt, sound: Sound, source: str, by: int) -> None:
    prompt.seconds, prompt.sha256, prompt.source = sound.seconds, sound.sha256, source[-255:]
    prompt.made_at, prompt.made_by = datetime.now(UTC), by


def checked_title(typed: str) -> str:
    """Raises Invalid."""
    title = " ".join(typed.split())
    if not title:
        raise Invalid(N_("Enter what it is called."), field="title")
    if len(title) > LONGEST_TITLE:
        raise Invalid(N_("Too long: {n} letters at most."), field="title", n=LONGEST_TITLE)
    return title
