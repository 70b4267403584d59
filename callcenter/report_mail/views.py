"""/reports/mails: reports that go out by email on a schedule, and what became of each letter."""

from collections.abc import Mapping
from datetime import UTC, datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, CallcenterError, Conflict, Forbidden, Invalid, Missing
from callcenter.keys import DIRECTORY, POSTMAN, SESSIONS, TEMPLATES
from callcenter.mail.server import mail_server
from callcenter.pages.formats import WEEKDAYS
from callcenter.pages.language import current
from callcenter.pages.templates import render, see_other
from callcenter.people import audit
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.report_files.asking import report_of
from callcenter.report_files.forms import FORMS
from callcenter.report_files.kept import views_for
from callcenter.report_mail import forms, schedules
from callcenter.report_mail.files import MOST
from callcenter.report_mail.models import NOT_SENT, ReportCopy, ReportLetter, ReportMail, Stage
from callcenter.report_mail.rights import colleagues, ids_of, may_write_outside, owner_of
from callcenter.report_mail.round import end_paused
from callcenter.report_mail.shown import Line, became, line, looks_again_s, title_of
from callcenter.report_mail.times import Every, next_due, rhythm_of

routes = web.RouteTableDef()

PATH = "/reports/mails"
ONE = PATH + r"/{mail_id:\d{1,9}}"
LETTERS = 60  # shown of a schedule


