"""Reservations, and the questions that were asked about transactions."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text, text

from releve.storage.tables.columns import (
    key,
    metadata,
    number,
    of_station,
    primary,
    time,
    words,
)

reservations = Table(
    "reservations",
    metadata,
    key(),
    number("operator_id"),
    key("station_id"),
    number("number"),
    Column("evse", BigInteger),
    Column("connector_type", Text),
    Column("token", Text, nullable=False),
    words("token_type"),
    Column("token_group", Text),
    time("expires_at", nullable=False),
    Column("state", Text, nullable=False),
    words("status"),
    Column("transaction_id", BigInteger),
    time("created_at", nullable=False),
    words("created_by"),
    time("ended_at"),
    words("note"),
    primary("id"),
    of_station(),
)
RESERVED = text("state IN ('requested', 'active')")
"""A query must use the same words, or the partial index is not found."""
Index("ix_reservations_listed", reservations.c.operator_id, reservations.c.id)
Index("ix_reservations_numbered", reservations.c.station_id, reservations.c.number)
Index("ix_reservations_at_station", reservations.c.station_id, reservations.c.id)
Index(
    "ix_reservations_due",
    reservations.c.operator_id,
    reservations.c.expires_at,
    sqlite_where=RESERVED,
    postgresql_where=RESERVED,
)

transaction_checks = Table(
    "transaction_checks",
    metadata,
    key(),
    number("operator_id"),
    key("station_id"),
    key("transaction_id"),
    time("at", nullable=False),
    words("by"),
    Column("finding", Text, nullable=False),
    Column("ongoing", Boolean),
    Column("queued", Boolean),
    words("description"),
    primary("id"),
    of_station(),
)
Index("ix_transaction_checks_of", transaction_checks.c.transaction_id, transaction_checks.c.id)
