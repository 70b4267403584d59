"""Change what calls can end in: add, rename, reorder, say for which queues, retire, delete unused.

Nothing here commits. Whatever is refused is refused whole, with a sentence.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.models import CallNote, Outcome, OutcomeQueue
from callcenter.customers.search import key_of
from callcenter.errors import N_, CallcenterError, Conflict, Invalid, Missing

LONGEST_NAME = 100
LONGEST_CODE = 32
LAST_POSITION = 1_000_000
STEP = 10  # between positions

Problems = dict[str, CallcenterError]  # by field: "name_vi-quote", for the outcome of that code


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An outcome as it was typed. An empty position means: last; no queues: for all calls."""

    name_vi: str
    name_en: str
    position: str = ""
    queues: frozenset[str] = frozenset()


def tidy(values: Mapping[str, str], queues: Iterable[str] = ()) -> Draft:
    """A draft from raw texts; a name that is typed in one language only stands for both."""
    texts = {
        name: " ".join(unicodedata.normalize("NFC", values.get(name, "")).replace("\0", "").split())
        for name in ("name_vi", "name_en", "position")
    }
    return Draft(
        name_vi=texts["name_vi"] or texts["name_en"],
        name_en=texts["name_en"] or texts["name_vi"],
        position=texts["position"],
        queues=frozenset(queues),
    )


def mark(rows: Iterable[Outcome]) -> str:
    """Changes whenever one of the outcomes does: whoever saves shows which list they were shown."""
    seen = [(each.code, each.name_vi, each.name_en, each.position, each.active) for each in rows]
    return hashlib.sha256(repr(sorted(seen)).encode()).hexdigest()[:16]


def problems(
    drafts: Mapping[str, Draft], others: Sequence[Outcome], queues: Collection[str]
) -> Problems:
    """What must be put right, by field and the draft's key.

    `others` are outcomes of the same level that keep their names, `queues` all there are.
    """
    found: Problems = {}
    taken: dict[tuple[str, str], Outcome | None] = {}
    for row in others:
        taken["name_vi", same(row.name_vi)] = row
        taken["name_en", same(row.name_en)] = row
    for key, draft in drafts.items():
        for field, name in (("name_vi", draft.name_vi), ("name_en", draft.name_en)):
            if not name:
                found[f"{field}-{key}"] = Invalid(N_("Enter a name."))
            elif len(name) > LONGEST_NAME:
                sentence = N_("Too long: {n} letters at most.")
                found[f"{field}-{key}"] = Invalid(sentence, n=LONGEST_NAME)
            elif (field, same(name)) in taken:
                found[f"{field}-{key}"] = _twice(name, taken[field, same(name)])
            taken.setdefault((field, same(name)), None)
        text = draft.position
        if text and not (re.fullmatch("[0-9]{1,9}", text) and int(text) <= LAST_POSITION):
            sentence = N_("The position is a number of at most {n}.")
            found[f"position-{key}"] = Invalid(sentence, n=LAST_POSITION)
        if unknown := draft.queues - {""} - set(queues):
            found[f"queues-{key}"] = Invalid(N_("There is no queue {value}."), value=min(unknown))
    return found


def same(name: str) -> str:
    """Two names with the same answer are the same name: capitals do not tell them apart."""
    return unicodedata.normalize("NFC", name).casefold()


def code_for(name: str, taken: Collection[str]) -> str:
    """A code that nobody has, from the outcome's name: it stands in notes and in the API."""
    plain = "_".join("".join(c if c.isalnum() else " " for c in key_of(name)).split())
    plain = plain.encode("ascii", "ignore").decode()[: LONGEST_CODE - 4].strip("_") or "outcome"
    code, n = plain, 1
    while code in taken:
        n += 1
        code = f"{plain}_{n}"
    return code


async def level(session: AsyncSession, parent: str | None) -> list[Outcome]:
    """The outcomes of the first level, or the sub-outcomes of one; retired ones at the end."""
    rows = await session.scalars(
        select(Outcome)
        .where(Outcome.parent_code.is_not_distinct_from(parent))
        .order_by(Outcome.position, Outcome.code)
    )
    return sorted(rows, key=lambda row: not row.active)


async def one(session: AsyncSession, code: str) -> Outcome:
    """Raises Missing when there is no such outcome."""
    row = await session.get(Outcome, code)
    if row is None:
        raise Missing(N_("This outcome is not in the list any more."))
    return row


async def add(session: AsyncSession, draft: Draft, parent: str | None) -> Outcome:
    """The new outcome, last of its level unless it says where. Call `problems` before."""
    codes = set(await session.scalars(select(Outcome.code)))
    last = await session.scalar(
        select(func.max(Outcome.position)).where(Outcome.parent_code.is_not_distinct_from(parent))
    )
    row = Outcome(
        code=code_for(draft.name_en, codes),
        parent_code=parent,
        active=True,
        position=(last or 0) + STEP,
    )
    session.add(row)
    await write(session, [row], {row.code: draft})
    return row


async def write(
    session: AsyncSession, rows: Iterable[Outcome], drafts: Mapping[str, Draft]
) -> None:
    """Give the outcomes what was typed about them. Call `problems` before."""
    for row in rows:
        draft = drafts[row.code]
        row.name_vi, row.name_en = draft.name_vi, draft.name_en
        row.position = int(draft.position) if draft.position else row.position
        await session.flush()
        await session.execute(delete(OutcomeQueue).where(OutcomeQueue.code == row.code))
        if row.parent_code is None:
            session.add_all(OutcomeQueue(code=row.code, queue=each) for each in draft.queues)
    await session.flush()


async def uses(session: AsyncSession) -> dict[str, int]:
    """Code -> how many calls ended in it; an outcome's sub-outcomes count for it as well."""
    rows = await session.execute(
        select(CallNote.outcome, func.count())
        .where(CallNote.outcome.is_not(None))
        .group_by(CallNote.outcome)
    )
    counted: dict[str, int] = {code: n for code, n in rows if code is not None}
    parents = await session.execute(
        select(Outcome.code, Outcome.parent_code).where(Outcome.parent_code.is_not(None))
    )
    for code, parent in parents:
        if parent and code in counted:
            counted[parent] = counted.get(parent, 0) + counted[code]
    return counted


async def remove(session: AsyncSession, row: Outcome) -> None:
    """Delete it with its sub-outcomes. Raises Conflict when calls have ended in one of them."""
    codes = [
        row.code,
        *await session.scalars(select(Outcome.code).where(Outcome.parent_code == row.code)),
    ]
    used = await session.scalar(
        select(func.count()).select_from(CallNote).where(CallNote.outcome.in_(codes))
    )
    if used:
        raise Conflict(
            N_("{n} calls ended in “{name}”, so it stays. Retire it: it is offered no more."),
            n=used,
            name=row.name_vi,
        )
    await session.execute(delete(OutcomeQueue).where(OutcomeQueue.code.in_(codes)))
    await session.execute(delete(Outcome).where(Outcome.code.in_(codes)))


def _twice(name: str, other: Outcome | None) -> Conflict:
    if other and not other.active:
        return Conflict(N_("“{name}” is retired: bring it back instead."), name=name)
    return Conflict(N_("“{name}” is in the list already."), name=name)
