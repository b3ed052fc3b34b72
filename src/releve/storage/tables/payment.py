"""Ad hoc payments, and what came of settling them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, Text, UniqueConstraint, text

from releve.storage.tables.columns import (
    key,
    metadata,
    number,
    of_station,
    primary,
    time,
    words,
)

payments = Table(
    "payments",
    metadata,
    key(),
    number("operator_id"),
    number("station_id"),
    Column("evse", BigInteger),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("psp_ref", Text, nullable=False),
    Column("amount", Text),
    words("currency"),
    Column("limit_wh", Text),
    Column("limit_s", BigInteger),
    Column("limit_cost", Text),
    Column("remote_start_id", BigInteger),
    Column("transaction_id", BigInteger),
    Column("cost", Text),
    words("problem"),
    time("created_at", nullable=False),
    time("updated_at", nullable=False),
    primary("id"),
    of_station(),
    UniqueConstraint("operator_id", "psp_ref"),
)
Index(
    "ix_payments_due",
    payments.c.operator_id,
    payments.c.id,
    sqlite_where=text("state = 'due'"),
    postgresql_where=text("state = 'due'"),
)
Index("ix_payments_newest", payments.c.operator_id, payments.c.id)

settlements = Table(
    "settlements",
    metadata,
    key(),
    number("operator_id"),
    number("station_id"),
    Column("transaction_id", BigInteger),
    words("reference"),
    Column("psp_ref", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("amount", Text, nullable=False),
    words("currency"),
    time("settled_at", nullable=False),
    time("received_at", nullable=False),
    words("info"),
    words("receipt_id"),
    words("receipt_url"),
    words("receipt_key"),
    words("vat_number"),
    Column("vat_company", Text, nullable=False, server_default="{}"),
    primary("id"),
    of_station(),
)
Index("ix_settlements_newest", settlements.c.operator_id, settlements.c.id)
Index("ix_settlements_station", settlements.c.station_id, settlements.c.id)
Index("ix_settlements_transaction", settlements.c.transaction_id)
Index("ix_settlements_psp_ref", settlements.c.operator_id, settlements.c.psp_ref)
Index(
    "ix_settlements_receipt",
    settlements.c.receipt_key,
    sqlite_where=text("receipt_key <> ''"),
    postgresql_where=text("receipt_key <> ''"),
)
