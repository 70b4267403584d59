"""Who does the long work: takes one row after the other and sees its child process through.

A row is on disk before anything happens: after a restart the work goes on. Pages are told by
`tell`; nothing here waits for them.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from aiohttp import web
from sqlalchemy import event, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import DATABASE_ERRORS, Sessions, is_away, steadily
from callcenter.errors import N_
from callcenter.jobs.kinds import KINDS, UNKNOWN, Kind
from callcenter.jobs.models import OPEN, Job, State
from callcenter.jobs.one import CANCELLED, Ending, One, failed
from callcenter.jobs.ready import Ready
from callcenter.jobs.shape import shape
from callcenter.tasks import running

log = logging.getLogger(__name__)

AT_ONCE = 1  # heavy children; the other core is for calls
LOOK_S = 30.0  # a row that nobody announced is found so late
WAITS = "long work waits"  # while the database is away
MOST_ATTEMPTS = 3  # work that takes the service down with it is not begun for ever

Tell = Callable[[int, dict[str, Any]], None]  # user's id, message


class Jobs:
    """`url` is the children's database; below `folder` each job has a folder named by its id."""

    def __init__(
        self,
        sessions: Sessions,
        url: str,
        folder: Path,
        *,
        tell: Tell,
        app: web.Application,
        kinds: Mapping[str, Kind] = KINDS,
        at_once: int = AT_ONCE,
    ) -> None:
        self._sessions = sessions
        self._url = url
        self._folder = folder
        self._tell = tell
        self._app = app  # for the kinds' `after`; nothing is read from it here
        self._kinds = kinds
        self._at_once = at_once
        self._open: dict[int, One] = {}
        self._ready = Ready()
        self._woken = asyncio.Event()
        self._choosing = asyncio.Lock()

    async def start(
        self,
        session: AsyncSession,
        kind: str,
        user_id: int,
        title: str,
        params: Mapping[str, Any],
        **values: object,
    ) -> int:
        """Put down a job of that kind; its id. The caller commits, which sets it going.

        `title` is a message id whose {braces} `values` fill. Until the commit the job's folder may
        be filled with what it needs.
        """
        job = Job(
            kind=kind,
            state=State.WAITING,
            user_id=user_id,
            title={"text": title, "values": values},
            params=dict(params),
            created_at=datetime.now(UTC),
        )
        session.add(job)
        await session.flush()
        mine = _copy(job)  # theirs belongs to their session
        event.listen(session.sync_session, "after_commit", lambda _: self._admit(mine), once=True)
        return mine.id

    async def cancel(self, job_id: int) -> None:
        """Ask it to stop; one that waits never begins. Nothing happens to one that is over."""
        waits, never = (Job.id == job_id, Job.state == State.WAITING), _over(CANCELLED)
        async with self._sessions.begin() as session:
            await session.execute(
                update(Job)
                .where(Job.id == job_id, Job.state.in_(OPEN))
                .values(cancel_requested=True)
            )
            stopping = update(Job).where(*waits).values(never).returning(Job.id)
            never_began = await session.scalar(stopping) is not None
        if one := self._open.get(job_id):
            one.cancel()
            if never_began:
                await self._close(one, never)
            else:
                self._say(one)

    def expect(self, kind: str) -> None:
        """Somebody is about to start such a job: its process loads what it needs meanwhile."""
        self._ready.expect(self.kind(kind).run)

    def folder(self, job_id: int) -> Path:
        return self._folder / str(job_id)

    def kind(self, name: str) -> Kind:
        return self._kinds.get(name, UNKNOWN)

    def of(self, user_id: int) -> list[dict[str, Any]]:
        """Shapes of that user's jobs that are not over, in order."""
        mine = [one.job for one in self._open.values() if one.job.user_id == user_id]
        return [self.shape(job) for job in sorted(mine, key=lambda job: job.id)]

    def shape(self, job: Job) -> dict[str, Any]:
        """JSON of it (shape.py); what runs is newer here than in its row."""
        one = self._open.get(job.id)
        return shape(one.job if one else job, self.kind(job.kind), one.left_s if one else None)

    def pid(self, job_id: int) -> int | None:
        """Of its child process, None while there is none."""
        one = self._open.get(job_id)
        return one.pid if one else None

    async def over(self, job_id: int) -> None:
        """Wait until that job is over."""
        if one := self._open.get(job_id):
            await one.over.wait()

    async def run(self) -> None:
        """Do what is to be done, for ever. Cancelled, it ends the children and leaves the rows."""
        await steadily(self._take_up, WAITS)
        try:
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(running(self._ready.run(), name="ready for a job"))
                for number in range(self._at_once):
                    await stack.enter_async_context(running(self._lane(), name=f"jobs {number}"))
                await asyncio.Event().wait()
        finally:
            await self._let_go()

    async def _take_up(self) -> None:
        """What was cut off is begun again; see Kind.resumes."""
        async with self._sessions.begin() as session:
            found = (await session.scalars(select(Job).where(Job.state.in_(OPEN)))).all()
            for job in found:
                job.state = State.CANCELLED if job.cancel_requested else State.WAITING
                if job.cancel_requested:
                    job.finished_at = datetime.now(UTC)
                elif not self.kind(job.kind).resumes:
                    job.done, job.total, job.counts = 0, 0, {}
        for job in sorted(found, key=lambda job: job.id):
            if job.state == State.WAITING:
                self._admit(_copy(job))

    async def _let_go(self) -> None:
        """A restart that was wanted does not count as an attempt."""
        cut_off = [one.job for one in self._open.values() if one.job.state == State.RUNNING]
        again = {"state": State.WAITING, "attempts": Job.attempts - 1}
        try:
            async with self._sessions.begin() as session:
                for job in cut_off:
                    mine = (Job.id == job.id, Job.state == State.RUNNING)
                    await session.execute(update(Job).where(*mine).values(again | _progress(job)))
        except DATABASE_ERRORS as error:
            log.error("%d jobs stay marked as running: %s", len(cut_off), error)

    def _admit(self, job: Job) -> None:
        if job.id in self._open:
            return
        self._open[job.id] = one = One(job, self.kind(job.kind))
        self._say(one)
        self._woken.set()

    async def _lane(self) -> None:
        """One job after the other."""
        while True:
            async with self._choosing:  # who comes next waits here
                one = await self._next()
            self._say(one)
            await self._finish(one, await self._ending(one))

    async def _ending(self, one: One) -> Ending:
        if one.job.attempts > MOST_ATTEMPTS:
            return failed(
                N_("The service ended {n} times while it ran. It is not begun again."),
                n=MOST_ATTEMPTS,
            )
        if one.kind is UNKNOWN:
            return failed(N_("This version of the program does not know such work."))
        return await one.see_through(
            self._url,
            self.folder(one.job.id),
            ready=self._ready,
            say=lambda: self._say(one),
            note=lambda: self._note(one),
        )

    async def _next(self) -> One:
        while True:
            self._woken.clear()
            if job := await steadily(self._claimed, WAITS):
                one = self._open.setdefault(job.id, One(job, self.kind(job.kind)))
                one.job = job
                return one
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._woken.wait()

    async def _claimed(self) -> Job | None:
        """The first that waits; from now on it runs."""
        first = select(Job.id).where(Job.state == State.WAITING).order_by(Job.id).limit(1)
        claim = (
            update(Job)
            .where(Job.id == first.scalar_subquery(), Job.state == State.WAITING)
            .values(state=State.RUNNING, attempts=Job.attempts + 1, started_at=datetime.now(UTC))
            .returning(Job)
            .execution_options(synchronize_session=False)
        )
        async with self._sessions.begin() as session:
            job = await session.scalar(claim)
            return _copy(job) if job else None

    async def _finish(self, one: One, ending: Ending) -> None:
        values = _over(ending) | _progress(one.job)
        row = update(Job).where(Job.id == one.job.id, Job.state == State.RUNNING).values(values)
        await steadily(lambda: self._write(row), WAITS)
        await self._close(one, values)

    async def _close(self, one: One, values: dict[str, Any]) -> None:
        """It is over: what was remembered is forgotten first, then everybody is told."""
        for name, value in values.items():
            setattr(one.job, name, value)
        log.info("job %d (%s): %s", one.job.id, one.job.kind, one.job.state)
        if one.kind.after:
            after = resolve_name(one.kind.after)(self._app, one.job)
            async with running(after, name=f"after job {one.job.id}", vital=False) as task:
                await asyncio.wait([task])
        if one.kind.then and one.job.state == State.DONE:
            self.expect(one.kind.then)
        one.left_s = None
        self._open.pop(one.job.id, None)
        self._say(one)
        one.over.set()
        self._woken.set()

    def _say(self, one: One) -> None:
        message = shape(one.job, one.kind, one.left_s)
        self._tell(one.job.user_id, {"type": "job", "job": message})

    async def _note(self, one: One) -> None:
        try:
            await self._write(update(Job).where(Job.id == one.job.id).values(_progress(one.job)))
        except DATABASE_ERRORS as error:
            if not is_away(error):
                raise
            log.warning("job %d: its progress is not noted: %s", one.job.id, error)

    async def _write(self, statement: Any) -> None:
        async with self._sessions.begin() as session:
            await session.execute(statement)


def _over(ending: Ending) -> dict[str, Any]:
    return {**ending._asdict(), "finished_at": datetime.now(UTC)}


def _progress(job: Job) -> dict[str, Any]:
    return {"done": job.done, "total": job.total, "counts": job.counts}


def _copy(job: Job) -> Job:
    return Job(**{column.key: getattr(job, column.key) for column in Job.__table__.columns})
