"""How the sound of a call was, for each who talked in it."""

import sqlalchemy as sa
from alembic import op

from callcenter.db import Utc

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_quality",
        sa.Column("call_id", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.Integer, primary_key=True),
        sa.Column("measured_at", Utc, nullable=False),
        *(
            sa.Column(name, sa.Double, nullable=False)
            for name in (
                *("seconds", "loss", "loss_out", "jitter_ms", "rtt_ms"),
                *("mos", "mos_low", "deaf_s"),
            )
        ),
    )


def downgrade() -> None:
    op.drop_table("call_quality")
