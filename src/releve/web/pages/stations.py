"""All stations: search, filters, live rows; and registering one."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import FromPath

from releve.services.errors import NotFound, RequestError
from releve.services.views import Page, StationFilter, StationView
from releve.web.forms import Form
from releve.web.visit import Asked, Visit

ADMIN = {"scope": "admin"}
PAGE = 25
LONGEST_SEARCH = 100


@get("/stations")
async def stations(visit: Asked) -> Response[Any]:
    """The list; only its part when htmx asks."""
    found = await _found(visit)
    if visit.partial:
        return visit.part("stations/list.html", found=found)
    return await visit.page("stations/page.html", found=found)


@get("/stations/{station_id:str}/row")
async def row(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """One row of the list, when something about its station changed."""
    station, _ = await visit.station(station_id)
    return visit.part("stations/row.html", station=station)


@get("/stations/new", opt=ADMIN)
async def registration(visit: Asked) -> Response[Any]:
    """The form to register a station."""
    return await visit.page("stations/new.html", form=Form({"secured": "yes"}), refused=None)


@post("/stations/new", opt=ADMIN)
async def register(visit: Asked) -> Response[Any]:
    """Register, then show what to configure in the station. The password is shown here and never again."""
    form = await visit.form()
    desk, operator = visit.desk, visit.principal.operator
    try:
        station = await desk.services.stations.add(
            operator,
            form.required("identity"),
            name=form.text("name"),
            site=form.text("site"),
        )
        password = None
        if form.flag("secured"):
            password = await desk.services.stations.set_password(operator, station.id, "")
    except NotFound:
        raise
    except RequestError as refused:
        return await visit.page(
            "stations/new.html", status=422, form=form, refused=_said(visit, refused)
        )
    return await visit.page(
        "stations/registered.html",
        status=201,
        station=station,
        password=password,
        address=station_address(visit, station.identity),
    )


def station_address(visit: Visit, identity: str) -> str:
    """What is configured in a station as the address of its central system."""
    return f"{visit.desk.settings.stations_at.rstrip('/')}/{quote(identity, safe='')}"


def _said(visit: Visit, refused: RequestError) -> tuple[str, str]:
    return refused.field, visit.refusal(refused)


async def _found(visit: Visit) -> Page[StationView]:
    query = visit.query
    wanted = StationFilter(
        search=query.get("search", "").strip()[:LONGEST_SEARCH],
        connectivity=query.get("connectivity") or None,
        status=query.get("status") or None,
    )
    operator, after = visit.principal.operator, query.get("after") or None
    try:
        return await visit.desk.catalogue.stations(operator, wanted, after=after, limit=PAGE)
    except ValueError:  # a cursor of another list, or none of ours: begin again
        return await visit.desk.catalogue.stations(operator, wanted, limit=PAGE)


ROUTES = (stations, row, registration, register)
