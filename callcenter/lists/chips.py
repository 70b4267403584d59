"""What a list is narrowed to, in words, each with the address of the list without it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from urllib.parse import urlencode

from callcenter.customers.models import Kind
from callcenter.customers.words import KINDS
from callcenter.errors import N_
from callcenter.lists.filters import NO_STATUS, ListFilters

Chip = tuple[str, str]  # what it says, where it leads


def chips(
    filters: ListFilters,
    names: Mapping[int, str],
    say: Callable[..., str],
    day: Callable[[date], str],
    tab: str = "",
) -> list[Chip]:
    """Only for what does not show by itself in the line of filters. `names`: of catalogue items."""

    def chip(label: str, without: ListFilters) -> Chip:
        query = urlencode(({"tab": tab} if tab else {}) | without.query())
        return label, f"/customers?{query}" if query else "/customers"

    found = [
        chip(
            names.get(each, "") if each != NO_STATUS else say(N_("No status yet")),
            filters.without("status", each),
        )
        for each in filters.status
        if each == NO_STATUS or each in names
    ]
    if filters.kind:
        found.append(chip(say(KINDS[Kind(filters.kind)]), filters.without("kind")))
    for name, item_id in (
        ("source", filters.source),
        ("project", filters.project),
        ("group", filters.group),
    ):
        if item_id is not None:
            found.append(chip(names.get(item_id, str(item_id)), filters.without(name)))
    for name, sentence, value in (
        ("since", N_("Added from {day}"), filters.since),
        ("until", N_("Added until {day}"), filters.until),
        ("quiet", N_("No conversation since {day}"), filters.quiet),
    ):
        if value:
            found.append(chip(say(sentence, day=day(value)), filters.without(name)))
    for name, label in _counted(filters, say, day):
        found.append(chip(label, filters.without(name)))
    if filters.shared:
        found.append(chip(say(N_("Shared with me")), filters.without("shared")))
    return found


def _counted(
    filters: ListFilters, say: Callable[..., str], day: Callable[[date], str]
) -> Iterator[tuple[str, str]]:
    """What a number of a report counted: names of filters, and what they say."""
    for name, sentence, days in (
        ("touched", N_("Interacted {since} – {until}"), filters.touched),
        ("untouched", N_("Not interacted {since} – {until}"), filters.untouched),
        ("came", N_("New {since} – {until}"), filters.came),
    ):
        if days:
            yield name, say(sentence, since=day(days[0]), until=day(days[1]))
    if filters.owners:
        yield "owners", say(N_("Of chosen employees"))
    if filters.by:
        yield "by", say(N_("Self-created") if filters.by == "owner" else N_("Assigned to them"))
