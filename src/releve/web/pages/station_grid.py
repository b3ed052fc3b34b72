"""A station towards the grid: what EVSEs give back, DER controls and alarms, and its batteries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.token import IdToken
from releve.domain.v2x import EnergyTransfer
from releve.services.errors import Invalid, RequestError
from releve.web.forms import Form
from releve.web.grid_words import CONTROLS, MODES, SWAP_STEPS
from releve.web.i18n import N_
from releve.web.pages.station_commands import CONTROL, token_of, tokens_for
from releve.web.pages.station_der import answered
from releve.web.visit import Asked, Visit


@get("/stations/{station_id:str}/grid")
async def grid(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The tab; only its parts when htmx asks."""
    station, row = await visit.station(station_id)
    services, operator = visit.desk.services, visit.principal.operator
    transfers = []
    for running in await services.v2x.running(operator, row):
        series = await visit.desk.catalogue.series(operator, str(running.id), limit=2000)
        exports = [s.export_wh for s in series if s.export_wh is not None]
        exported = exports[-1] - exports[0] if exports else None
        transfers.append((running, exported, await services.v2x.allowed(operator, running)))
    context: dict[str, Any] = {
        "modes": MODES,
        "discharging": [mode.value for mode in EnergyTransfer if mode.discharges],
        "steps": SWAP_STEPS,
        "control_words": CONTROLS,
        "station": station,
        "transfers": transfers,
        "controls": [
            (control, msgspec.to_builtins(control.settings))
            for control in await services.der.all(operator, row)
        ],
        "alarms": await services.der.alarms(operator, row),
        "batteries": await services.batteries.stock(operator, row),
        "swaps": (await services.batteries.swaps(operator, row))[:10],
    }
    if visit.partial:
        return visit.part("station/grid_parts.html", **context)
    return await visit.page("station/grid.html", tab="grid", **context)


@post("/stations/{station_id:str}/grid/read", opt=CONTROL, status_code=200)
async def read(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Ask the station for its DER controls."""
    station, row = await visit.station(station_id)
    who = visit.principal
    operation = await visit.desk.services.der.read(who.operator, row, by=who.name)
    return visit.part("station/grid_read.html", station=station, operation=operation)


# --- the grid operator's signal -------------------------------------------------------------------------------------


@get("/stations/{station_id:str}/grid/signal", opt=CONTROL)
async def ask_signal(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog."""
    return await _signal_dialog(visit, station_id, Form())


@post("/stations/{station_id:str}/grid/signal", opt=CONTROL, status_code=200)
async def signal(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Pass it on."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    try:
        form.required("signal")
        value = form.integer("signal", least=-(2**31)) or 0
        at = _time(visit, form)
    except RequestError as refused:
        told = (refused.field, visit.refusal(refused))
        return await _signal_dialog(visit, station_id, form, told)
    outcome = await visit.desk.services.v2x.signal(who.operator, row, value, at=at, by=who.name)
    return answered(visit, station, outcome, N_("Signal of the grid operator"))


async def _signal_dialog(
    visit: Visit, station_id: str, form: Form, refused: tuple[str, str] | None = None
) -> Response[Any]:
    station, _ = await visit.station(station_id)
    return visit.part(
        "grid/signal.html",
        status=422 if refused else 200,
        station=station,
        form=form,
        refused=refused,
    )


def _time(visit: Visit, form: Form) -> datetime | None:
    try:
        return visit.fmt.read(form.text("at"))
    except ValueError:
        raise Invalid(N_("This is not a date and time."), field="at") from None


# --- batteries ------------------------------------------------------------------------------------------------------


@get("/stations/{station_id:str}/grid/swap", opt=CONTROL)
async def ask_swap(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog."""
    return await _swap_dialog(visit, station_id, Form())


@post("/stations/{station_id:str}/grid/swap", opt=CONTROL, status_code=200)
async def swap(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Let a driver swap: an operation that ends when batteries went out."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    try:
        value = form.required("token")
        token = await token_of(visit, value) or IdToken(value)
        operation = await visit.desk.services.batteries.request(
            who.operator, row, token, by=who.name
        )
    except RequestError as refused:
        told = (refused.field, visit.refusal(refused))
        return await _swap_dialog(visit, station_id, form, told)
    return visit.part("grid/begun.html", station=station, operation=operation)


async def _swap_dialog(
    visit: Visit, station_id: str, form: Form, refused: tuple[str, str] | None = None
) -> Response[Any]:
    station, _ = await visit.station(station_id)
    return visit.part(
        "grid/swap.html",
        status=422 if refused else 200,
        station=station,
        tokens=await tokens_for(visit),
        form=form,
        refused=refused,
    )


ROUTES = (grid, read, ask_signal, signal, ask_swap, swap)
