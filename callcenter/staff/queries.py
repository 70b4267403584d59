"""Questions about accounts, and what is done to them.

The caller commits, and loads the directory again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from callcenter.customers import search
from callcenter.customers.models import Customer
from callcenter.customers.numbers import dialable
from callcenter.errors import N_, Conflict, Missing, N_n
from callcenter.people import audit, throttle
from callcenter.people.models import (
    Department,
    PermissionGroup,
    Role,
    Session,
    Token,
    User,
    UserGroup,
    UserSkill,
)
from callcenter.people.passwords import generated, hashed
from callcenter.people.rights import Scope
from callcenter.staff import forms, rules
from callcenter.staff.forms import AccountForm

PAGE = 50
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
LAST = N_("{name} is the only superadmin. Make another one first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a list is filtered by; "" and None do not filter."""

    text: str = ""
    role: str = ""
    department_ids: Collection[int] | None = None
    active: bool = True


async def accounts(session: AsyncSession, scope: Scope) -> Sequence[User]:
    """All that may be seen, also of those who have left, but no deleted ones; by name."""
    statement: Select[User] = select(User).where(User.deleted_at.is_(None))
    if not scope.everything:
        mine = User.id == scope.user_id
        statement = statement.where(mine | User.department_id.in_(scope.departments))
    return (await session.scalars(statement.order_by(User.name, User.id))).all()


async def account(session: AsyncSession, user_id: int) -> User:
    """Raises Missing when there is none, or it was deleted."""
    user = await session.get(User, user_id)
    if user is None or user.deleted_at is not None:
        raise Missing(rules.NO_SUCH)
    return user


def matching(users: Iterable[User], asked: Asked) -> list[User]:
    """Those with all words of the text in name, username, extension, email or phone."""
    words = search.key_of(asked.text).split()
    return [
        user
        for user in users
        if user.active is asked.active
        and asked.role in ("", user.role)
        and (asked.department_ids is None or user.department_id in asked.department_ids)
        and all(word in _searched(user) for word in words)
    ]


def _searched(user: User) -> str:
    digits = "".join(letter for letter in user.phone if letter.isdigit())
    return search.key_of(user.name, user.username, user.extension, user.email, digits)


async def customers_by(
    session: AsyncSession, column: InstrumentedAttribute[int | None], ids: Collection[int]
) -> dict[int, int]:
    """How many customers (in no bin) have each id in Customer.owner_id or .department_id.

    Counted out of the partial indexes of lists, which hold just those.
    """
    there = select(column, func.count()).where(column.in_(ids), Customer.deleted_at.is_(None))
    rows = await session.execute(there.group_by(column))
    return {key: n for key, n in rows if key is not None}


def having(column: InstrumentedAttribute[int | None], id: int) -> ColumnElement[bool]:
    """Customers with that id there, those in the bin as well.

    In two halves, because each has an index: together they would read the whole table. (SQLite
    takes a range for one, and no IS NOT NULL.)
    """
    return or_(
        and_(column == id, Customer.deleted_at.is_(None)),
        and_(column == id, Customer.deleted_at > LONG_AGO),
    )


async def groups_of(session: AsyncSession, user_id: int) -> set[int]:
    ticked = select(UserGroup.group_id).where(UserGroup.user_id == user_id)
    return set(await session.scalars(ticked))


async def taken_extensions(session: AsyncSession) -> set[str]:
    return {each for each in await session.scalars(select(User.extension)) if each}


async def free_extensions(session: AsyncSession, extensions: range) -> list[str]:
    """Those that nobody has, in order."""
    taken = await taken_extensions(session)
    return [text for each in extensions if (text := str(each)) not in taken]


async def add(session: AsyncSession, form: AccountForm, by: int, today: date) -> tuple[User, str]:
    """A new account and its password, which is kept nowhere else. Raises Conflict."""
    await _check_unique(session, form, None)
    password = generated()
    user = User(password=await hashed(password), password_is_temporary=True, active=True)
    _fill(user, form, today)
    session.add(user)
    await session.flush()
    await tick_groups(session, user, form.groups, by)
    audit.note(session, by, "account-added", f"{user.username} ({user.role})")
    return user, password


async def change(
    session: AsyncSession, user: User, form: AccountForm, by: int, today: date
) -> bool:
    """Whether their extension is another now, so that they have to sign in again.

    Raises Conflict, in words.
    """
    await _check_unique(session, form, user.id)
    before = (user.role, user.department_id, user.extension)
    await _check_leading(session, user, form)
    _fill(user, form, today)
    await session.flush()
    if before[0] == Role.SUPERADMIN != user.role:
        await some_superadmin(session, user)
    after = (user.role, user.department_id, user.extension)
    if before != after:
        told = " → ".join(", ".join(str(each or "–") for each in ways) for ways in (before, after))
        audit.note(session, by, "account-changed", f"{user.username}: {told}")
    if before[2] is None or before[2] == user.extension:
        return False
    await end_sessions(session, user)
    return True


