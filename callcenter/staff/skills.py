"""Who has which skill. The caller commits, and loads the directory again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.errors import N_, Missing
from callcenter.people import audit
from callcenter.people.models import User, UserSkill
from callcenter.people.rights import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A skill, how many of those one sees have it, and how many others."""

    id: int
    name: str
    mine: int
    others: int


async def of_user(session: AsyncSession, user_id: int) -> frozenset[int]:
    """The ids of that account's skills."""
    rows = await session.scalars(select(UserSkill.skill_id).where(UserSkill.user_id == user_id))
    return frozenset(rows)


async def skill(session: AsyncSession, skill_id: int) -> CatalogueItem:
    """Raises Missing."""
    item = await session.get(CatalogueItem, skill_id)
    if item is None or item.catalogue != Catalogue.SKILL.value:
        raise Missing(N_("This skill does not exist any more."))
    return item


async def listed(
    session: AsyncSession, items: Sequence[CatalogueItem], scope: Scope
) -> list[Listed]:
    """Those items with their numbers; only people who still work here count."""
    counted = (
        select(UserSkill.skill_id, func.count())
        .join(User, User.id == UserSkill.user_id)
        .where(User.active)
        .group_by(UserSkill.skill_id)
    )
    everybody: dict[int, int] = {id: n for id, n in await session.execute(counted)}
    mine = everybody
    if not scope.everything:
        seen = (User.id == scope.user_id) | User.department_id.in_(scope.departments)
        mine = {id: n for id, n in await session.execute(counted.where(seen))}
    return [
        Listed(
            id=each.id,
            name=each.name,
            mine=(n := mine.get(each.id, 0)),
            others=everybody.get(each.id, 0) - n,
        )
        for each in items
    ]


async def who_have(session: AsyncSession, skill_id: int) -> frozenset[int]:
    """The ids of the accounts with that skill."""
    rows = await session.scalars(select(UserSkill.user_id).where(UserSkill.skill_id == skill_id))
    return frozenset(rows)


async def tick(session: AsyncSession, user: User, skills: Collection[int], by: int) -> None:
    """Let that account have these skills and no others."""
    had = await of_user(session, user.id)
    if had == set(skills):
        return
    await session.execute(delete(UserSkill).where(UserSkill.user_id == user.id))
    await _add(session, [(user.id, each) for each in sorted(skills)])
    named = select(CatalogueItem.name).where(CatalogueItem.id.in_(skills))
    names = await session.scalars(named.order_by(CatalogueItem.name))
    audit.note(session, by, "skills-ticked", f"{user.username}: {', '.join(names) or '–'}")


async def give(
    session: AsyncSession,
    item: CatalogueItem,
    ticked: Collection[int],
    among: Collection[int],
    by: int,
) -> int:
    """Of the accounts `among`, let those `ticked` have the skill and the others not; how many
    have changed.
    """
    had = await who_have(session, item.id) & set(among)
    wanted = set(ticked) & set(among)
    lost = had - wanted
    if lost:
        mine = (UserSkill.skill_id == item.id) & UserSkill.user_id.in_(lost)
        await session.execute(delete(UserSkill).where(mine))
    await _add(session, [(each, item.id) for each in sorted(wanted - had)])
    if changed := had ^ wanted:
        named = select(User.id, User.username).where(User.id.in_(changed)).order_by(User.username)
        each = [("−" if id in lost else "+") + name for id, name in await session.execute(named)]
        audit.note(session, by, "skill-given", f"{item.name}: {', '.join(each)}")
        return len(changed)
    return 0


async def _add(session: AsyncSession, pairs: Sequence[tuple[int, int]]) -> None:
    """(user's id, skill's id), … Somebody else may give the same at this moment."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    if pairs:
        rows = [{"user_id": user_id, "skill_id": skill_id} for user_id, skill_id in pairs]
        await session.execute(insert(UserSkill).values(rows).on_conflict_do_nothing())
