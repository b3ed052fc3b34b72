"""Transactions, their facts, and series of meter samples."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Integer, Select, func, literal, or_, select

from releve.domain.ids import OperatorId
from releve.services.views import FactView, Page, SampleView, TransactionFilter, TransactionView
from releve.storage.catalogue.base import Part, row_id
from releve.storage.paging import after, bounded, holds, page
from releve.storage.tables import NONE, facts, sample_spans, samples, stations, tokens, transactions
from releve.storage.times import BUCKET_US, DAY_US, micros, moment

t, f = transactions.c, facts.c

_SHOWN = (
    "reference",
    "evse",
    "connector",
    "token",
    "token_type",
    "verdict",
    "state",
    "charging",
    "offline",
    "started_at",
    "ended_at",
    "received_at",
    "stop_reason",
    "stop_token",
    "remote_start_id",
    "meter_start_wh",
    "meter_last_wh",
    "meter_last_at",
    "meter_stop_wh",
    "energy_wh",
    "power_w",
    "soc_pct",
    "held",
    "complete",
)
_TIMES = frozenset({"started_at", "ended_at", "received_at", "meter_last_at"})
_FLAGS = frozenset({"offline", "held", "complete"})
# 1.6 tells no type: then any token of the value is meant.
_LABEL = (
    select(tokens.c.label)
    .where(
        tokens.c.operator_id == t.operator_id,
        tokens.c.value_key == t.token_key,
        func.coalesce(t.token_type, "").in_(("", tokens.c.type)),
    )
    .limit(1)
    .scalar_subquery()
)
LONGEST_BUCKETS = 400 * 96
_KEYS = (t.sorted_at, t.id)
_FACT_COLUMNS = (
    f.kind,
    f.seq_no,
    f.at,
    f.received_at,
    f.trigger,
    f.offline,
    f.charging,
    f.raw,
)
_POINT = (
    samples.c.at,
    samples.c.received_at,
    samples.c.evse,
    samples.c.energy_wh,
    samples.c.export_wh,
    samples.c.power_w,
    samples.c.current_a,
    samples.c.voltage_v,
    samples.c.soc_pct,
)


class TransactionCatalogue(Part):
    """Transactions and samples."""

    async def transactions(
        self,
        operator: OperatorId,
        filter: TransactionFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[TransactionView]:
        """Newest first."""
        query = _ordered(_filtered(_of(operator), filter), after)
        rows = await self._rows(query.limit(bounded(limit) + 1))
        return page(rows, limit, _view, lambda row: (row[4], row[0]))

    async def transaction(self, operator: OperatorId, transaction: str) -> TransactionView | None:
        """By row id."""
        row = await self._row(_of(operator).where(t.id == row_id(transaction)))
        return _view(row) if row else None

    async def facts(self, operator: OperatorId, transaction: str) -> list[FactView]:
        """By sequence number, then receipt."""
        query = (
            select(*_FACT_COLUMNS)
            .where(f.operator_id == operator, f.transaction_id == row_id(transaction))
            .order_by(f.seq_no, f.received_at, f.at)
        )
        return [_fact(row) for row in await self._rows(query)]

    async def series(
        self, operator: OperatorId, transaction: str, *, readings: bool = False, limit: int = 5000
    ) -> list[SampleView]:
        """A transaction's samples by time, thinned evenly to `limit`."""
        query = _points(readings).where(
            sample_spans.c.transaction_id == row_id(transaction),
            sample_spans.c.operator_id == operator,
            samples.c.bucket == sample_spans.c.bucket,
            samples.c.station_id == sample_spans.c.station_id,
            samples.c.transaction_id == sample_spans.c.transaction_id,
            samples.c.operator_id == operator,
        )
        return await self._thinned(query, limit)

    async def station_series(
        self,
        operator: OperatorId,
        station: str,
        *,
        since: datetime,
        until: datetime | None = None,
        limit: int = 5000,
    ) -> list[SampleView]:
        """A station's samples in a time, thinned evenly. `station`: row id.

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
        query = _points(readings=False).where(
            samples.c.bucket == buckets.c.n,
            samples.c.station_id == row_id(station),
            samples.c.operator_id == operator,
            samples.c.at.between(from_us, until_us),
        )
        return await self._thinned(query, limit)

    async def _thinned(self, query: Select[Any], limit: int) -> list[SampleView]:
        """At most `limit` rows: of N, those where row * (limit - 1) / (N - 1) reaches a new whole number."""
        limit = max(limit, 2)
        inner = query.add_columns(
            (func.row_number().over(order_by=(samples.c.at, samples.c.digest)) - 1).label("place"),
            func.count().over().label("total"),
        ).subquery()
        place, total = inner.c.place, inner.c.total
        step = limit - 1
        shown = [column for column in inner.c if column.name not in ("place", "total")]
        kept = or_(
            total <= limit,
            place == 0,
            place * step // (total - 1) > (place - 1) * step // (total - 1),
        )
        rows = await self._rows(select(*shown).where(kept).order_by(place))
        return [_sample(row) for row in rows]


def _of(operator: OperatorId) -> Select[Any]:
    return (
        select(
            t.id,
            t.station_id,
            stations.c.identity,
            stations.c.name,
            t.sorted_at,
            _LABEL.label("label"),
            *(t[name] for name in _SHOWN),
        )
        .join(stations, stations.c.id == t.station_id)
        .where(t.operator_id == operator, stations.c.operator_id == operator)
    )


def _ordered(query: Select[Any], place: str | None) -> Select[Any]:
    return after(query, _KEYS, place, (int, int), descending=True)


def _filtered(query: Select[Any], wanted: TransactionFilter) -> Select[Any]:
    if wanted.station is not None:
        query = query.where(t.station_id == row_id(wanted.station))
    if wanted.evse is not None:
        query = query.where(t.evse == wanted.evse)
    if wanted.token is not None:
        query = query.where(t.token_key == wanted.token.casefold())
    if wanted.state is not None:
        query = query.where(t.state == wanted.state)
    if wanted.held is not None:
        query = query.where(t.held.is_(wanted.held))
    if wanted.since is not None:
        query = query.where(t.sorted_at >= micros(wanted.since))
    if wanted.until is not None:
        query = query.where(t.sorted_at < micros(wanted.until))
    if wanted.search.strip():
        text = wanted.search
        query = query.where(
            or_(
                holds(func.lower(t.reference), text),
                holds(t.token_key, text),
                holds(stations.c.identity_key, text),
            )
        )
    return query


def _view(row: tuple[Any, ...]) -> TransactionView:
    number, station, identity, name, _, label, *rest = row
    shown = dict(zip(_SHOWN, rest, strict=True))
    for time in _TIMES:
        shown[time] = moment(shown[time])
    for flag in _FLAGS:
        shown[flag] = bool(shown[flag])
    return TransactionView(
        id=str(number),
        station=str(station),
        identity=identity,
        station_name=name,
        token_label=label or "",
        **shown,
    )


def _fact(row: tuple[Any, ...]) -> FactView:
    kind, seq_no, at, received_at, trigger, offline, charging, raw = row
    try:
        payload = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        payload = raw  # kept as it came, whatever it was
    return FactView(
        kind=kind,
        seq_no=None if seq_no == NONE else seq_no,
        at=moment(at),
        received_at=moment(received_at),
        trigger=trigger,
        offline=bool(offline),
        charging=charging,
        payload=payload,
    )


def _points(readings: bool) -> Select[Any]:
    return select(*_POINT, samples.c.readings) if readings else select(*_POINT)


def _sample(row: tuple[Any, ...]) -> SampleView:
    at, received_at, evse, energy_wh, export_wh, power_w, current_a, voltage_v, soc_pct, *more = row
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
        readings=msgspec.json.decode(more[0]) if more else [],
    )
