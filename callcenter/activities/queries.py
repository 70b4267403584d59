"""Questions about activities, and the changes people make to them. The caller commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, false, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.activities.forms import ActivityForm, problems
from callcenter.activities.models import Activity
from callcenter.calls import late
from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.catalogues.queries import items
from callcenter.customers import history, search
from callcenter.customers.finding import ids_of
from callcenter.customers.models import Customer
from callcenter.customers.timeline import Entry
from callcenter.errors import N_, Invalid, Missing
from callcenter.keyset import Cut, count, cut
from callcenter.people.models import User
from callcenter.people.rights import Scope, Statement

NO_ACTIVITY = N_("There is no such activity.")

# An activity, its customer, the name of its type, that of whoever noted it.
Line = tuple[Activity, Customer, str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFilters:
    """Empty values do not filter. `since` is included, `until` is not."""

    text: str = ""
    type_id: int | None = None
    user_id: int | None = None
    customer_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


async def types(session: AsyncSession, keep: int | None = None) -> Sequence[CatalogueItem]:
    """The types on offer; `keep` is one that stays though it was put away."""
    found = await items(session, Catalogue.ACTIVITY_TYPE, put_away=True)
    return [item for item in found if item.active or item.id == keep]


async def activities_cut(
    session: AsyncSession, scope: Scope, filters: ActivityFilters, *, cursor: str = ""
) -> Cut[Line]:
    """Activities with customers one may see, the newest first."""
    statement = (
        select(Activity, Customer, CatalogueItem.name, User.name)
        .join(Customer, Customer.id == Activity.customer_id)
        .join(CatalogueItem, CatalogueItem.id == Activity.type_id)
        .outerjoin(User, User.id == Activity.user_id)
    )
    columns = (Activity.at, Activity.id)
    narrowed = _narrowed(scope.customers(statement), filters)
    return await cut(session, narrowed, columns, descending=True, cursor=cursor)


async def activities_count(session: AsyncSession, scope: Scope, filters: ActivityFilters) -> int:
    """How many those are, counted up to keyset.MOST + 1."""
    statement = select(Activity.id).join(Customer, Customer.id == Activity.customer_id)
    return await count(session, _narrowed(scope.customers(statement), filters))


async def entries(
    session: AsyncSession, customer_id: int, before: datetime, limit: int
) -> list[Entry]:
    """For the customer's line of time, the newest first."""
    found = await session.execute(
        select(Activity, CatalogueItem.name)
        .join(CatalogueItem, CatalogueItem.id == Activity.type_id)
        .where(Activity.customer_id == customer_id, Activity.at < before)
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(limit)
    )
    return [
        Entry(
            at=activity.at,
            key=f"activity-{activity.id:012}",
            kind="activity",
            icon="message",
            template="activities/timeline.html",
            by=activity.user_id,
            values={"activity": activity, "type": type_},
        )
        for activity, type_ in found
    ]


async def one(session: AsyncSession, customer_id: int, activity_id: int) -> Activity:
    """Raises Missing when that customer has no such activity."""
    found: Activity | None = await session.scalar(
        select(Activity).where(Activity.id == activity_id, Activity.customer_id == customer_id)
    )
    if found is None:
        raise Missing(NO_ACTIVITY)
    return found


async def add(
    session: AsyncSession, customer_id: int, user_id: int, form: ActivityForm
) -> Activity:
    """A new activity. Raises Invalid for the first field that is wrong."""
    now = datetime.now(UTC)
    _check(form, await types(session), now)
    activity = Activity(customer_id=customer_id, user_id=user_id, created_at=now)
    _fill(activity, form, now)
    session.add(activity)
    await session.flush()
    await late.note(session, [_moment(activity)])
    return activity


async def change(
    session: AsyncSession, activity: Activity, user_id: int, form: ActivityForm
) -> None:
    """Change it; the customer's history keeps what it was called. Raises as `add` does."""
    _check(form, await types(session, activity.type_id), datetime.now(UTC))
    before, moment = _told(activity), _moment(activity)
    _fill(activity, form, activity.at)
    await late.note(session, [moment, _moment(activity)])
    if _told(activity) != before:
        told = {"activity": (before, _told(activity))}
        await history.note(session, activity.customer_id, user_id, told)


async def remove(session: AsyncSession, activity: Activity, user_id: int) -> None:
    """Delete it; the customer's history keeps what it said."""
    await session.delete(activity)
    await late.note(session, [_moment(activity)])
    await history.note(session, activity.customer_id, user_id, {"activity": (_told(activity), "")})


def _narrowed(statement: Statement, filters: ActivityFilters) -> Statement:
    f = filters
    for column, value in (
        (Activity.type_id, f.type_id),
        (Activity.user_id, f.user_id),
        (Activity.customer_id, f.customer_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if f.since:
        statement = statement.where(Activity.at >= f.since)
    if f.until:
        statement = statement.where(Activity.at < f.until)
    return statement.where(_found_by(f.text)) if f.text else statement


def _found_by(text: str) -> ColumnElement[bool]:
    """All its words begin words of the activity's or the customer's name, accents or not; or it
    finds the customer: by a contact, any digits of a number, the code."""
    names = literal(" ") + Activity.search_key + " " + Customer.search_key
    words = [names.contains(f" {word}", autoescape=True) for word in search.key_of(text).split()]
    by_name = and_(*words) if words else false()
    return or_(by_name, Activity.customer_id.in_(ids_of(text)))


def _check(form: ActivityForm, offered: Sequence[CatalogueItem], now: datetime) -> None:
    for problem in problems(form, [item.id for item in offered], now).values():
        raise problem


def _fill(activity: Activity, form: ActivityForm, otherwise: datetime) -> None:
    if form.type_id is None or isinstance(form.at, str) or isinstance(form.minutes, str):
        raise Invalid(N_("Choose a type."), "type")  # checked before
    activity.name, activity.description = form.name, form.description
    activity.search_key = search.key_of(form.name)
    activity.type_id, activity.at = form.type_id, form.at or otherwise
    activity.minutes = form.minutes


def _moment(activity: Activity) -> tuple[datetime, int]:
    return activity.at, activity.customer_id


def _told(activity: Activity) -> str:
    return ": ".join(text for text in (activity.name, activity.description) if text)
