"""The message log's rows."""

from __future__ import annotations

from typing import Any

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


def row_of(exchange: Exchange, row_id: int) -> tuple[Any, ...]:
    """A line's row. Thousands are made in a second: one tuple, and nothing around it."""
    at = micros(exchange.at)
    duration = exchange.duration_ms
    return (
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
    )


class Lines:
    """Lines of the message log that are written with one batch."""

    __slots__ = ("lost", "rows", "weight")

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.weight = 0
        self.lost = 0
        """How many of them the database refused."""

    def add(self, exchange: Exchange, row_id: int) -> None:
        """Append a line."""
        self.rows.append(row_of(exchange, row_id))
        self.weight += len(exchange.request) + len(exchange.response) + BASE_BYTES


def unit_of(row: tuple[Any, ...]) -> Unit:
    """A unit of one line, to be tried apart from others after a batch was refused."""
    unit = Unit()
    unit.items.append((ADD, None, row))
    return unit
