"""All that a token may be bound to, its credit; payments and settlements.

Written down as it was on the day of its release; `releve.storage.tables` goes on, this file does not.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from releve.storage.migrations.columns import index, key, number, of_station, text, words

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """All that a token may be bound to, its credit; payments and settlements."""
    _tokens()
    _payments()
    _settlements()


def _tokens() -> None:
    lists = ("places", "connector_types")
    columns = (
        number("not_before", nullable=True),
        *(sa.Column(name, sa.Text(), server_default="[]", nullable=False) for name in lists),
        words("language"),
        words("language2"),
        words("message"),
        number("priority", nullable=True),
        number("cache_s", nullable=True),
        text("credit", nullable=True),
        words("currency"),
    )
    for column in columns:
        op.add_column("tokens", column)


def _payments() -> None:
    op.create_table(
        "payments",
        key("id"),
        number("operator_id"),
        number("station_id"),
        number("evse", nullable=True),
        text("channel"),
        text("state"),
        text("psp_ref"),
        text("amount", nullable=True),
        words("currency"),
        text("limit_wh", nullable=True),
        number("limit_s", nullable=True),
        text("limit_cost", nullable=True),
        number("remote_start_id", nullable=True),
        number("transaction_id", nullable=True),
        text("cost", nullable=True),
        words("problem"),
        number("created_at"),
        number("updated_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        of_station("payments"),
        sa.UniqueConstraint("operator_id", "psp_ref", name=op.f("uq_payments_operator_id_psp_ref")),
    )
    index("ix_payments_due", "payments", ["operator_id", "id"], where="state = 'due'")
    index("ix_payments_newest", "payments", ["operator_id", "id"])


def _settlements() -> None:
    op.create_table(
        "settlements",
        key("id"),
        number("operator_id"),
        number("station_id"),
        number("transaction_id", nullable=True),
        words("reference"),
        text("psp_ref"),
        text("status"),
        text("by"),
        text("amount"),
        words("currency"),
        number("settled_at"),
        number("received_at"),
        words("info"),
        words("receipt_id"),
        words("receipt_url"),
        words("receipt_key"),
        words("vat_number"),
        sa.Column("vat_company", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlements")),
        of_station("settlements"),
    )
    index("ix_settlements_newest", "settlements", ["operator_id", "id"])
    index("ix_settlements_station", "settlements", ["station_id", "id"])
    index("ix_settlements_transaction", "settlements", ["transaction_id"])
    index("ix_settlements_psp_ref", "settlements", ["operator_id", "psp_ref"])
    index("ix_settlements_receipt", "settlements", ["receipt_key"], where="receipt_key <> ''")
