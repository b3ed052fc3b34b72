"""Characteristics of variables, and what was switched of a station's quirks.

Written down as it was on the day of its release; `releve.storage.tables` goes on, this file does not.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from releve.storage.migrations.columns import flag, real

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Characteristics of variables, and what was switched of a station's quirks."""
    quirks = sa.Column("quirks", sa.Text(), server_default="{}", nullable=False)
    op.add_column("stations", quirks)
    for column in (
        real("min_limit"),
        real("max_limit"),
        sa.Column("persistent", sa.Boolean(), nullable=True),
        flag("constant"),
        flag("supports_monitoring"),
        flag("reboot_required"),
    ):
        op.add_column("variables", column)
