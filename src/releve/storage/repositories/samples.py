"""Meter samples: the rows that there are most of."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import select, union_all

from releve.domain.ids import StationId, TransactionId
from releve.domain.ledger import Point
from releve.domain.meter import MeterSample
from releve.storage.mapping import clean, finite
from releve.storage.queries import Query, value
from releve.storage.repositories.base import Repository
from releve.storage.tables import rolled_samples, sample_spans, samples
from releve.storage.times import BUCKET_US, micros, moment
from releve.storage.unit import BASE_BYTES
from releve.storage.writes import insert_new

_SUMMARY = ("energy_wh", "export_wh", "power_w", "current_a", "voltage_v", "soc_pct")
ADD = insert_new(
    samples,
    (
        "bucket",
        "station_id",
        "evse",
        "at",
        "digest",
        "operator_id",
        "transaction_id",
        "received_at",
        *_SUMMARY,
        "readings",
    ),
)
ADD_SPAN = insert_new(sample_spans, ("transaction_id", "bucket", "station_id", "operator_id"))

_encode = msgspec.json.Encoder().encode

IN_TRANSACTION = (
    sample_spans.c.transaction_id == value("transaction"),
    sample_spans.c.operator_id == value("operator"),
    samples.c.bucket == sample_spans.c.bucket,
    samples.c.station_id == sample_spans.c.station_id,
    samples.c.transaction_id == sample_spans.c.transaction_id,
    samples.c.operator_id == sample_spans.c.operator_id,
)
"""Joins a transaction's samples through the buckets that they are in."""
ROLLED_IN_TRANSACTION = (
    sample_spans.c.transaction_id == value("transaction"),
    sample_spans.c.operator_id == value("operator"),
    rolled_samples.c.bucket == sample_spans.c.bucket,
    rolled_samples.c.station_id == sample_spans.c.station_id,
    rolled_samples.c.transaction_id == sample_spans.c.transaction_id,
    rolled_samples.c.operator_id == sample_spans.c.operator_id,
    rolled_samples.c.energy_wh.is_not(None),
)
REGISTERS = Query(
    union_all(
        select(samples.c.at, samples.c.energy_wh).where(
            *IN_TRANSACTION, samples.c.energy_wh.is_not(None)
        ),
        # The ends of each part say all that the ledger wants to know of it (`rolled.py`).
        select(rolled_samples.c.energy_from_at, rolled_samples.c.energy_from_wh).where(
            *ROLLED_IN_TRANSACTION
        ),
        select(rolled_samples.c.energy_at, rolled_samples.c.energy_wh).where(
            *ROLLED_IN_TRANSACTION
        ),
    )
)


class StoredSamples(Repository):
    """Implements `services.ports.Samples`."""

    __slots__ = ()

    def add(
        self,
        station: StationId,
        evse: int,
        transaction: TransactionId | None,
        sample: MeterSample,
        received_at: datetime,
        digest: int,
    ) -> None:
        """Append a sample; ignored when (station, evse, sample.at, digest) is there already."""
        at = micros(sample.at)
        bucket = at // BUCKET_US
        readings = _encode(sample.readings).decode()
        row = (
            bucket,
            station,
            evse,
            at,
            digest,
            self._operator,
            transaction,
            micros(received_at),
            _real(sample.energy_wh),
            _real(sample.export_wh),
            _real(sample.power_w),
            _real(sample.current_a),
            _real(sample.voltage_v),
            _real(sample.soc_pct),
            clean(readings),
        )
        self._unit.write(ADD, row, weight=len(readings) + BASE_BYTES)
        if transaction is not None:
            self._span(transaction, bucket, station)

    def _span(self, transaction: TransactionId, bucket: int, station: StationId) -> None:
        """Note that the transaction has samples in this bucket, unless it is known to be noted."""
        spans = self._shared.spans
        span = (transaction, bucket, station, self._operator)
        if span not in spans:
            self._unit.write(ADD_SPAN, span, span, 32)
            self._unit.after.append(lambda kept: spans.add(span) if kept else None)

    async def registers(self, transaction: TransactionId) -> list[Point]:
        """Its energy registers in Wh, by the station's time."""
        rows = await self._rows(REGISTERS, transaction=transaction)
        return [Point(moment(at), energy_wh) for at, energy_wh in sorted(rows)]


def _real(number: float | None) -> float | None:
    return None if number is None else finite(number)
