"""Long work of a small house: kinds of the tests' own, and a page that hears everything."""

import asyncio
from contextlib import asynccontextmanager

from aiohttp import web
from sqlalchemy.ext.asyncio import async_sessionmaker

from callcenter.jobs.kinds import Kind
from callcenter.jobs.models import Job
from callcenter.jobs.runner import Jobs
from callcenter.tasks import running

MARA, JON = 4, 5
HERE = "tests.jobs.examples:"
TITLE = "Import of {file}"
KINDS = {
    "count": Kind(
        run=HERE + "count", done="{title}: {done} of {total}, {odd} odd.", link="/x/{id}"
    ),
    "wait": Kind(run=HERE + "wait", going="{even} even"),
    "resume": Kind(run=HERE + "resume", resumes=True),
    "deaf": Kind(run=HERE + "deaf", patience_s=0.1),
    "forgetful": Kind(run=HERE + "ask", after="tests.jobs.house:after"),
    **{
        name: Kind(run=HERE + name)
        for name in ("ask", "crash", "refuse", "eat", "chatter", "boast", "nap")
    },
}
FORGOTTEN: web.AppKey[list] = web.AppKey("FORGOTTEN")


async def after(app, job):
    app[FORGOTTEN].append((job.kind, job.state))


class House:
    def __init__(self, engine, folder, *, kinds=KINDS, **options):
        self.sessions = async_sessionmaker(engine, expire_on_commit=False)
        self.told = []  # (user's id, shape of the job)
        self._news = asyncio.Condition()
        self._bells = []
        self.app = web.Application()
        self.app[FORGOTTEN] = []
        self.jobs = Jobs(
            self.sessions,
            engine.url.render_as_string(hide_password=False),
            folder,
            tell=self._hear,
            app=self.app,
            kinds=kinds,
            **options,
        )

    def _hear(self, user_id, message):
        assert message["type"] == "job"
        self.told.append((user_id, message["job"]))
        for bell in self._bells:
            bell.set()

    async def start(self, kind, user_id=MARA, **params):
        async with self.sessions.begin() as session:
            return await self.jobs.start(
                session, kind, user_id, TITLE, params, file="customers.xlsx"
            )

    async def hears(self, job_id, true):
        """Wait until the job's page is told something of which that is true; what it was."""
        bell = asyncio.Event()
        self._bells.append(bell)
        async with asyncio.timeout(20):
            while not (found := [job for job in self.of(job_id) if true(job)]):
                bell.clear()
                await bell.wait()
        self._bells.remove(bell)
        return found[0]

    async def works(self, job_id):
        """Wait until its function is at work."""
        return await self.hears(job_id, lambda job: job["done"] > 0)

    async def ends(self, job_id):
        """Wait until it is over; its row."""
        async with asyncio.timeout(20):
            await self.jobs.over(job_id)
        return await self.row(job_id)

    async def row(self, job_id):
        async with self.sessions() as session:
            return await session.get(Job, job_id)

    def of(self, job_id):
        """What was told of it, in order."""
        return [job for _, job in self.told if job["id"] == job_id]

    def states(self, job_id):
        """Its states in order, each once."""
        return list(dict.fromkeys(job["state"] for job in self.of(job_id)))


@asynccontextmanager
async def working(house):
    """Somebody does the work for as long as the block lasts."""
    async with running(house.jobs.run(), "long work"):
        yield house
