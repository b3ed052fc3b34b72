"""K11 to K14, K23 to K27: limits that systems beside the station set, as it reports them."""

from __future__ import annotations

from typing import Any

from releve.domain.charging_holdings import ExternalLimit
from releve.domain.events import StationReported
from releve.domain.ids import OperatorId, StationId
from releve.services.live import Inbound
from releve.services.ports import Store, Work


class ChargingLimits:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def all(self, operator: OperatorId, station: StationId) -> list[ExternalLimit]:
        """The limits from outside that hold at a station."""
        async with self._store.work(operator) as work:
            return await work.holdings.all(station, ExternalLimit)

    async def notified(
        self, inbound: Inbound, limit: ExternalLimit, detail: dict[str, Any]
    ) -> None:
        """A limit was set or changed (K11.FR.02, K12.FR.02); from now on it counts in what we reckon (K02.FR.01)."""
        async with self._store.work(inbound.station.operator) as work:
            work.holdings.save(inbound.station.id, limit)
            _told(work, inbound, "NotifyChargingLimit", detail)

    async def cleared(
        self, inbound: Inbound, source: str, evse: int | None, detail: dict[str, Any]
    ) -> None:
        """The limits of a source were lifted (K13.FR.02): of one EVSE, or all of them."""
        station = inbound.station
        async with self._store.work(station.operator) as work:
            for limit in await work.holdings.all(station.id, ExternalLimit):
                if limit.source == source and evse in (None, limit.evse or 0):
                    work.holdings.remove(station.id, ExternalLimit, limit.key)
            _told(work, inbound, "ClearedChargingLimit", detail)


def _told(work: Work, inbound: Inbound, what: str, detail: dict[str, Any]) -> None:
    station = inbound.station
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
