"""Files, and what monitors told: newest first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, or_, select

from releve.domain.ids import OperatorId
from releve.services.views import EventFilter, FileFilter, FileView, Page, StationEventView
from releve.storage.catalogue.base import Part, row_id
from releve.storage.paging import after as after_cursor
from releve.storage.paging import bounded, holds, page
from releve.storage.repositories.events import EVENT
from releve.storage.repositories.files import FILE
from releve.storage.tables import files, station_events, stations
from releve.storage.times import micros

f, e = files.c, station_events.c
_PLACE = {name: number for number, name in enumerate(EVENT.columns)}


class UpkeepCatalogue(Part):
    """Files and events."""

    async def files(
        self,
        operator: OperatorId,
        filter: FileFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[FileView]:
        """Newest first."""
        query = _files(operator)
        if filter.station is not None:
            query = query.where(f.station_id == row_id(filter.station))
        if filter.kind is not None:
            query = query.where(f.kind == filter.kind)
        query = after_cursor(query, (f.created_at, f.id), after, (int, int), descending=True)
        rows = await self._rows(query.limit(bounded(limit) + 1))
        return page(rows, limit, _file, lambda row: (row[-2], row[0]))

    async def file(self, operator: OperatorId, file: str) -> FileView | None:
        """By row id."""
        row = await self._row(_files(operator).where(f.id == row_id(file)))
        return _file(row) if row else None

    async def station_events(
        self,
        operator: OperatorId,
        filter: EventFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[StationEventView]:
        """Newest first, by the stations' clocks."""
        query = _events(operator)
        if filter.station is not None:
            query = query.where(e.station_id == row_id(filter.station))
        if filter.severity is not None:
            query = query.where(e.severity <= filter.severity)
        if filter.search.strip():
            said = (e.component, e.variable, e.value, e.tech_code, e.tech_info)
            query = query.where(or_(*(holds(func.lower(one), filter.search) for one in said)))
        if filter.since is not None:
            query = query.where(e.at >= micros(filter.since))
        if filter.until is not None:
            query = query.where(e.at < micros(filter.until))
        query = after_cursor(query, (e.at, e.id), after, (int, int), descending=True)
        rows = await self._rows(query.limit(bounded(limit) + 1))
        return page(rows, limit, _event, lambda row: (row[_PLACE["at"]], row[0]))


def _files(operator: OperatorId) -> Select[Any]:
    return (
        select(
            *(f[name] for name in FILE.columns), f.created_at.label("place_at"), stations.c.identity
        )
        .join(
            stations,
            (stations.c.id == f.station_id) & (stations.c.operator_id == operator),
            isouter=True,
        )
        .where(f.operator_id == operator)
    )


def _file(row: tuple[Any, ...]) -> FileView:
    one = FILE.decode(row[:-2])
    return FileView(
        id=str(one.id),
        station=str(one.station) if one.station is not None else None,
        identity=row[-1],
        kind=one.kind.value,
        name=one.name,
        size=one.size,
        sha256=one.sha256,
        md5=one.md5,
        operation=str(one.operation) if one.operation is not None else None,
        by=one.by,
        created_at=one.created_at,
    )


def _events(operator: OperatorId) -> Select[Any]:
    return (
        select(*(e[name] for name in EVENT.columns), stations.c.identity)
        .join(stations, stations.c.id == e.station_id)
        .where(e.operator_id == operator, stations.c.operator_id == operator)
    )


def _event(row: tuple[Any, ...]) -> StationEventView:
    one = EVENT.decode(row[:-1])
    return StationEventView(
        id=str(one.id),
        station=str(one.station),
        identity=row[-1],
        event=one.event,
        at=one.at,
        received_at=one.received_at,
        trigger=one.trigger,
        notification=one.notification,
        severity=one.severity,
        cause=one.cause,
        component=one.component,
        component_instance=one.component_instance,
        evse=one.evse,
        connector=one.connector,
        variable=one.variable,
        instance=one.instance,
        value=one.value,
        cleared=one.cleared,
        monitor=one.monitor,
        tech_code=one.tech_code,
        tech_info=one.tech_info,
        reference=one.reference,
        about=one.spot.label,
    )
