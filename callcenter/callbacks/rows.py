"""Lines of the inbox and of the schedule as pages show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from callcenter.callbacks.missed import Missed
from callcenter.callbacks.models import Callback
from callcenter.callbacks.queries import Line
from callcenter.callbacks.times import ODD
from callcenter.callbacks.visible import whose
from callcenter.customers.models import Customer
from callcenter.people.directory import Directory
from callcenter.people.rights import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One customer or number: missed calls, callbacks that are due, or both. Times are UTC."""

    number: str
    number_key: str
    customer_id: int | None
    name: str
    company: str
    owner: str
    since: datetime  # it waits since then
    missed: Missed | None = None
    queue: str = ""
    taken_by: str = ""
    is_mine: bool = False
    is_taken_by_me: bool = False
    callbacks: list[Callback] = field(default_factory=list)


def rows(
    directory: Directory,
    scope: Scope,
    missed: Iterable[Missed],
    due: Sequence[Line],
    now: datetime,
) -> list[Row]:
    """One's own first, then the longest waiting."""
    left = list(due)
    found = []
    for line in missed:
        theirs = [each for each in left if _is_about(each[0], line)]
        left = [each for each in left if each not in theirs]
        found.append(_of_missed(directory, scope, line, [each for each, _ in theirs], now))
    together: dict[str, list[Line]] = {}
    for callback, customer in left:
        party = f"c{customer.id}" if customer else callback.number_key
        together.setdefault(party, []).append((callback, customer))
    found += [_of_callbacks(directory, scope, lines) for lines in together.values()]
    return sorted(found, key=lambda row: (not row.is_mine, row.since, row.number_key))


def _is_about(callback: Callback, line: Missed) -> bool:
    same = callback.customer_id is not None and callback.customer_id == line.customer_id
    return same or callback.number_key in line.number_keys


def _of_missed(
    directory: Directory, scope: Scope, line: Missed, callbacks: list[Callback], now: datetime
) -> Row:
    return Row(
        number=line.number,
        number_key=line.number_key,
        customer_id=line.customer_id,
        name=line.name,
        company=line.company,
        owner=_name(directory, line.owner_id),
        since=min([line.first_at, *(each.at for each in callbacks)]),
        missed=line,
        queue=directory.queues.get(line.queue, (line.queue, None))[0],
        taken_by=_name(directory, line.claimed_by),
        is_mine=whose(line, now) == scope.user_id
        or any(each.user_id == scope.user_id for each in callbacks),
        is_taken_by_me=line.claimed_by == scope.user_id,
        callbacks=callbacks,
    )


def _of_callbacks(directory: Directory, scope: Scope, lines: Sequence[Line]) -> Row:
    callback, customer = lines[0]
    return Row(
        number=callback.number,
        number_key=callback.number_key,
        customer_id=callback.customer_id,
        name=customer.name if customer else "",
        company=customer.company if customer else "",
        owner=_name(directory, customer.owner_id if customer else None),
        since=callback.at,
        taken_by=_name(directory, callback.user_id),
        is_mine=any(each.user_id == scope.user_id for each, _ in lines),
        is_taken_by_me=callback.user_id == scope.user_id,
        callbacks=[each for each, _ in lines],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A callback of the schedule. `odd` is a key of times.ODD or "", `odd_words` what it says."""

    callback: Callback
    customer: Customer | None
    user: str  # "" for anyone's
    odd: str
    is_late: bool

    @property
    def odd_words(self) -> str:
        return ODD.get(self.odd, "")


def _name(directory: Directory, user_id: int | None) -> str:
    person = directory.known(user_id) if user_id is not None else None
    return person.name if person else ""
