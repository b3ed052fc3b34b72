"""A station's charging limits: what it has, what that allows, limits set and cleared, limits from outside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.charging_holdings import InstalledProfile
from releve.domain.charging_profile import RateUnit
from releve.domain.smart_charging import ClearChargingProfile
from releve.energy.composite import Composite
from releve.services.errors import Invalid, NotFound
from releve.web.charging_forms import limit_of
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.station_commands import CONTROL, words
from releve.web.present import iso_utc
from releve.web.visit import Asked, Visit

BEFORE = timedelta(hours=1)
AHEAD_S = 12 * 3600
CHART_POINTS = 2000


@get("/stations/{station_id:str}/charging")
async def charging(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The tab; only its list when htmx asks."""
    context = await _context(visit, station_id)
    if visit.partial:
        return visit.part("station/charging_list.html", **context)
    return await visit.page("station/charging.html", tab="charging", **context)


async def _context(visit: Visit, station_id: str) -> dict[str, Any]:
    station, row = await visit.station(station_id)
    operator, services = visit.principal.operator, visit.desk.services
    situation = await services.smart_charging.situation(operator, row)
    installed = sorted(
        situation.installed, key=lambda h: (h.evse, h.profile.purpose, -h.profile.stack_level)
    )
    return {
        "station": station,
        "installed": installed,
        "limits": situation.limits,
        "needs": await services.charging_needs.all(operator, row),
        "priority": situation.priority,
    }


@get("/stations/{station_id:str}/charging.json")
async def chart(visit: Asked, station_id: FromPath[str]) -> dict[str, Any]:
    """Power measured in the last hour and power allowed from now on, for each EVSE: [time, EVSE, W]."""
    station, row = await visit.station(station_id)
    who, now = visit.principal, visit.desk.clock.now()
    samples = await visit.desk.catalogue.station_series(
        who.operator, station.id, since=now - BEFORE, limit=CHART_POINTS
    )
    numbers = sorted({e.evse for e in station.evses if e.evse})
    allowed: list[list[Any]] = []
    for evse in numbers:
        found = await visit.desk.services.composite_schedules.ours(
            who.operator, row, evse, AHEAD_S, RateUnit.WATT
        )
        allowed += _steps(found, evse)
    return {
        "evses": numbers,
        "measured": [[iso_utc(s.at), s.evse, s.power_w] for s in samples if s.power_w is not None],
        "allowed": allowed,
    }


def _steps(found: Composite, evse: int) -> list[list[Any]]:
    """The corners of the schedule; null where nothing limits."""
    ends = [*(p.start for p in found.periods[1:]), found.end]
    corners: list[list[Any]] = []
    for period, end in zip(found.periods, ends, strict=True):
        limit = None if period.limit is None else float(period.limit)
        corners += [[iso_utc(period.start), evse, limit], [iso_utc(end), evse, limit]]
    return corners


# --- setting --------------------------------------------------------------------------------------------------------


@get("/stations/{station_id:str}/charging/limit", opt=CONTROL)
async def limit_dialog(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The fields of a limit."""
    return await _dialog(visit, station_id, Form({"unit": "A"} | visit.query))


@post("/stations/{station_id:str}/charging/limit", opt=CONTROL, status_code=200)
async def set_limit(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Set it and show what the station made of it."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    try:
        evse, profile = limit_of(form, visit.fmt.now)
    except Invalid as refused:
        return await _dialog(visit, station_id, form, (refused.field, visit.refusal(refused)))
    result = await visit.desk.services.smart_charging.set(
        who.operator, row, evse, profile, by=who.name
    )
    outcome = result.outcome
    if result.faults:
        told = " ".join(visit.said(fault.text) for fault in result.faults)
        outcome = msgspec.structs.replace(outcome, description=told)
    return visit.part(
        "station/charging_set.html",
        station=station,
        outcome=outcome,
        changes=result.changes,
        words=words(outcome),
    )


async def _dialog(
    visit: Visit, station_id: str, form: Form, refused: tuple[str, str] | None = None
) -> Response[Any]:
    station, _ = await visit.station(station_id)
    return visit.part(
        "station/charging_limit.html",
        status=422 if refused else 200,
        station=station,
        form=form,
        refused=refused,
    )


# --- clearing, fetching, comparing ----------------------------------------------------------------------------------


@get("/stations/{station_id:str}/charging/clear/{key_id:str}", opt=CONTROL)
async def clear_dialog(
    visit: Asked, station_id: FromPath[str], key_id: FromPath[str]
) -> Response[Any]:
    """Whether it is meant."""
    station, held = await _held(visit, station_id, key_id)
    return visit.part("station/charging_clear.html", station=station, held=held)


@post("/stations/{station_id:str}/charging/clear/{key_id:str}", opt=CONTROL, status_code=200)
async def clear(visit: Asked, station_id: FromPath[str], key_id: FromPath[str]) -> Response[Any]:
    """Clear one profile."""
    station, held = await _held(visit, station_id, key_id)
    _, row = await visit.station(station_id)
    who = visit.principal
    outcome = await visit.desk.services.smart_charging.clear(
        who.operator, row, ClearChargingProfile(id=held.profile.id), by=who.name
    )
    return visit.part(
        "station/charging_set.html",
        station=station,
        outcome=outcome,
        changes=(),
        words=words(outcome),
    )


async def _held(visit: Visit, station_id: str, profile: str) -> tuple[Any, InstalledProfile]:
    station, row = await visit.station(station_id)
    situation = await visit.desk.services.smart_charging.situation(visit.principal.operator, row)
    held = next((one for one in situation.installed if one.key == profile), None)
    if held is None:
        raise NotFound(N_("The station has no such charging profile."))
    return station, held


@post("/stations/{station_id:str}/charging/fetch", opt=CONTROL, status_code=200)
async def fetch(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Have the station report its profiles."""
    station, row = await visit.station(station_id)
    who = visit.principal
    operation = await visit.desk.services.smart_charging.fetch(who.operator, row, by=who.name)
    return visit.part("station/charging_fetched.html", station=station, operation=operation)


@post("/stations/{station_id:str}/charging/compare", opt=CONTROL, status_code=200)
async def compare(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Ask the station what it will allow, and hold it against our own reckoning."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    found = await visit.desk.services.composite_schedules.compared(
        who.operator, row, form.integer("evse") or 0, AHEAD_S, by=who.name
    )
    return visit.part(
        "station/charging_compared.html",
        station=station,
        evse=form.integer("evse") or 0,
        found=found,
        words=words(found.outcome),
    )


ROUTES = (charging, chart, limit_dialog, set_limit, clear_dialog, clear, fetch, compare)
