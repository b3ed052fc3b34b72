"""A station towards the grid: what EVSEs give back, DER controls and alarms, and its batteries."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from releve.web.pages.station_commands import CONTROL
from releve.web.visit import Asked


@get("/stations/{station_id:str}/grid")
async def grid(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The tab."""
    station, row = await visit.station(station_id)
    services, operator = visit.desk.services, visit.principal.operator
    transfers = []
    for running in await services.v2x.running(operator, row):
        series = await visit.desk.catalogue.series(operator, str(running.id), limit=2000)
        exports = [s.export_wh for s in series if s.export_wh is not None]
        exported = exports[-1] - exports[0] if exports else None
        transfers.append((running, exported, await services.v2x.allowed(operator, running)))
    return await visit.page(
        "station/grid.html",
        tab="grid",
        station=station,
        transfers=transfers,
        controls=[
            (control, msgspec.to_builtins(control.settings))
            for control in await services.der.all(operator, row)
        ],
        alarms=await services.der.alarms(operator, row),
        batteries=await services.batteries.stock(operator, row),
        swaps=(await services.batteries.swaps(operator, row))[:10],
    )


@post("/stations/{station_id:str}/grid/read", opt=CONTROL, status_code=200)
async def read(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Ask the station for its DER controls."""
    station, row = await visit.station(station_id)
    who = visit.principal
    operation = await visit.desk.services.der.read(who.operator, row, by=who.name)
    return visit.part("station/grid_read.html", station=station, operation=operation)


ROUTES = (grid, read)
