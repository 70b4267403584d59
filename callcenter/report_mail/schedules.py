"""Schedules in the database: whose, their letters, and how a letter begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Sessions
from callcenter.errors import N_, CallcenterError, Conflict, Missing
from callcenter.jobs.runner import Jobs
from callcenter.mail.server import mail_server
from callcenter.people.directory import Directory, Person
from callcenter.people.models import Role
from callcenter.report_files.asking import report_of
from callcenter.report_files.kept import view_for
from callcenter.report_files.models import ReportView
from callcenter.report_files.spans import opened
from callcenter.report_files.work import Wish
from callcenter.report_mail.models import (
    NOT_SENT,
    ReportCopy,
    ReportLetter,
    ReportMail,
    Stage,
    State,
)
from callcenter.report_mail.rights import as_now, owner_of, recipients
from callcenter.reports.asked import query_of

KEPT = timedelta(days=400)  # what became of letters: a year and a month
KIND = "report_mail"  # in jobs.kinds
NO_LETTER = N_("There is no such letter.")
PAUSED = N_("The schedule is paused: let it go on first.")
NO_SERVER = N_("No mail server is set.")


def sentence(problem: CallcenterError) -> dict[str, Any]:
    """As a row keeps it."""
    values = {name: str(value) for name, value in problem.values.items()}
    return {"text": problem.sentence, "values": values}


@dataclass(frozen=True, slots=True)
class Calendar:
    """The company's: `day` is that for which a letter is due, `zone` as IANA names it."""

    now: datetime
    day: date
    zone: str


async def begin(
    session: AsyncSession,
    directory: Directory,
    jobs: Jobs,
    mail: ReportMail,
    due_at: datetime,
    at: Calendar,
) -> ReportLetter:
    """The letter of that due time: its file is being made, or it is over and says why. The caller
    commits. An IntegrityError when there is one already."""
    letter = ReportLetter(mail_id=mail.id, due_at=due_at, created_at=at.now)
    try:
        wish, letter.view_name = await _wish(session, directory, mail, at)
    except CallcenterError as problem:
        letter.stage, letter.problem = Stage.OVER, sentence(problem)
        session.add(letter)
        await session.flush()
        return letter
    letter.report, letter.asked = wish.report, wish.asked
    letter.format, letter.language = wish.format, wish.language
    session.add(letter)
    await session.flush()
    title, params = report_of(wish.report).title, msgspec.to_builtins(wish)
    letter.job_id = await jobs.start(session, KIND, wish.user_id, title, params)
    return letter


async def _wish(
    session: AsyncSession, directory: Directory, mail: ReportMail, at: Calendar
) -> tuple[Wish, str]:
    """What is to be made, and the view's name. Raises why it cannot."""
    if await mail_server(session) is None:
        raise Conflict(NO_SERVER)
    view = await view_of(session, directory, mail)
    report = report_of(view.report)
    owner_of(directory, mail, report)
    question = opened(view.asked, view.span, view.against, at.day)
    wish = Wish(
        report=report.name,
        format=mail.format,
        asked=urlencode(query_of(question)),
        user_id=mail.user_id,
        language=mail.language,
        zone=at.zone,
    )
    return wish, view.name


async def view_of(session: AsyncSession, directory: Directory, mail: ReportMail) -> ReportView:
    """What it sends, as long as its owner may open that. Raises Missing."""
    owner = directory.known(mail.user_id)
    if owner is None:
        raise Missing(N_("There is no such view."))
    return await view_for(session, directory, owner, mail.view_id)


async def mail_for(session: AsyncSession, person: Person, mail_id: int) -> ReportMail:
    """One's own; superadmins see everybody's. Raises Missing."""
    mail = await session.get(ReportMail, mail_id)
    may = mail and (mail.user_id == person.id or person.role is Role.SUPERADMIN)
    if mail is None or not may or mail.deleted_at:
        raise Missing(N_("There is no such schedule."))
    return mail


async def own_mail(session: AsyncSession, person: Person, mail_id: int) -> ReportMail:
    """Raises Missing."""
    mail = await mail_for(session, person, mail_id)
    if mail.user_id != person.id:
        raise Missing(N_("There is no such schedule."))
    return mail


async def mails_for(session: AsyncSession, person: Person) -> Sequence[ReportMail]:
    """One's own, or everybody's for superadmins; the next letter first, paused ones last."""
    statement = select(ReportMail).where(ReportMail.deleted_at.is_(None))
    if person.role is not Role.SUPERADMIN:
        statement = statement.where(ReportMail.user_id == person.id)
    order = ReportMail.next_at.is_(None), ReportMail.next_at, ReportMail.id
    return (await session.scalars(statement.order_by(*order))).all()


async def letters_of(
    session: AsyncSession, mail_ids: Sequence[int], limit: int
) -> list[tuple[ReportLetter, list[ReportCopy]]]:
    """The newest of these schedules first, each with its copies."""
    newest = (
        select(ReportLetter)
        .where(ReportLetter.mail_id.in_(mail_ids))
        .order_by(ReportLetter.id.desc())
        .limit(limit)
    )
    letters = (await session.scalars(newest)).all()
    return await _with_copies(session, letters)


async def last_letters(
    session: AsyncSession, mail_ids: Sequence[int]
) -> dict[int, tuple[ReportLetter, list[ReportCopy]]]:
    """The last letter of each schedule, by the schedule's id."""
    last = (
        select(func.max(ReportLetter.id))
        .where(ReportLetter.mail_id.in_(mail_ids))
        .group_by(ReportLetter.mail_id)
    )
    letters = (await session.scalars(select(ReportLetter).where(ReportLetter.id.in_(last)))).all()
    return {each[0].mail_id: each for each in await _with_copies(session, letters)}


async def _with_copies(
    session: AsyncSession, letters: Sequence[ReportLetter]
) -> list[tuple[ReportLetter, list[ReportCopy]]]:
    ids = [each.id for each in letters]
    theirs = select(ReportCopy).where(ReportCopy.letter_id.in_(ids)).order_by(ReportCopy.id)
    found: dict[int, list[ReportCopy]] = {each: [] for each in ids}
    for copy in await session.scalars(theirs):
        found[copy.letter_id].append(copy)
    return [(each, found[each.id]) for each in letters]


async def send_again(
    session: AsyncSession,
    directory: Directory,
    mail: ReportMail,
    letter: ReportLetter,
    now: datetime,
) -> None:
    """The copies that did not go out, once more; one that may not go out any more says why. Raises
    Conflict while the schedule is paused, Forbidden when its owner may no longer send it."""
    if mail.next_at is None:
        raise Conflict(PAUSED)
    owner = owner_of(directory, mail, report_of(letter.report))
    found = await recipients(session, directory, owner, mail)
    failed = (ReportCopy.letter_id == letter.id, ReportCopy.state.in_(NOT_SENT))
    for copy in await session.scalars(select(ReportCopy).where(*failed)):
        if problem := as_now(found, copy).problem:
            copy.state, copy.said = State.REFUSED, sentence(problem)
        else:
            copy.state, copy.said, copy.tries = State.WAITING, {}, 0
            copy.since = copy.next_at = now
            letter.stage = Stage.SENDING


async def forget_letters(sessions: Sessions) -> None:
    """An errand of each day: letters of long ago, their copies with them."""
    async with sessions.begin() as session:
        before = datetime.now(UTC) - KEPT
        await session.execute(delete(ReportLetter).where(ReportLetter.created_at < before))
