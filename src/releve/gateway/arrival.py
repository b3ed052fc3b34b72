"""A station comes and goes: its live state is loaded, and its row tells whether it is connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import structlog

from releve.domain.anomaly import AnomalyKind
from releve.domain.events import StationConnected, StationDisconnected
from releve.services.live import Inbound, LiveStation, load
from releve.services.ports import StoreFailed

if TYPE_CHECKING:
    from releve.gateway.link import Link

log = structlog.get_logger(__name__)

FAILED = 1011
NOT_WELCOME = 1008


async def welcome(link: Link, old: Link | None) -> None:
    """Load the station's live state, once its last connection has finished what it was doing."""
    if old is not None:
        await old.idle()
    try:
        live = await _take_over(link)
    except StoreFailed as error:
        log.error("store failed", station=link.station.identity, reason=str(error))
        link.close(FAILED, "cannot be served now")
        return
    if live is None:
        link.close(NOT_WELCOME, "this station has been removed")
    else:
        link.ready(live)


async def _take_over(link: Link) -> LiveStation | None:
    house, now = link.house, link.house.clock.now()
    epoch = house.ids.next()
    async with house.store.work(link.station.operator) as work:
        row = await work.stations.get(link.station.id)
        if row is None:
            return None
        station = msgspec.structs.replace(row, version=str(link.dialect.version))
        live = await load(work, station, epoch)
        work.stations.connected(station.id, epoch, now, link.peer, link.dialect.version)
        work.announce(
            StationConnected(
                operator=station.operator,
                station=station.id,
                identity=station.identity,
                at=now,
                version=link.dialect.version,
                peer=link.peer,
            )
        )
        if house.roster.flaps(station.id, house.clock.monotonic()):
            inbound = Inbound(live, now, "connect", "", b"{}")
            await house.flags.raise_(work, inbound, AnomalyKind.FLAPPING, peer=link.peer)
    return live


async def farewell(link: Link, live: LiveStation, reason: str) -> None:
    """Write that the station is offline, unless a newer connection has taken over (the epoch tells)."""
    await link.idle()
    station = live.station
    try:
        async with link.house.store.work(station.operator) as work:
            work.stations.disconnected(station.id, live.epoch, link.heard_at)
            work.announce(
                StationDisconnected(
                    operator=station.operator,
                    station=station.id,
                    identity=station.identity,
                    at=link.house.clock.now(),
                    reason=reason,
                )
            )
    except StoreFailed as error:
        log.error("store failed", station=station.identity, reason=str(error))
