"""What a list of customers is narrowed to: read from its address, written back into it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, false, func, or_, select

from callcenter.calls.models import CallRecord
from callcenter.care.bounds import begins, ends
from callcenter.care.narrowing import touched
from callcenter.catalogues.models import CatalogueItem
from callcenter.customers import queries
from callcenter.customers.models import Customer, CustomerGroup, CustomerShare, Kind
from callcenter.people.models import User
from callcenter.people.rights import Scope

NO_STATUS: Final = 0  # among `status`: those that have none yet

_Days = tuple[()] | tuple[date, date]
_Below = Callable[[int], Iterable[int]]  # a department's id and those below it


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilters:
    """Empty values do not filter. Each field is a parameter of the address by the same name.

    `status`: ids, any of them. `department`: it and those below. `group`: a group, or a type with
    all its groups. `since`, `until`: days of the company on which it was added. `quiet`: nobody
    has talked with the customer since that day. `shared`: with whoever asks.

    For what reports count: `owners` are ids, any of them. The others are pairs of days, both
    included: `touched`, `untouched`: somebody, nobody had an interaction (care.models) with
    them; `came`: to their owner. `by`: the file was made by its "owner", or by "others".
    """

    q: str = ""
    status: tuple[int, ...] = ()
    department: int | None = None
    owner: int | None = None
    source: int | None = None
    project: int | None = None
    kind: str = ""
    group: int | None = None
    since: date | None = None
    until: date | None = None
    quiet: date | None = None
    shared: bool = False
    owners: tuple[int, ...] = ()
    touched: _Days = ()
    untouched: _Days = ()
    came: _Days = ()
    by: str = ""

    @property
    def any(self) -> bool:
        return self != ListFilters()

    def query(self) -> dict[str, str]:
        """As it stands in an address."""
        return {
            each.name: text for each in fields(self) if (text := _written(getattr(self, each.name)))
        }

    def without(self, name: str, value: int | None = None) -> "ListFilters":
        """The same without one of them; of several statuses without that one."""
        if name == "status" and value is not None:
            return replace(self, status=tuple(each for each in self.status if each != value))
        blank: dict[str, Any] = {name: getattr(ListFilters(), name)}
        return replace(self, **blank)


def read(query: Mapping[str, str]) -> ListFilters:
    """From the parameters of an address; what makes no sense in it is left out.

    A parameter that stands there several times (`status`, from tick boxes) counts each time.
    """
    kind = query.get("kind", "")
    return ListFilters(
        q=query.get("q", "").replace("\0", "").strip()[:100],
        status=_numbers(query, "status"),
        department=whole(query.get("department", "")),
        owner=whole(query.get("owner", "")),
        source=whole(query.get("source", "")),
        project=whole(query.get("project", "")),
        kind=kind if kind in {each.value for each in Kind} else "",
        group=whole(query.get("group", "")),
        since=_day(query.get("since", "")),
        until=_day(query.get("until", "")),
        quiet=_day(query.get("quiet", "")),
        shared=query.get("shared", "") == "1",
        owners=_numbers(query, "owners"),
        touched=_days(query.get("touched", "")),
        untouched=_days(query.get("untouched", "")),
        came=_days(query.get("came", "")),
        by=by if (by := query.get("by", "")) in ("owner", "others") else "",
    )


def narrowed(
    filters: ListFilters, scope: Scope, zone: ZoneInfo, below: _Below
) -> list[ColumnElement[bool]]:
    """The conditions on Customer. `scope` says who "me" is; it does not narrow anything here."""
    f = filters
    found = queries.conditions(queries.CustomerFilters(text=f.q, owner_id=f.owner))
    for column, value in (
        (Customer.source_id, f.source),
        (Customer.project_id, f.project),
        (Customer.kind, f.kind or None),
    ):
        if value is not None:
            found.append(column == value)
    if f.status:
        none = Customer.status_id.is_(None) if NO_STATUS in f.status else false()
        found.append(or_(Customer.status_id.in_(f.status), none))
    if f.department is not None:
        found.append(_of_departments(list(below(f.department))))
    if f.group is not None:
        found.append(Customer.id.in_(_in_group(f.group)))
    if f.since:
        found.append(Customer.created_at >= _begins(f.since, zone))
    if f.until:
        found.append(Customer.created_at < _begins(f.until + timedelta(days=1), zone))
    if f.quiet:
        found.append(~_talked_since(_begins(f.quiet, zone)))
    if f.shared:
        found.append(Customer.id.in_(_shared_with(scope)))
    return found + _counted(f, zone.key)


def _counted(f: ListFilters, zone: str) -> list[ColumnElement[bool]]:
    """What the reports about care narrow to; each as it is counted there."""
    found = list[ColumnElement[bool]]()
    if f.owners:
        found.append(Customer.owner_id.in_(f.owners))
    if f.touched:
        found.append(touched(begins(f.touched[0], zone), ends(f.touched[1], zone)))
    if f.untouched:
        found.append(~touched(begins(f.untouched[0], zone), ends(f.untouched[1], zone)))
    if f.came:
        found.append(Customer.assigned_at >= begins(f.came[0], zone))
        found.append(Customer.assigned_at < ends(f.came[1], zone))
    if f.by:
        own = func.coalesce(Customer.created_by, 0) == Customer.owner_id
        found.append(own if f.by == "owner" else ~own)
    return found


def assigned(owner_id: int | None = None) -> ColumnElement[bool]:
    """On Customer: it has an owner, that one if given."""
    return Customer.owner_id.is_not(None) if owner_id is None else Customer.owner_id == owner_id


def whole(text: str) -> int | None:
    """An id as it stands in an address; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _every(query: Mapping[str, str], name: str) -> list[str]:
    getall = getattr(query, "getall", None)
    values = getall(name, []) if getall else [query.get(name, "")]
    return [part for value in values for part in value.split(",")]