async def tick_groups(session: AsyncSession, user: User, groups: Collection[int], by: int) -> None:
    had = await groups_of(session, user.id)
    if had == set(groups):
        return
    await session.execute(delete(UserGroup).where(UserGroup.user_id == user.id))
    session.add_all(UserGroup(user_id=user.id, group_id=each) for each in sorted(groups))
    named = select(PermissionGroup.name).where(PermissionGroup.id.in_(groups))
    names = await session.scalars(named.order_by(PermissionGroup.name))
    audit.note(session, by, "groups-ticked", f"{user.username}: {', '.join(names) or '–'}")


async def reset_password(session: AsyncSession, user: User, by: int) -> str:
    """A new password, to be changed at the next sign-in; they are signed out everywhere."""
    password = generated()
    user.password, user.password_is_temporary = await hashed(password), True
    await end_sessions(session, user)
    await throttle.unlock(session, user.username)
    audit.note(session, by, "password-reset", user.username)
    return password


async def end_sessions(session: AsyncSession, user: User, besides: str = "") -> int:
    """How many devices were signed out; `besides` is the id of a session that goes on."""
    statement = delete(Session).where(Session.user_id == user.id, Session.id != besides)
    return len((await session.scalars(statement.returning(Session.id))).all())


async def some_superadmin(session: AsyncSession, besides: User) -> None:
    """Raises Conflict when there would be no active superadmin without that one.

    To be asked after the change. The rows are locked: two who take the right from each other at the
    same moment would both see the other.
    """
    left = (
        select(User.id)
        .where(User.role == Role.SUPERADMIN.value, User.active, User.id != besides.id)
        .order_by(User.id)
        .with_for_update()
    )
    if not (await session.scalars(left)).all():
        raise Conflict(LAST, name=besides.name)


async def leads(session: AsyncSession, user_id: int) -> Sequence[Department]:
    """The departments whose team lead that is."""
    led = select(Department).where(Department.leader_id == user_id).order_by(Department.name)
    return (await session.scalars(led)).all()


async def delete_account(session: AsyncSession, user: User, by: int) -> None:
    """The row stays, for its name beside calls and changes; nothing else of it does.

    Raises Conflict as long as somebody works there or a customer is theirs [15.10].
    """
    if user.active:
        raise Conflict(N_("{name} still works here. Deactivate the account first."), name=user.name)
    owned = select(func.count()).select_from(Customer).where(having(Customer.owner_id, user.id))
    if n := await session.scalar(owned):
        sentence = N_n(
            "{name} still owns {n} customer. Hand it over first.",
            "{name} still owns {n} customers. Hand them over first.",
            n,
        )
        raise Conflict(sentence, name=user.name, n=n)
    audit.note(session, by, "account-deleted", f"{user.username} ({user.name})")
    await session.execute(delete(UserGroup).where(UserGroup.user_id == user.id))
    await session.execute(delete(UserSkill).where(UserSkill.user_id == user.id))
    await session.execute(delete(Token).where(Token.user_id == user.id))
    await end_sessions(session, user)
    user.deleted_at = datetime.now(UTC)
    user.username = f"#{user.id}"  # no username has this letter, so the old one is free
    user.password = user.phone = user.email = ""
    user.extension = user.department_id = user.employee_type_id = user.birthday = None


async def reactivate(session: AsyncSession, user: User, by: int) -> str:
    """They work here again, with a new password."""
    user.active = True
    audit.note(session, by, "reactivated", user.username)
    return await reset_password(session, user, by)


async def _check_unique(session: AsyncSession, form: AccountForm, besides: int | None) -> None:
    taken = select(User).where(User.username == form.username, User.id != (besides or 0))
    if other := await session.scalar(taken):
        sentence = N_("{name} has this username already.")
        raise Conflict(sentence, name=other.name, field="username")
    if not form.extension:
        return
    taken = select(User).where(User.extension == form.extension, User.id != (besides or 0))
    if other := await session.scalar(taken):
        raise Conflict(N_("{name} has this extension."), name=other.name, field="extension")


async def _check_leading(session: AsyncSession, user: User, form: AccountForm) -> None:
    """Whoever leads a department stays its team lead, and above it, until it has another one."""
    led = await leads(session, user.id)
    if not led or (form.role == user.role and form.department_id == user.department_id):
        return
    parents: Mapping[int, int | None] = {
        row.id: row.parent_id for row in await session.scalars(select(Department))
    }
    for each in led:
        above: int | None = each.id
        while above is not None and above != form.department_id:
            above = parents.get(above)
        if above is None or form.role != Role.TEAM_LEAD:
            sentence = N_("{name} leads {department}. Give it another team lead first.")
            field = "department" if form.role == Role.TEAM_LEAD else "role"
            raise Conflict(sentence, name=user.name, department=each.name, field=field)


def _fill(user: User, form: AccountForm, today: date) -> None:
    user.name, user.username, user.role = form.name, form.username, form.role
    user.department_id = form.department_id
    if (user.extension or "") != form.extension:
        user.extension = form.extension or None
        user.extension_since = datetime.now(UTC)
    user.rings = form.rings
    user.mobile = dialable(form.mobile) if form.mobile else ""
    user.phone, user.email, user.language = form.phone, form.email, form.language
    user.birthday = forms.birthday(form.birthday, today)
    user.employee_type_id = forms.number(form.employee_type)
