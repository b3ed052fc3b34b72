"""Security events, and the certificates that were signed for stations."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text, text

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

security_events = Table(
    "security_events",
    metadata,
    key(),
    number("operator_id"),
    key("station_id"),
    Column("kind", Text, nullable=False),
    flag("critical"),
    Column("source", Text, nullable=False),
    words("info"),
    time("at", nullable=False),
    time("received_at", nullable=False),
    time("acknowledged_at"),
    words("acknowledged_by"),
    words("note"),
    primary("id"),
    of_station(),
)
ALARM = text("critical AND acknowledged_at IS NULL")
"""Condition of a partial index; a query must use the same words."""
Index("ix_security_events_newest", security_events.c.operator_id, security_events.c.id)
Index("ix_security_events_station", security_events.c.station_id, security_events.c.id)
Index("ix_security_events_told", security_events.c.station_id, security_events.c.at)
Index(
    "ix_security_events_alarms",
    security_events.c.operator_id,
    security_events.c.id,
    sqlite_where=ALARM,
    postgresql_where=ALARM,
)

station_certificates = Table(
    "station_certificates",
    metadata,
    number("operator_id"),
    key("station_id"),
    Column("serial", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    words("issuer_name"),
    words("common_name"),
    Column("state", Text, nullable=False),
    time("not_before", nullable=False),
    time("not_after", nullable=False),
    Column("pem", Text, nullable=False),
    time("changed_at", nullable=False),
    primary("operator_id", "issuer", "serial"),
    of_station(),
)
Index("ix_station_certificates_station", station_certificates.c.station_id)
Index(
    "ix_station_certificates_state",
    station_certificates.c.operator_id,
    station_certificates.c.state,
    station_certificates.c.not_after,
)
