"""What is asked of the table of jobs. Everybody sees their own; who may see all says so."""

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import keyset
from callcenter.errors import N_, Missing
from callcenter.jobs.models import Job

EVERYBODY = None


def _of(user_id: int | None) -> Select[Job]:
    return select(Job) if user_id is EVERYBODY else select(Job).where(Job.user_id == user_id)


async def newest(
    session: AsyncSession, user_id: int | None, cursor: str = ""
) -> keyset.Cut[tuple[Job]]:
    """The jobs of that user (or EVERYBODY), the newest first."""
    return await keyset.cut(session, _of(user_id), [Job.id], descending=True, cursor=cursor)


async def one(session: AsyncSession, user_id: int | None, job_id: int) -> Job:
    """That job, if it is that user's (or for EVERYBODY); raises Missing."""
    job: Job | None = await session.scalar(_of(user_id).where(Job.id == job_id))
    if job is None:
        raise Missing(N_("There is no such background work."))
    return job
