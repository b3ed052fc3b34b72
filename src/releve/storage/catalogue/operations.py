"""Operations, newest first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from releve.domain.ids import OperatorId
from releve.services.views import OperationFilter, OperationView, Page
from releve.storage.catalogue.base import Part, row_id
from releve.storage.paging import after as after_cursor
from releve.storage.paging import bounded, page
from releve.storage.repositories.operations import OPERATION
from releve.storage.tables import operations, stations
from releve.storage.tables.kept import UNFINISHED

o = operations.c
_SHOWN = (*(o[name] for name in OPERATION.columns), stations.c.identity)


class OperationCatalogue(Part):
    """Operations."""

    async def operations(
        self,
        operator: OperatorId,
        filter: OperationFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[OperationView]:
        """Newest first."""
        query = _operations(operator)
        if filter.station is not None:
            query = query.where(o.station_id == row_id(filter.station))
        if filter.kind is not None:
            query = query.where(o.kind == filter.kind)
        if filter.state == "open":
            query = query.where(UNFINISHED)
        elif filter.state is not None:
            query = query.where(o.state == filter.state)
        query = after_cursor(query, (o.id,), after, (int,), descending=True)
        rows = await self._rows(query.limit(bounded(limit) + 1))
        return page(rows, limit, _view, lambda row: (row[0],))

    async def operation(self, operator: OperatorId, operation: str) -> OperationView | None:
        """By row id."""
        row = await self._row(_operations(operator).where(o.id == row_id(operation)))
        return _view(row) if row else None


def _operations(operator: OperatorId) -> Select[Any]:
    return (
        select(*_SHOWN)
        .join(stations, stations.c.id == o.station_id)
        .where(o.operator_id == operator, stations.c.operator_id == operator)
    )


def _view(row: tuple[Any, ...]) -> OperationView:
    one = OPERATION.decode(row[:-1])
    return OperationView(
        id=str(one.id),
        station=str(one.station),
        identity=row[-1],
        kind=one.kind,
        state=one.state.value,
        request_id=one.request_id,
        status=one.status,
        problem=one.problem,
        by=one.by,
        arguments=one.arguments,
        result=one.result,
        parts=one.parts,
        created_at=one.created_at,
        updated_at=one.updated_at,
        deadline_at=one.deadline_at,
    )
