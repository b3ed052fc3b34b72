"""Transactions and the facts they are made of."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Table,
    Text,
    func,
    text,
)

from releve.storage.tables.columns import (
    flag,
    key,
    metadata,
    number,
    of_station,
    primary,
    time,
    words,
)

transactions = Table(
    "transactions",
    metadata,
    key(),
    number("operator_id"),
    key("station_id"),
    Column("reference", Text, nullable=False),
    Column("evse", BigInteger),
    Column("connector", BigInteger),
    Column("token", Text),
    Column("token_type", Text),
    Column("token_group", Text),
    Column("verdict", Text),
    Column("state", Text, nullable=False),
    Column("charging", Text),
    flag("offline"),
    time("started_at"),
    time("ended_at"),
    time("received_at", nullable=False),
    Column("start_key", Text),
    Column("remote_start_id", BigInteger),
    Column("reservation_id", BigInteger),
    Column("stop_reason", Text),
    Column("stop_token", Text),
    Column("meter_start_wh", Double),
    Column("meter_last_wh", Double),
    time("meter_last_at"),
    Column("meter_stop_wh", Double),
    Column("energy_wh", Double),
    Column("power_w", Double),
    Column("soc_pct", Double),
    flag("held"),
    flag("complete"),
    Column("operation_mode", Text),
    Column("limits", Text),
    Column("notice", Text),
    Column("tariffs", Text),
    Column("cost", Text),
    Column("cost_details", Text),
    # Derived from the above: the place in lists, and the token folded for comparison.
    time("sorted_at", nullable=False),
    Column("token_key", Text),
    primary("id"),
    of_station(),
)
ACTIVE = text("state = 'active'")
OPEN = text("state <> 'ended'")
UNFINISHED = text("ended_at IS NOT NULL AND NOT complete")
PRESUMED = text("state = 'presumed-ended'")
HELD = text("held")
LIMITED = text("limits IS NOT NULL AND state <> 'ended'")
UNUSUAL_EVSE = text("evse NOT IN (1, 2)")
"""Nearly all transactions are at EVSE 1 or 2: those are found soon by looking through them, the others never."""
_STARTED = text("start_key IS NOT NULL")
"""Conditions of partial indexes. A query must use the same words, or its index is not found."""
Index("uq_transactions_reference", transactions.c.station_id, transactions.c.reference, unique=True)
Index(
    "ix_transactions_sorted",
    transactions.c.operator_id,
    transactions.c.sorted_at,
    transactions.c.id,
)
Index(
    "ix_transactions_station",
    transactions.c.station_id,
    transactions.c.sorted_at,
    transactions.c.id,
)
Index("ix_transactions_ended", transactions.c.operator_id, transactions.c.ended_at)
Index("ix_transactions_ended_at_station", transactions.c.station_id, transactions.c.ended_at)
Index(
    "ix_transactions_start",
    transactions.c.station_id,
    transactions.c.start_key,
    sqlite_where=_STARTED,
    postgresql_where=_STARTED,
)
Index(
    "ix_transactions_active",
    transactions.c.operator_id,
    transactions.c.token_key,
    sqlite_where=ACTIVE,
    postgresql_where=ACTIVE,
)
Index(
    "ix_transactions_open",
    transactions.c.station_id,
    sqlite_where=OPEN,
    postgresql_where=OPEN,
)
Index(
    "ix_transactions_limited",
    transactions.c.operator_id,
    sqlite_where=LIMITED,
    postgresql_where=LIMITED,
)
Index(
    "ix_transactions_unfinished",
    transactions.c.operator_id,
    transactions.c.ended_at,
    sqlite_where=UNFINISHED,
    postgresql_where=UNFINISHED,
)

for _name, _condition in (("going", ACTIVE), ("presumed", PRESUMED), ("held", HELD)):
    Index(
        f"ix_transactions_{_name}",
        transactions.c.operator_id,
        transactions.c.sorted_at,
        transactions.c.id,
        sqlite_where=_condition,
        postgresql_where=_condition,
    )
Index(
    "ix_transactions_evse",
    transactions.c.operator_id,
    transactions.c.evse,
    transactions.c.sorted_at,
    transactions.c.id,
    sqlite_where=UNUSUAL_EVSE,
    postgresql_where=UNUSUAL_EVSE,
)
Index(
    "ix_transactions_token",
    transactions.c.operator_id,
    transactions.c.token_key,
    transactions.c.sorted_at,
    transactions.c.id,
)
Index("ix_transactions_named", transactions.c.operator_id, func.lower(transactions.c.reference))

facts = Table(
    "transaction_facts",
    metadata,
    number("operator_id"),
    key("transaction_id"),
    key("station_id"),
    Column("kind", Text, nullable=False),
    number("seq_no"),
    Column("digest", Text, nullable=False),
    time("at", nullable=False),
    time("received_at", nullable=False),
    words("trigger"),
    flag("offline"),
    words("charging"),
    Column("raw", Text, nullable=False),
    primary("transaction_id", "seq_no", "digest"),
)

samples = Table(
    "samples",
    metadata,
    number("bucket"),
    key("station_id"),
    number("evse"),
    time("at", nullable=False),
    number("digest"),
    number("operator_id"),
    Column("transaction_id", BigInteger),
    time("received_at", nullable=False),
    Column("energy_wh", Double),
    Column("export_wh", Double),
    Column("power_w", Double),
    Column("current_a", Double),
    Column("voltage_v", Double),
    Column("soc_pct", Double),
    Column("readings", Text, nullable=False),
    primary("bucket", "station_id", "evse", "at", "digest"),
)

# What a quarter of an hour amounts to, once its samples are as old as the operator keeps them. A series that falls or
# leaps within a quarter has several parts, so that the ledger finds in them what it found in the samples (`rolled.py`).
rolled_samples = Table(
    "rolled_samples",
    metadata,
    number("bucket"),
    key("station_id"),
    number("evse"),
    key("transaction_id"),
    number("part"),
    number("operator_id"),
    number("samples"),
    time("from_at", nullable=False),
    time("at", nullable=False),
    time("received_at", nullable=False),
    time("energy_from_at"),
    Column("energy_from_wh", Double),
    time("energy_at"),
    Column("energy_wh", Double),
    Column("export_wh", Double),
    number("powers"),
    Column("power_w", Double),
    Column("power_max_w", Double),
    Column("current_a", Double),
    Column("voltage_v", Double),
    Column("soc_pct", Double),
    primary("bucket", "station_id", "evse", "transaction_id", "part"),
)

sample_spans = Table(
    "sample_spans",
    metadata,
    key("transaction_id"),
    number("bucket"),
    key("station_id"),
    number("operator_id"),
    primary("transaction_id", "bucket", "station_id"),
    sqlite_with_rowid=False,
)
