"""What must be known to judge the rows of an import, read from the database at one moment."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues.models import Catalogue, CatalogueItem, Place
from callcenter.customers.fields import FIELDS
from callcenter.customers.policy import policy
from callcenter.customers.search import key_of
from callcenter.errors import N_, Conflict, Forbidden
from callcenter.imports.choices import Choices, choices_of
from callcenter.imports.lines import Rules
from callcenter.imports.models import Import
from callcenter.imports.places import Node, Places
from callcenter.imports.sharing import Sharer
from callcenter.people.directory import Directory, Person
from callcenter.people.permissions import Permission
from callcenter.people.rights import Scope

_CATALOGUES: Final[dict[str, Catalogue]] = {
    each.name: each.catalogue for each in FIELDS.values() if each.catalogue
}
_CHOSEN: Final = {  # of choices.Choices
    "source_id": Catalogue.SOURCE,
    "project_id": Catalogue.PROJECT,
    "status_id": Catalogue.STATUS,
    "group_id": Catalogue.CUSTOMER_GROUP,
}


class Known(NamedTuple):
    rules: Rules
    sharer: Sharer


async def known_for(
    session: AsyncSession, directory: Directory, made: Import, *, begun: bool = False
) -> Known:
    """By what the rows of that import are judged, and who receives them, as things are now.

    Raises Forbidden when whoever uploaded the file may not import now, and Conflict when somebody
    or something that was chosen is not there any more. Where rows came in already (`begun`) it is
    too late to choose: whoever is gone gets nothing.
    """
    maker = directory.person(made.user_id)
    if maker is None or not directory.rights_of(maker).may(Permission.IMPORT):
        raise Forbidden(N_("Whoever uploaded this file may not import any more."))
    scope = directory.scope_of(maker, Permission.IMPORT)
    people, choices = directory.within(scope), choices_of(made.choices)
    if not begun:
        await check_chosen(session, directory, scope, choices)
    rules = Rules(
        mapping=made.mapping,
        required=(asked := await policy(session)).required,
        criteria=asked.duplicate | {"phone", "code"},
        choices=choices,
        items={name: await _items(session, each) for name, each in _CATALOGUES.items()},
        places=await _places(session) if "place" in made.mapping else Places(),
        employees=employees(people) if choices.destination == "file" else {},
        given={
            "source": choices.source_id,
            "project": choices.project_id,
            "status": choices.status_id,
        },
    )
    sharer = Sharer(
        choices=choices,
        departments={each.id: each.department_id for each in people},
        home=None if scope.everything else scope.department_id,
        seed=made.id,
    )
    sharer.go_on(made.shared)
    return Known(rules, sharer)


async def check_chosen(
    session: AsyncSession, directory: Directory, scope: Scope, choices: Choices
) -> None:
    """Raises Conflict unless all that was chosen is there, and within the scope of who chose."""
    if choices.destination == "people":
        may = {person.id for person in directory.within(scope)}
        if gone := sum(each.user_id not in may for each in choices.people):
            raise Conflict(
                N_("{n} of the chosen employees cannot receive customers. Choose them again."),
                n=gone,
                field="people",
            )
    if choices.destination == "department" and choices.department_id not in departments_within(
        directory, scope
    ):
        raise Conflict(N_("This department cannot be chosen. Choose again."), field="department")
    for name, catalogue in _CHOSEN.items():
        if (item_id := getattr(choices, name)) is not None:
            found = await session.get(CatalogueItem, item_id)
            if found is None or found.catalogue != catalogue or not found.active:
                raise Conflict(N_("Choose one from the list."), field=name)


def departments_within(directory: Directory, scope: Scope) -> set[int]:
    """The departments that rows may be given to."""
    return {each for each in directory.departments if scope.everything or each in scope.departments}


def employees(people: Sequence[Person]) -> dict[str, int]:
    """Their ids by username and by name, as key_of writes them; a username goes first."""
    found: dict[str, int] = {}
    twice: set[str] = set()
    for person in people:
        key = key_of(person.name)
        twice |= {key} & found.keys()
        found[key] = person.id
    for key in twice:
        del found[key]
    return found | {key_of(person.username): person.id for person in people}


async def _items(session: AsyncSession, catalogue: Catalogue) -> Mapping[str, int]:
    rows = await session.execute(
        select(CatalogueItem.id, CatalogueItem.code, CatalogueItem.name)
        .where(CatalogueItem.catalogue == catalogue.value, CatalogueItem.active)
        .order_by(CatalogueItem.position.desc(), CatalogueItem.id.desc())  # the first one wins
    )
    return dict(_called((item_id, code, name) for item_id, code, name in rows))


def _called(rows: Iterable[tuple[int, str, str]]) -> Iterable[tuple[str, int]]:
    for item_id, code, name in rows:
        if code:
            yield key_of(code), item_id
        yield key_of(name), item_id


async def _places(session: AsyncSession) -> Places:
    rows = await session.execute(select(Place.id, Place.parent_id, Place.name))
    return Places(Node(*row) for row in rows)
