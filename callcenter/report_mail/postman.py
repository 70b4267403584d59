"""Sends reports when they are due: finds what there is to do by its time, in the tables.

1. A schedule is due: its letter is put down, and a job that makes the file, in one transaction with
   the next due time. So a restart loses none and repeats none; of those missed meanwhile one goes.
2. The file is there: a copy for each recipient is put down.
3. A copy is due: marked, handed over, and what became of it written down. See the room's sign for
   what happens when the service dies between the two.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from aiohttp import web
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Sessions, steadily
from callcenter.errors import N_, Conflict
from callcenter.jobs.runner import Jobs
from callcenter.keys import POSTMAN
from callcenter.mail.post import Post
from callcenter.pages.templates import Templates
from callcenter.people.directory import Directory
from callcenter.report_mail.files import take_files
from callcenter.report_mail.guard import UNFORESEEN, guarded
from callcenter.report_mail.models import ReportLetter, ReportMail, Stage
from callcenter.report_mail.round import LETTERS_WAIT, Round, doubtful, next_copy_at, settle
from callcenter.report_mail.schedules import PAUSED, Calendar, begin
from callcenter.report_mail.times import last_due, next_due, rhythm_of

log = logging.getLogger(__name__)

LOOK_S: Final = 30.0  # at most, between two looks: clocks are set, machines sleep
AT_ONCE: Final = 200

Tell = Callable[[int, dict[str, Any]], None]  # user's id, message


class Postman:
    """`tell` reaches the pages of a schedule's owner."""

    def __init__(
        self,
        sessions: Sessions,
        directory: Directory,
        jobs: Jobs,
        templates: Templates,
        tell: Tell,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._sessions, self._directory, self._jobs = sessions, directory, jobs
        self._templates, self._tell, self._now = templates, tell, now
        self._woken = asyncio.Event()
        self._post = Post()

    def look(self) -> None:
        """There may be something to do."""
        self._woken.set()

    async def run(self) -> None:
        """For as long as the application lives."""
        await steadily(self.take_up, LETTERS_WAIT)
        try:
            while True:
                self._woken.clear()
                wait_s = await steadily(self.round, LETTERS_WAIT)
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await self._woken.wait()
        finally:
            await self._post.close()

    async def take_up(self) -> None:
        """What the service that ran before left half done: see the room's sign."""
        async with self._sessions.begin() as session:
            for letter_id in await doubtful(session):
                await settle(session, letter_id)

    async def round(self) -> float:
        """Do all that is due; how many seconds until the next thing."""
        async with self._sessions() as session:
            due = (ReportMail.next_at <= self._now(), ReportMail.deleted_at.is_(None))
            statement = select(ReportMail.id).where(*due).order_by(ReportMail.next_at)
            ids = (await session.scalars(statement.limit(AT_ONCE))).all()
        for mail_id in ids:
            begin_it, end_it = partial(self._begin, mail_id), partial(self._give_up, mail_id)
            await guarded(begin_it, end_it, f"report schedule {mail_id}")
        await take_files(self._sessions, self._directory, self._jobs, self._now(), self._told)
        sending = Round(
            self._sessions, self._directory, self._jobs, self._templates, self._post, self._now
        )
        await sending.send(self._told)
        return await self._pause()

    async def send_now(self, mail: ReportMail) -> None:
        """A letter besides those of the schedule. Raises Conflict while another is on its way."""
        now = self._now()
        if mail.next_at is None:
            raise Conflict(PAUSED)
        async with self._sessions.begin() as session:
            going = (ReportLetter.mail_id == mail.id, ReportLetter.stage != Stage.OVER)
            if await session.scalar(select(ReportLetter.id).where(*going).limit(1)):
                raise Conflict(N_("A letter of this schedule is on its way already."))
            due_at = now.replace(second=0, microsecond=0)  # so that two clicks are one letter
            try:
                at = self._calendar(now, due_at)
                await begin(session, self._directory, self._jobs, mail, due_at, at)
            except IntegrityError as error:
                raise Conflict(
                    N_("A letter of this schedule went out this very minute.")
                ) from error
        self.look()

    async def begin_due(
        self, session: AsyncSession, mail: ReportMail, now: datetime
    ) -> ReportLetter | None:
        """The letter of that schedule that is due, if one is, and when the next one is: several
        missed ones are one, the newest. Also before the schedule is changed. The caller commits."""
        if mail.next_at is None or mail.next_at > now or mail.deleted_at:
            return None
        rhythm, zone = rhythm_of(mail), self._templates.formats.zone
        due_at = max(mail.next_at, last_due(rhythm, now, zone))
        has_left = self._directory.person(mail.user_id) is None  # pauses it: its letter says why
        if not await _move(session, mail, None if has_left else next_due(rhythm, now, zone)):
            return None  # somebody else has begun it meanwhile
        there = (ReportLetter.mail_id == mail.id, ReportLetter.due_at == due_at)
        if await session.scalar(select(ReportLetter.id).where(*there)):
            return None  # sent by hand this very minute
        at = self._calendar(now, due_at)
        return await begin(session, self._directory, self._jobs, mail, due_at, at)

    def _calendar(self, now: datetime, due_at: datetime) -> Calendar:
        zone = self._templates.formats.zone
        return Calendar(now, due_at.astimezone(zone).date(), zone.key)

    async def _begin(self, mail_id: int) -> None:
        try:
            async with self._sessions.begin() as session:
                mail = await session.get_one(ReportMail, mail_id)
                letter = await self.begin_due(session, mail, self._now())
        except IntegrityError:  # by hand, at this moment: the next look moves it on
            return
        if letter and letter.stage == Stage.OVER:
            self._told(mail.user_id, mail_id)

    async def _give_up(self, mail_id: int) -> None:
        """Its letter could not be begun, and nobody foresaw that: the next one may go."""
        now, zone = self._now(), self._templates.formats.zone
        async with self._sessions.begin() as session:
            mail = await session.get_one(ReportMail, mail_id)
            if not await _move(session, mail, next_due(rhythm_of(mail), now, zone)):
                return
            letter = ReportLetter(mail_id=mail_id, due_at=now, created_at=now, stage=Stage.OVER)
            letter.problem = {"text": UNFORESEEN, "values": {}}
            session.add(letter)
        self._told(mail.user_id, mail_id)

    def _told(self, user_id: int, mail_id: int) -> None:
        """Tell its owner that a letter did not reach everybody."""
        log.warning("schedule %d: a letter was not sent to everybody", mail_id)
        self._tell(user_id, {"type": "letter", "href": f"/reports/mails/{mail_id}"})

    async def _pause(self) -> float:
        async with self._sessions() as session:
            upcoming = (ReportMail.next_at.is_not(None), ReportMail.deleted_at.is_(None))
            first = await session.scalar(
                select(ReportMail.next_at).where(*upcoming).order_by(ReportMail.next_at).limit(1)
            )
            times = [each for each in (first, await next_copy_at(session)) if each]
        until = min(((each - self._now()).total_seconds() for each in times), default=LOOK_S)
        return min(max(until, 0.05), LOOK_S)


async def _move(session: AsyncSession, mail: ReportMail, next_at: datetime | None) -> bool:
    """Whether it was still due at the time that we know."""
    mine = (ReportMail.id == mail.id, ReportMail.next_at == mail.next_at)
    moved = update(ReportMail).where(*mine).values(next_at=next_at)
    done = await session.execute(moved.execution_options(synchronize_session=False))
    return bool(getattr(done, "rowcount", 0))


async def job_over(app: web.Application, job: object) -> None:
    """A file is there, or will never be (jobs.kinds)."""
    app[POSTMAN].look()
