"""Who takes a queue's calls, as a plan has it: the people, and how many of them are there now."""

from collections.abc import Callable
from dataclasses import dataclass

from callcenter.people.directory import Directory, Person
from callcenter.switchboard.plan import Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """`people` could take its calls, by name; of these so many are signed in, and ready. None of
    the two when nobody knows."""

    people: list[Person]
    here: int | None = None
    ready: int | None = None


def takes_calls_of(directory: Directory, queue: Queue) -> list[Person]:
    """Those of its department and those with one of its skills, as far as they have a phone."""
    asked = set(queue.skills)
    return [
        each
        for each in directory.people()
        if each.extension
        and (
            (queue.department_id is not None and each.department_id == queue.department_id)
            or asked & directory.skills_of(each.id)
        )
    ]


def staff_of(
    directory: Directory, queue: Queue, state: Callable[[int], str] | None = None
) -> Staff:
    """`state(user_id)` is what they are now: "ready", "offline"…"""
    people = takes_calls_of(directory, queue)
    if state is None:
        return Staff(people=people)
    states = [state(each.id) for each in people]
    return Staff(
        people=people,
        here=sum(each != "offline" for each in states),
        ready=states.count("ready"),
    )
