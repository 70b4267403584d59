"""The company's own values, and the ways of its calls: number of ours -> queue, what we show."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.asterisk.dialplan import Routing
from callcenter.errors import N_, Invalid
from callcenter.settings.models import Did, Queue, Setting

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """`caller_id` is the number customers see when we call; calls to a number of ours that leads
    nowhere go to `default_queue`, or are refused."""

    name: str
    caller_id: str = ""
    default_queue: str | None = None


async def company(session: AsyncSession) -> Company:
    """As saved; an empty one before the first time."""
    rows = await session.execute(select(Setting.name, Setting.value))
    values: dict[str, str] = {row.name: row.value for row in rows}
    return Company(
        name=values.get("company", ""),
        caller_id=values.get("caller_id", ""),
        default_queue=values.get("default_queue") or None,
    )


async def save_company(session: AsyncSession, new: Company) -> None:
    """Save it, without committing. Raises Invalid when it has no name, or no such queue."""
    name = " ".join(new.name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(
            N_("A company has a name of at most {longest} letters."),
            field="company",
            longest=LONGEST_NAME,
        )
    if new.default_queue and await session.get(Queue, new.default_queue) is None:
        raise Invalid(
            N_("There is no queue {value}."), field="default_queue", value=new.default_queue
        )
    values = {
        "company": name,
        "caller_id": new.caller_id,
        "default_queue": new.default_queue or "",
    }
    for key, value in values.items():
        await session.merge(Setting(name=key, value=value))


async def routing(session: AsyncSession) -> Routing:
    """What the exchange is told. A company that has set no caller id shows its first number."""
    now = await company(session)
    dids = {
        did.number: did.queue for did in await session.scalars(select(Did).order_by(Did.number))
    }
    queues = tuple(await session.scalars(select(Queue.name).order_by(Queue.name)))
    return Routing(
        caller_id=now.caller_id or next(iter(dids), "0"),
        queues=queues,
        dids=dids,
        default_queue=now.default_queue,
    )
