"""Places from a workbook [3.12]: which rows are new, which change a place, which cannot be used.

Import again and nothing is doubled: a place is known by its code, or else by its name, among those
beside it. Good rows are taken whatever the others are like.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues.items import LONGEST_NAME, same
from callcenter.catalogues.models import Level, Place
from callcenter.catalogues.places import LONGEST_CODE, tidy
from callcenter.customers.search import key_of
from callcenter.errors import N_, Invalid

HOME: Final = "Việt Nam"  # of rows that name no country: official lists do not
AT_ONCE = 100  # rows read or written together; pages are answered in between
CODED: Final[Mapping[Level, str]] = {
    Level.COUNTRY: N_("Country code"),
    Level.PROVINCE: N_("Province code"),
    Level.DISTRICT: N_("District code"),
    Level.WARD: N_("Ward code"),
}
# Headings without accents, signs and blanks: ours in both languages, and those of official lists.
_NAMES: Final[Mapping[Level, tuple[str, ...]]] = {
    Level.COUNTRY: ("country", "quocgia"),
    Level.PROVINCE: ("provinceorcity", "province", "tinhthanhpho", "tinh", "tentinh"),
    Level.DISTRICT: ("district", "quanhuyen", "huyen", "tenquanhuyen"),
    Level.WARD: ("ward", "phuongxa", "xa", "tenphuongxa", "ten"),
}
_CODES: Final[Mapping[Level, tuple[str, ...]]] = {
    Level.COUNTRY: ("countrycode", "maquocgia"),
    Level.PROVINCE: ("provincecode", "matinh", "matinhthanhpho", "matp"),
    Level.DISTRICT: ("districtcode", "maquanhuyen", "maqh", "mahuyen"),
    Level.WARD: ("wardcode", "maphuongxa", "mapx", "maxa", "ma"),
}

Columns = dict[Level, tuple[int | None, int | None]]  # where a level's name and its code stand
Rows = Iterable[tuple[int, Sequence[str]]]  # the number in the file, the texts


@dataclass(slots=True, eq=False)
class Node:
    """A place there is, or (without an id) one that will be."""

    level: Level
    name: str
    code: str
    parent: "Node | None" = None
    id: int | None = None
    changed: bool = False
    told: bool = False  # by a row of this file


@dataclass(slots=True)
class Plan:
    new: list[Node] = field(default_factory=list)  # the upper ones before those below
    changed: list[Node] = field(default_factory=list)
    bad: list[tuple[int, Invalid]] = field(default_factory=list)  # row number, why
    rows: int = 0


def columns_of(headings: Sequence[str]) -> Columns:
    """Raises Invalid when there is no column of provinces."""
    keys = ["".join(filter(str.isalnum, key_of(heading))) for heading in headings]

    def place(names: tuple[str, ...]) -> int | None:
        return next((keys.index(name) for name in names if name in keys), None)

    found = {level: (place(_NAMES[level]), place(_CODES[level])) for level in Level}
    if found[Level.PROVINCE][0] is None:
        raise Invalid(N_("There is no column of provinces. Use the template’s headings."))
    return found


def plan(there: Iterable[Node], columns: Columns, rows: Rows) -> Plan:
    """What to write so that the tree has these rows; nothing is written here."""
    made, known = Plan(), _Known(there)
    for number, texts in rows:
        made.rows += 1
        try:
            path = _checked(list(_path(columns, texts)))
            node: Node | None = None
            for level, name, code in path:
                node = known.placed(made, node, level, name, code)
        except Invalid as problem:
            made.bad.append((number, problem))
    return made


class _Known:
    """Places by what they lie in and their name or code."""

    def __init__(self, there: Iterable[Node]) -> None:
        self._named: dict[tuple[Node | None, str], Node] = {}
        self._coded: dict[tuple[Node | None, Level, str], Node] = {}
        for node in there:
            self._put(node)

    def _put(self, node: Node) -> None:
        self._named[node.parent, same(node.name)] = node
        if node.code:
            self._coded[node.parent, node.level, node.code] = node

    def placed(self, made: Plan, parent: Node | None, level: Level, name: str, code: str) -> Node:
        """The node of that place, made or changed if need be."""
        called = self._named.get((parent, same(name)))
        node = self._coded.get((parent, level, code)) if code else None
        if node and called and node is not called:
            raise Invalid(N_("“{name}” has another code than {code}."), name=name, code=code)
        node = node or called
        if node is None:
            node = Node(level, name, code, parent, told=True)
            made.new.append(node)
            self._put(node)
            return node
        self._change(made, node, name, code or node.code)
        return node

    def _change(self, made: Plan, node: Node, name: str, code: str) -> None:
        if (node.name, node.code) != (name, code):
            if node.told and (node.code, same(node.name)) != ("", same(name)):
                sentence = N_("Another row calls it “{name}”, with the code “{code}”.")
                raise Invalid(sentence, name=node.name, code=node.code)
            self._named.pop((node.parent, same(node.name)), None)
            self._coded.pop((node.parent, node.level, node.code), None)
            node.name, node.code = name, code
            self._put(node)
            if node.id is not None and not node.changed:
                node.changed = True
                made.changed.append(node)
        node.told = True


def _path(columns: Columns, texts: Sequence[str]) -> Iterator[tuple[Level, str, str]]:
    for level, (name, code) in columns.items():
        yield (
            level,
            tidy(texts[name]) if name is not None else "",
            tidy(texts[code]) if code is not None else "",
        )


def _checked(path: list[tuple[Level, str, str]]) -> list[tuple[Level, str, str]]:
    """The levels that are filled in, from the top; the country is HOME where it is left out."""
    names = {level: name for level, name, _ in path}
    if not any(names.values()):
        raise Invalid(N_("There is no name in this row."))
    if not names[Level.PROVINCE] and (names[Level.DISTRICT] or names[Level.WARD]):
        raise Invalid(N_("The province is missing."))
    for _, name, code in path:
        if len(name) > LONGEST_NAME or len(code) > LONGEST_CODE:
            raise Invalid(N_("A name or a code is too long."))
        if code and not name:
            raise Invalid(N_("There is a code without a name: {code}."), code=code)
    whole = [(level, name, code) for level, name, code in path if name]
    return whole if names[Level.COUNTRY] else [(Level.COUNTRY, HOME, ""), *whole]


async def nodes(session: AsyncSession) -> list[Node]:
    """The whole tree as it is."""
    columns = (Place.id, Place.parent_id, Place.level, Place.name, Place.code)
    found: dict[int, Node] = {}
    parents: dict[int, int | None] = {}
    last = 0
    while rows := (
        await session.execute(
            select(*columns).where(Place.id > last).order_by(Place.id).limit(AT_ONCE)
        )
    ).all():
        for place_id, parent_id, level, name, code in rows:
            found[place_id] = Node(Level(level), name, code, id=place_id)
            parents[place_id] = parent_id
        last = rows[-1].id
    for place_id, node in found.items():
        node.parent = found.get(parents[place_id] or 0)
    return list(found.values())


async def write(session: AsyncSession, made: Plan) -> None:
    """Write the plan, without committing."""
    for level in Level:
        new = [node for node in made.new if node.level is level]
        for start in range(0, len(new), AT_ONCE):
            some = new[start : start + AT_ONCE]
            statement = insert(Place).returning(Place.id, sort_by_parameter_order=True)
            ids = await session.scalars(statement, [_row(node) for node in some])
            for node, place_id in zip(some, ids, strict=True):
                node.id = place_id
    for start in range(0, len(made.changed), AT_ONCE):
        connection = await session.connection()
        change = (
            update(Place.__table__)  # type: ignore[arg-type]  # a mapped class's table is one
            .where(Place.__table__.c.id == bindparam("of"))
            .values(name=bindparam("named"), code=bindparam("coded"), search_key=bindparam("key"))
        )
        some = made.changed[start : start + AT_ONCE]
        await connection.execute(
            change,
            [{"of": n.id, "named": n.name, "coded": n.code, "key": key_of(n.name)} for n in some],
        )


def _row(node: Node) -> dict[str, object]:
    return {
        "parent_id": node.parent.id if node.parent else None,
        "level": node.level.value,
        "name": node.name,
        "code": node.code,
        "search_key": key_of(node.name),
    }
