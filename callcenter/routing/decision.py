"""Own agent first, then their department, then the queue: whom one call rings (pure)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from callcenter.people.directory import Person
from callcenter.settings.parameters import Parameters

MOST = 20  # phones that ring at once


@dataclass(frozen=True, slots=True)
class Route:
    """Whose phone rings at first (None: nobody's), and whose then, all at once."""

    owner: Person | None = None
    team: tuple[Person, ...] = ()

    @property
    def people(self) -> tuple[Person, ...]:
        return (self.owner, *self.team) if self.owner else self.team


QUEUE_AT_ONCE = Route()


def decide(
    own: Person | None,
    colleagues: Iterable[Person],
    queue_department: int | None,
    is_ready: Callable[[int], bool],
    rules: Parameters,
) -> Route:
    """`own` is the customer's agent, None for a stranger; `colleagues` are all who work here.

    Nobody is disturbed who is not ready. The team is left out where the queue asks it anyway, and
    whoever was rung first is not rung again at once.
    """
    if own is None:
        return QUEUE_AT_ONCE
    owner = own if rules.owner_rings_s and own.extension and is_ready(own.id) else None
    if not rules.team_rings_s or own.department_id in (None, queue_department):
        return Route(owner)
    team = [
        each
        for each in colleagues
        if each.department_id == own.department_id
        and each.extension
        and each.id != own.id
        and is_ready(each.id)
    ]
    return Route(owner, tuple(team[:MOST]))
