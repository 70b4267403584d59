"""Which rule decides about a number. Pure.

Rules speak of numbers in international form; what has no country (1900 6789, 113) is Vietnamese.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from callcenter.customers.numbers import key_of
from callcenter.people.models import Role
from callcenter.switchboard.plan import Dialling, Plan

HOME: Final = "+84"
# Police, fire brigade, ambulance, and rescue: no rule and no list stands in the way.
EMERGENCY: Final = frozenset({"112", "113", "114", "115"})


def international(number: str) -> str:
    """As rules read it: "+84912345678", "+8419006789", "+84113"; "" for what is no number."""
    key = key_of(number)
    return key if key.startswith("+") or not key else HOME + key


def is_ordinary(number: str) -> bool:
    """Whether it is a mobile or landline number of Vietnam: calling it costs what calls cost."""
    return _ORDINARY.match(international(number)) is not None


def deciding(rules: Iterable[Dialling], number: str) -> Dialling | None:
    """The rule with the longest beginning that fits; None when none does."""
    form, found = international(number), None
    for rule in rules:
        if form.startswith(rule.prefix) and (found is None or len(rule.prefix) > len(found.prefix)):
            found = rule
    return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a plan says of a number: `always` says why rules do not matter ("emergency", "ours",
    "no_rules", or ""), `rule` which one decides, `roles` who may call it."""

    always: str
    rule: Dialling | None
    roles: frozenset[Role]


def verdict(plan: Plan, number: str) -> Verdict:
    """`number` as it is dialled."""
    key = key_of(number)
    if key in EMERGENCY:
        always = "emergency"
    elif key in {key_of(each.number) for each in plan.numbers}:
        always = "ours"
    else:
        always = "" if plan.dialling else "no_rules"
    if always:
        return Verdict(always, None, frozenset(Role))
    rule = deciding(plan.dialling, number)
    allowed = rule.roles if rule else frozenset()
    return Verdict("", rule, frozenset(role for role in Role if role.value in allowed))


def prefix_of(typed: str) -> str:
    """The beginning that somebody means: "0912", "+84 912" and "0084912" are +84912; "" is "+".

    What it cannot be is returned as it is; the plan's own check refuses it.
    """
    text = "".join(typed.replace("(0)", "").split()).translate(_SIGNS)
    if text in ("", "+"):
        return "+"
    if text.startswith("00"):
        return "+" + text[2:]
    if text.startswith("0"):
        return HOME + text[1:]
    if text.startswith("+840"):
        return HOME + text[4:]
    return text if text.startswith("+") else HOME + text


_ORDINARY: Final = re.compile(re.escape(HOME) + "[2-9]")
_SIGNS: Final = str.maketrans("", "", ".-()/*…")
