"""Operations with their parts, and what is kept as typed JSON: holdings of stations, documents of operators.

Written down as it was on the day of its release; `releve.storage.tables` goes on, this file does not.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from releve.storage.migrations.columns import (
    index,
    key,
    number,
    of_station,
    ordered,
    text,
    words,
)

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Operations with their parts, holdings, documents."""
    _operations()
    op.create_table(
        "operation_parts",
        key("operation_id"),
        number("operator_id"),
        number("seq_no"),
        number("received_at"),
        text("content"),
        sa.PrimaryKeyConstraint("operation_id", "seq_no", name=op.f("pk_operation_parts")),
    )
    op.create_table(
        "holdings",
        number("operator_id"),
        key("station_id"),
        text("kind"),
        ordered("key"),
        text("value"),
        sa.PrimaryKeyConstraint("station_id", "kind", "key", name=op.f("pk_holdings")),
        of_station("holdings"),
    )
    index("ix_holdings_kind", "holdings", ["operator_id", "kind"])
    op.create_table(
        "documents",
        number("operator_id"),
        text("kind"),
        ordered("key"),
        text("value"),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_documents_operators")
        ),
        sa.PrimaryKeyConstraint("operator_id", "kind", "key", name=op.f("pk_documents")),
    )


def _operations() -> None:
    op.create_table(
        "operations",
        key("id"),
        number("operator_id"),
        key("station_id"),
        text("kind"),
        text("state"),
        number("request_id"),
        words("status"),
        words("problem"),
        words("by"),
        text("arguments"),
        text("result"),
        number("parts"),
        number("last_part", nullable=True),
        number("created_at"),
        number("updated_at"),
        number("deadline_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
        of_station("operations"),
    )
    index("ix_operations_newest", "operations", ["operator_id", "id"])
    index("ix_operations_station", "operations", ["station_id", "id"])
    index("ix_operations_request", "operations", ["station_id", "request_id"])
    index(
        "ix_operations_deadline",
        "operations",
        ["operator_id", "deadline_at"],
        where="state IN ('asked', 'running')",
    )
