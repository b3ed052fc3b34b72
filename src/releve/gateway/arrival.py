"""A station comes and goes: its live state is loaded, and its row tells whether it is connected."""

from __future__ import annotations

from functools import partial
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
AGAIN_S = 5.0
"""A store that failed is told again then that the station is offline."""


async def welcome(link: Link) -> None:
    """Load the station's live state, once its former connections have finished what they were doing."""
    house = link.house
    while (former := house.roster.at_work(link.station.id)) is not None:
        await former.idle()
    try:
        live = await _take_over(link)
    except StoreFailed as error:
        log.error("store failed", station=link.station.identity, reason=str(error))
        link.close(FAILED, "cannot be served now")
        return
    if live is not None:
        link.ready(live)
        house.services.networks.arrived(live)
        await house.services.security.arrivals.settle(
            Inbound(live, house.clock.now(), "connect", "", b"{}"), link.admitted
        )
    elif house.roster.owns(link):
        link.close(NOT_WELCOME, "this station has been removed")


async def _take_over(link: Link) -> LiveStation | None:
    """The live state, its connection on record; None if the station is gone or the link is not its owner any more."""
    house, now = link.house, link.house.clock.now()
    async with house.store.work(link.station.operator) as work:
        row = await work.stations.get(link.station.id)
        if row is None:
            return None
        station = msgspec.structs.replace(row, version=str(link.dialect.version))
        station = house.services.security.arrivals.arrived(work, station, link.admitted)
        live = await load(work, station, link.epoch)
        live.quirks = house.services.quirks.table.of(station)
        if link.admitted.expired:
            live.renewing = partial(house.services.certificates.renew_soon, station)
        if house.roster.flaps(station.id, house.clock.monotonic()):
            inbound = Inbound(live, now, "connect", "", b"{}")
            await house.flags.raise_(work, inbound, AnomalyKind.FLAPPING, peer=link.peer)
        if not house.roster.owns(link):  # nothing is awaited from here to the commit's queue
            return None
        work.stations.connected(station.id, link.epoch, now, link.peer, link.dialect.version)
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
    return live


async def farewell(link: Link, reason: str) -> None:
    """Write that the station is offline, unless it has come back meanwhile."""
    await link.idle()
    house, station = link.house, link.station
    if link.live is not None and link.live.leaving is not None:
        await house.services.networks.left(station, link.live.leaving)
    if house.roster.link(station.id) is not None:
        return  # its newer connection writes what is true
    try:
        async with house.store.work(station.operator) as work:
            if link.live is None:  # the row may still tell of a former connection
                work.stations.connected(
                    station.id, link.epoch, link.heard_at, link.peer, link.dialect.version
                )
            work.stations.disconnected(station.id, link.epoch, link.heard_at)
            work.announce(
                StationDisconnected(
                    operator=station.operator,
                    station=station.id,
                    identity=station.identity,
                    at=house.clock.now(),
                    reason=reason,
                )
            )
    except StoreFailed as error:
        log.error("store failed", station=station.identity, reason=str(error))
        house.after(AGAIN_S, lambda: house.start(farewell(link, reason)))
