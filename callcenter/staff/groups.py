"""Permission groups [15.8]: named sets of permissions, ticked for people on top of their role.

The caller commits, and loads the directory again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete as deletion
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, Conflict, Invalid, Missing
from callcenter.people import audit
from callcenter.people.directory import person_of
from callcenter.people.models import GroupPermission, PermissionGroup, User, UserGroup
from callcenter.people.permissions import NEVER_GIVEN, Permission, Reach, rights_of

LONGEST = 100
Given = Mapping[Permission, Reach]
Gives = dict[int, dict[Permission, Reach]]  # group id -> what it gives


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    id: int
    name: str
    gives: Given
    people: Sequence[User]  # active, by name


@dataclass(frozen=True, slots=True)
class Loss:
    """What somebody could do no longer without a group, and what is left of each."""

    user: User
    permissions: Sequence[tuple[Permission, Reach]]


async def groups(session: AsyncSession) -> list[Group]:
    """All of them, by name."""
    rows = await session.scalars(select(PermissionGroup).order_by(PermissionGroup.name))
    gives = await _gives(session)
    people: dict[int, list[User]] = {}
    ticked = select(UserGroup.group_id, User).join(User, User.id == UserGroup.user_id)
    for group_id, user in await session.execute(ticked.where(User.active).order_by(User.name)):
        people.setdefault(group_id, []).append(user)
    return [
        Group(id=row.id, name=row.name, gives=gives.get(row.id, {}), people=people.get(row.id, []))
        for row in rows
    ]


async def group(session: AsyncSession, group_id: int) -> Group:
    """Raises Missing."""
    for each in await groups(session):
        if each.id == group_id:
            return each
    raise Missing(N_("There is no such permission group."))


def read(given: Mapping[str, str]) -> Given:
    """The matrix as a form sends it: {"export": "3", …}; what no group can give is left out.

    Raises Invalid for a reach that there is not.
    """
    found = {}
    for permission in Permission:
        text = given.get(permission.value, "0")
        try:
            reach = Reach(int(text))
        except ValueError as error:
            raise Invalid(N_("There is no such reach."), "matrix") from error
        if reach is not Reach.NONE and permission not in NEVER_GIVEN:
            found[permission] = reach
    return found


async def save(
    session: AsyncSession, name: str, gives: Given, by: int, group_id: int | None = None
) -> int:
    """Its id. Raises Invalid or Conflict, with `field` in it, or Missing."""
    if not name:
        raise Invalid(N_("Enter a name."), "name")
    if len(name) > LONGEST:
        raise Invalid(N_("Too long: {n} letters at most."), "name", n=LONGEST)
    if not gives:
        raise Invalid(N_("Tick at least one permission: this group would give nothing."), "matrix")
    for other in await session.scalars(select(PermissionGroup)):
        if other.id != group_id and other.name.casefold() == name.casefold():
            raise Conflict(N_("There is a group of this name already."), field="name")
    row = PermissionGroup(name=name)
    if group_id is not None:
        found = await session.get(PermissionGroup, group_id)
        if found is None:
            raise Missing(N_("There is no such permission group."))
        row, row.name = found, name
    session.add(row)
    await session.flush()
    await session.execute(deletion(GroupPermission).where(GroupPermission.group_id == row.id))
    session.add_all(
        GroupPermission(group_id=row.id, permission=permission.value, reach=int(reach))
        for permission, reach in gives.items()
    )
    what = ", ".join(f"{permission} {reach.name.lower()}" for permission, reach in gives.items())
    audit.note(session, by, "group-saved", f"{name}: {what}")
    return row.id


async def losses(session: AsyncSession, group: Group) -> list[Loss]:
    """Who would lose what by deleting it: what neither their role nor another group gives."""
    gives, found = await _gives(session), []
    for user in group.people:
        ticked = set(
            await session.scalars(select(UserGroup.group_id).where(UserGroup.user_id == user.id))
        )
        role = person_of(user).role
        now = rights_of(role, [gives.get(each, {}) for each in ticked])
        then = rights_of(role, [gives.get(each, {}) for each in ticked - {group.id}])
        lost = [
            (each, then.reach(each)) for each in Permission if then.reach(each) < now.reach(each)
        ]
        if lost:
            found.append(Loss(user, lost))
    return found


async def delete(session: AsyncSession, group: Group, by: int) -> None:
    audit.note(session, by, "group-deleted", f"{group.name} ({len(group.people)} people)")
    for table in GroupPermission, UserGroup:
        await session.execute(deletion(table).where(table.group_id == group.id))
    await session.execute(deletion(PermissionGroup).where(PermissionGroup.id == group.id))


async def _gives(session: AsyncSession) -> Gives:
    known = {each.value for each in Permission}
    found: Gives = {}
    for row in await session.scalars(select(GroupPermission)):
        if row.permission in known:
            found.setdefault(row.group_id, {})[Permission(row.permission)] = Reach(row.reach)
    return found
