"""Security events, newest first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select

from releve.domain.ids import OperatorId
from releve.services.security_views import SecurityEventFilter, SecurityEventView
from releve.services.views import Page
from releve.storage.catalogue.base import Part, row_id
from releve.storage.paging import after as after_cursor
from releve.storage.paging import bounded, page
from releve.storage.repositories.security import EVENT
from releve.storage.tables import security_events, stations
from releve.storage.tables.security import ALARM

e = security_events.c
_SHOWN = (*(e[name] for name in EVENT.columns), stations.c.identity)
COUNTED = 1000


class SecurityCatalogue(Part):
    """Security events."""

    async def security_events(
        self,
        operator: OperatorId,
        filter: SecurityEventFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[SecurityEventView]:
        """Newest first."""
        query = _events(operator)
        if filter.station is not None:
            query = query.where(e.station_id == row_id(filter.station))
        if filter.critical is not None:
            query = query.where(e.critical if filter.critical else ~e.critical)
        if filter.kind is not None:
            query = query.where(e.kind == filter.kind)
        if filter.alarm:
            query = query.where(ALARM)
        query = after_cursor(query, (e.id,), after, (int,), descending=True)
        rows = await self._rows(query.limit(bounded(limit) + 1))
        return page(rows, limit, _view, lambda row: (row[0],))

    async def security_alarms(self, operator: OperatorId) -> int:
        """How many alarms there are, counted up to 1000."""
        some = _events(operator).where(ALARM).limit(COUNTED).subquery()
        row = await self._row(select(func.count()).select_from(some))
        return int(row[0]) if row else 0


def _events(operator: OperatorId) -> Select[Any]:
    return (
        select(*_SHOWN)
        .join(stations, stations.c.id == e.station_id)
        .where(e.operator_id == operator, stations.c.operator_id == operator)
    )


def _view(row: tuple[Any, ...]) -> SecurityEventView:
    event, identity = EVENT.decode(row[:-1]), row[-1]
    return SecurityEventView(
        id=str(event.id),
        station=str(event.station),
        identity=identity,
        kind=event.kind,
        critical=event.critical,
        alarm=event.alarm,
        source=event.source,
        info=event.info,
        at=event.at,
        received_at=event.received_at,
        acknowledged_at=event.acknowledged_at,
        acknowledged_by=event.acknowledged_by,
        note=event.note,
    )
