"""One account: adding it, changing it, its password, its devices [15.4, 15.6, 15.9]."""

from collections.abc import Sequence
from datetime import date

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.catalogues.queries import items
from callcenter.customers.numbers import key_of
from callcenter.errors import N_, Conflict
from callcenter.keys import CONFIG, DIRECTORY, SESSIONS, TEMPLATES
from callcenter.pages.templates import render, see_other
from callcenter.people import audit, throttle
from callcenter.people.models import Role, User
from callcenter.people.permissions import Permission, needs
from callcenter.staff import devices, forms, groups, handover, queries, skills
from callcenter.staff.forms import AccountForm, Choices, Problems
from callcenter.staff.mobile import own_numbers
from callcenter.staff.shared_views import (
    extensions,
    field_of,
    forget_grants,
    in_call,
    managed,
    reload,
    status_of,
    superior,
    texts,
)

routes = web.RouteTableDef()

SUGGESTED = 12  # free extensions


@routes.get("/team/new")
@needs(Permission.EMPLOYEES)
async def new(request: web.Request) -> web.StreamResponse:
    """?role= and ?department= fill in what a link has in mind."""
    mine = superior(request)
    role = request.query.get("role", "")
    async with request.app[SESSIONS]() as session:
        free = await queries.free_extensions(session, extensions(request))
        form = AccountForm(
            role=role if role in mine.roles else Role.AGENT.value,
            department=request.query.get("department", "") or str(mine.person.department_id or ""),
            extension=free[0] if free else "",
            language=request.app[CONFIG].language,
        )
        return await _page(request, session, form, None)


@routes.post("/team/new")
@needs(Permission.EMPLOYEES)
async def add(request: web.Request) -> web.StreamResponse:
    mine, today = superior(request), _today(request)
    async with request.app[SESSIONS]() as session:
        form = await _typed(request, session, None)
        if found := forms.problems(form, await _choices(request, session), today):
            return await _page(request, session, form, None, found)
        try:
            _check_quiet(request, form, None)
            user, password = await queries.add(session, form, mine.person.id, today)
            await skills.tick(session, user, form.skills, mine.person.id)
        except Conflict as conflict:
            await session.rollback()
            problems: Problems = {field_of(conflict, "name"): conflict}
            return await _page(request, session, form, None, problems)
        await session.commit()
    await reload(request)
    return _shown_once(request, user, password, N_("The account has been made."))


