"""What transactions cost.

Written down as it was on the day of its release; `releve.storage.tables` goes on, this file does not.
"""

from __future__ import annotations

from alembic import op

from releve.storage.migrations.columns import text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What transactions cost."""
    for name in ("tariffs", "cost", "cost_details"):
        op.add_column("transactions", text(name, nullable=True))
