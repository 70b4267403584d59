"""The files of letters: made by jobs. Once one is there its letter has recipients."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Sessions
from callcenter.errors import N_, CallcenterError, Conflict
from callcenter.jobs.models import OPEN, Job
from callcenter.jobs.models import State as JobState
from callcenter.jobs.runner import Jobs
from callcenter.pages.formats import size
from callcenter.people.directory import Directory
from callcenter.report_files.asking import report_of
from callcenter.report_mail.guard import UNFORESEEN, guarded
from callcenter.report_mail.models import ReportCopy, ReportLetter, ReportMail, Stage, State
from callcenter.report_mail.rights import owner_of, recipients
from callcenter.report_mail.round import settle
from callcenter.report_mail.schedules import sentence

MOST: Final = 10 * 2**20  # bytes of a file; in a letter it is a third larger, and many refuse 20 MB


async def take_files(
    sessions: Sessions,
    directory: Directory,
    jobs: Jobs,
    now: datetime,
    told: Callable[[int, int], None],
) -> None:
    """Each letter whose job is over gets its copies, or says why nothing is sent."""
    async with sessions() as session:
        statement = (
            select(ReportLetter.id)
            .outerjoin(Job, Job.id == ReportLetter.job_id)
            .where(ReportLetter.stage == Stage.MAKING)
            .where(or_(Job.id.is_(None), Job.state.not_in(OPEN)))
        )
        ids = (await session.scalars(statement)).all()
    for letter_id in ids:
        failed = await guarded(
            partial(_take, sessions, directory, letter_id, now),
            partial(_give_up, sessions, letter_id),
            f"report letter {letter_id}",
        )
        if failed:
            told(failed.user_id, failed.id)


async def _take(
    sessions: Sessions, directory: Directory, letter_id: int, now: datetime
) -> ReportMail | None:
    """Its schedule, when it is over already: nobody gets it."""
    async with sessions.begin() as session:
        letter = await session.get_one(ReportLetter, letter_id)
        mail = await session.get_one(ReportMail, letter.mail_id)
        job = await session.get(Job, letter.job_id) if letter.job_id else None
        if problem := _problem(job):
            letter.stage, letter.problem = Stage.OVER, problem
            return mail
        assert job
        letter.file_name = str(job.result["name"])
        problem = await _address(session, directory, mail, letter, now)
        return mail if problem or await settle(session, letter_id) else None


async def _give_up(sessions: Sessions, letter_id: int) -> ReportMail:
    async with sessions.begin() as session:
        letter = await session.get_one(ReportLetter, letter_id)
        letter.stage, letter.problem = Stage.OVER, {"text": UNFORESEEN, "values": {}}
        return await session.get_one(ReportMail, letter.mail_id)


def _problem(job: Job | None) -> dict[str, Any]:
    """Why there is no file to send; {} when there is."""
    if job is not None and job.state == JobState.DONE:
        if job.result["size"] <= MOST:
            return {}
        limits = {"size": size(job.result["size"]), "most": size(MOST)}
        return sentence(
            Conflict(
                N_(
                    "The file has {size}, and letters carry {most} at most. Choose a shorter"
                    " period, or take the report out on its page."
                ),
                **limits,
            )
        )
    if job is not None and job.problem:
        return job.problem
    return sentence(Conflict(N_("The making of the file was stopped.")))


async def _address(
    session: AsyncSession,
    directory: Directory,
    mail: ReportMail,
    letter: ReportLetter,
    now: datetime,
) -> dict[str, Any]:
    """Put down a copy for each recipient; why not, when there is nobody to send it to."""
    try:
        owner = owner_of(directory, mail, report_of(letter.report))
        found = await recipients(session, directory, owner, mail)
        if not found:
            raise Conflict(N_("There is nobody to send it to."))
    except CallcenterError as problem:
        letter.stage, letter.problem = Stage.OVER, sentence(problem)
        return letter.problem
    written: set[str] = set()
    for each in found:
        if each.address and each.address.lower() in written:
            continue
        written.add(each.address.lower())
        copy = ReportCopy(
            letter_id=letter.id,
            user_id=each.user_id,
            name=each.name,
            address=each.address,
            since=now,
            next_at=now,
        )
        if each.problem:
            copy.state, copy.said = State.REFUSED, sentence(each.problem)
        session.add(copy)
    letter.stage = Stage.SENDING
    return {}
