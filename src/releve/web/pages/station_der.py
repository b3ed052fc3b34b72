"""DER controls of a station: one set or replaced, by the fields that its type has; some cleared."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.commands import Outcome
from releve.domain.der import FIELDS, ControlType, DerControl
from releve.domain.ids import StationId
from releve.services.errors import NotFound, RequestError
from releve.services.views import StationView
from releve.web.der_form import SETTINGS, always_default, control_of, filled, groups
from releve.web.forms import Form
from releve.web.grid_words import CONTROLS, UNITS
from releve.web.i18n import N_
from releve.web.pages.station_commands import CONTROL, words
from releve.web.visit import Asked, Visit

Refused = tuple[str, str] | None


@get("/stations/{station_id:str}/grid/control", opt=CONTROL)
async def dialog(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The fields of a type; those of a control that is there when the query names it (`control`)."""
    _, row = await visit.station(station_id)
    if name := visit.query.get("control"):
        return await _dialog(visit, station_id, filled(await _held(visit, row, name), visit.fmt))
    return await _dialog(visit, station_id, Form({"kind": "default"} | visit.query))


@post("/stations/{station_id:str}/grid/control", opt=CONTROL, status_code=200)
async def set_control(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Install it."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    try:
        control = control_of(form, visit.fmt)
        outcome = await visit.desk.services.der.set(who.operator, row, control, by=who.name)
    except RequestError as refused:
        told = (refused.field, visit.refusal(refused))
        return await _dialog(visit, station_id, form, told)
    return answered(visit, station, outcome, N_("Grid control"))


async def _dialog(
    visit: Visit, station_id: str, form: Form, refused: Refused = None
) -> Response[Any]:
    station, _ = await visit.station(station_id)
    chosen = form.text("type")
    kind = ControlType(chosen) if chosen in CONTROLS else ControlType.LIMIT_MAX_DISCHARGE
    field = FIELDS.get(kind, "curve")
    return visit.part(
        "grid/control.html",
        status=422 if refused else 200,
        station=station,
        form=form,
        kind=kind,
        field=field,
        settings_of=SETTINGS[field],
        groups=groups(kind),
        default_only=always_default(kind),
        controls=CONTROLS,
        units=UNITS,
        refused=refused,
    )


@get("/stations/{station_id:str}/grid/clear", opt=CONTROL)
async def ask_clear(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Whether it is meant, and which: the one that the query names (`control`), or all of a kind."""
    _, row = await visit.station(station_id)
    name = visit.query.get("control")
    held = await _held(visit, row, name) if name else None
    return await _clear_dialog(visit, station_id, Form(), held)


@post("/stations/{station_id:str}/grid/clear", opt=CONTROL, status_code=200)
async def clear(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Remove them."""
    station, row = await visit.station(station_id)
    form, who, der = await visit.form(), visit.principal, visit.desk.services.der
    if name := form.text("control"):
        held = await _held(visit, row, name)
        outcome = await der.clear(
            who.operator, row, is_default=held.is_default, control_id=held.control_id, by=who.name
        )
        return answered(visit, station, outcome, N_("Grid control"))
    try:
        default = form.choice("kind", ("default", "scheduled")) == "default"
        chosen = form.choice("type", ("", *CONTROLS))
    except RequestError as refused:
        told = (refused.field, visit.refusal(refused))
        return await _clear_dialog(visit, station_id, form, None, told)
    kind = ControlType(chosen) if chosen else None
    outcome = await der.clear(who.operator, row, is_default=default, type=kind, by=who.name)
    return answered(visit, station, outcome, N_("Grid controls"))


async def _clear_dialog(
    visit: Visit, station_id: str, form: Form, held: DerControl | None, refused: Refused = None
) -> Response[Any]:
    station, _ = await visit.station(station_id)
    return visit.part(
        "grid/clear.html",
        status=422 if refused else 200,
        station=station,
        held=held,
        form=form,
        controls=CONTROLS,
        refused=refused,
    )


async def _held(visit: Visit, row: StationId, name: str) -> DerControl:
    known = await visit.desk.services.der.all(visit.principal.operator, row)
    found = next((one for one in known if one.control_id == name), None)
    if found is None:
        raise NotFound(N_("The station has no such control, as far as is known."))
    return found


def answered(visit: Visit, station: StationView, outcome: Outcome, title: str) -> Response[Any]:
    """What the station said; closing shows the tab anew."""
    return visit.part(
        "grid/answered.html", station=station, outcome=outcome, words=words(outcome), title=title
    )


ROUTES = (dialog, set_control, ask_clear, clear)
