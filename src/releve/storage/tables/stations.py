"""Operators, their stations, and what stations tell about themselves."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from releve.storage.tables.columns import (
    Ordered,
    flag,
    key,
    metadata,
    number,
    of_station,
    primary,
    time,
    words,
)

operators = Table(
    "operators",
    metadata,
    key(),
    Column("slug", Text, nullable=False, unique=True),
    words("name"),
    time("created_at", nullable=False),
    primary("id"),
)

stations = Table(
    "stations",
    metadata,
    key(),
    Column("operator_id", BigInteger, ForeignKey("operators.id"), nullable=False),
    Column("identity", Text, nullable=False),
    Column("identity_key", Ordered, nullable=False),
    words("name"),
    words("site"),
    Column("boot", Text, nullable=False),
    flag("quarantined"),
    flag("disabled"),
    Column("version", Text),
    words("vendor"),
    words("model"),
    words("serial"),
    words("firmware"),
    number("security_profile"),
    Column("profile_next", BigInteger),
    Column("credential", Text),
    Column("credential_next", Text),
    words("certificate_name"),
    flag("accept_expired"),
    time("booted_at"),
    flag("registered"),
    Column("heartbeat_s", BigInteger),
    Column("quirks", Text, nullable=False, server_default="{}"),
    time("created_at", nullable=False),
    # Derived from the above, for searching: folded. Bytes are compared, which is a third faster.
    Column("search", Ordered, nullable=False, server_default=""),
    # Written by the gateway, not by `Stations.save`.
    Column("online_state", Text, nullable=False, server_default="unknown"),
    time("online_since"),
    time("last_heard_at"),
    words("peer"),
    Column("epoch", BigInteger, nullable=False, server_default=text("0")),
    # A station that delivered energy stays in the record: removing hides it and frees its identity.
    time("removed_at"),
    primary("id"),
    UniqueConstraint("operator_id", "id"),
)
_present = text("removed_at IS NULL")
Index(
    "uq_stations_identity",
    stations.c.operator_id,
    stations.c.identity,
    unique=True,
    sqlite_where=_present,
    postgresql_where=_present,
)
Index("ix_stations_key", stations.c.operator_id, stations.c.identity_key, stations.c.id)

Index(
    "ix_stations_line",
    stations.c.operator_id,
    stations.c.online_state,
    stations.c.quarantined,
    stations.c.identity_key,
    stations.c.id,
    sqlite_where=_present,
    postgresql_where=_present,
)
QUARANTINED = text("quarantined")
"""Condition of a partial index; a query must use the same words."""
Index(
    "ix_stations_inbox",
    stations.c.operator_id,
    stations.c.identity_key,
    stations.c.id,
    sqlite_where=QUARANTINED,
    postgresql_where=QUARANTINED,
)

evses = Table(
    "evses",
    metadata,
    number("operator_id"),
    key("station_id"),
    number("evse"),
    number("connector"),
    Column("status", Text, nullable=False),
    Column("charging", Text),
    words("reported"),
    words("error"),
    words("info"),
    words("vendor_error"),
    time("reported_at"),
    time("received_at"),
    primary("station_id", "evse", "connector"),
    of_station(),
)

Index("ix_evses_status", evses.c.operator_id, evses.c.status, evses.c.station_id)
Index("ix_evses_charging", evses.c.operator_id, evses.c.charging, evses.c.station_id)

variables = Table(
    "variables",
    metadata,
    number("operator_id"),
    key("station_id"),
    words("component"),
    words("component_instance"),
    words("variable"),
    words("instance"),
    number("evse"),
    number("connector"),
    words("attribute"),
    Column("value", Text),
    words("mutability"),
    words("data_type"),
    words("unit"),
    words("values_list"),
    Column("min_limit", Double),
    Column("max_limit", Double),
    Column("persistent", Boolean),
    flag("constant"),
    flag("supports_monitoring"),
    flag("reboot_required"),
    time("reported_at", nullable=False),
    primary(
        "station_id",
        "component",
        "variable",
        "instance",
        "component_instance",
        "evse",
        "connector",
        "attribute",
    ),
    of_station(),
)

anomalies = Table(
    "anomalies",
    metadata,
    key(),
    number("operator_id"),
    key("station_id"),
    Column("transaction_id", BigInteger),
    Column("kind", Text, nullable=False),
    Column("detail", Text, nullable=False),
    time("seen_at", nullable=False),
    time("resolved_at"),
    words("resolved_by"),
    words("note"),
    primary("id"),
    of_station(),
)
_unresolved = text("resolved_at IS NULL")
Index("ix_anomalies_newest", anomalies.c.operator_id, anomalies.c.id)
Index("ix_anomalies_station", anomalies.c.station_id, anomalies.c.id)
Index("ix_anomalies_transaction", anomalies.c.transaction_id)
Index(
    "ix_anomalies_open",
    anomalies.c.operator_id,
    anomalies.c.station_id,
    sqlite_where=_unresolved,
    postgresql_where=_unresolved,
)
