"""One round of letters: each copy that is due is handed to the mail server."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

from multidict import MultiDict
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Sessions, steadily
from callcenter.errors import N_, CallcenterError
from callcenter.jobs.runner import Jobs
from callcenter.mail.post import Fate, Post, Undelivered
from callcenter.mail.server import MailServer, mail_server
from callcenter.pages.language import speak
from callcenter.pages.templates import Templates
from callcenter.people.directory import Directory, Person
from callcenter.people.models import User
from callcenter.report_files.asking import Printer, report_of
from callcenter.report_files.forms import form_of
from callcenter.report_files.work import path_of
from callcenter.report_mail.guard import UNFORESEEN, guarded
from callcenter.report_mail.letters import About, written
from callcenter.report_mail.models import ReportCopy, ReportLetter, ReportMail, Stage, State
from callcenter.report_mail.rights import as_now, owner_of, recipients
from callcenter.report_mail.schedules import NO_SERVER, sentence
from callcenter.report_mail.times import in_words, rhythm_of
from callcenter.reports import asked as asking

WAITS: Final = (60, 300, 900, 1800, 3600)  # seconds before each next attempt; then the last again
LETTERS_WAIT: Final = "letters wait"  # while the database is away
PATIENCE: Final = timedelta(days=1)
AT_ONCE: Final = 200
LOST: Final = 2  # connections one after the other: it is the server, not these recipients
GOING = (ReportMail.deleted_at.is_(None), ReportMail.next_at.is_not(None))  # of schedules
WAS_PAUSED = N_("The schedule was paused before it went out.")
GONE = N_("The file is no longer there: send the report anew.")
DOUBTFUL = N_(
    "The service ended while the letter was handed over. Whether it has arrived is not known: ask,"
    " then send it again if it has not."
)


class Ready(NamedTuple):
    """A copy with all it belongs to."""

    copy: ReportCopy
    letter: ReportLetter
    mail: ReportMail


class TakenAway(Exception):
    """A copy that waits no longer, or for a schedule that is paused or deleted by now."""


class Round:
    def __init__(
        self,
        sessions: Sessions,
        directory: Directory,
        jobs: Jobs,
        templates: Templates,
        post: Post,
        now: Callable[[], datetime],
    ) -> None:
        self._sessions, self._directory, self._jobs = sessions, directory, jobs
        self._templates, self._post, self._now = templates, post, now
        self._away: Undelivered | None = None  # the server takes nothing: the rest need not ask
        self._lost = 0  # connections, one after the other

    async def send(self, told: Callable[[int, int], None]) -> None:
        """All that are due. What became of one is written down however long the database is away;
        `told(user id, schedule's id)` when one did not reach everybody."""
        async with self._sessions.begin() as session:
            await end_paused(session)
            found = await _due(session, self._now())
            server = await mail_server(session)
        for ready in found:
            values = await guarded(
                partial(self._handed, ready, server),
                partial(_broken, ready.copy),
                f"report copy {ready.copy.id}",
            )
            if not values:
                continue
            if await steadily(partial(self._write, ready, values), LETTERS_WAIT):
                told(ready.mail.user_id, ready.mail.id)
        await self._post.close()

    async def _write(self, ready: Ready, values: dict[str, Any]) -> bool:
        """Whether its letter is over now and did not reach everybody."""
        mine = ReportCopy.id == ready.copy.id, ReportCopy.state.in_((State.WAITING, State.HANDING))
        became = update(ReportCopy).where(*mine).values(address=ready.copy.address, **values)
        async with self._sessions.begin() as session:
            await session.execute(became)
            return await settle(session, ready.letter.id)

    async def _handed(self, ready: Ready, server: MailServer | None) -> dict[str, Any]:
        """What became of it: new values of its row; {} when it has been taken away meanwhile."""
        copy, now = ready.copy, self._now()
        if self._away:  # who was not even asked for comes first the next time
            return _later(copy, self._away, now) | {"tries": copy.tries + self._away.everybody}
        try:
            if server is None:
                raise Undelivered(Fate.LATER, NO_SERVER, everybody=True)
            text = await self._text(ready, server)
            answer = await self._post.send(server, text, copy.address, lambda: self._mark(ready))
        except TakenAway:
            return {}
        except Undelivered as problem:
            self._lost = self._lost + 1 if problem.lost else 0
            if problem.everybody or self._lost == LOST:
                self._away = problem
            return _later(copy, problem, now) | {"tries": copy.tries + 1}
        except CallcenterError as problem:
            return {"state": State.REFUSED, "said": sentence(problem)}
        self._lost = 0
        said = {"text": N_("The mail server has taken it: {answer}"), "values": {"answer": answer}}
        return {"state": State.SENT, "said": said, "sent_at": now, "tries": copy.tries + 1}

    async def _mark(self, ready: Ready) -> None:
        """Before the text goes out: from here on this copy is never sent again by itself. Raises
        when it may not go out any more, at the last moment."""
        going = select(ReportMail.id).where(ReportMail.id == ready.mail.id, *GOING).exists()
        mine = ReportCopy.id == ready.copy.id, ReportCopy.state == State.WAITING, going
        async with self._sessions.begin() as session:
            marked = await session.execute(
                update(ReportCopy)
                .where(*mine)
                .values(state=State.HANDING)
                .execution_options(synchronize_session=False)
            )
            if getattr(marked, "rowcount", 0) != 1:
                raise TakenAway
            mail = await session.get_one(ReportMail, ready.mail.id)
            await self._allowed(session, ready._replace(mail=mail))
        ready.copy.state = State.HANDING

    async def _allowed(self, session: AsyncSession, ready: Ready) -> Person:
        """The owner, who may still send it; the copy's address becomes that of now. Raises why it
        goes to nobody, or not to them."""
        owner = owner_of(self._directory, ready.mail, report_of(ready.letter.report))
        found = await recipients(session, self._directory, owner, ready.mail)
        recipient = as_now(found, ready.copy)
        if recipient.problem:
            raise recipient.problem
        ready.copy.address = recipient.address
        return owner

    async def _text(self, ready: Ready, server: MailServer) -> bytes:
        """The letter in its language. Raises why it may not be sent any more."""
        letter, mail = ready.letter, ready.mail
        speak(letter.language)
        async with self._sessions() as session:
            owner = await self._allowed(session, ready)
            email = await session.scalar(select(User.email).where(User.id == owner.id))
        path = path_of(self._jobs.folder(letter.job_id or 0), letter.format)
        try:
            file = await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            raise Undelivered(Fate.REFUSED, GONE) from error
        words, formats = self._templates.words, self._templates.formats
        question = asking.read(MultiDict(parse_qsl(letter.asked)), formats.today())
        about = About(
            title=words.say(report_of(letter.report).title),
            view=letter.view_name,
            period=Printer(self._directory, words, formats).period(question),
            rhythm=in_words(rhythm_of(mail), words),
            owner=owner.name,
            reply_to=email or "",
        )
        form, templates, copy = form_of(letter.format), self._templates, ready.copy
        write = partial(written, server, templates, letter, copy, about, form, file)
        return await asyncio.to_thread(lambda: write().as_bytes())  # a large one takes a second


async def _broken(copy: ReportCopy) -> dict[str, Any]:
    state = State.UNKNOWN if copy.state == State.HANDING else State.REFUSED
    return {"state": state, "said": {"text": UNFORESEEN, "values": {}}}


def _later(copy: ReportCopy, problem: Undelivered, now: datetime) -> dict[str, Any]:
    said = sentence(problem)
    if problem.fate is Fate.REFUSED:
        return {"state": State.REFUSED, "said": said}
    if problem.fate is Fate.UNKNOWN:
        return {"state": State.UNKNOWN, "said": said}
    next_at = now + timedelta(seconds=WAITS[min(copy.tries, len(WAITS) - 1)])
    if next_at > copy.since + PATIENCE:
        return {"state": State.GIVEN_UP, "said": said}
    return {"state": State.WAITING, "said": said, "next_at": next_at}


async def _due(session: AsyncSession, now: datetime) -> Sequence[Ready]:
    rows = await session.execute(
        select(ReportCopy, ReportLetter, ReportMail)
        .join(ReportLetter, ReportLetter.id == ReportCopy.letter_id)
        .join(ReportMail, ReportMail.id == ReportLetter.mail_id)
        .where(ReportCopy.state == State.WAITING, *GOING, ReportCopy.next_at <= now)
        .order_by(ReportCopy.tries, ReportCopy.next_at, ReportCopy.id)
        .limit(AT_ONCE)
    )
    return [Ready(*row) for row in rows]


async def next_copy_at(session: AsyncSession) -> datetime | None:
    return await session.scalar(
        select(ReportCopy.next_at)
        .join(ReportLetter, ReportLetter.id == ReportCopy.letter_id)
        .join(ReportMail, ReportMail.id == ReportLetter.mail_id)
        .where(ReportCopy.state == State.WAITING, *GOING)
        .order_by(ReportCopy.next_at)
        .limit(1)
    )


async def end_paused(session: AsyncSession) -> None:
    """Copies that wait for schedules that are paused wait no longer, and say so."""
    theirs = (
        select(ReportCopy)
        .join(ReportLetter, ReportLetter.id == ReportCopy.letter_id)
        .join(ReportMail, ReportMail.id == ReportLetter.mail_id)
        .where(ReportCopy.state == State.WAITING, ReportMail.next_at.is_(None))
    )
    copies = (await session.scalars(theirs)).all()
    for copy in copies:
        copy.state, copy.said = State.REFUSED, {"text": WAS_PAUSED, "values": {}}
    for letter_id in {each.letter_id for each in copies}:
        await settle(session, letter_id)


async def doubtful(session: AsyncSession) -> set[int]:
    """At a start: copies that were on the way when the service ended; their letters' ids."""
    mine = update(ReportCopy).where(ReportCopy.state == State.HANDING)
    said = {"text": DOUBTFUL, "values": {}}
    rows = mine.values(state=State.UNKNOWN, said=said).returning(ReportCopy.letter_id)
    return set(await session.scalars(rows.execution_options(synchronize_session=False)))


async def settle(session: AsyncSession, letter_id: int) -> bool:
    """A letter is over when none of its copies waits; whether it did not reach everybody then."""
    states = set(
        await session.scalars(select(ReportCopy.state).where(ReportCopy.letter_id == letter_id))
    )
    if states & {State.WAITING, State.HANDING}:
        return False
    over = update(ReportLetter).where(ReportLetter.id == letter_id)
    await session.execute(over.values(stage=Stage.OVER))
    return states != {State.SENT}
