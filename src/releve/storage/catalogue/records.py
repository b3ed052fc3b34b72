"""Tokens, anomalies and variables."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Select, select

from releve.domain.ids import OperatorId
from releve.domain.limits import Limit
from releve.services.views import AnomalyView, Page, TokenView, VariableView
from releve.storage.catalogue.base import Part, row_id
from releve.storage.paging import after as after_cursor
from releve.storage.paging import bounded, holds, page
from releve.storage.tables import NONE, anomalies, stations, tokens, variables
from releve.storage.times import moment

k, a, v = tokens.c, anomalies.c, variables.c

_TOKEN = (k.id, k.value_key, *(k[name] for name in TokenView.__struct_fields__[1:]))
_ANOMALY = (
    a.id,
    a.station_id,
    stations.c.identity,
    a.transaction_id,
    a.kind,
    a.detail,
    a.seen_at,
    a.resolved_at,
    a.resolved_by,
    a.note,
)
_VARIABLE = (
    v.component,
    v.component_instance,
    v.variable,
    v.instance,
    v.evse,
    v.connector,
    v.attribute,
    v.value,
    v.mutability,
    v.data_type,
    v.unit,
    v.values_list,
    v.min_limit,
    v.max_limit,
    v.persistent,
    v.constant,
    v.supports_monitoring,
    v.reboot_required,
    v.reported_at,
)


class RecordCatalogue(Part):
    """Tokens, anomalies, variables."""

    async def tokens(
        self,
        operator: OperatorId,
        *,
        search: str = "",
        after: str | None = None,
        limit: int = 50,
    ) -> Page[TokenView]:
        """By value, ignoring case. search: part of value, label or group."""
        query = select(*_TOKEN).where(k.operator_id == operator)
        if search.strip():
            query = query.where(holds(k.search, search))
        keys = (k.value_key, k.id)
        query = after_cursor(query, keys, after, (str, int), descending=False)
        rows = await self._rows(query.limit(bounded(limit) + 1))
        return page(rows, limit, _token, lambda row: (row[1], row[0]))

    async def token(self, operator: OperatorId, token: str) -> TokenView | None:
        """By row id."""
        query = select(*_TOKEN).where(k.operator_id == operator, k.id == row_id(token))
        row = await self._row(query)
        return _token(row) if row else None

    async def anomalies(
        self,
        operator: OperatorId,
        *,
        station: str | None = None,
        transaction: str | None = None,
        kind: str | None = None,
        resolved: bool | None = False,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[AnomalyView]:
        """Newest first. resolved None: both."""
        query = _anomalies(operator)
        if station is not None:
            query = query.where(a.station_id == row_id(station))
        if transaction is not None:
            query = query.where(a.transaction_id == row_id(transaction))
        if kind is not None:
            query = query.where(a.kind == kind)
        if resolved is not None:
            query = query.where(a.resolved_at.is_not(None) if resolved else a.resolved_at.is_(None))
        query = after_cursor(query, (a.id,), after, (int,), descending=True)
        rows = await self._rows(query.limit(bounded(limit) + 1))
        return page(rows, limit, _anomaly, lambda row: (row[0],))

    async def variables(self, operator: OperatorId, station: str) -> list[VariableView]:
        """All that the station has reported, by name. `station`: row id."""
        query = (
            select(*_VARIABLE)
            .where(v.operator_id == operator, v.station_id == row_id(station))
            .order_by(*_VARIABLE[:7])
        )
        return [_variable(row) for row in await self._rows(query)]


def _anomalies(operator: OperatorId) -> Select[Any]:
    return (
        select(*_ANOMALY)
        .join(stations, stations.c.id == a.station_id)
        .where(a.operator_id == operator, stations.c.operator_id == operator)
    )


def _token(row: tuple[Any, ...]) -> TokenView:
    number, _, *rest = row
    shown = dict(zip(TokenView.__struct_fields__[1:], rest, strict=True))
    for name in ("not_before", "expires_at", "created_at"):
        shown[name] = moment(shown[name])
    for name in ("blocked", "master", "concurrent"):
        shown[name] = bool(shown[name])
    for name in ("places", "connector_types"):
        shown[name] = msgspec.json.decode(shown[name])
    if shown["charge_limit"] is not None:
        shown["charge_limit"] = msgspec.json.decode(shown["charge_limit"], type=Limit)
    return TokenView(id=str(number), **shown)


def _anomaly(row: tuple[Any, ...]) -> AnomalyView:
    number, station, identity, transaction, kind, detail, seen_at, resolved_at, by, note = row
    return AnomalyView(
        id=str(number),
        station=str(station),
        identity=identity,
        transaction=None if transaction is None else str(transaction),
        kind=kind,
        detail=msgspec.json.decode(detail),
        seen_at=moment(seen_at),
        resolved_at=moment(resolved_at),
        resolved_by=by,
        note=note,
    )


def _variable(row: tuple[Any, ...]) -> VariableView:
    shown = {column.name: cell for column, cell in zip(_VARIABLE, row, strict=True)}
    for name in ("evse", "connector"):
        shown[name] = None if shown[name] == NONE else shown[name]
    for name in ("persistent", "constant", "supports_monitoring", "reboot_required"):
        shown[name] = None if shown[name] is None else bool(shown[name])
    shown["reported_at"] = moment(shown["reported_at"])
    return VariableView(**shown)
