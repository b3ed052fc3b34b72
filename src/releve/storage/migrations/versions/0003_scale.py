"""Quarters of an hour for old meter samples, and indexes for lists of millions.

Written down as it was on the day of its release; `releve.storage.tables` goes on, this file does not.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from releve.storage.migrations.columns import index, key, number, real

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Quarters of an hour for old meter samples, and indexes for lists of millions."""
    _rolled_samples()
    _transactions()
    _stations()
    if op.get_bind().dialect.name == "postgresql":
        for table in ("stations", "tokens"):
            op.execute(f'ALTER TABLE {table} ALTER COLUMN search TYPE text COLLATE "C"')


def _rolled_samples() -> None:
    op.create_table(
        "rolled_samples",
        number("bucket"),
        key("station_id"),
        number("evse"),
        key("transaction_id"),
        number("part"),
        number("operator_id"),
        number("samples"),
        number("from_at"),
        number("at"),
        number("received_at"),
        number("energy_from_at", nullable=True),
        real("energy_from_wh"),
        number("energy_at", nullable=True),
        real("energy_wh"),
        real("export_wh"),
        number("powers"),
        real("power_w"),
        real("power_max_w"),
        real("current_a"),
        real("voltage_v"),
        real("soc_pct"),
        sa.PrimaryKeyConstraint(
            "bucket", "station_id", "evse", "transaction_id", "part", name=op.f("pk_rolled_samples")
        ),
    )


def _transactions() -> None:
    newest = ["operator_id", "sorted_at", "id"]
    index("ix_transactions_going", "transactions", newest, where="state = 'active'")
    index("ix_transactions_presumed", "transactions", newest, where="state = 'presumed-ended'")
    index("ix_transactions_held", "transactions", newest, where="held")
    index(
        "ix_transactions_evse",
        "transactions",
        ["operator_id", "evse", "sorted_at", "id"],
        where="evse NOT IN (1, 2)",
    )
    index("ix_transactions_token", "transactions", ["operator_id", "token_key", "sorted_at", "id"])
    op.create_index(
        "ix_transactions_named", "transactions", ["operator_id", sa.text("lower(reference)")]
    )


def _stations() -> None:
    index(
        "ix_stations_line",
        "stations",
        ["operator_id", "online_state", "quarantined", "identity_key", "id"],
        where="removed_at IS NULL",
    )
    index(
        "ix_stations_inbox", "stations", ["operator_id", "identity_key", "id"], where="quarantined"
    )
    index("ix_evses_status", "evses", ["operator_id", "status", "station_id"])
    index("ix_evses_charging", "evses", ["operator_id", "charging", "station_id"])
