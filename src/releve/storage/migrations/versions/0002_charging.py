"""Transactions and what is known of them, anomalies, and the journal.

Written down as it was on the day of its release; `releve.storage.tables` goes on, this file does not.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from releve.storage.migrations.columns import (
    flag,
    index,
    key,
    number,
    of_station,
    real,
    text,
    words,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Transactions and what is known of them, anomalies, and the journal."""
    _marks()
    _message_log()
    _outbox()
    _sample_spans()
    _samples()
    _transaction_facts()
    _anomalies()
    _transactions()


def _marks() -> None:
    op.create_table(
        "marks",
        number("operator_id"),
        text("name"),
        number("at"),
        words("value"),
        sa.PrimaryKeyConstraint("operator_id", "name", name=op.f("pk_marks")),
    )


def _message_log() -> None:
    op.create_table(
        "message_log",
        key("id"),
        number("bucket"),
        number("operator_id"),
        key("station_id"),
        number("at"),
        flag("inbound"),
        words("action"),
        words("message_id"),
        text("request"),
        words("response"),
        text("outcome"),
        words("error"),
        real("duration_ms"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_log")),
    )
    index("ix_message_log_station", "message_log", ["bucket", "station_id", "at", "id"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        key("id"),
        number("operator_id"),
        text("topic"),
        number("at"),
        text("event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    index("ix_outbox_operator", "outbox", ["operator_id", "id"])


def _sample_spans() -> None:
    op.create_table(
        "sample_spans",
        key("transaction_id"),
        number("bucket"),
        key("station_id"),
        number("operator_id"),
        sa.PrimaryKeyConstraint(
            "transaction_id", "bucket", "station_id", name=op.f("pk_sample_spans")
        ),
        sqlite_with_rowid=False,
    )


def _samples() -> None:
    op.create_table(
        "samples",
        number("bucket"),
        key("station_id"),
        number("evse"),
        number("at"),
        number("digest"),
        number("operator_id"),
        number("transaction_id", nullable=True),
        number("received_at"),
        real("energy_wh"),
        real("export_wh"),
        real("power_w"),
        real("current_a"),
        real("voltage_v"),
        real("soc_pct"),
        text("readings"),
        sa.PrimaryKeyConstraint(
            "bucket", "station_id", "evse", "at", "digest", name=op.f("pk_samples")
        ),
    )


def _transaction_facts() -> None:
    op.create_table(
        "transaction_facts",
        number("operator_id"),
        key("transaction_id"),
        key("station_id"),
        text("kind"),
        number("seq_no"),
        text("digest"),
        number("at"),
        number("received_at"),
        words("trigger"),
        flag("offline"),
        words("charging"),
        text("raw"),
        sa.PrimaryKeyConstraint(
            "transaction_id", "seq_no", "digest", name=op.f("pk_transaction_facts")
        ),
    )


def _anomalies() -> None:
    op.create_table(
        "anomalies",
        key("id"),
        number("operator_id"),
        key("station_id"),
        number("transaction_id", nullable=True),
        text("kind"),
        text("detail"),
        number("seen_at"),
        number("resolved_at", nullable=True),
        words("resolved_by"),
        words("note"),
        of_station("anomalies"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anomalies")),
    )
    index("ix_anomalies_newest", "anomalies", ["operator_id", "id"])
    index(
        "ix_anomalies_open", "anomalies", ["operator_id", "station_id"], where="resolved_at IS NULL"
    )
    index("ix_anomalies_station", "anomalies", ["station_id", "id"])
    index("ix_anomalies_transaction", "anomalies", ["transaction_id"])


def _transactions() -> None:
    op.create_table(
        "transactions",
        key("id"),
        number("operator_id"),
        key("station_id"),
        text("reference"),
        number("evse", nullable=True),
        number("connector", nullable=True),
        text("token", nullable=True),
        text("token_type", nullable=True),
        text("token_group", nullable=True),
        text("verdict", nullable=True),
        text("state"),
        text("charging", nullable=True),
        flag("offline"),
        number("started_at", nullable=True),
        number("ended_at", nullable=True),
        number("received_at"),
        text("start_key", nullable=True),
        number("remote_start_id", nullable=True),
        number("reservation_id", nullable=True),
        text("stop_reason", nullable=True),
        text("stop_token", nullable=True),
        real("meter_start_wh"),
        real("meter_last_wh"),
        number("meter_last_at", nullable=True),
        real("meter_stop_wh"),
        real("energy_wh"),
        real("power_w"),
        real("soc_pct"),
        flag("held"),
        flag("complete"),
        number("sorted_at"),
        text("token_key", nullable=True),
        of_station("transactions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transactions")),
    )
    _transactions_indexes()


def _transactions_indexes() -> None:
    index(
        "ix_transactions_active",
        "transactions",
        ["operator_id", "token_key"],
        where="state = 'active'",
    )
    index("ix_transactions_ended", "transactions", ["operator_id", "ended_at"])
    index("ix_transactions_ended_at_station", "transactions", ["station_id", "ended_at"])
    index("ix_transactions_open", "transactions", ["station_id"], where="state <> 'ended'")
    index("ix_transactions_sorted", "transactions", ["operator_id", "sorted_at", "id"])
    index(
        "ix_transactions_start",
        "transactions",
        ["station_id", "start_key"],
        where="start_key IS NOT NULL",
    )
    index("ix_transactions_station", "transactions", ["station_id", "sorted_at", "id"])
    index(
        "ix_transactions_unfinished",
        "transactions",
        ["operator_id", "ended_at"],
        where="ended_at IS NOT NULL AND NOT complete",
    )
    op.create_index(
        "uq_transactions_reference", "transactions", ["station_id", "reference"], unique=True
    )
