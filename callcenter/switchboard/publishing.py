"""Making a plan live: checked, written for the exchange as a whole, taken by it, kept."""

from contextlib import nullcontext

from aiohttp import web
from sqlalchemy import func, select

from callcenter.db import Sessions
from callcenter.errors import N_, Conflict, Invalid
from callcenter.keys import DIRECTORY, GATE, PRESENCE, SESSIONS, SWITCH, TEAM, TRUNKS
from callcenter.people.models import Department, User, UserSkill
from callcenter.prompts.models import Prompt
from callcenter.switchboard import versions
from callcenter.switchboard.checks import Known, Severity, problems
from callcenter.switchboard.editing import titles
from callcenter.switchboard.plan import Plan
from callcenter.switchboard.projection import project
from callcenter.switchboard.versions import Version
from callcenter.switchboard.waiting import instead_of


async def publish(app: web.Application, user_id: int, revision: int, note: str) -> Version:
    """Make the draft what the exchange does; calls in progress do not notice.

    `revision` is that of the draft somebody has looked at. Raises Conflict when it is another one
    by now or there is none, Invalid while the plan has an error (checks), ExchangeUnavailable when
    the exchange has not taken it: then everything is as it was, the draft too.
    """
    switch, sessions = app.get(SWITCH), app[SESSIONS]
    async with switch.lock if switch else nullcontext():
        before, draft = await _both(sessions, revision)
        await _check(sessions, draft)
        stranded = {}
        if switch:
            stranded = await switch.stranded(before.plan, draft.plan)
            await switch.take(draft.plan)
        try:
            async with sessions.begin() as session:
                published = await versions.publish(session, user_id, revision, note)
                await project(session, draft.plan)
        except BaseException:
            if switch:
                await switch.take(before.plan)
            raise
        await _tell(app, draft.plan)
        if switch:
            await switch.lead_on(stranded, instead_of(before.plan, draft.plan))
    return published


async def known(sessions: Sessions) -> Known:
    """What `checks.problems` has to know of people and sounds."""
    async with sessions() as session:
        departments = await session.scalars(select(Department.id))
        of_departments = await session.execute(
            select(User.department_id, func.count())
            .where(User.active, User.extension.is_not(None), User.department_id.is_not(None))
            .group_by(User.department_id)
        )
        skilled = await session.execute(
            select(UserSkill.skill_id, func.count())
            .join(User, User.id == UserSkill.user_id)
            .where(User.active, User.extension.is_not(None))
            .group_by(UserSkill.skill_id)
        )
        prompts = set(await session.scalars(select(Prompt.name)))
        people: dict[int, int] = dict.fromkeys(departments, 0)
        people |= {id: count for id, count in of_departments if id in people}
        skills = {id: count for id, count in skilled}
        return Known(departments=people, skilled=skills, prompts=prompts)


async def _both(sessions: Sessions, revision: int) -> tuple[Version, Version]:
    """What is live, and the draft of that revision. Raises Conflict."""
    async with sessions() as session:
        live, draft = await versions.live(session), await versions.draft(session)
    if draft is None or draft.revision != revision:
        raise Conflict(N_("Somebody else has changed the switchboard meanwhile: look again."))
    return live, draft


async def _check(sessions: Sessions, draft: Version) -> None:
    for problem in problems(draft.plan, await known(sessions)):
        if problem.severity is Severity.ERROR:
            raise Invalid(problem.sentence, "", **problem.values)


async def _tell(app: web.Application, plan: Plan) -> None:
    """Everybody works with what is true now."""
    await app[DIRECTORY].load(app[SESSIONS])
    app[DIRECTORY].titles |= titles(plan)
    if GATE in app:
        app[GATE].take(plan)
    if PRESENCE in app:
        app[PRESENCE].people_changed()
    if TEAM in app:
        await app[TEAM].load_rules(app[SESSIONS])
    if TRUNKS in app:
        app[TRUNKS].soon()
