"""Series of meter samples: as they came, and in quarters of an hour where they are old (`storage.rollup`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    Double,
    Integer,
    Select,
    Table,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from releve.domain.ids import OperatorId
from releve.services.views import SampleView
from releve.storage.catalogue.base import Part, row_id
from releve.storage.tables import rolled_samples, sample_spans, samples
from releve.storage.times import BUCKET_US, DAY_US, micros, moment

s, r = samples.c, rolled_samples.c

LONGEST_BUCKETS = 400 * 96
_SHARED = (
    "at",
    "received_at",
    "evse",
    "energy_wh",
    "export_wh",
    "power_w",
    "current_a",
    "voltage_v",
    "soc_pct",
)
_RAW = (
    *(s[name] for name in _SHARED),
    cast(null(), Double).label("power_max_w"),
    literal(0, Integer).label("rolled"),
    s.digest.label("tie"),
)
_ROLLED = (
    *(r[name] for name in _SHARED),
    r.power_max_w,
    literal(1, Integer).label("rolled"),
    r.part.label("tie"),
)


class SeriesCatalogue(Part):
    """Samples."""

    async def series(
        self, operator: OperatorId, transaction: str, *, readings: bool = False, limit: int = 5000
    ) -> list[SampleView]:
        """A transaction's samples by time, thinned evenly to `limit`."""
        number = row_id(transaction)
        raw, rolled = (
            query.where(
                sample_spans.c.transaction_id == number,
                sample_spans.c.operator_id == operator,
                table.c.bucket == sample_spans.c.bucket,
                table.c.station_id == sample_spans.c.station_id,
                table.c.transaction_id == sample_spans.c.transaction_id,
                table.c.operator_id == operator,
            )
            for query, table in _points(readings)
        )
        return await self._thinned(raw, rolled, limit)

    async def signed_series(self, operator: OperatorId, transaction: str) -> list[SampleView]:
        """A transaction's samples with a signed reading; these are never rolled up."""
        query = (
            select(*_RAW[:-1], s.readings)
            .where(
                sample_spans.c.transaction_id == row_id(transaction),
                sample_spans.c.operator_id == operator,
                s.bucket == sample_spans.c.bucket,
                s.station_id == sample_spans.c.station_id,
                s.transaction_id == sample_spans.c.transaction_id,
                s.operator_id == operator,
                s.readings.contains('"signed":true', autoescape=True),
            )
            .order_by(s.at, s.digest)
        )
        return [_sample(row) for row in await self._rows(query)]

    async def station_series(
        self,
        operator: OperatorId,
        station: str,
        *,
        since: datetime,
        until: datetime | None = None,
        evse: int | None = None,
        readings: bool = False,
        limit: int = 5000,
    ) -> list[SampleView]:
        """A station's samples in a time, thinned evenly. `station`: row id. evse 0: its main meter.

        until: now, and not more than a day ahead. Of a longer time than 400 days the last 400 are looked at.
        """
        from_us = micros(since)
        now_us = micros(self._clock.now())
        until_us = now_us if until is None else min(micros(until), now_us + DAY_US)
        if until_us < from_us:
            return []
        last = until_us // BUCKET_US
        first = max(from_us // BUCKET_US, last - LONGEST_BUCKETS)
        buckets = select(literal(first, Integer).label("n")).cte("buckets", recursive=True)
        buckets = buckets.union_all(select(buckets.c.n + 1).where(buckets.c.n < last))
        raw, rolled = (
            query.where(
                table.c.bucket == buckets.c.n,
                table.c.station_id == row_id(station),
                table.c.operator_id == operator,
                table.c.at.between(from_us, until_us),
                *(() if evse is None else (table.c.evse == evse,)),
            )
            for query, table in _points(readings)
        )
        return await self._thinned(raw, rolled, limit)

    async def _thinned(self, raw: Select[Any], rolled: Select[Any], limit: int) -> list[SampleView]:
        """At most `limit` rows: of N, those where row * (limit - 1) / (N - 1) reaches a new whole number."""
        limit = max(limit, 2)
        both = union_all(raw, rolled).subquery("points")
        inner = select(
            *both.c,
            (func.row_number().over(order_by=(both.c.at, both.c.tie)) - 1).label("place"),
            func.count().over().label("total"),
        ).subquery()
        place, total = inner.c.place, inner.c.total
        step = limit - 1
        shown = [column for column in inner.c if column.name not in ("place", "total", "tie")]
        kept = or_(
            total <= limit,
            place == 0,
            place * step // (total - 1) > (place - 1) * step // (total - 1),
        )
        rows = await self._rows(select(*shown).where(kept).order_by(place))
        return [_sample(row) for row in rows]


def _points(readings: bool) -> tuple[tuple[Select[Any], Table], tuple[Select[Any], Table]]:
    """Samples as they came, and quarters: the same columns of both."""
    raw, rolled = select(*_RAW), select(*_ROLLED)
    if readings:
        raw = raw.add_columns(s.readings)
        rolled = rolled.add_columns(literal("[]").label("readings"))
    return (raw, samples), (rolled, rolled_samples)


def _sample(row: tuple[Any, ...]) -> SampleView:
    at, received_at, *values = row
    evse, energy_wh, export_wh, power_w, current_a, voltage_v, soc_pct = values[:7]
    power_max_w, rolled, *readings = values[7:]
    return SampleView(
        at=moment(at),
        received_at=moment(received_at),
        evse=evse,
        energy_wh=energy_wh,
        export_wh=export_wh,
        power_w=power_w,
        current_a=current_a,
        voltage_v=voltage_v,
        soc_pct=soc_pct,
        power_max_w=power_max_w,
        rolled=bool(rolled),
        readings=msgspec.json.decode(readings[0]) if readings else [],
    )
