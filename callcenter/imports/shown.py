"""Imports in words, for pages: states, reasons, steps."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from callcenter.customers.fields import FIELDS
from callcenter.errors import N_
from callcenter.imports.models import Import, ImportRow, State
from callcenter.imports.queries import values_of
from callcenter.imports.verdicts import REFUSED, SENTENCES, Flag, Reason

STATES: Final[Mapping[str, tuple[str, str, str]]] = {  # words, icon, kind of chip
    State.UPLOADED: (N_("Columns to be chosen"), "edit", "warn"),
    State.MAPPED: (N_("Assignment to be chosen"), "edit", "warn"),
    State.CHOSEN: (N_("To be checked"), "clock", "warn"),
    State.CHECKED: (N_("Checked, not imported"), "clock", "acc"),
    State.RUNNING: (N_("Being imported"), "clock", "acc"),
    State.STOPPED: (N_("Stopped"), "pause", "warn"),
    State.DONE: (N_("Imported"), "check", "ok"),
    State.UNDONE: (N_("Undone"), "callback", ""),
    State.CANCELLED: (N_("Cancelled"), "x", ""),
}
BEFORE: Final = (State.UPLOADED, State.MAPPED, State.CHOSEN, State.CHECKED)  # nothing came in yet
CHIPS: Final = (  # what a row is told to be: words, icon, kind of chip
    (Flag.DUPLICATE, N_("Duplicate"), "transfer", "warn"),
    (Flag.MISSING, N_("Missing value"), "alert", "bad"),
    (Flag.WRONG, N_("Wrong"), "alert", "bad"),
    (Flag.UNKNOWN_EMPLOYEE, N_("Unknown employee"), "info", ""),
    (Flag.NO_EMPLOYEE, N_("No employee"), "info", ""),
    (Flag.BEYOND, N_("Beyond capacity"), "info", ""),
    (Flag.RESTORED, N_("0 restored"), "info", ""),
    (Flag.EMPTIED, N_("Left empty"), "info", ""),
)
NOTES: Final = (  # a sentence for those that are accepted
    (Flag.UNKNOWN_EMPLOYEE, N_("Goes to Unassigned: nobody here is called “{owner}”")),
    (Flag.NO_EMPLOYEE, N_("Goes to Unassigned: no employee is named")),
    (Flag.BEYOND, N_("Goes to Unassigned: nobody has room for it")),
    (Flag.RESTORED, N_("Excel had eaten the 0 of {numbers}")),
    (Flag.EMPTIED, N_("What no catalogue has is left empty")),
)
STEPS: Final = (
    ("file", N_("Choose the file")),
    ("columns", N_("Match the columns")),
    ("assignment", N_("Assignment")),
    ("", N_("Check and import")),
)

Say = Callable[..., str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A row of a file as a page shows it."""

    number: int
    name: str
    phones: Sequence[str]
    chips: Sequence[tuple[str, str, str]]
    why: str
    refused: bool
    row_id: int | None = None  # of import_rows
    state: str = ""
    customer_id: int | None = None  # it has become, or who has the same
    file_name: str = ""
    import_id: int = 0


def chips_of(flags: int) -> list[tuple[str, str, str]]:
    wanted = flags & REFUSED or flags
    return [(words, icon, kind) for flag, words, icon, kind in CHIPS if wanted & flag]


def why(say: Say, reasons: Iterable[Reason]) -> str:
    """All reasons of a row, one after the other."""
    return "; ".join(reason_in_words(say, each) for each in reasons)


def reason_in_words(say: Say, reason: Reason) -> str:
    label = say(FIELDS[reason["field"]].label) if reason["field"] in FIELDS else ""
    return say(SENTENCES[reason["code"]], **{**reason, "label": label})


def notes(say: Say, flags: int, owner: str, restored: Sequence[str]) -> str:
    values = {"owner": owner, "numbers": ", ".join(restored)}
    return "; ".join(
        say(sentence, **values) if "{" in sentence else say(sentence)
        for flag, sentence in NOTES
        if flags & flag
    )


def refused(say: Say, made: Import, row: ImportRow) -> Shown:
    """A row of import_rows; its customer is the one who has the same, if that is what is wrong."""
    values = values_of(made, row.texts)
    other = next((each["customer_id"] for each in row.reasons if "customer_id" in each), None)
    return Shown(
        number=row.number,
        name=values["name"],
        phones=values["phones"],
        chips=chips_of(row.flags),
        why=why(say, row.reasons),
        refused=True,
        row_id=row.id,
        state=row.state,
        customer_id=row.customer_id or other,
        file_name=made.file_name,
        import_id=made.id,
    )


def step_of(made: Import) -> str:
    """The address of where one goes on."""
    step = {State.UPLOADED: "/columns", State.MAPPED: "/assignment"}.get(State(made.state), "")
    return f"/imports/{made.id}{step}"


def reached(made: Import | None) -> int:
    """How many of STEPS may be looked at."""
    if made is None:
        return 1
    return {State.UPLOADED: 2, State.MAPPED: 3}.get(State(made.state), 4)


def total(counts: Mapping[str, Any], name: str) -> int:
    return int(counts.get(name, 0))