@routes.get(r"/team/{user_id:\d{1,9}}")
@needs(Permission.EMPLOYEES)
async def edit(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        user = await managed(request, session)
        form = await _of(session, user)
        return await _page(request, session, form, user)


@routes.post(r"/team/{user_id:\d{1,9}}")
@needs(Permission.EMPLOYEES)
async def change(request: web.Request) -> web.StreamResponse:
    mine, today = superior(request), _today(request)
    async with request.app[SESSIONS]() as session:
        user = await managed(request, session)
        had = await _of(session, user)
        form = await _typed(request, session, had)
        choices = await _choices(request, session)
        if found := forms.problems(form, choices, today, had):
            return await _page(request, session, form, user, found)
        try:
            _check_quiet(request, form, user)
            if user.id == mine.person.id and form.role != had.role:
                raise Conflict(N_("Nobody changes their own role."), field="role")
            again = await queries.change(session, user, form, mine.person.id, today)
            await queries.tick_groups(session, user, form.groups, mine.person.id)
            await skills.tick(session, user, form.skills, mine.person.id)
        except Conflict as conflict:
            await session.rollback()
            user = await queries.account(session, int(request.match_info["user_id"]))
            problems: Problems = {field_of(conflict, "role"): conflict}
            return await _page(request, session, form, user, problems)
        await session.commit()
    await reload(request)
    done = "account-saved-extension" if again else "account-saved"
    return see_other(f"/team/{user.id}", done=done)


@routes.get(r"/team/{user_id:\d{1,9}}/password")
@needs(Permission.EMPLOYEES)
async def ask_for_password(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        user = await managed(request, session)
    return render(request, "staff/reset.html", user=user)


@routes.post(r"/team/{user_id:\d{1,9}}/password")
@needs(Permission.EMPLOYEES)
async def reset_password(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        user = await managed(request, session)
        if not user.active:
            raise Conflict(N_("{name} has left already."), name=user.name)
        password = await queries.reset_password(session, user, superior(request).person.id)
        await session.commit()
    forget_grants(request)
    return _shown_once(request, user, password, N_("The password has been reset."))


@routes.post(r"/team/{user_id:\d{1,9}}/unlock")
@needs(Permission.EMPLOYEES)
async def unlock(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        user = await managed(request, session)
        await throttle.unlock(session, user.username)
        audit.note(session, superior(request).person.id, "unlocked", user.username)
        await session.commit()
    return see_other(f"/team/{user.id}", done="account-unlocked")


@routes.post(r"/team/{user_id:\d{1,9}}/sign-out")
@needs(Permission.EMPLOYEES)
async def sign_out(request: web.Request) -> web.StreamResponse:
    """Form field `device`: its name; all of them without."""
    async with request.app[SESSIONS]() as session:
        user = await managed(request, session)
        if name := (await texts(request)).get("device", ""):
            await devices.sign_out(session, user.id, name)
        else:
            await queries.end_sessions(session, user)
        audit.note(session, superior(request).person.id, "signed-out", user.username)
        await session.commit()
    forget_grants(request)
    return see_other(f"/team/{user.id}", done="devices-signed-out")


def _today(request: web.Request) -> date:
    return request.app[TEMPLATES].formats.today()


async def _typed(
    request: web.Request, session: AsyncSession, had: AccountForm | None
) -> AccountForm:
    """The form as it was typed; what one may not give stays as it was."""
    given = await request.post()
    ticked = [str(each) for each in given.getall("group", [])]
    if not superior(request).rights.may(Permission.GROUPS):
        ticked = [str(each) for each in had.groups] if had else []
    known = {str(each.id) for each in await items(session, Catalogue.SKILL, put_away=True)}
    skilled = [str(each) for each in given.getall("skill", []) if str(each) in known]
    return forms.tidy(await texts(request), ticked, skilled)


async def _of(session: AsyncSession, user: User) -> AccountForm:
    """The form as it stands in the tables."""
    groups = await queries.groups_of(session, user.id)
    return forms.of(user, groups, await skills.of_user(session, user.id))


async def _choices(request: web.Request, session: AsyncSession) -> Choices:
    mine, directory = superior(request), request.app[DIRECTORY]
    types = await items(session, Catalogue.EMPLOYEE_TYPE)
    return Choices(
        roles=mine.roles,
        departments=mine.departments(directory.departments),
        extensions=extensions(request),
        employee_types={each.id for each in types},
        own_numbers=await own_numbers(session),
    )


def _check_quiet(request: web.Request, form: AccountForm, user: User | None) -> None:
    """A phone that somebody is talking at right now stays what it is."""
    is_new = form.extension != ((user.extension if user else None) or "")
    if is_new and in_call(request, form.extension):
        sentence = N_("There is a call at this extension. Try again when it has ended.")
        raise Conflict(sentence, field="extension")
    if user and _rung_elsewhere(user, form) and in_call(request, user.extension):
        raise Conflict(N_("They are in a call. Choose the phone when it has ended."), field="rings")


def _rung_elsewhere(user: User, form: AccountForm) -> bool:
    is_new = form.rings == "mobile" and key_of(user.mobile) != key_of(form.mobile)
    return user.rings != form.rings or is_new


async def _page(
    request: web.Request,
    session: AsyncSession,
    form: AccountForm,
    user: User | None,
    problems: Problems | None = None,
) -> web.Response:
    mine, directory = superior(request), request.app[DIRECTORY]
    choices = await _choices(request, session)
    types: Sequence[CatalogueItem] = await items(session, Catalogue.EMPLOYEE_TYPE, put_away=True)
    skilled = await items(session, Catalogue.SKILL, put_away=True)
    return render(
        request,
        "staff/form.html",
        status=status_of(problems or {}),
        form=form,
        user=user,
        problems=problems or {},
        roles=mine.roles,
        departments=[
            each for each in directory.departments.values() if each.id in choices.departments
        ],
        types=[each for each in types if each.active or str(each.id) == form.employee_type],
        skills=[each for each in skilled if each.active or each.id in form.skills],
        free=(await queries.free_extensions(session, choices.extensions))[:SUGGESTED],
        extensions=choices.extensions,
        groups=await groups.groups(session) if mine.rights.may(Permission.GROUPS) else [],
        devices=await devices.devices(session, user.id) if user else [],
        locked=bool(user and await throttle.locked(session, [user.username])),
        customers=await handover.count_customers(session, user.id) if user else 0,
        own=bool(user and user.id == mine.person.id),
    )


def _shown_once(
    request: web.Request, user: User, password: str, sentence: str
) -> web.StreamResponse:
    return render(
        request,
        "staff/password.html",
        user=user,
        password=password,
        sentence=sentence,
        is_new="user_id" not in request.match_info,
    )
