"""A04: what happens to stations' security, kept and, where it is critical, held up to the operator until seen to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from releve.domain.events import SecurityEventAcknowledged, SecurityEventSeen
from releve.domain.ids import OperatorId, SecurityEventId, StationId
from releve.domain.ledger import plausible
from releve.domain.security import (
    ROUTINE,
    SecurityEvent,
    Source,
    canonical,
    is_critical,
)
from releve.domain.station import Station
from releve.services.errors import NotFound, NotNow
from releve.services.live import Inbound
from releve.services.ports import Clock, Ids, Store, Work

QUIET = timedelta(minutes=10)
"""What this system notices again and again at a station is kept once in this time."""
MOST_NOTICED = 10_000
WhenTold = Callable[[Station, SecurityEvent], None]
"""Called when a station's own event has been kept; what takes time goes on beside it."""
LONGEST_INFO = 1000


class SecurityEventDesk:
    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._noticed: dict[tuple[StationId, str, str], datetime] = {}
        self._told: list[WhenTold] = []

    def when_told(self, callback: WhenTold) -> None:
        """Have something follow what stations tell, once for each event."""
        self._told.append(callback)

    async def told(
        self, inbound: Inbound, kind: str, at: datetime, info: str
    ) -> SecurityEvent | None:
        """Keep what a station notified (A04.FR.03: it is acknowledged once it is on disk). None: it was told before.

        A station that was offline sends what it queued, and sends again what was not acknowledged.
        """
        station = inbound.station
        async with self._store.work(station.operator) as work:
            if await work.security_events.known(station.id, canonical(kind), at, info):
                return None
            event = self._event(station, kind, info, Source.STATION, at, inbound.at)
            self._add(work, station, event)
        for callback in self._told:
            callback(station, event)
        return event

    async def noticed(self, station: Station, kind: str, info: str) -> SecurityEvent | None:
        """Keep what this system noticed (A00.FR.408), unless it is the same as a little while ago."""
        now = self._clock.now()
        key = (station.id, kind, info)
        last = self._noticed.get(key)
        if last is not None and now - last < QUIET:
            return None
        if len(self._noticed) >= MOST_NOTICED:
            self._noticed.clear()
        self._noticed[key] = now
        event = self._event(station, kind, info, Source.SYSTEM, now, now)
        async with self._store.work(station.operator) as work:
            self._add(work, station, event)
        return event

    def _event(
        self, station: Station, kind: str, info: str, source: Source, at: datetime, now: datetime
    ) -> SecurityEvent:
        name = canonical(kind)
        routine = name in ROUTINE
        return SecurityEvent(
            id=SecurityEventId(self._ids.next()),
            operator=station.operator,
            station=station.id,
            kind=name,
            critical=is_critical(name),
            source=source,
            info=info[:LONGEST_INFO],
            at=at if plausible(at, now) else now,
            received_at=now,
            acknowledged_at=now if routine else None,
            acknowledged_by="routine" if routine else "",
        )

    def _add(self, work: Work, station: Station, event: SecurityEvent) -> None:
        work.security_events.add(event)
        work.announce(
            SecurityEventSeen(
                operator=station.operator,
                station=station.id,
                identity=station.identity,
                at=event.received_at,
                kind=event.kind,
                critical=event.critical,
                alarm=event.alarm,
                source=event.source,
                info=event.info,
            )
        )

    async def acknowledge(
        self, operator: OperatorId, event: SecurityEventId, *, by: str, note: str = ""
    ) -> SecurityEvent:
        """Mark an event as seen to: it is no alarm any more."""
        async with self._store.work(operator) as work:
            found = await work.security_events.get(event)
            if found is None:
                raise NotFound("There is no such security event.")
            if found.acknowledged_at is not None:
                raise NotNow("This security event has been acknowledged already.")
            seen = self._seen(found, by, note)
            await self._acknowledged(work, seen)
        return seen

    async def acknowledge_all(
        self, operator: OperatorId, station: StationId, *, by: str, note: str = ""
    ) -> int:
        """Acknowledge all alarms of a station; how many."""
        async with self._store.work(operator) as work:
            found = await work.security_events.open(station)
            for event in found:
                await self._acknowledged(work, self._seen(event, by, note))
        return len(found)

    def _seen(self, event: SecurityEvent, by: str, note: str) -> SecurityEvent:
        return msgspec.structs.replace(
            event,
            acknowledged_at=self._clock.now(),
            acknowledged_by=by,
            note=note[:LONGEST_INFO],
        )

    async def _acknowledged(self, work: Work, event: SecurityEvent) -> None:
        work.security_events.save(event)
        station = await work.stations.get(event.station)
        if station is not None:
            work.announce(
                SecurityEventAcknowledged(
                    operator=station.operator,
                    station=station.id,
                    identity=station.identity,
                    at=self._clock.now(),
                    kind=event.kind,
                    by=event.acknowledged_by,
                )
            )
