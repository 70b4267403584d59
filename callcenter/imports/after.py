"""What the service does when an import's job is over: forget old cards, say how it stands."""

from aiohttp import web
from sqlalchemy import update

from callcenter.imports.models import Import, State
from callcenter.jobs.models import Job
from callcenter.jobs.models import State as JobState
from callcenter.keys import CARDS, SESSIONS


async def after_run(app: web.Application, job: Job) -> None:
    """Customers came or went. One that did not end well stands where it can be taken up again."""
    app[CARDS].forget_all()
    if job.state == JobState.DONE:
        return
    mine = (Import.id == int(job.params["import_id"]), Import.state == State.RUNNING)
    async with app[SESSIONS].begin() as session:
        await session.execute(
            update(Import).where(*mine, Import.place > 0).values(state=State.STOPPED)
        )
        await session.execute(
            update(Import).where(*mine, Import.place == 0).values(state=State.CHECKED)
        )
