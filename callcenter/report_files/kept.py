"""Kept questions in the database: whose, who sees them, what may be done to them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, Invalid, Missing
from callcenter.people.directory import Directory, Person
from callcenter.people.permissions import Permission
from callcenter.report_files.models import ReportView
from callcenter.report_files.spans import kept
from callcenter.reports.asked import Asked
from callcenter.reports.registry import REPORTS

LONGEST = 100  # letters of a name
MOST = 100  # of one person


async def views_for(
    session: AsyncSession, directory: Directory, person: Person, report: str = ""
) -> list[ReportView]:
    """Their own, the last used first, then those that somebody above them shares, by name."""
    statement = select(ReportView).where(
        ReportView.deleted_at.is_(None),
        or_(ReportView.user_id == person.id, ReportView.shared),
    )
    if report:
        statement = statement.where(ReportView.report == report)
    found = (await session.scalars(statement)).all()
    rights = directory.rights_of(person)
    there = [
        each for each in found if each.report in REPORTS and rights.may(REPORTS[each.report].needs)
    ]
    own = [each for each in there if each.user_id == person.id]
    others = [each for each in there if _is_shared_with(each, directory, person)]
    own.sort(key=lambda each: each.used_at, reverse=True)
    return own + sorted(others, key=lambda each: each.name.lower())


async def view_for(
    session: AsyncSession, directory: Directory, person: Person, view_id: int
) -> ReportView:
    """One that they may open. Raises Missing."""
    view = await session.get(ReportView, view_id)
    there = view is not None and view.deleted_at is None and view.report in REPORTS
    if view and there and (view.user_id == person.id or _is_shared_with(view, directory, person)):
        return view
    raise Missing(N_("There is no such view."))


async def own_view(
    session: AsyncSession, person: Person, view_id: int, *, deleted: bool = False
) -> ReportView:
    """One of their own; with `deleted` also one that was just deleted. Raises Missing."""
    view = await session.get(ReportView, view_id)
    if view is None or view.user_id != person.id or (view.deleted_at and not deleted):
        raise Missing(N_("There is no such view."))
    return view


async def keep(
    session: AsyncSession, person: Person, report: str, asked: Asked, span: str, name: str
) -> ReportView:
    """A new one, without committing. Raises Invalid in words."""
    count = await session.scalars(
        select(ReportView.id).where(
            ReportView.user_id == person.id, ReportView.deleted_at.is_(None)
        )
    )
    if len(count.all()) >= MOST:
        raise Invalid(N_("{n} views are enough. Delete one first."), n=MOST)
    query, against = kept(asked, span)
    view = ReportView(
        user_id=person.id,
        name=checked(name),
        report=report,
        asked=query,
        span=span,
        against=against,
        used_at=datetime.now(UTC),
    )
    session.add(view)
    return view


def checked(name: str) -> str:
    """Raises Invalid for none at all and for one that is too long."""
    name = " ".join(name.replace("\0", "").split())
    if not name:
        raise Invalid(N_("Enter a name."), "name")
    if len(name) > LONGEST:
        raise Invalid(N_("Too long: {n} letters at most."), "name", n=LONGEST)
    return name


async def make_default(session: AsyncSession, view: ReportView, wanted: bool) -> None:
    """The one of its report that opens first; there is one at most."""
    if wanted:
        others = (ReportView.user_id == view.user_id, ReportView.report == view.report)
        await session.execute(update(ReportView).where(*others).values(is_default=False))
    view.is_default = wanted


def defaults(views: Sequence[ReportView], person: Person) -> dict[str, int]:
    """Report -> id of the view that opens first, of one's own."""
    return {each.report: each.id for each in views if each.is_default and each.user_id == person.id}


def _is_shared_with(view: ReportView, directory: Directory, person: Person) -> bool:
    owner = directory.person(view.user_id)
    if not view.shared or owner is None or owner.id == person.id:
        return False
    scope = directory.scope_of(owner, Permission.REPORTS)
    return scope.everything or person.department_id in scope.departments
