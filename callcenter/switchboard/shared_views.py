"""What all pages of the switchboard need: what they show, the bar about its changes, saving."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from callcenter.catalogues.models import Catalogue
from callcenter.catalogues.queries import items
from callcenter.errors import N_, CallcenterError, Conflict
from callcenter.keys import DIRECTORY, SESSIONS
from callcenter.pages.templates import render
from callcenter.people.session import signed_in
from callcenter.prompts import queries
from callcenter.switchboard import checks, versions, ways
from callcenter.switchboard.difference import differences
from callcenter.switchboard.editing import titled
from callcenter.switchboard.graph import Key
from callcenter.switchboard.labels import DAYS, Names
from callcenter.switchboard.plan import Plan
from callcenter.switchboard.publishing import known
from callcenter.switchboard.times import runs
from callcenter.switchboard.typed import clock
from callcenter.switchboard.versions import Version

SECTIONS = (  # the sub-navigation, in the order of a call: address, message id
    ("/switchboard", N_("Map")),
    ("/switchboard/trunks", N_("Trunks")),
    ("/switchboard/numbers", N_("Numbers")),
    ("/switchboard/shown", N_("Shown numbers")),
    ("/switchboard/hours", N_("Opening hours")),
    ("/switchboard/holidays", N_("Holidays")),
    ("/switchboard/menus", N_("Menus")),
    ("/switchboard/messages", N_("Announcements")),
    ("/switchboard/voicemails", N_("Voicemails")),
    ("/switchboard/prompts", N_("Prompts")),
    ("/switchboard/queues", N_("Queues")),
    ("/switchboard/dialling", N_("Calling out")),
    ("/switchboard/do-not-call", N_("Do not call")),
    ("/switchboard/versions", N_("Versions")),
)
PART_TITLES = {  # by field of the plan: what one part of it is called
    "": N_("The whole switchboard"),
    "trunks": N_("Provider"),
    "numbers": N_("Number"),
    "hours": N_("Opening hours"),
    "holidays": N_("Holiday"),
    "menus": N_("Menu"),
    "messages": N_("Announcement"),
    "voicemails": N_("Voicemail"),
    "queues": N_("Queue"),
    "dialling": N_("Who may dial where"),
    "shown": N_("Number shown when calling out"),
}
Problems = Mapping[str, CallcenterError]  # by field; "" for what is about the whole


@dataclass(frozen=True, slots=True)
class Bar:
    """What is not live yet: how many parts differ, who changed the last of them when."""

    count: int
    by: str
    at: datetime | None
    revision: int


async def prompts(request: web.Request) -> dict[str, str]:
    """The sounds that can be played: name -> title."""
    async with request.app[SESSIONS]() as session:
        return {each.name: each.title for each in await queries.prompts(session)}


async def names(request: web.Request) -> Names:
    """For the difference between two plans in words."""
    departments = request.app[DIRECTORY].departments.values()
    async with request.app[SESSIONS]() as session:
        skills = await items(session, Catalogue.SKILL, put_away=True)
    return Names(
        departments={each.id: each.name for each in departments},
        skills={each.id: each.name for each in skills},
        prompts=await prompts(request),
    )


async def working(request: web.Request) -> Version:
    """What the pages show and change."""
    async with request.app[SESSIONS]() as session:
        return await versions.working(session)


async def page(
    request: web.Request,
    template: str,
    problems: Problems | None = None,
    *,
    here: Key | None = None,
    **values: object,
) -> web.Response:
    """A page that extends switchboard/frame.html, with the bar. `plan` is the working one, unless
    it is given. `here`: the part that the page is about, to say what is wrong with it."""
    async with request.app[SESSIONS]() as session:
        live, draft = await versions.live(session), await versions.draft(session)
    plan = (draft or live).plan
    changed = {(each.part, each.name) for each in differences(live.plan, plan)}
    wrong = checks.problems(plan, await known(request.app[SESSIONS])) if here else []
    return render(
        request,
        template,
        status=status_of(problems or {}),
        problems=problems or {},
        sections=SECTIONS,
        bar=_bar(request, len(changed), draft),
        wrong_here=[each for each in wrong if (each.part, each.name) == here],
        choices=ways.choices,
        text_of=ways.text_of,
        titled=titled,
        address_of=ways.address_of,
        way_to=ways.way_to,
        address_of_way=ways.address_of_way,
        kind_titles=ways.KIND_TITLES,
        part_titles=PART_TITLES,
        days=DAYS,
        runs=runs,
        clock=clock,
        **{"plan": plan, "changed": changed, "uses": ways.uses, **values},
    )


def problem_of(error: CallcenterError) -> dict[str, CallcenterError]:
    """For `page`: by the field it is about."""
    return {getattr(error, "field", ""): error}


def status_of(problems: Problems) -> int:
    """Of a form with those problems; 200 without any."""
    conflicts = [each for each in problems.values() if isinstance(each, Conflict)]
    return next((each.status for each in (*conflicts, *problems.values())), 200)


async def save(request: web.Request, edit: Callable[[Plan], Plan]) -> Version:
    """Let the draft be what `edit` makes of it, and keep that. Raises what `edit` raises."""
    async with request.app[SESSIONS].begin() as session:
        return await versions.change(session, signed_in(request).user.id, edit)


async def texts_of(request: web.Request, longest: int = 2000) -> dict[str, str]:
    """The form's fields without what no field can mean; of one that is there twice, the first."""
    given = await request.post()
    return {
        name: " ".join(value[:longest].replace("\0", "").split())
        for name in given
        if isinstance(value := given[name], str)
    }


def _bar(request: web.Request, count: int, draft: Version | None) -> Bar | None:
    if draft is None:
        return None
    by = name_of(request, draft.changed_by)
    return Bar(max(1, count), by, draft.changed_at, draft.revision)


def name_of(request: web.Request, user_id: int | None) -> str:
    """What that user is called; "" for nobody."""
    person = request.app[DIRECTORY].known(user_id or 0)
    return person.name if person else ""
