"""Reservations, limits of transactions, and what was asked about transactions.

Written down as it was on the day of its release; `releve.storage.tables` goes on, this file does not.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from releve.storage.migrations.columns import index, key, number, of_station, text, words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_RESERVED = "state IN ('requested', 'active')"


def upgrade() -> None:
    """Reservations, limits of transactions, and what was asked about transactions."""
    for name in ("operation_mode", "limits", "notice"):
        op.add_column("transactions", text(name, nullable=True))
    index(
        "ix_transactions_limited",
        "transactions",
        ["operator_id"],
        where="limits IS NOT NULL AND state <> 'ended'",
    )
    op.add_column("tokens", text("charge_limit", nullable=True))
    _reservations()
    _checks()


def _reservations() -> None:
    op.create_table(
        "reservations",
        key("id"),
        number("operator_id"),
        key("station_id"),
        number("number"),
        number("evse", nullable=True),
        text("connector_type", nullable=True),
        text("token"),
        words("token_type"),
        text("token_group", nullable=True),
        number("expires_at"),
        text("state"),
        words("status"),
        number("transaction_id", nullable=True),
        number("created_at"),
        words("created_by"),
        number("ended_at", nullable=True),
        words("note"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservations")),
        of_station("reservations"),
    )
    index("ix_reservations_listed", "reservations", ["operator_id", "id"])
    index("ix_reservations_numbered", "reservations", ["station_id", "number"])
    index("ix_reservations_at_station", "reservations", ["station_id", "id"])
    index("ix_reservations_due", "reservations", ["operator_id", "expires_at"], where=_RESERVED)


def _checks() -> None:
    op.create_table(
        "transaction_checks",
        key("id"),
        number("operator_id"),
        key("station_id"),
        key("transaction_id"),
        number("at"),
        words("by"),
        text("finding"),
        sa.Column("ongoing", sa.Boolean()),
        sa.Column("queued", sa.Boolean()),
        words("description"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transaction_checks")),
        of_station("transaction_checks"),
    )
    index("ix_transaction_checks_of", "transaction_checks", ["transaction_id", "id"])
