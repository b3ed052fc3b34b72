"""Files and who may hand them in or fetch them; what monitors told."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, Text, text

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

files = Table(
    "files",
    metadata,
    key(),
    number("operator_id"),
    Column("station_id", BigInteger),
    Column("kind", Text, nullable=False),
    words("name"),
    number("size"),
    words("sha256"),
    words("md5"),
    words("place"),
    Column("operation_id", BigInteger),
    words("by"),
    time("created_at", nullable=False),
    primary("id"),
)
Index("ix_files_operator", files.c.operator_id, files.c.created_at, files.c.id, files.c.size)
Index("ix_files_station", files.c.station_id, files.c.created_at, files.c.id)
_WITH_OPERATION = text("operation_id IS NOT NULL")
Index(
    "ix_files_operation",
    files.c.operation_id,
    sqlite_where=_WITH_OPERATION,
    postgresql_where=_WITH_OPERATION,
)

file_passes = Table(
    "file_passes",
    metadata,
    key(),
    number("operator_id"),
    Column("station_id", BigInteger),
    words("digest"),
    Column("kind", Text, nullable=False),
    Column("file", BigInteger),
    Column("operation_id", BigInteger),
    time("created_at", nullable=False),
    time("expires_at", nullable=False),
    time("used_at"),
    primary("id"),
)
Index("ix_file_passes_expires", file_passes.c.expires_at)

station_events = Table(
    "station_events",
    metadata,
    key(),
    number("operator_id"),
    key("station_id"),
    number("event"),
    time("at", nullable=False),
    time("received_at", nullable=False),
    words("trigger"),
    words("notification"),
    Column("severity", BigInteger),
    Column("cause", BigInteger),
    words("component"),
    words("component_instance"),
    Column("evse", BigInteger),
    Column("connector", BigInteger),
    words("variable"),
    words("instance"),
    Column("value", Text),
    flag("cleared"),
    Column("monitor", BigInteger),
    words("tech_code"),
    words("tech_info"),
    words("reference"),
    primary("id"),
    of_station(),
)
Index(
    "uq_station_events",
    station_events.c.station_id,
    station_events.c.at,
    station_events.c.event,
    station_events.c.component,
    station_events.c.variable,
    unique=True,
)
Index(
    "ix_station_events_newest",
    station_events.c.operator_id,
    station_events.c.at,
    station_events.c.id,
)
Index(
    "ix_station_events_station",
    station_events.c.station_id,
    station_events.c.at,
    station_events.c.id,
)

stream_values = Table(
    "stream_values",
    metadata,
    key("station_id"),
    number("monitor"),
    time("at", nullable=False),
    number("part"),
    number("operator_id"),
    Column("value", Text),
    time("received_at", nullable=False),
    primary("station_id", "monitor", "at", "part"),
)
Index("ix_stream_values_received", stream_values.c.received_at)
