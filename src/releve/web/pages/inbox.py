"""Unknown stations that knocked: accept them or forget them."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from releve.services.errors import RequestError
from releve.services.views import Page, StationFilter, StationView
from releve.web.pages.stations import ADMIN
from releve.web.visit import Asked, Visit

PAGE = 50


@get("/inbox")
async def inbox(visit: Asked) -> Response[Any]:
    """The list; only its part when it changed."""
    found = await _found(visit)
    if visit.partial:
        return visit.part("inbox/list.html", found=found, refused=None)
    return await visit.page("inbox/page.html", found=found, refused=None)


@post("/inbox/{station_id:str}/accept", opt=ADMIN)
async def accept(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Take it in. It goes on to its own page."""
    _, row = await visit.station(station_id)
    form = await visit.form()
    try:
        await visit.desk.services.stations.accept(
            visit.principal.operator, row, name=form.text("name")
        )
    except RequestError as refused:
        said = (station_id, visit.refusal(refused))
        return await visit.page(
            "inbox/page.html", status=422, found=await _found(visit), refused=said
        )
    return Redirect(f"/stations/{row}", status_code=303)


@post("/inbox/{station_id:str}/remove", opt=ADMIN)
async def remove(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Forget it; it comes back when it knocks again."""
    _, row = await visit.station(station_id)
    await visit.desk.services.stations.remove(visit.principal.operator, row)
    return Redirect("/inbox", status_code=303)


async def _found(visit: Visit) -> Page[StationView]:
    operator, unknown = visit.principal.operator, StationFilter(quarantined=True)
    try:
        after = visit.query.get("after") or None
        return await visit.desk.catalogue.stations(operator, unknown, after=after, limit=PAGE)
    except ValueError:
        return await visit.desk.catalogue.stations(operator, unknown, limit=PAGE)


ROUTES = (inbox, accept, remove)
