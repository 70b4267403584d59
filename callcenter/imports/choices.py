"""What somebody chooses for all rows of a file: where they go, and what they have in common."""

from typing import Any

import msgspec

from callcenter.errors import N_, Invalid

DESTINATIONS = {
    "unassigned": N_("To Unassigned"),
    "department": N_("To a department"),
    "file": N_("To the employee named in the file"),
    "people": N_("Divided among employees"),
}
MECHANISMS = {
    "turn": N_("Equally, in turn"),
    "random": N_("At random"),
    "priority": N_("By priority"),
}
MOST_ROWS = 1_000_000  # that anybody can be said to take


class Taker(msgspec.Struct):
    """Somebody among whom rows are divided; `capacity` counts for the mechanism of priority."""

    user_id: int
    capacity: int = 0


class Choices(msgspec.Struct, kw_only=True):
    """`people` in the order of their priority. Catalogue ids fill what is empty in a row."""

    destination: str = "unassigned"
    department_id: int | None = None
    mechanism: str = "turn"
    people: list[Taker] = []
    source_id: int | None = None
    project_id: int | None = None
    status_id: int | None = None
    group_id: int | None = None
    all_or_nothing: bool = False
    skip_duplicates: bool = False  # instead of listing them among the import errors
    unknown_empty: bool = False  # what no catalogue has is left out instead of refusing the row

    def checked(self, mapping: list[str]) -> "Choices":
        """Itself. Raises Invalid for what makes no sense."""
        if self.destination not in DESTINATIONS or self.mechanism not in MECHANISMS:
            raise Invalid(N_("Choose where the rows go."), field="destination")
        if self.destination == "department" and self.department_id is None:
            raise Invalid(N_("Choose a department."), field="department")
        if self.destination == "file" and "owner" not in mapping:
            raise Invalid(
                N_("No column of this file is the employee. Choose one, or another way."),
                field="destination",
            )
        if self.destination == "people":
            self._check_people()
        return self

    def _check_people(self) -> None:
        if not self.people:
            raise Invalid(N_("Choose who receives the customers."), field="people")
        if self.mechanism == "priority":
            if any(not 0 <= each.capacity <= MOST_ROWS for each in self.people):
                raise Invalid(N_("A capacity is 0 or more."), field="people")
            if not all(each.capacity for each in self.people):
                raise Invalid(N_("Enter how many customers each of them can take."), field="people")


def choices_of(kept: dict[str, Any]) -> Choices:
    """From the column; the default ones before anything was chosen."""
    return msgspec.convert(kept, Choices)
