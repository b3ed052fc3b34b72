"""The message log's rows."""

from __future__ import annotations

from releve.services.ports import Exchange
from releve.storage.mapping import clean, finite
from releve.storage.tables import message_log
from releve.storage.times import BUCKET_US, micros
from releve.storage.unit import BASE_BYTES, Unit
from releve.storage.writes import insert

COLUMNS = (
    "id",
    "bucket",
    "operator_id",
    "station_id",
    "at",
    "inbound",
    "action",
    "message_id",
    "request",
    "response",
    "outcome",
    "error",
    "duration_ms",
)
ADD = insert(message_log, COLUMNS)


def unit_of(exchange: Exchange, row_id: int) -> Unit:
    """A unit of one line."""
    at = micros(exchange.at)
    duration = exchange.duration_ms
    unit = Unit()
    unit.items.append(
        (
            ADD,
            None,
            (
                row_id,
                at // BUCKET_US,
                exchange.operator,
                exchange.station,
                at,
                exchange.inbound,
                clean(exchange.action),
                clean(exchange.message_id),
                clean(exchange.request),
                clean(exchange.response),
                exchange.outcome,
                clean(exchange.error),
                None if duration is None else finite(duration),
            ),
        )
    )
    unit.weight = len(exchange.request) + len(exchange.response) + BASE_BYTES
    return unit
