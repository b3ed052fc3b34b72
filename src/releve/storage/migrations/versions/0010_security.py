"""Security events, stations' certificates, and how a station proves who it is.

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
    text,
    words,
)

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Security events, stations' certificates, and how a station proves who it is."""
    for column in (
        number("profile_next", nullable=True),
        text("credential_next", nullable=True),
        words("certificate_name"),
        flag("accept_expired"),
    ):
        op.add_column("stations", column)
    _events()
    op.create_table(
        "station_certificates",
        number("operator_id"),
        key("station_id"),
        text("serial"),
        text("issuer"),
        words("issuer_name"),
        words("common_name"),
        text("state"),
        number("not_before"),
        number("not_after"),
        text("pem"),
        number("changed_at"),
        sa.PrimaryKeyConstraint(
            "operator_id", "issuer", "serial", name=op.f("pk_station_certificates")
        ),
        of_station("station_certificates"),
    )
    index("ix_station_certificates_station", "station_certificates", ["station_id"])
    index(
        "ix_station_certificates_state",
        "station_certificates",
        ["operator_id", "state", "not_after"],
    )


def _events() -> None:
    op.create_table(
        "security_events",
        key("id"),
        number("operator_id"),
        key("station_id"),
        text("kind"),
        flag("critical"),
        text("source"),
        words("info"),
        number("at"),
        number("received_at"),
        number("acknowledged_at", nullable=True),
        words("acknowledged_by"),
        words("note"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_events")),
        of_station("security_events"),
    )
    index("ix_security_events_newest", "security_events", ["operator_id", "id"])
    index("ix_security_events_station", "security_events", ["station_id", "id"])
    index("ix_security_events_told", "security_events", ["station_id", "at"])
    index(
        "ix_security_events_alarms",
        "security_events",
        ["operator_id", "id"],
        where="critical AND acknowledged_at IS NULL",
    )