@routes.get(PATH)
@needs(Permission.EXPORT)
async def all_mails(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        lines = await _lines(session, request)
        is_off = await mail_server(session) is None
    return render(request, "report_mail/list.html", lines=lines, is_off=is_off)


@routes.get(PATH + "/trouble")
@needs(Permission.EXPORT)
async def trouble(request: web.Request) -> web.StreamResponse:
    """A part of the page of reports: one's own schedules whose last letter did not reach all."""
    async with request.app[SESSIONS]() as session:
        lines = [each for each in await _lines(session, request) if not each.owner]
    bad = [each for each in lines if each.last and each.last[2] in ("bad", "warn")]
    return render(request, "report_mail/trouble.html", lines=bad)


async def _lines(session: AsyncSession, request: web.Request) -> list[Line]:
    mails = await schedules.mails_for(session, signed_in(request).person)
    last = await schedules.last_letters(session, [each.id for each in mails])
    return [await line(session, request, each, last.get(each.id)) for each in mails]


@routes.get(PATH + "/new")
@needs(Permission.EXPORT)
async def new(request: web.Request) -> web.StreamResponse:
    """?view= (an id) is chosen to begin with."""
    texts = forms.NEW | {"view": request.query.get("view", ""), "language": current()}
    form = forms.Typed(texts | {"addresses": ""}, {"0"}, {str(signed_in(request).user.id)})
    return await _form(request, None, form)


@routes.post(PATH + "/new")
@needs(Permission.EXPORT)
async def add(request: web.Request) -> web.StreamResponse:
    form, who = forms.typed(await request.post()), signed_in(request)
    mail = ReportMail(user_id=who.user.id, created_at=datetime.now(UTC))
    async with request.app[SESSIONS].begin() as session:
        problems = await _filled(session, request, mail, form)
        if not problems:
            _set_next(request, mail)
            session.add(mail)
            await _note(session, request, mail, "report-mail-set")
    if problems:
        return await _form(request, None, form, problems)
    request.app[POSTMAN].look()
    return see_other(f"{PATH}/{mail.id}", done="mail-planned")


@routes.get(ONE)
@needs(Permission.EXPORT)
async def one(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        mail = await _mail(session, request)
    return await _form(request, mail, forms.shown(mail))


@routes.post(ONE)
@needs(Permission.EXPORT)
async def change(request: web.Request) -> web.StreamResponse:
    form = forms.typed(await request.post())
    async with request.app[SESSIONS]() as session:
        mail = await _mail(session, request, own=True)
        await request.app[POSTMAN].begin_due(session, mail, datetime.now(UTC))  # as it was
        problems = await _filled(session, request, mail, form)
        if not problems:
            if mail.next_at:  # a paused one stays so
                _set_next(request, mail)
            await _note(session, request, mail, "report-mail-set")
            await session.commit()
    if problems:
        return await _form(request, mail, form, problems)
    request.app[POSTMAN].look()
    return see_other(f"{PATH}/{mail.id}", done="mail-planned")


@routes.post(ONE + "/pause")
@needs(Permission.EXPORT)
async def pause(request: web.Request) -> web.StreamResponse:
    """Paused, or going on again, the other way round than it was."""
    async with request.app[SESSIONS].begin() as session:
        mail = await _mail(session, request)
        if mail.next_at:
            await request.app[POSTMAN].begin_due(session, mail, datetime.now(UTC))
            mail.next_at = None
            await end_paused(session)
        else:
            _set_next(request, mail)
        action = "report-mail-resumed" if mail.next_at else "report-mail-paused"
        await _note(session, request, mail, action)
    request.app[POSTMAN].look()
    return see_other(f"{PATH}/{mail.id}", done="mail-resumed" if mail.next_at else "mail-paused")


@routes.post(ONE + "/delete")
@needs(Permission.EXPORT)
async def delete(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS].begin() as session:
        mail = await _mail(session, request)
        await _note(session, request, mail, "report-mail-deleted")
        mail.deleted_at, mail.next_at = datetime.now(UTC), None
    return see_other(PATH, done="mail-deleted")


@routes.post(ONE + "/send")
@needs(Permission.EXPORT)
async def send_now(request: web.Request) -> web.StreamResponse:
    """A letter at once, besides those of the schedule."""
    async with request.app[SESSIONS]() as session:
        mail = await _mail(session, request, own=True)
    try:
        await request.app[POSTMAN].send_now(mail)
    except Conflict as problem:
        return await _form(request, mail, forms.shown(mail), {"send": problem})
    async with request.app[SESSIONS].begin() as session:
        await _note(session, request, mail, "report-mail-sent")
    return see_other(f"{PATH}/{mail.id}", done="mail-going")


@routes.post(ONE + r"/again/{letter_id:\d{1,9}}")
@needs(Permission.EXPORT)
async def send_again(request: web.Request) -> web.StreamResponse:
    """The copies of a letter that did not go out."""
    problem: Conflict | Forbidden | None = None
    async with request.app[SESSIONS].begin() as session:
        mail = await _mail(session, request, own=True)
        letter = await session.get(ReportLetter, int(request.match_info["letter_id"]))
        if letter is None or letter.mail_id != mail.id:
            raise Missing(schedules.NO_LETTER)
        if letter.stage == Stage.OVER and not letter.problem:
            now, directory = datetime.now(UTC), request.app[DIRECTORY]
            try:
                await schedules.send_again(session, directory, mail, letter, now)
                if letter.stage == Stage.OVER:  # each copy says why
                    problem = Conflict(N_("There is nobody to send it to."))
                else:
                    await _note(session, request, mail, "report-mail-sent")
            except (Conflict, Forbidden) as why:
                problem = why
    if problem:
        return await _form(request, mail, forms.shown(mail), {"send": problem})
    request.app[POSTMAN].look()
    return see_other(f"{PATH}/{mail.id}", done="mail-going")


async def _mail(session: AsyncSession, request: web.Request, *, own: bool = False) -> ReportMail:
    """Raises Missing."""
    person, mail_id = signed_in(request).person, int(request.match_info["mail_id"])
    find = schedules.own_mail if own else schedules.mail_for
    return await find(session, person, mail_id)


def _set_next(request: web.Request, mail: ReportMail) -> None:
    zone = request.app[TEMPLATES].formats.zone
    mail.next_at = next_due(rhythm_of(mail), datetime.now(UTC), zone)


async def _filled(
    session: AsyncSession, request: web.Request, mail: ReportMail, form: forms.Typed
) -> Mapping[str, Invalid]:
    """What must be put right."""
    person, directory = signed_in(request).person, request.app[DIRECTORY]
    views = await views_for(session, directory, person)
    there = await colleagues(session, directory, person)
    problems = dict(
        forms.fill(
            mail,
            form,
            [each.id for each in views],
            [each.id for each, address in there if address],
            outside=may_write_outside(person),
        )
    )
    chosen = next((each for each in views if each.id == mail.view_id), None)
    if chosen and "view" not in problems:
        try:
            owner_of(directory, mail, report_of(chosen.report))
        except Forbidden as problem:
            problems["view"] = Invalid(problem.sentence, field="view", **problem.values)
    return problems


async def _note(session: AsyncSession, request: web.Request, mail: ReportMail, action: str) -> None:
    """For the audit: which schedule, and to whom it goes."""
    _, view = await title_of(session, request, mail)
    people = [request.app[DIRECTORY].known(each) for each in ids_of(mail)]
    to = ", ".join([*(each.name for each in people if each), *mail.addresses.split()])
    detail = f"{view} ({mail.every} {rhythm_of(mail).clock}, {mail.format}): {to}"
    audit.note(session, signed_in(request).user.id, action, detail)


async def _form(
    request: web.Request,
    mail: ReportMail | None,
    form: forms.Typed,
    problems: Mapping[str, CallcenterError] | None = None,
) -> web.Response:
    who, directory = signed_in(request), request.app[DIRECTORY]
    shown, letters = None, list[tuple[ReportLetter, list[ReportCopy]]]()
    async with request.app[SESSIONS]() as session:
        views = await views_for(session, directory, who.person)
        there = await colleagues(session, directory, who.person)
        is_off = await mail_server(session) is None
        if mail:
            letters = await schedules.letters_of(session, [mail.id], LETTERS)
            shown = await line(session, request, mail, letters[0] if letters else None)
    problem = next(iter(problems.values()), None) if problems else None
    return render(
        request,
        "report_mail/mail.html",
        problem.status if problem else 200,
        mail=mail,
        shown=shown,
        own=mail is None or mail.user_id == who.user.id,
        form=form,
        problems=problems or {},
        views=[(each.id, f"{each.name} – {_title(request, each.report)}") for each in views],
        colleagues=there,
        outside=may_write_outside(who.person),
        every=Every,
        weekdays=WEEKDAYS[current()],
        forms=FORMS.values(),
        most=MOST,
        letters=letters,
        again_s=looks_again_s(mail, letters, datetime.now(UTC)) if mail else None,
        paused=mail is not None and mail.next_at is None,
        became=became,
        not_sent=NOT_SENT,
        is_off=is_off,
        zone=request.app[TEMPLATES].formats.zone.key,
    )


def _title(request: web.Request, report: str) -> str:
    return request.app[TEMPLATES].words.say(report_of(report).title)
