"""Who has to do with which call now, by the people of our directory."""

from collections.abc import Iterable

from callcenter.agents.agent import Part, part_in
from callcenter.calls.call import Call
from callcenter.people.directory import Directory

Parts = dict[int, dict[str, Part]]  # user id -> call_id -> part


def parts_of(calls: Iterable[Call], directory: Directory) -> Parts:
    """Everybody who has a part in one of these calls."""
    found: Parts = {}
    for call in calls:
        for extension in call.extensions:
            person, part = directory.of_extension(extension), part_in(call, extension)
            if person and part != "ended":
                found.setdefault(person.id, {})[call.call_id] = part
    return found
