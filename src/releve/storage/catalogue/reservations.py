"""Reservations, for lists."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func, not_, select

from releve.domain.ids import OperatorId
from releve.services.page import Page
from releve.services.reservation_views import ReservationFilter, ReservationView
from releve.storage.catalogue.base import Part, row_id
from releve.storage.paging import after as after_cursor
from releve.storage.paging import bounded, page
from releve.storage.tables import reservations, stations, tokens
from releve.storage.tables.reservations import RESERVED
from releve.storage.times import moment

r = reservations.c
_SHOWN = (
    "number",
    "evse",
    "connector_type",
    "token",
    "token_type",
    "token_group",
    "state",
    "status",
    "created_by",
    "note",
)
_TIMES = ("expires_at", "created_at", "ended_at")
_LABEL = (
    select(tokens.c.label)
    .where(
        tokens.c.operator_id == r.operator_id,
        tokens.c.value_key == func.lower(r.token),
        tokens.c.type == r.token_type,
    )
    .limit(1)
    .scalar_subquery()
)


class ReservationPart(Part):
    """Implements `services.reservation_views.ReservationReads`."""

    async def reservations(
        self,
        operator: OperatorId,
        filter: ReservationFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[ReservationView]:
        """Newest first."""
        query = _of(operator)
        if filter.station is not None:
            query = query.where(r.station_id == row_id(filter.station))
        if filter.token is not None:
            query = query.where(func.lower(r.token) == filter.token.lower())
        if filter.state is not None:
            query = query.where(r.state == filter.state)
        if filter.open is not None:
            query = query.where(RESERVED if filter.open else not_(RESERVED))
        query = after_cursor(query, (r.id,), after, (int,), descending=True)
        rows = await self._rows(query.limit(bounded(limit) + 1))
        return page(rows, limit, _view, lambda row: (row[0],))

    async def reservation(self, operator: OperatorId, reservation: str) -> ReservationView | None:
        """By row id."""
        row = await self._row(_of(operator).where(r.id == row_id(reservation)))
        return _view(row) if row else None


def _of(operator: OperatorId) -> Select[Any]:
    return (
        select(
            r.id,
            r.station_id,
            stations.c.identity,
            stations.c.name,
            r.transaction_id,
            _LABEL.label("label"),
            *(r[name] for name in _TIMES),
            *(r[name] for name in _SHOWN),
        )
        .outerjoin(
            stations,
            and_(stations.c.id == r.station_id, stations.c.operator_id == r.operator_id),
        )
        .where(r.operator_id == operator)
    )


def _view(row: tuple[Any, ...]) -> ReservationView:
    number, station, identity, name, transaction, label, *rest = row
    times: dict[str, Any] = dict(zip(_TIMES, map(moment, rest[: len(_TIMES)]), strict=True))
    return ReservationView(
        id=str(number),
        station=str(station),
        identity=identity,
        station_name=name,
        transaction=None if transaction is None else str(transaction),
        token_label=label or "",
        **times,
        **dict(zip(_SHOWN, rest[len(_TIMES) :], strict=True)),
    )
