"""What is wrong with a plan, in words that say what to do. Pure.

An error keeps the plan from being published, a warning does not: what it says may be meant.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from callcenter.switchboard.plan import Plan


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`part` is the field of the plan it is in ("queues"; "" for the plan's own), `name` what it is
    called there (a number's digits, a holiday's title), `field` which of its fields is meant, as
    far as it is one. In a page: `_(problem.sentence, **problem.values)`."""

    severity: Severity
    part: str
    name: str = ""
    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a plan speaks of that is not in it.

    `departments`: id -> how many of its people could take calls; `skilled`: the same, by skill.
    `prompts`: the names of those that have a sound; None when that is not known.
    """

    departments: Mapping[int, int]
    skilled: Mapping[int, int] = field(default_factory=dict)
    prompts: Collection[str] | None = None


def problems(plan: Plan, known: Known) -> list[Problem]:
    """All of them, errors first, each part's together."""
    return []
