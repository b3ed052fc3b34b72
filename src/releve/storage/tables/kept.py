"""Operations with their parts, and what is kept as typed JSON."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, text

from releve.storage.tables.columns import (
    Ordered,
    key,
    metadata,
    number,
    of_station,
    primary,
    time,
    words,
)

operations = Table(
    "operations",
    metadata,
    key(),
    number("operator_id"),
    key("station_id"),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    number("request_id"),
    words("status"),
    words("problem"),
    words("by"),
    Column("arguments", Text, nullable=False),
    Column("result", Text, nullable=False),
    number("parts"),
    Column("last_part", BigInteger),
    time("created_at", nullable=False),
    time("updated_at", nullable=False),
    time("deadline_at", nullable=False),
    primary("id"),
    of_station(),
)
UNFINISHED = text("state IN ('asked', 'running')")
"""Condition of partial indexes; a query must use the same words."""
Index("ix_operations_newest", operations.c.operator_id, operations.c.id)
Index("ix_operations_station", operations.c.station_id, operations.c.id)
Index("ix_operations_request", operations.c.station_id, operations.c.request_id)
Index(
    "ix_operations_deadline",
    operations.c.operator_id,
    operations.c.deadline_at,
    sqlite_where=UNFINISHED,
    postgresql_where=UNFINISHED,
)

operation_parts = Table(
    "operation_parts",
    metadata,
    key("operation_id"),
    number("operator_id"),
    number("seq_no"),
    time("received_at", nullable=False),
    Column("content", Text, nullable=False),
    primary("operation_id", "seq_no"),
)

holdings = Table(
    "holdings",
    metadata,
    number("operator_id"),
    key("station_id"),
    Column("kind", Text, nullable=False),
    Column("key", Ordered, nullable=False),
    Column("value", Text, nullable=False),
    primary("station_id", "kind", "key"),
    of_station(),
)
Index("ix_holdings_kind", holdings.c.operator_id, holdings.c.kind)

documents = Table(
    "documents",
    metadata,
    Column("operator_id", BigInteger, ForeignKey("operators.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Ordered, nullable=False),
    Column("value", Text, nullable=False),
    primary("operator_id", "kind", "key"),
)
