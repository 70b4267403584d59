"""Rights, catalogues, and the whole of a customer's file."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ONCE: dict[str, Any] = {"sqlite_autoincrement": True}  # see r0001
TEXTS = {"fax": 64, "website": 200, "tax_code": 32, "registered_address": 300}
POINTERS = {
    "place_id": "places",
    "source_id": "catalogue_items",
    "project_id": "catalogue_items",
    "status_id": "catalogue_items",
}
INDEXED = ("deleted_at", "import_id", "status_id")


def upgrade() -> None:
    _catalogues()
    _people()
    _customers()
    _around_customers()


def downgrade() -> None:
    for name in ("documents", "activities", "customer_changes", "customer_shares"):
        op.drop_table(name)
    op.drop_table("customer_groups")
    with op.batch_alter_table("customer_phones") as table:
        table.drop_index("ix_customer_phones_contact_id")
        table.drop_constraint("fk_customer_phones_contact_id", type_="foreignkey")
        table.drop_column("contact_id")
    op.drop_table("contacts")
    with op.batch_alter_table("customers", table_kwargs=ONCE) as table:
        for name in INDEXED:
            table.drop_index(f"ix_customers_{name}")
        for name in POINTERS:
            table.drop_constraint(f"fk_customers_{name}", type_="foreignkey")
        for name in (*TEXTS, *POINTERS, *(column.name for column in _more_of_customers())):
            table.drop_column(name)
    for name in ("audit", "user_groups", "group_permissions", "permission_groups"):
        op.drop_table(name)
    with op.batch_alter_table("departments", table_kwargs=ONCE) as table:
        table.drop_constraint("fk_departments_leader_id", type_="foreignkey")
        table.drop_column("leader_id")
    with op.batch_alter_table("users", table_kwargs=ONCE) as table:
        table.drop_constraint("fk_users_employee_type_id", type_="foreignkey")
        for name in ("phone", "email", "birthday", "employee_type_id", "password_is_temporary"):
            table.drop_column(name)
    op.drop_table("places")
    op.drop_table("catalogue_items")


def _catalogues() -> None:
    _table(
        "catalogue_items",
        _id(),
        _text("catalogue", 24),
        _text("code", 64),
        _text("name", 200),
        _number("position"),
        _text("colour", 8),
        _number("parent_id", "catalogue_items.id", null=True),
        _yes_no("active"),
        indexes=[["catalogue", "position"]],
        **ONCE,
    )
    _table(
        "places",
        _id(),
        _number("parent_id", "places.id", null=True),
        _text("level", 8),
        _text("name", 200),
        _text("search_key", 400),
        _text("code", 32),
        indexes=[["parent_id", "name"], ["search_key"]],
        **ONCE,
    )


def _people() -> None:
    with op.batch_alter_table("users", table_kwargs=ONCE) as table:
        table.add_column(_added_text("phone", 64))
        table.add_column(_added_text("email", 200))
        table.add_column(sa.Column("birthday", sa.Date(), nullable=True))
        table.add_column(_number("employee_type_id", null=True))
        table.add_column(
            sa.Column(
                "password_is_temporary", sa.Boolean(), nullable=False, server_default=sa.false()
            )
        )
        table.create_foreign_key(
            "fk_users_employee_type_id", "catalogue_items", ["employee_type_id"], ["id"]
        )
    with op.batch_alter_table("departments", table_kwargs=ONCE) as table:
        table.add_column(_number("leader_id", null=True))
        table.create_foreign_key("fk_departments_leader_id", "users", ["leader_id"], ["id"])
    _table("permission_groups", _id(), _text("name", 100), sa.UniqueConstraint("name"), **ONCE)
    _table(
        "group_permissions",
        _part_of("group_id", "permission_groups.id"),
        _text("permission", 32, key=True),
        _number("reach"),
    )
    _table(
        "user_groups",
        _part_of("user_id", "users.id"),
        _part_of("group_id", "permission_groups.id"),
        indexes=[["group_id"]],
    )
    _table(
        "audit",
        _id(),
        _time("at"),
        _number("user_id", null=True),
        _text("action", 32),
        _text("detail"),
        indexes=[["at"]],
    )


def _more_of_customers() -> list[sa.Column[Any]]:
    return [
        sa.Column("birthday", sa.Date(), nullable=True),
        sa.Column("founded_on", sa.Date(), nullable=True),
        _time("status_at", null=True),
        _time("assigned_at", null=True),
        _number("created_by", null=True),
        _number("import_id", null=True),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        _time("deleted_at", null=True),
        _number("deleted_by", null=True),
        _number("merged_into", null=True),
    ]


def _customers() -> None:
    with op.batch_alter_table("customers", table_kwargs=ONCE) as table:
        for name, longest in TEXTS.items():
            table.add_column(_added_text(name, longest))
        for name, other in POINTERS.items():
            table.add_column(_number(name, null=True))
            table.create_foreign_key(f"fk_customers_{name}", other, [name], ["id"])
        for column in _more_of_customers():
            table.add_column(column)
        for name in INDEXED:
            table.create_index(f"ix_customers_{name}", [name])
    op.execute("UPDATE customers SET kind = 'organisation' WHERE kind = 'company'")  # its old word
    _table(
        "contacts",
        _id(),
        _of_customer(),
        _text("name", 200),
        _text("search_key", 400),
        _number("position_id", "catalogue_items.id", null=True),
        _text("email", 200),
        sa.Column("birthday", sa.Date(), nullable=True),
        _text("note"),
        _time("created_at"),
        indexes=[["customer_id"], ["search_key"]],
        **ONCE,
    )
    with op.batch_alter_table("customer_phones") as table:
        table.add_column(_number("contact_id", null=True))
        table.create_foreign_key(
            "fk_customer_phones_contact_id", "contacts", ["contact_id"], ["id"], ondelete="CASCADE"
        )
        table.create_index("ix_customer_phones_contact_id", ["contact_id"])


def _around_customers() -> None:
    _table(
        "customer_groups",
        _part_of("customer_id", "customers.id"),
        sa.Column("group_id", sa.Integer(), sa.ForeignKey("catalogue_items.id"), primary_key=True),
        indexes=[["group_id"]],
    )
    _table(
        "customer_shares",
        _id(),
        _of_customer(),
        _number("user_id", "users.id", null=True, cascade=True),
        _number("department_id", "departments.id", null=True, cascade=True),
        _number("by_user_id", null=True),
        _time("at"),
        indexes=[["customer_id"], ["user_id"], ["department_id"]],
    )
    _table(
        "customer_changes",
        _id(),
        _of_customer(),
        _number("version"),
        _number("user_id", null=True),
        _time("at"),
        _text("field", 32),
        _text("old"),
        _text("new"),
        indexes=[["customer_id", "version"]],
    )
    _table(
        "activities",
        _id(),
        _of_customer(),
        _number("type_id", "catalogue_items.id"),
        _text("name", 200),
        _text("description"),
        _number("user_id", null=True),
        _time("at"),
        _time("created_at"),
        indexes=[["customer_id", "at"]],
        **ONCE,
    )
    _table(
        "documents",
        _id(),
        _of_customer(),
        _text("name", 255),
        _text("media_type", 100),
        sa.Column("size", sa.BigInteger(), nullable=False),
        _text("sha256", 64),
        _text("path", 300),
        _number("user_id", null=True),
        _time("created_at"),
        indexes=[["customer_id", "created_at"]],
        **ONCE,
    )


def _table(name: str, *parts: Any, indexes: list[list[str]] | None = None, **options: Any) -> None:
    op.create_table(name, *parts, **options)
    for columns in indexes or []:
        op.create_index(op.f(f"ix_{name}_{'_'.join(columns)}"), name, columns)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), primary_key=True)


def _text(name: str, longest: int | None = None, *, key: bool = False) -> sa.Column[str]:
    kind = sa.String(longest) if longest else sa.Text()
    return sa.Column(name, kind, primary_key=key, nullable=False)


def _added_text(name: str, longest: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(longest), nullable=False, server_default="")


def _number(
    name: str, points_to: str | None = None, *, null: bool = False, cascade: bool = False
) -> sa.Column[int]:
    gone = "CASCADE" if cascade else None
    foreign = [sa.ForeignKey(points_to, ondelete=gone)] if points_to else []
    return sa.Column(name, sa.Integer(), *foreign, nullable=null)


def _part_of(name: str, points_to: str) -> sa.Column[int]:
    return sa.Column(
        name, sa.Integer(), sa.ForeignKey(points_to, ondelete="CASCADE"), primary_key=True
    )


def _of_customer() -> sa.Column[int]:
    return _number("customer_id", "customers.id", cascade=True)


def _yes_no(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _time(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)
