"""Events that monitors told, and values of streams."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from releve.domain.ids import StationId
from releve.domain.monitoring import StationEvent, StreamValue
from releve.storage.mapping import Mapper
from releve.storage.repositories.base import Repository
from releve.storage.tables import station_events, stream_values
from releve.storage.times import micros
from releve.storage.unit import BASE_BYTES
from releve.storage.writes import insert_new

EVENT = Mapper(StationEvent)
VALUE = Mapper(StreamValue)
ADD = insert_new(station_events, EVENT.columns)
ADD_VALUE = insert_new(stream_values, VALUE.columns)
v = stream_values.c


class StoredEvents(Repository):
    """Implements `services.ports.StationEventRows`."""

    __slots__ = ()

    def add(self, event: StationEvent) -> None:
        """Add one, unless the station told the very same before."""
        self._own(event.operator)
        self._unit.write(ADD, EVENT.encode(event), event.id, 2 * BASE_BYTES)

    def add_value(self, value: StreamValue) -> None:
        """Add one, unless it is there."""
        self._own(value.operator)
        key = (value.station, value.monitor, value.at, value.part)
        self._unit.write(ADD_VALUE, VALUE.encode(value), key)

    async def values(
        self,
        station: StationId,
        monitor: int,
        since: datetime | None,
        until: datetime | None,
        limit: int,
    ) -> list[StreamValue]:
        """Values of a monitor, newest first."""
        query = select(*(v[name] for name in VALUE.columns)).where(
            v.operator_id == self._operator, v.station_id == station, v.monitor == monitor
        )
        if since is not None:
            query = query.where(v.at >= micros(since))
        if until is not None:
            query = query.where(v.at < micros(until))
        query = query.order_by(v.at.desc(), v.part.desc()).limit(limit)
        return [VALUE.decode(row) for row in await self._shared.backend.select(query)]
