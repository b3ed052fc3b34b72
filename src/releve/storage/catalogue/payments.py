"""Payments and settlements."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Select, select

from releve.domain.ids import OperatorId
from releve.services.payment_views import (
    PaymentFilter,
    PaymentView,
    SettlementFilter,
    SettlementView,
)
from releve.services.views import Page
from releve.storage.catalogue.base import Part, row_id
from releve.storage.paging import after as after_cursor
from releve.storage.paging import bounded, page
from releve.storage.tables import payments, settlements, stations
from releve.storage.times import moment

p, s = payments.c, settlements.c
_OWN = {"station": "station_id", "transaction": "transaction_id"}


def _columns(table: Any, view: type[msgspec.Struct]) -> list[Any]:
    return [
        stations.c.identity if name == "identity" else table[_OWN.get(name, name)]
        for name in view.__struct_fields__
    ]


class PaymentCatalogue(Part):
    """Implements `services.payment_views.PaymentReads`."""

    async def payments(
        self,
        operator: OperatorId,
        filter: PaymentFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[PaymentView]:
        """Newest first."""
        query = _payments(operator)
        if filter.station is not None:
            query = query.where(p.station_id == row_id(filter.station))
        if filter.state is not None:
            query = query.where(p.state == filter.state)
        query = after_cursor(query, (p.id,), after, (int,), descending=True)
        rows = await self._rows(query.limit(bounded(limit) + 1))
        return page(rows, limit, _payment, lambda row: (row[0],))

    async def payment(self, operator: OperatorId, payment: str) -> PaymentView | None:
        """By row id."""
        row = await self._row(_payments(operator).where(p.id == row_id(payment)))
        return _payment(row) if row else None

    async def settlements(
        self,
        operator: OperatorId,
        filter: SettlementFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[SettlementView]:
        """Newest first."""
        query = (
            select(*_columns(s, SettlementView))
            .join(stations, stations.c.id == s.station_id)
            .where(s.operator_id == operator, stations.c.operator_id == operator)
        )
        if filter.station is not None:
            query = query.where(s.station_id == row_id(filter.station))
        if filter.transaction is not None:
            query = query.where(s.transaction_id == row_id(filter.transaction))
        if filter.status is not None:
            query = query.where(s.status == filter.status)
        query = after_cursor(query, (s.id,), after, (int,), descending=True)
        rows = await self._rows(query.limit(bounded(limit) + 1))
        return page(rows, limit, _settlement, lambda row: (row[0],))


def _payments(operator: OperatorId) -> Select[Any]:
    return (
        select(*_columns(p, PaymentView))
        .join(stations, stations.c.id == p.station_id)
        .where(p.operator_id == operator, stations.c.operator_id == operator)
    )


def _shown(view: type[msgspec.Struct], row: tuple[Any, ...]) -> dict[str, Any]:
    shown = dict(zip(view.__struct_fields__, row, strict=True))
    for name in ("id", "station", "transaction"):
        shown[name] = None if shown[name] is None else str(shown[name])
    return {name: moment(value) if name.endswith("_at") else value for name, value in shown.items()}


def _payment(row: tuple[Any, ...]) -> PaymentView:
    return PaymentView(**_shown(PaymentView, row))


def _settlement(row: tuple[Any, ...]) -> SettlementView:
    shown = _shown(SettlementView, row)
    shown["vat_company"] = msgspec.json.decode(shown["vat_company"])
    return SettlementView(**shown)
