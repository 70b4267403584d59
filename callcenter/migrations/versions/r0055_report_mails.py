"""Reports by e-mail on a schedule: the schedules, their letters, and each recipient's copy."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0056"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "report_mails",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("view_id", sa.Integer(), nullable=False),
        sa.Column("every", sa.String(8), nullable=False),
        sa.Column("weekdays", sa.String(16), nullable=False),
        sa.Column("month_day", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(8), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("addresses", sa.Text(), nullable=False),
        sa.Column("next_at", AT),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("deleted_at", AT),
    )
    op.create_index("ix_report_mails_user_id", "report_mails", ["user_id"])
    op.create_index("ix_report_mails_next_at", "report_mails", ["next_at"])
    op.create_table(
        "report_letters",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "mail_id",
            sa.Integer(),
            sa.ForeignKey("report_mails.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("stage", sa.String(8), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Integer()),
        sa.Column("file_name", sa.String(300), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.UniqueConstraint("mail_id", "due_at", name="uq_report_letters_mail_id_due_at"),
    )
    op.create_index("ix_report_letters_stage_id", "report_letters", ["stage", "id"])
    op.create_index("ix_report_letters_created_at", "report_letters", ["created_at"])
    op.create_table(
        "report_copies",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "letter_id",
            sa.Integer(),
            sa.ForeignKey("report_letters.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("since", AT, nullable=False),
        sa.Column("next_at", AT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("sent_at", AT),
    )
    op.create_index("ix_report_copies_letter_id", "report_copies", ["letter_id"])
    op.create_index("ix_report_copies_state_next_at", "report_copies", ["state", "next_at"])


def downgrade() -> None:
    op.drop_table("report_copies")
    op.drop_table("report_letters")
    op.drop_table("report_mails")
