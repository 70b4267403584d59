"""Change a list: add, rename, reorder, put away, delete what nobody uses, merge two items.

Nothing here commits. Whatever is refused is refused whole, with a sentence.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues import queries
from callcenter.catalogues.lists import COLOURS, LISTS, Listed
from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.errors import N_, CallcenterError, Conflict, Invalid, Missing

LONGEST_NAME = 200
LONGEST_CODE = 64
LAST_POSITION = 1_000_000
STEP = 10  # between positions, so that one fits in between

Problems = dict[str, CallcenterError]  # by field: "name-12", for the item of that key


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An item as it was typed. An empty position means: last; `parent` is an id."""

    name: str
    position: str = ""
    code: str = ""
    colour: str = ""
    parent: str = ""


def tidy(values: Mapping[str, str]) -> Draft:
    """A draft from raw texts; missing ones are empty."""
    texts = {
        name: " ".join(unicodedata.normalize("NFC", values.get(name, "")).replace("\0", "").split())
        for name in ("name", "position", "code", "colour", "parent")
    }
    return Draft(**(texts | {"name": texts["name"] or texts["code"]}))


def mark(items: Iterable[CatalogueItem]) -> str:
    """Changes whenever one of the items does: whoever saves shows which list they were shown."""
    seen = [
        (each.id, each.name, each.code, each.position, each.colour, each.parent_id, each.active)
        for each in sorted(items, key=lambda each: each.id)
    ]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def problems(
    listed: Listed,
    drafts: Mapping[str, Draft],
    others: Sequence[CatalogueItem],
    parents: Iterable[int] = (),
) -> Problems:
    """What must be put right, by field and the draft's key; `others` keep their names."""
    found: Problems = {}
    taken: dict[tuple[str, int | None, str], CatalogueItem | None] = {}
    for each in others:
        taken["name", each.parent_id, same(each.name)] = each
        if each.code:
            taken["code", None, same(each.code)] = each
    may = {str(each) for each in parents}
    for key, draft in drafts.items():
        for field, problem in _of_one(listed, draft, may):
            found.setdefault(f"{field}-{key}", problem)
        for field, parent, text in _must_differ(listed, draft):
            place = (field, parent, same(text))
            if place in taken and text:
                found.setdefault(f"{field}-{key}", _twice(text, taken[place], field))
            taken.setdefault(place, None)
    return found


async def add(session: AsyncSession, listed: Listed, draft: Draft) -> CatalogueItem:
    """The new item, last in the list unless it says where. Call `problems` before."""
    last = await session.scalar(
        select(func.max(CatalogueItem.position)).where(
            CatalogueItem.catalogue == listed.catalogue.value
        )
    )
    item = CatalogueItem(catalogue=listed.catalogue.value, active=True)
    _write(listed, item, draft, (last or 0) + STEP)
    session.add(item)
    await session.flush()
    return item


def write(listed: Listed, items: Iterable[CatalogueItem], drafts: Mapping[str, Draft]) -> None:
    """Give the items what was typed about them. Call `problems` before."""
    for item in items:
        if draft := drafts.get(str(item.id)):
            _write(listed, item, draft, item.position)


async def one(session: AsyncSession, listed: Listed, item_id: int) -> CatalogueItem:
    """Raises Missing when this list has no such item."""
    item = await session.get(CatalogueItem, item_id)
    if item is None or item.catalogue != listed.catalogue.value:
        raise Missing(N_("This item is not in the list any more."))
    return item


async def remove(session: AsyncSession, listed: Listed, item: CatalogueItem) -> None:
    """Raises Conflict, which tells by how many it is used."""
    await check_unasked(session, listed, item)
    if n := await queries.uses_of(session, listed, item.id):
        raise Conflict(listed.use.refusal[n != 1], name=item.name, n=n)
    await session.execute(delete(CatalogueItem).where(CatalogueItem.id == item.id))


async def check_unasked(session: AsyncSession, listed: Listed, item: CatalogueItem) -> None:
    """Raises Conflict for a skill that a queue asks for: the switchboard names it."""
    asked_by = await queries.queue_asking_for(session, item.id)
    if listed.catalogue is Catalogue.SKILL and asked_by:
        sentence = N_("The queue {queue} asks for “{name}”: take it out there first.")
        raise Conflict(sentence, queue=asked_by, name=item.name)


async def move_groups(session: AsyncSession, gone: CatalogueItem, into: CatalogueItem) -> None:
    """All groups of one type to another. Raises Conflict when both have one of the same name."""
    parent = CatalogueItem.parent_id
    rows = await session.scalars(select(CatalogueItem).where(parent.in_([gone.id, into.id])))
    seen: set[str] = set()
    for group in rows:
        if same(group.name) in seen:
            raise Conflict(
                N_("Both types have a group “{name}”: merge these two first."), name=group.name
            )
        seen.add(same(group.name))
    await session.execute(update(CatalogueItem).where(parent == gone.id).values(parent_id=into.id))


def same(text: str) -> str:
    """Two names with the same answer are the same name: capitals do not tell them apart."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _write(listed: Listed, item: CatalogueItem, draft: Draft, position: int) -> None:
    item.name = draft.name
    item.position = int(draft.position) if draft.position else position
    if listed.has_code:
        item.code = draft.code
    if listed.has_colour:
        item.colour = draft.colour
    if listed.parent and draft.parent:
        item.parent_id = int(draft.parent)


def _must_differ(listed: Listed, draft: Draft) -> Iterable[tuple[str, int | None, str]]:
    parent = int(draft.parent) if draft.parent.isdecimal() else None
    yield "name", parent if listed.parent else None, draft.name
    if listed.has_code:
        yield "code", None, draft.code


def _of_one(listed: Listed, draft: Draft, parents: set[str]) -> Iterable[tuple[str, Invalid]]:
    if not draft.name:
        yield "name", Invalid(N_("Enter a name."))
    for field, longest in (("name", LONGEST_NAME), ("code", LONGEST_CODE)):
        if len(getattr(draft, field)) > longest:
            yield field, Invalid(N_("Too long: {n} letters at most."), n=longest)
    if listed.has_code and not draft.code:
        yield "code", Invalid(N_("Enter a code."))
    if draft.position and not (draft.position.isascii() and draft.position.isdecimal()):
        yield "position", Invalid(N_("The position must be a number."))
    elif draft.position and (len(draft.position) > 9 or int(draft.position) > LAST_POSITION):
        yield "position", Invalid(N_("The position is at most {n}."), n=LAST_POSITION)
    if listed.parent and draft.parent not in parents:
        yield "parent", Invalid(N_("Choose the type that the group belongs to."))
    if draft.colour not in COLOURS:
        yield "colour", Invalid(N_("There is no such colour."))


def _twice(text: str, other: CatalogueItem | None, field: str) -> Conflict:
    if other and not other.active:
        return Conflict(N_("“{name}” is put away: bring it back instead."), name=text)
    if field == "code":
        return Conflict(N_("The code “{name}” is in the list already."), name=text)
    return Conflict(N_("“{name}” is in the list already."), name=text)


def parent_of(listed: Listed) -> Listed | None:
    """The list whose items this one's belong to."""
    return LISTS[listed.parent] if listed.parent else None
