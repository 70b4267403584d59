"""The same as long work, for selections that take longer than anybody waits for an answer."""

from typing import Any

from sqlalchemy.ext.asyncio import async_sessionmaker

from callcenter.assignment.batches import Kind, carry_out
from callcenter.assignment.changes import change_of
from callcenter.assignment.models import Batch
from callcenter.jobs.work import Work


async def run(work: Work) -> dict[str, Any]:
    """Carry out the batch `batch_id` of its params; begun again, it goes on with what is left."""
    sessions = async_sessionmaker(work.engine, expire_on_commit=False)
    async with sessions() as session:
        batch = await session.get_one(Batch, work.params["batch_id"])

    def progress(done: int) -> None:
        work.check()
        work.progress(done, batch.allowed)

    done = await carry_out(sessions, batch, change_of(Kind(batch.kind), work.params), progress)
    work.progress(batch.allowed, batch.allowed, changed=done)
    told = {"link": f"/customers/batches/{batch.id}"} if batch.kind == Kind.GIVEN else {}
    return {"batch_id": batch.id, "changed": done, **told}
