"""What stations tell and is kept as it came: security events, firmware and log progress, monitors, ..."""

from __future__ import annotations

from typing import Any

from releve.domain.events import StationReported
from releve.services.live import Inbound
from releve.services.ports import Store


class Reports:
    """Keeps each report in the outbox, where the station's page, webhooks and the event stream find it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def told(self, inbound: Inbound, what: str, detail: dict[str, Any]) -> None:
        """Keep a report. what: the OCPP action; detail: its payload as JSON values."""
        station = inbound.station
        async with self._store.work(station.operator) as work:
            work.announce(
                StationReported(
                    operator=station.operator,
                    station=station.id,
                    identity=station.identity,
                    at=inbound.at,
                    what=what,
                    detail=detail,
                )
            )
