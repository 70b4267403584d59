"""What somebody asks for when customers are given out: read from the form, shared out by it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final

from multidict import MultiMapping

from callcenter.assignment.mechanisms import Shares, at_random, by_priority, in_turn
from callcenter.assignment.queries import Receiver
from callcenter.errors import N_, Invalid

MOST: Final = 1_000_000  # customers for one person


class How(StrEnum):
    DEPARTMENT = "department"  # who of its people gets them is decided later
    ONE = "one"
    IN_TURN = "in_turn"
    AT_RANDOM = "at_random"
    BY_PRIORITY = "by_priority"


NAMES: Final[Mapping[How, tuple[str, str]]] = {
    How.IN_TURN: (N_("Equally in turn"), N_("One each, round and round.")),
    How.AT_RANDOM: (N_("At random"), N_("Whoever the dice say; shares differ a little.")),
    How.BY_PRIORITY: (
        N_("By priority"),
        N_("The first person is filled up, then the next; what is left stays as it is."),
    ),
    How.ONE: (N_("To one person"), N_("All of them.")),
    How.DEPARTMENT: (
        N_("To a department"),
        N_("They wait there, unassigned, until it is decided who gets them."),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`people`: ids in their order, with the capacity of each (by priority only). `seed`: so that
    what was shown before is what happens."""

    how: How = How.IN_TURN
    people: tuple[tuple[int, int], ...] = ()
    department_id: int | None = None
    seed: int = 0


def read(form: MultiMapping[object]) -> Wanted:
    """From a form: `how`, `person` (several), `capacity-3`, `one`, `department`, `seed`.

    Raises Invalid for a capacity that is no number.
    """
    how = _text(form, "how")
    wanted = How(how) if how in {each.value for each in How} else How.IN_TURN
    chosen = [_text(form, "one")] if wanted is How.ONE else form.getall("person", [])
    people = [int(text) for each in chosen if _is_number(text := str(each))]
    seed = _text(form, "seed")
    department = _text(form, "department")
    return Wanted(
        how=wanted,
        people=tuple((each, _capacity(form, each, wanted)) for each in dict.fromkeys(people)),
        department_id=int(department) if _is_number(department) else None,
        seed=int(seed) if _is_number(seed) else 0,
    )


def sharing(
    wanted: Wanted,
    departments: Mapping[int, int | None],
    allowed_departments: Sequence[int],
    last: int | None = None,
) -> Callable[[int], Shares[Receiver]]:
    """How many there are -> who gets which. `departments`: those of the people who may receive.

    `last` is whose turn was last. Raises Invalid when nobody is chosen, or somebody who may not be.
    """
    if wanted.how is How.DEPARTMENT:
        if wanted.department_id not in allowed_departments:
            raise Invalid(N_("Choose a department."), field="department")
        return lambda n: in_turn(n, [Receiver(None, wanted.department_id)])
    if not wanted.people:
        raise Invalid(N_("Choose who receives the customers."), field="people")
    if any(user_id not in departments for user_id, _ in wanted.people):
        raise Invalid(N_("There is no such person among those you work with."), field="people")
    receivers = {user_id: Receiver(user_id, departments[user_id]) for user_id, _ in wanted.people}
    everyone = list(receivers.values())
    match wanted.how:
        case How.BY_PRIORITY:
            filled = [(receivers[user_id], capacity) for user_id, capacity in wanted.people]
            return lambda n: by_priority(n, filled)
        case How.AT_RANDOM:
            return lambda n: at_random(n, everyone, Random(wanted.seed))
    after = receivers.get(last) if last is not None else None
    return lambda n: in_turn(n, everyone, after)


def _capacity(form: MultiMapping[object], user_id: int, how: How) -> int:
    text = _text(form, f"capacity-{user_id}").strip()
    if how is not How.BY_PRIORITY:
        return 0
    if not _is_number(text) or int(text) > MOST:
        raise Invalid(N_("Enter how many customers each person can take."), field="people")
    return int(text)


def _text(form: MultiMapping[object], name: str) -> str:
    return str(form.get(name, ""))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
