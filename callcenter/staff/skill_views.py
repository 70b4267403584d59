"""Who has which skill: the list of skills, and for each the people, to be ticked.

Team leads tick their own people; the skills themselves are a catalogue (Settings).
"""

from collections.abc import Iterable

from aiohttp import web

from callcenter.catalogues.models import Catalogue
from callcenter.catalogues.queries import items
from callcenter.keys import DIRECTORY, SESSIONS
from callcenter.pages.templates import render, see_other
from callcenter.people.directory import Person
from callcenter.people.permissions import Permission, needs
from callcenter.staff import skills
from callcenter.staff.forms import number
from callcenter.staff.shared_views import reload, superior

routes = web.RouteTableDef()

PATH = "/team/skills"


@routes.get(PATH)
@needs(Permission.EMPLOYEES)
async def all_skills(request: web.Request) -> web.StreamResponse:
    directory = request.app[DIRECTORY]
    async with request.app[SESSIONS]() as session:
        known = await items(session, Catalogue.SKILL)
        found = await skills.listed(session, known, superior(request).scope)
    asking = {each.id: _titles(request, directory.queues_asking(each.id)) for each in found}
    return render(request, "staff/skills.html", skills=found, asking=asking)


@routes.get(PATH + r"/{item_id:\d{1,9}}")
@needs(Permission.EMPLOYEES)
async def people(request: web.Request) -> web.StreamResponse:
    async with request.app[SESSIONS]() as session:
        skill = await skills.skill(session, int(request.match_info["item_id"]))
        have = await skills.who_have(session, skill.id)
    mine = _managed(request)
    directory, theirs = request.app[DIRECTORY], {each.id for each in mine}
    return render(
        request,
        "staff/skill.html",
        skill=skill,
        have=have,
        people=_by_department(request, mine),
        others=sum(directory.person(each) is not None for each in have - theirs),
        queues=_titles(request, directory.queues_asking(skill.id)),
    )


@routes.post(PATH + r"/{item_id:\d{1,9}}")
@needs(Permission.EMPLOYEES)
async def give(request: web.Request) -> web.StreamResponse:
    """Fields `person`: the ids of those who have it, among those one may change."""
    given = (await request.post()).getall("person", [])
    ticked = {id for each in given if (id := number(str(each)))}
    async with request.app[SESSIONS]() as session:
        skill = await skills.skill(session, int(request.match_info["item_id"]))
        among = [each.id for each in _managed(request)]
        by = superior(request).person.id
        changed = await skills.give(session, skill, ticked, among, by)
        await session.commit()
    if changed:
        await reload(request)
    return see_other(PATH, done="skill-given")


def _managed(request: web.Request) -> list[Person]:
    """Those whose accounts one may change, by name."""
    mine, directory = superior(request), request.app[DIRECTORY]
    return [each for each in directory.people() if mine.manages(each, directory.rights_of(each))]


def _by_department(request: web.Request, mine: Iterable[Person]) -> list[tuple[str, list[Person]]]:
    departments = request.app[DIRECTORY].departments
    found: dict[str, list[Person]] = {}
    for each in mine:
        node = departments.get(each.department_id or 0)
        found.setdefault(node.name if node else "", []).append(each)
    return sorted(found.items(), key=lambda pair: (not pair[0], pair[0]))


def _titles(request: web.Request, queues: Iterable[str]) -> list[str]:
    known = request.app[DIRECTORY].queues
    return sorted(known[each][0] for each in queues if each in known)
