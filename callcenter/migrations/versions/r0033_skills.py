"""Skills: who has which, and which queues ask for them; a queue's own service level."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("queues", sa.Column("service_level_s", sa.Integer(), nullable=True))
    op.create_table(
        "user_skills",
        sa.Column(
            "user_id",
            sa.Integer(),
            sa.ForeignKey("users.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("skill_id", sa.Integer(), sa.ForeignKey("catalogue_items.id"), primary_key=True),
    )
    op.create_index("ix_user_skills_skill_id", "user_skills", ["skill_id"])
    op.create_table(
        "queue_skills",
        sa.Column(
            "queue",
            sa.String(64),
            sa.ForeignKey("queues.name", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("skill_id", sa.Integer(), primary_key=True, autoincrement=False),
    )


def downgrade() -> None:
    op.drop_table("queue_skills")
    op.drop_index("ix_user_skills_skill_id", "user_skills")
    op.drop_table("user_skills")
    with op.batch_alter_table("queues") as table:
        table.drop_column("service_level_s")
