"""A customer's fields as people read them: for the history, the page, and the talk about changes.

In words and not in ids, because what was chosen may be called otherwise, or be gone, by the time
somebody reads what was changed.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues.models import CatalogueItem, Place
from callcenter.catalogues.queries import place_path
from callcenter.customers.fields import FIELDS, What
from callcenter.customers.forms import CustomerForm
from callcenter.customers.models import Kind
from callcenter.customers.numbers import shown
from callcenter.errors import N_
from callcenter.people.models import User

KINDS = {
    Kind.PERSON: N_("Person"),
    Kind.ORGANISATION: N_("Organisation"),
    Kind.SHOP: N_("Shop"),
    Kind.HOUSEHOLD: N_("Household"),
}
_ITEMS = {each.name: each for each in FIELDS.values() if each.what is What.ITEM}


@dataclass(frozen=True, slots=True)
class Names:
    """id -> name, of whatever the forms point at."""

    items: dict[int, CatalogueItem]
    places: dict[int, str]
    people: dict[int, str]


async def names_of(session: AsyncSession, *forms: CustomerForm) -> Names:
    """The names of everything these forms point at."""
    ids = {
        each
        for form in forms
        for each in (*form.group_ids, *(form.of(name) for name in _ITEMS))
        if isinstance(each, int)
    }
    owners = {form.owner_id for form in forms if form.owner_id}
    items = await session.scalars(select(CatalogueItem).where(CatalogueItem.id.in_(ids)))
    people = await session.execute(select(User.id, User.name).where(User.id.in_(owners)))
    places = {form.place_id for form in forms if form.place_id}
    return Names(
        items={item.id: item for item in items} if ids else {},
        places=await place_path(session, places) if places else {},
        people={user_id: name for user_id, name in people} if owners else {},
    )


def words(form: CustomerForm, names: Names) -> dict[str, str]:
    """Each field's text, "" for nothing. A kind stays its own word (see KINDS)."""
    return {name: _text(form, name, names) for name in FIELDS}


def _text(form: CustomerForm, name: str, names: Names) -> str:
    value: Any = form.of(name)
    match FIELDS[name].what:
        case What.PHONES:
            return ", ".join(shown(phone) for phone in form.phones)
        case What.ITEM:
            return _called(names.items.get(value))
        case What.ITEMS:
            return ", ".join(sorted(_called(names.items.get(each)) for each in value))
        case What.PLACE:
            return names.places.get(value, "")
        case What.OWNER:
            return names.people.get(value, "")
    return str(value)


def _called(item: CatalogueItem | None) -> str:
    if item is None:
        return ""
    return f"{item.code} {item.name}".strip() if item.code != item.name else item.name


async def known(
    session: AsyncSession, form: CustomerForm, before: CustomerForm | None = None
) -> list[str]:
    """The fields that point at something that is not in their catalogue, or was put away.

    What a customer had `before` may stay.
    """
    wrong = []
    ids = {form.of(name) for name in _ITEMS} | form.group_ids
    rows = await session.scalars(
        select(CatalogueItem).where(CatalogueItem.id.in_({each for each in ids if each}))
    )
    items = {item.id: item for item in rows}
    for name in (*_ITEMS, "groups"):
        value: Any = form.of(name)
        had: Any = before.of(name) if before else None
        wanted = value if isinstance(value, frozenset) else {value} - {None}
        added = set(wanted) - (had if isinstance(had, frozenset) else {had})
        catalogue = FIELDS[name].catalogue
        for each in added:
            item = items.get(each)
            if item is None or not item.active or item.catalogue != catalogue:
                wrong.append(name)
                break
    if form.place_id and await session.get(Place, form.place_id) is None:
        wrong.append("place")
    return wrong
