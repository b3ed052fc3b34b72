"""A station, live: its EVSEs, their power over the last hour, its anomalies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from releve.domain.availability import AvailabilityWish
from releve.domain.ids import StationId
from releve.services.availability import wishes
from releve.web.pages.reservations import open_at
from releve.web.pages.stations import station_address
from releve.web.present import iso_utc
from releve.web.visit import Asked, Visit

CHARTED = timedelta(hours=1)
CHART_POINTS = 2000
PAGE = 25


@get("/stations/{station_id:str}")
async def live(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The page's first tab."""
    station, row = await visit.station(station_id)
    return await visit.page(
        "station/live.html",
        tab="live",
        station=station,
        wishes=await _wishes(visit, row),
        reserved=await open_at(visit, station.id),
        address=station_address(visit, station.identity),
    )


@get("/stations/{station_id:str}/header")
async def header(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Name, state and make."""
    station, _ = await visit.station(station_id)
    return visit.part("station/header.html", station=station)


@get("/stations/{station_id:str}/evses")
async def evses(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The EVSEs' cards."""
    station, _ = await visit.station(station_id)
    address = station_address(visit, station.identity)
    return visit.part("station/evses.html", station=station, address=address)


@get("/stations/{station_id:str}/wishes")
async def wanted(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """What the operator wants in or out of service, where it is worth telling."""
    station, row = await visit.station(station_id)
    return visit.part("station/wishes.html", station=station, wishes=await _wishes(visit, row))


async def _wishes(visit: Visit, station: StationId) -> list[tuple[AvailabilityWish, bool]]:
    async with visit.desk.services.store.work(visit.principal.operator) as work:
        return await wishes(work, station)


@get("/stations/{station_id:str}/power.json")
async def power(visit: Asked, station_id: FromPath[str]) -> dict[str, Any]:
    """The last hour's power: points are [time, EVSE, W]."""
    station, _ = await visit.station(station_id)
    since = visit.desk.clock.now() - CHARTED
    samples = await visit.desk.catalogue.station_series(
        visit.principal.operator, station.id, since=since, limit=CHART_POINTS
    )
    return {
        "since": iso_utc(since),
        "evses": sorted({e.evse for e in station.evses if e.evse}),
        "points": [[iso_utc(s.at), s.evse, s.power_w] for s in samples if s.power_w is not None],
    }


@get("/stations/{station_id:str}/anomalies")
async def anomalies(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """What did not fit at this station, open and resolved."""
    station, _ = await visit.station(station_id)
    found = await visit.desk.catalogue.anomalies(
        visit.principal.operator,
        station=station.id,
        resolved=None,
        after=visit.query.get("after") or None,
        limit=PAGE,
    )
    return await visit.page("station/anomalies.html", tab="anomalies", station=station, found=found)


ROUTES = (live, header, evses, wanted, power, anomalies)
