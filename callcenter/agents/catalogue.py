"""The catalogue of breaks and the departments' limits, as they are typed, checked and kept."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.agent import DECLINED, MISSED
from callcenter.agents.models import AgentState, BreakReason
from callcenter.errors import N_, CallcenterError, Conflict, Invalid, Missing
from callcenter.people.models import Department

CODE = re.compile(r"[a-z0-9_-]{1,32}")
LONGEST_NAME = 100
LONGEST_BREAK = 600  # minutes
MOST_AWAY = 1000
STEP = 10  # between positions
NEW = "new"  # the key of the reason that is being added

Problems = dict[str, CallcenterError]  # by field and key: "name_vi-lunch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A reason as it was typed; empty minutes are no limit, an empty position is the last."""

    code: str
    name_vi: str = ""
    name_en: str = ""
    minutes: str = ""
    position: str = ""


async def reasons(session: AsyncSession) -> Sequence[BreakReason]:
    """All, in their order; those that are not offered last."""
    order = (BreakReason.offered.desc(), BreakReason.position, BreakReason.code)
    return (await session.scalars(select(BreakReason).order_by(*order))).all()


def draft_of(texts: Mapping[str, str], key: str, code: str) -> Draft:
    """What the form says of the reason with that key; its own code, if it has one."""
    names = ("name_vi", "name_en", "minutes", "position")
    values = {name: " ".join(texts.get(f"{name}-{key}", "").split()) for name in names}
    return Draft(code=code, **values)


def problems(drafts: Mapping[str, Draft], others: Iterable[str] = ()) -> Problems:
    """What must be put right, by field and key; `others` are codes that are taken."""
    found: Problems = {}
    taken = set(others)
    for key, draft in drafts.items():
        for field, problem in _of_one(draft):
            found.setdefault(f"{field}-{key}", problem)
        if draft.code in taken:
            sentence = N_("The code “{name}” is in the list already.")
            found.setdefault(f"code-{key}", Conflict(sentence, name=draft.code))
        taken.add(draft.code)
    return found


def write(row: BreakReason, draft: Draft, last: int = 0) -> None:
    """Give the reason what was typed. Call `problems` before; `last` is the last position."""
    row.name_vi, row.name_en = draft.name_vi, draft.name_en
    row.minutes = int(draft.minutes) if draft.minutes else None
    row.position = int(draft.position) if draft.position else last + STEP


async def one(session: AsyncSession, code: str) -> BreakReason:
    """Raises Missing."""
    if (row := await session.get(BreakReason, code)) is None:
        raise Missing(N_("This item is not in the list any more."))
    return row


async def remove(session: AsyncSession, row: BreakReason) -> bool:
    """Delete it, or put it away (False) when somebody was ever on that break.

    Raises Conflict for the last one that is offered: a break needs a reason.
    """
    offered = await session.scalars(select(BreakReason.code).where(BreakReason.offered))
    if set(offered) <= {row.code}:
        raise Conflict(N_("A break needs a reason, and this is the last one."))
    used = select(AgentState.id).where(AgentState.reason == row.code).limit(1)
    if await session.scalar(used):
        row.offered = False
        return False
    await session.delete(row)
    return True


def limits(texts: Mapping[str, str], departments: Iterable[Department]) -> Problems:
    """Give the departments the limits that were typed ("limit-3"); what must be put right."""
    found: Problems = {}
    for department in departments:
        field = f"limit-{department.id}"
        text = texts.get(field, "").strip()
        if not text:
            department.break_limit = None
        elif _is_number(text, 0, MOST_AWAY):
            department.break_limit = int(text)
        else:
            found[field] = _whole(0, MOST_AWAY)
    return found


def _of_one(draft: Draft) -> Iterable[tuple[str, Invalid]]:
    if not CODE.fullmatch(draft.code) or draft.code in (MISSED, DECLINED):
        yield "code", Invalid(N_("A code has small letters, digits, - and _ only."))
    for field in ("name_vi", "name_en"):
        text = getattr(draft, field)
        if not text:
            yield field, Invalid(N_("Enter a name."))
        elif len(text) > LONGEST_NAME:
            yield field, Invalid(N_("Too long: {n} letters at most."), n=LONGEST_NAME)
    if draft.minutes and not _is_number(draft.minutes, 1, LONGEST_BREAK):
        yield "minutes", _whole(1, LONGEST_BREAK)
    if draft.position and not _is_number(draft.position, 0, 1_000_000):
        yield "position", _whole(0, 1_000_000)


def _is_number(text: str, least: int, most: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10 and least <= int(text) <= most


def _whole(least: int, most: int) -> Invalid:
    return Invalid(N_("A whole number from {least} to {most}, please."), least=least, most=most)
