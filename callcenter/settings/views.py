"""The settings: what there is to set, the company, its parameters, what it asks of files."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from aiohttp import web

from callcenter.config import database_url, home
from callcenter.customers.fields import FIELDS
from callcenter.customers.policy import (
    ALWAYS,
    MAY_BE_REQUIRED,
    MAY_BE_UNIQUE,
    policy,
    save_policy,
)
from callcenter.errors import N_, Invalid
from callcenter.keys import CONFIG, PARAMETERS, PRESENCE, RESCUE, SESSIONS, TEMPLATES
from callcenter.pages.templates import render, see_other
from callcenter.parts import recordings_folder
from callcenter.people.permissions import Door, Permission, needs
from callcenter.people.session import signed_in
from callcenter.settings.company import (
    LONGEST,
    Company,
    company,
    company_problems,
    save_company,
)
from callcenter.settings.parameters import LIMITS, Parameters, parameters, read, save_parameters
from callcenter.settings.sections import chapters_for

routes = web.RouteTableDef()


@routes.get("/settings")
@needs(Door.SIGNED_IN)
async def settings(request: web.Request) -> web.StreamResponse:
    """What one may set; who may set nothing is told so, and has no entry in the menu."""
    return render(
        request,
        "settings/settings.html",
        chapters=chapters_for(signed_in(request).rights),
    )


@routes.get("/settings/company")
@needs(Permission.COMPANY)
async def company_page(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        return _company(request, await company(session))


@routes.post("/settings/company")
@needs(Permission.COMPANY)
async def change_company(request: web.Request) -> web.StreamResponse:
    given = await request.post()
    texts = {
        name: " ".join(str(given.get(name, "")).replace("\0", "").split())
        for name in ("name", *LONGEST)
    }
    if texts["website"] and "://" not in texts["website"]:
        texts["website"] = f"https://{texts['website']}"
    async with request.app[SESSIONS]() as session:
        new = replace(await company(session), **texts)
        if problems := company_problems(new):
            return _company(request, new, problems)
        await save_company(session, new)
        await session.commit()
    await request.app[TEMPLATES].load(request.app[SESSIONS])
    return see_other("/settings/company", done="settings-saved")


@routes.get("/settings/parameters")
@needs(Permission.COMPANY)
async def parameters_page(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        now = await parameters(session)
    texts = {name: str(getattr(now, name)) for name in ("email_cc", *LIMITS)}
    return _parameters(request, texts)


@routes.post("/settings/parameters")
@needs(Permission.COMPANY)
async def change_parameters(request: web.Request) -> web.StreamResponse:
    given = await request.post()
    texts = {name: str(given.get(name, ""))[:1000] for name in ("email_cc", *LIMITS)}
    new, problems = read(texts)
    if problems:
        return _parameters(request, texts, problems)
    async with request.app[SESSIONS]() as session:
        await save_parameters(session, new)
        await session.commit()
    if PRESENCE in request.app:
        await request.app[PRESENCE].load_rules()
    await request.app[PARAMETERS].load(request.app[SESSIONS])
    if RESCUE in request.app:
        await request.app[RESCUE].tell_patience()
    return see_other("/settings/parameters", done="settings-saved")


@routes.get("/settings/required")
@needs(Permission.COMPANY)
async def required_page(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        ticked = (await policy(session)).required
    return _ticks(request, "settings/required.html", MAY_BE_REQUIRED | ALWAYS, ticked)


@routes.post("/settings/required")
@needs(Permission.COMPANY)
async def change_required(request: web.Request) -> web.StreamResponse:
    ticked = await _ticked(request)
    async with request.app[SESSIONS]() as session:
        await save_policy(session, replace(await policy(session), required=ticked))
        await session.commit()
    return see_other("/settings/required", done="settings-saved")


@routes.get("/settings/duplicates")
@needs(Permission.COMPANY)
async def duplicates_page(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        ticked = (await policy(session)).duplicate
    return _ticks(request, "settings/duplicates.html", MAY_BE_UNIQUE, ticked)


@routes.post("/settings/duplicates")
@needs(Permission.COMPANY)
async def change_duplicates(request: web.Request) -> web.StreamResponse:
    ticked = await _ticked(request)
    async with request.app[SESSIONS]() as session:
        await save_policy(session, replace(await policy(session), duplicate=ticked))
        await session.commit()
    return see_other("/settings/duplicates", done="settings-saved")


def _company(
    request: web.Request, shown: Company, problems: Mapping[str, Invalid] | None = None
) -> web.Response:
    return _page(request, "settings/company.html", problems, form=shown, longest=LONGEST)


def _parameters(
    request: web.Request, texts: Mapping[str, str], problems: Mapping[str, Invalid] | None = None
) -> web.Response:
    return _page(
        request,
        "settings/parameters.html",
        problems,
        texts=texts,
        limits=LIMITS,
        bin_days=Parameters().bin_days,
        lies=_where_data_lies(request),
    )


def _where_data_lies(request: web.Request) -> list[tuple[str, str]]:
    """What lies where on the server: paths are shown, never typed (FEATURES 18.9)."""
    config = request.app[CONFIG]
    url = urlsplit(database_url(config))
    if url.scheme.startswith("sqlite"):
        database = url.path[1:]
    else:  # without the password that may stand in it
        database = f"PostgreSQL {url.hostname or ''}{f':{url.port}' if url.port else ''}{url.path}"
    return [
        (N_("Database"), database),
        (N_("Recordings"), str(recordings_folder(config))),
        (N_("Everything else"), str(home())),
    ]


def _ticks(
    request: web.Request, template: str, fields: frozenset[str], ticked: frozenset[str]
) -> web.Response:
    shown = [field for name, field in FIELDS.items() if name in fields]
    return _page(request, template, fields=shown, ticked=ticked, always=ALWAYS)


async def _ticked(request: web.Request) -> frozenset[str]:
    return frozenset(str(each) for each in (await request.post()).getall("field", []))


def _page(
    request: web.Request,
    template: str,
    problems: Mapping[str, Invalid] | None = None,
    **values: object,
) -> web.Response:
    return render(
        request,
        template,
        status=Invalid.status if problems else 200,
        chapters=chapters_for(signed_in(request).rights),
        problems=problems or {},
        **values,
    )
