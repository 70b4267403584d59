"""A schedule and its letters, as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, CallcenterError
from callcenter.keys import DIRECTORY, TEMPLATES
from callcenter.people.session import signed_in
from callcenter.report_files.asking import report_of
from callcenter.report_files.forms import FORMS
from callcenter.report_mail.models import ReportCopy, ReportLetter, ReportMail, Stage, State
from callcenter.report_mail.rights import addresses_of, ids_of
from callcenter.report_mail.schedules import view_of
from callcenter.report_mail.times import in_words, rhythm_of

Words = tuple[str, str, str]  # text, icon, kind of chip
STATES: Final[dict[str, Words]] = {
    State.WAITING: (N_("Is being sent"), "clock", "acc"),
    State.HANDING: (N_("Is being sent"), "clock", "acc"),
    State.SENT: (N_("Sent"), "check", "ok"),
    State.REFUSED: (N_("Not sent"), "alert", "bad"),
    State.GIVEN_UP: (N_("Given up after a day"), "alert", "bad"),
    State.UNKNOWN: (N_("Not known whether sent"), "alert", "warn"),
}
TRIED: Final[Words] = (N_("Not sent yet, is tried again"), "alert", "warn")
SOON_S: Final = 900.0  # a page that will be old so soon looks again by itself


@dataclass(frozen=True, slots=True)
class Line:
    """`owner` is "" for one's own. `last` is what became of the last letter: its time and words."""

    mail: ReportMail
    title: str
    view: str
    rhythm: str
    recipients: int
    file: str
    owner: str
    last_at: datetime | None
    last: Words | None
    sent: int
    copies: int


async def line(
    session: AsyncSession,
    request: web.Request,
    mail: ReportMail,
    last: tuple[ReportLetter, list[ReportCopy]] | None,
) -> Line:
    words, directory = request.app[TEMPLATES].words, request.app[DIRECTORY]
    title, view = await title_of(session, request, mail)
    owner = directory.known(mail.user_id)
    is_own = mail.user_id == signed_in(request).user.id
    copies = last[1] if last else []
    return Line(
        mail=mail,
        title=title,
        view=view,
        rhythm=in_words(rhythm_of(mail), words),
        recipients=len(ids_of(mail)) + len(addresses_of(mail)),
        file=FORMS[mail.format].label,
        owner="" if is_own or owner is None else owner.name,
        last_at=last[0].due_at if last else None,
        last=result(*last) if last else None,
        sent=sum(each.state == State.SENT for each in copies),
        copies=len(copies),
    )


async def title_of(
    session: AsyncSession, request: web.Request, mail: ReportMail
) -> tuple[str, str]:
    """The report's title and the view's name; of a view that is gone only that it is."""
    say = request.app[TEMPLATES].words.say
    try:
        view = await view_of(session, request.app[DIRECTORY], mail)
        return say(report_of(view.report).title), view.name
    except CallcenterError:
        return "", say(N_("A view that is gone"))


def result(letter: ReportLetter, copies: list[ReportCopy]) -> Words:
    """What became of a letter."""
    states: set[Any] = {each.state for each in copies}
    if letter.problem:
        return N_("Not sent"), "alert", "bad"
    if letter.stage == Stage.MAKING:
        return N_("The file is being made"), "clock", "acc"
    if states & {State.WAITING, State.HANDING}:
        tried = next((each for each in copies if became(each) is TRIED), None)
        return STATES[State.WAITING] if tried is None else TRIED
    if states == {State.SENT}:
        return STATES[State.SENT]
    if State.SENT in states:
        return N_("Not sent to everybody"), "alert", "warn"
    return STATES[next(iter(states), State.REFUSED)]


def became(copy: ReportCopy) -> Words:
    """What became of one recipient's letter."""
    return TRIED if copy.state == State.WAITING and copy.tries else STATES[copy.state]


def looks_again_s(
    mail: ReportMail, letters: Sequence[tuple[ReportLetter, list[ReportCopy]]], now: datetime
) -> float | None:
    """In how many seconds a page that shows them is old; None when that is not soon."""
    if any(_is_going(*each) for each in letters):
        return 2.0
    waiting = [each for _, copies in letters for each in copies if each.state == State.WAITING]
    times = [each.next_at for each in waiting] + ([mail.next_at] if mail.next_at else [])
    left = min(((each - now).total_seconds() for each in times), default=SOON_S)
    return max(left, 0.0) + 2.0 if left < SOON_S else None


def _is_going(letter: ReportLetter, copies: list[ReportCopy]) -> bool:
    return letter.stage == Stage.MAKING or any(
        each.state == State.HANDING or (each.state == State.WAITING and not each.tries)
        for each in copies
    )
