"""What the operator has decided about a station."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from releve.services.errors import Invalid, RequestError
from releve.services.views import StationView
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.stations import ADMIN, station_address
from releve.web.visit import Asked, Visit


@get("/stations/{station_id:str}/settings", opt=ADMIN)
async def settings(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The form, filled."""
    station, _ = await visit.station(station_id)
    return await _page(visit, station_id, _filled(station))


def _filled(station: StationView) -> Form:
    return Form(
        {
            "name": station.name,
            "site": station.site,
            "heartbeat_s": str(station.heartbeat_s or ""),
            "disabled": "yes" if station.disabled else "",
        }
    )


@post("/stations/{station_id:str}/settings", opt=ADMIN)
async def change(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Save the form."""
    _, row = await visit.station(station_id)
    form = await visit.form()
    try:
        await visit.desk.services.stations.change(
            visit.principal.operator,
            row,
            name=form.text("name"),
            site=form.text("site"),
            heartbeat_s=form.integer("heartbeat_s"),
            disabled=form.flag("disabled"),
        )
    except Invalid as refused:
        return await _page(visit, station_id, form, refused)
    return Redirect(f"/stations/{row}/settings?saved=yes", status_code=303)


@post("/stations/{station_id:str}/settings/password", opt=ADMIN, status_code=200)
async def password(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Make a new password, shown once, or ask for none any more."""
    station, row = await visit.station(station_id)
    form = await visit.form()
    wanted = "" if form.choice("kind", ("new", "none")) == "new" else None
    made = await visit.desk.services.stations.set_password(visit.principal.operator, row, wanted)
    return await visit.page(
        "station/password.html",
        tab="settings",
        station=station,
        password=made,
        address=station_address(visit, station.identity),
    )


@post("/stations/{station_id:str}/settings/remove", opt=ADMIN)
async def remove(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Forget the station, once its identity has been typed."""
    station, row = await visit.station(station_id)
    form = await visit.form()
    if form.text("typed") != station.identity:
        refused = Invalid(N_("This is not the station's identity."), field="typed")
        return await _page(visit, station_id, form, refused)
    await visit.desk.services.stations.remove(visit.principal.operator, row)
    return Redirect("/stations", status_code=303)


async def _page(
    visit: Visit, station_id: str, form: Form, refused: RequestError | None = None
) -> Response[Any]:
    station, _ = await visit.station(station_id)
    if refused is not None and refused.field == "typed":  # the other form on this page was not sent
        form = _filled(station)
    return await visit.page(
        "station/settings.html",
        status=422 if refused else 200,
        tab="settings",
        station=station,
        form=form,
        refused=(refused.field, visit.refusal(refused)) if refused else None,
    )


ROUTES = (settings, change, password, remove)
