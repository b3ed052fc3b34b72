"""Every table, as SQLAlchemy Core sees it. Migrations are held against this file by a test.

Rules:
- Every row belongs to an operator; foreign keys name the operator too, so that no row can point into another's.
- Times are BIGINT microseconds (`times.py`), ids BIGINT made by the application (`ids.py`), JSON is TEXT.
- Numbers that stations send are BIGINT or double precision: a station decides how large they are.
- Columns have the names of the domain's fields; a field that names another row has `_id` appended.

Buckets. A meter sample is found by its station and time, and a replayed one must be ignored, so a unique index begins
with the station. But then each of two hundred stations' samples touches an index page of its own, and a page written is
what a sample costs: 16-31 us measured, against 4 us when the rows of a batch lie together. So the index begins with the
quarter of an hour (`bucket`), then the station: a batch writes few pages, and a reader of a day makes 96 short visits.
`sample_spans` knows in which buckets a transaction has samples.
"""

from __future__ import annotations

from releve.storage.tables.access import api_keys, sign_ins, tokens, users
from releve.storage.tables.charging import (
    facts,
    rolled_samples,
    sample_spans,
    samples,
    transactions,
)
from releve.storage.tables.columns import NONE, metadata
from releve.storage.tables.journal import marks, message_log, outbox
from releve.storage.tables.kept import documents, holdings, operation_parts, operations
from releve.storage.tables.payment import payments, settlements
from releve.storage.tables.reservations import reservations, transaction_checks
from releve.storage.tables.security import security_events, station_certificates
from releve.storage.tables.stations import anomalies, evses, operators, stations, variables
from releve.storage.tables.upkeep import file_passes, files, station_events, stream_values

__all__ = [
    "NONE",
    "anomalies",
    "api_keys",
    "documents",
    "evses",
    "facts",
    "file_passes",
    "files",
    "holdings",
    "marks",
    "message_log",
    "metadata",
    "operation_parts",
    "operations",
    "operators",
    "outbox",
    "payments",
    "reservations",
    "rolled_samples",
    "sample_spans",
    "samples",
    "security_events",
    "settlements",
    "sign_ins",
    "station_certificates",
    "station_events",
    "stations",
    "stream_values",
    "tokens",
    "transaction_checks",
    "transactions",
    "users",
    "variables",
]
