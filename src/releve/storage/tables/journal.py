"""What was announced, what was said, and small remarks of the store itself."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Double,
    Index,
    Table,
    Text,
)

from releve.storage.tables.columns import (
    flag,
    key,
    metadata,
    number,
    primary,
    time,
    words,
)

outbox = Table(
    "outbox",
    metadata,
    key(),
    number("operator_id"),
    Column("topic", Text, nullable=False),
    time("at", nullable=False),
    Column("event", Text, nullable=False),
    primary("id"),
)
Index("ix_outbox_operator", outbox.c.operator_id, outbox.c.id)

message_log = Table(
    "message_log",
    metadata,
    key(),
    number("bucket"),
    number("operator_id"),
    key("station_id"),
    time("at", nullable=False),
    flag("inbound"),
    words("action"),
    words("message_id"),
    Column("request", Text, nullable=False),
    words("response"),
    Column("outcome", Text, nullable=False),
    words("error"),
    Column("duration_ms", Double),
    primary("id"),
)
Index(
    "ix_message_log_station",
    message_log.c.bucket,
    message_log.c.station_id,
    message_log.c.at,
    message_log.c.id,
)

marks = Table(
    "marks",
    metadata,
    number("operator_id"),
    Column("name", Text, nullable=False),
    time("at", nullable=False),
    words("value"),
    primary("operator_id", "name"),
)
