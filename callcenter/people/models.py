"""Users, the departments they work in, and the sessions and tokens that speak for them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base


class Role(StrEnum):
    SUPERADMIN = "superadmin"
    TEAM_LEAD = "team_lead"
    AGENT = "agent"


class Department(Base):
    __tablename__ = "departments"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    # Their team lead. (use_alter: the two tables point at each other.)
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", use_alter=True))
    break_limit: Mapped[int | None]  # how many may be on a break at once; None: all


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)  # lower case
    name: Mapped[str] = mapped_column(String(200))
    password: Mapped[str] = mapped_column(String(200))  # argon2
    role: Mapped[str] = mapped_column(String(16))  # Role
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    extension: Mapped[str | None] = mapped_column(String(16), unique=True)
    rings: Mapped[str] = mapped_column(String(8), default="browser")  # directory.Rings
    mobile: Mapped[str] = mapped_column(String(20), default="")  # as it is dialled
    language: Mapped[str] = mapped_column(String(2), default="vi")
    theme: Mapped[str] = mapped_column(String(8), default="system")  # system, light, dark
    active: Mapped[bool] = mapped_column(default=True)  # False: has left, and may not sign in
    phone: Mapped[str] = mapped_column(String(64), default="")
    email: Mapped[str] = mapped_column(String(200), default="")
    birthday: Mapped[date | None]
    employee_type_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_items.id"))
    # Given by a superior: to be changed at the next sign-in.
    password_is_temporary: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[datetime | None]  # the last time they used a page, to some minutes
    # Calls before it belong to whoever had the extension then; None: theirs from the beginning.
    extension_since: Mapped[datetime | None]
    # The row of a deleted account stays, for its name beside old calls; the username is free again.
    deleted_at: Mapped[datetime | None]


class PermissionGroup(Base):
    """A named set of permissions, ticked for people; it adds to what their role may do."""

    __tablename__ = "permission_groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)


class GroupPermission(Base):
    __tablename__ = "group_permissions"

    group_id: Mapped[int] = mapped_column(
        ForeignKey("permission_groups.id", ondelete="CASCADE"), primary_key=True
    )
    permission: Mapped[str] = mapped_column(String(32), primary_key=True)  # Permission
    reach: Mapped[int]  # Reach


class UserGroup(Base):
    __tablename__ = "user_groups"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    group_id: Mapped[int] = mapped_column(
        ForeignKey("permission_groups.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class UserSkill(Base):
    """Somebody is good at something: an item of the catalogue of skills."""

    __tablename__ = "user_skills"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    skill_id: Mapped[int] = mapped_column(
        ForeignKey("catalogue_items.id"), primary_key=True, index=True
    )


class Session(Base):
    """A signed-in browser. `id` is the SHA-256 of the cookie's token, in hex."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]  # whatever happens
    address: Mapped[str] = mapped_column(String(64), default="")
    device: Mapped[str] = mapped_column(String(300), default="")


class Token(Base):
    """A bearer token for programs. `id` is the SHA-256 of the token, in hex."""

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """Failed sign-ins by username and address, so that guessing gets slow. Old rows are deleted."""

    __tablename__ = "sign_in_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), index=True)
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)


class AuditEntry(Base):
    """What somebody saw or took away that is not theirs, and whose accounts they changed."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[int | None]  # no foreign key: it outlives the account
    action: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(Text)