def _numbers(query: Mapping[str, str], name: str) -> tuple[int, ...]:
    each = (whole(text) for text in _every(query, name))
    return tuple(dict.fromkeys(n for n in each if n is not None))


def _days(text: str) -> _Days:
    """Two days with a comma between."""
    found = [_day(each) for each in text.split(",")]
    match found:
        case [date() as since, date() as until] if since <= until:
            return since, until
    return ()


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 < day.year < 2200 else None


def _written(value: object) -> str:
    match value:
        case None | "" | False | ():
            return ""
        case True:
            return "1"
        case tuple():
            return ",".join(str(each) for each in value)
    return str(value)


def _begins(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _of_departments(ids: list[int]) -> ColumnElement[bool]:
    people = select(User.id).where(User.department_id.in_(ids))
    return or_(Customer.department_id.in_(ids), Customer.owner_id.in_(people))


def _in_group(item_id: int) -> Select[int]:
    return (
        select(CustomerGroup.customer_id)
        .join(CatalogueItem, CatalogueItem.id == CustomerGroup.group_id)
        .where(or_(CatalogueItem.id == item_id, CatalogueItem.parent_id == item_id))
    )


def _talked_since(at: datetime) -> ColumnElement[bool]:
    return (
        select(CallRecord.call_id)
        .where(CallRecord.customer_id == Customer.id, CallRecord.started_at >= at)
        .where(CallRecord.answered_at.is_not(None))
        .correlate(Customer)
        .exists()
    )


def _shared_with(scope: Scope) -> Select[int]:
    company = CustomerShare.user_id.is_(None) & CustomerShare.department_id.is_(None)
    ways = [CustomerShare.user_id == scope.user_id, company]
    if scope.department_id is not None:
        ways.append(CustomerShare.department_id == scope.department_id)
    return select(CustomerShare.customer_id).where(or_(*ways))
