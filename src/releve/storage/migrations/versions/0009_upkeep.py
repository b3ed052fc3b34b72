"""Files and passes, events and streams of monitors.

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

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Files and passes, events and streams of monitors."""
    _files()
    _file_passes()
    _station_events()
    _stream_values()


def _files() -> None:
    op.create_table(
        "files",
        key("id"),
        number("operator_id"),
        number("station_id", nullable=True),
        text("kind"),
        words("name"),
        number("size"),
        words("sha256"),
        words("md5"),
        words("place"),
        number("operation_id", nullable=True),
        words("by"),
        number("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
    )
    index("ix_files_operator", "files", ["operator_id", "created_at", "id", "size"])
    index("ix_files_station", "files", ["station_id", "created_at", "id"])
    index("ix_files_operation", "files", ["operation_id"], where="operation_id IS NOT NULL")


def _file_passes() -> None:
    op.create_table(
        "file_passes",
        key("id"),
        number("operator_id"),
        number("station_id", nullable=True),
        words("digest"),
        text("kind"),
        number("file", nullable=True),
        number("operation_id", nullable=True),
        number("created_at"),
        number("expires_at"),
        number("used_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_passes")),
    )
    index("ix_file_passes_expires", "file_passes", ["expires_at"])


def _station_events() -> None:
    op.create_table(
        "station_events",
        key("id"),
        number("operator_id"),
        key("station_id"),
        number("event"),
        number("at"),
        number("received_at"),
        words("trigger"),
        words("notification"),
        number("severity", nullable=True),
        number("cause", nullable=True),
        words("component"),
        words("component_instance"),
        number("evse", nullable=True),
        number("connector", nullable=True),
        words("variable"),
        words("instance"),
        text("value", nullable=True),
        flag("cleared"),
        number("monitor", nullable=True),
        words("tech_code"),
        words("tech_info"),
        words("reference"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_events")),
        of_station("station_events"),
    )
    told = ["station_id", "at", "event", "component", "variable"]
    index("uq_station_events", "station_events", told, unique=True)
    index("ix_station_events_newest", "station_events", ["operator_id", "at", "id"])
    index("ix_station_events_station", "station_events", ["station_id", "at", "id"])


def _stream_values() -> None:
    op.create_table(
        "stream_values",
        key("station_id"),
        number("monitor"),
        number("at"),
        number("part"),
        number("operator_id"),
        text("value", nullable=True),
        number("received_at"),
        sa.PrimaryKeyConstraint(
            "station_id", "monitor", "at", "part", name=op.f("pk_stream_values")
        ),
    )
    index("ix_stream_values_received", "stream_values", ["received_at"])
