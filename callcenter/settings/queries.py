"""Queues and the numbers that lead to them: load and save."""

import re
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers.numbers import dialable
from callcenter.errors import N_, Conflict, Invalid, Missing
from callcenter.people.models import Department
from callcenter.settings.models import Did, Queue, Setting

NAME = re.compile(r"[a-z0-9_-]{1,32}")  # it stands in the exchange's files


async def value(session: AsyncSession, name: str) -> str:
    """What is kept under that name; "" for nothing."""
    setting = await session.get(Setting, name)
    return setting.value if setting else ""


async def keep_value(session: AsyncSession, name: str, text: str) -> None:
    """Keep that text, without committing."""
    await session.merge(Setting(name=name, value=text))


async def queues(session: AsyncSession) -> Sequence[Queue]:
    """All queues, by title."""
    return (await session.scalars(select(Queue).order_by(Queue.title))).all()


async def dids(session: AsyncSession) -> Sequence[Did]:
    """The numbers of ours, in their order."""
    return (await session.scalars(select(Did).order_by(Did.number))).all()


async def save_queue(
    session: AsyncSession, name: str, title: str, department_id: int | None
) -> None:
    """Add a queue or change it, without committing. Raises Invalid in words."""
    if not NAME.fullmatch(name) or name == "general":  # general is Asterisk's own word
        raise Invalid(N_("{value} cannot be the name of a queue."), field="name", value=name)
    title = " ".join(title.split())
    if not title or len(title) > 100:
        raise Invalid(N_("A queue has a title of at most 100 letters."), field="title")
    if department_id is not None and await session.get(Department, department_id) is None:
        raise Missing(N_("There is no such department."))
    await session.merge(Queue(name=name, title=title, department_id=department_id))


async def remove_queue(session: AsyncSession, name: str) -> None:
    """Raises Conflict while a number still leads there."""
    if await session.scalar(select(Did.number).where(Did.queue == name).limit(1)):
        raise Conflict(N_("A number still leads to this queue."))
    await session.execute(delete(Queue).where(Queue.name == name))


async def save_did(session: AsyncSession, number: str, queue: str) -> str:
    """Let a number of ours lead to a queue, without committing; the number as it is kept.

    It is kept as the trunk names it: national, digits only. Raises Invalid in words.
    """
    kept = dialable(number)
    if await session.get(Queue, queue) is None:
        raise Invalid(N_("There is no queue {value}."), field="queue", value=queue)
    await session.merge(Did(number=kept, queue=queue))
    return kept


async def remove_did(session: AsyncSession, number: str) -> None:
    await session.execute(delete(Did).where(Did.number == number))
