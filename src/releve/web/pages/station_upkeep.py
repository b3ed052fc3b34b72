"""What keeps a station going: its firmware, logs, monitors and what they told, and the operations of these."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.commands import Outcome
from releve.domain.diagnostics import LogKind
from releve.domain.firmware import Image
from releve.domain.ids import StationId
from releve.domain.monitoring import MonitorType, Spot, WantedMonitor
from releve.domain.operation import Operation
from releve.services.errors import Invalid, NotFound, RequestError
from releve.services.firmware import When
from releve.services.logs import WantedLog
from releve.services.views import EventFilter, FileFilter, OperationFilter, StationView
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.operation_words import SEVERITIES
from releve.web.pages.station_commands import CONTROL, words
from releve.web.pages.station_monitoring import BASES, stream_of
from releve.web.visit import Asked, Visit

SHOWN = 8
LOGS: dict[str, str] = {
    LogKind.DIAGNOSTICS: N_("Diagnostics"),
    LogKind.SECURITY: N_("Security log"),
    LogKind.DATA_COLLECTOR: N_("Data collector log"),
}
MONITORS: dict[str, str] = {
    MonitorType.UPPER_THRESHOLD: N_("Rises above"),
    MonitorType.LOWER_THRESHOLD: N_("Falls below"),
    MonitorType.DELTA: N_("Changes by"),
    MonitorType.PERIODIC: N_("Every so many seconds"),
    MonitorType.PERIODIC_CLOCK_ALIGNED: N_("Every so many seconds, by the clock"),
}
TARGETS: dict[str, str] = {
    MonitorType.TARGET_DELTA: N_("Is off its target by"),
    MonitorType.TARGET_DELTA_RELATIVE: N_("Is off its target by this part of it"),
}
"""2.1 only."""


@get("/stations/{station_id:str}/upkeep")
async def upkeep(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The tab; only one of its parts when htmx asks for it (`part`)."""
    station, row = await visit.station(station_id)
    desk, operator = visit.desk, visit.principal.operator
    context: dict[str, Any] = {
        "station": station,
        "files": await desk.catalogue.files(
            operator, FileFilter(station=station.id, kind="log"), limit=SHOWN
        ),
        "events": await desk.catalogue.station_events(
            operator, EventFilter(station=station.id), limit=SHOWN
        ),
        "monitors": await desk.services.monitors.all(operator, row),
        "streams": await desk.services.streams.all(operator, row),
        "active": await desk.services.monitors.active(operator, row),
        "bases": BASES,
        "kinds": MONITORS | TARGETS,
        "updating": await _running(visit, station, "firmware-update"),
        "logging": await _running(visit, station, "log"),
        "severities": SEVERITIES,
        "old": (station.version or "").endswith("1.6"),
    }
    part = visit.query.get("part", "")
    if visit.partial and part in ("firmware", "logs", "monitors", "events"):
        return visit.part(f"upkeep/{part}.html", **context)
    return await visit.page("upkeep/page.html", tab="upkeep", **context)


async def _running(visit: Visit, station: StationView, kind: str) -> Any:
    """The newest operation of a kind, ended or not."""
    wanted = OperationFilter(station=station.id, kind=kind)
    found = await visit.desk.catalogue.operations(visit.principal.operator, wanted, limit=1)
    return found.items[0] if found.items else None


# --- firmware -------------------------------------------------------------------------------------------------------


@get("/stations/{station_id:str}/upkeep/firmware", opt=CONTROL)
async def ask_update(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog."""
    return await _update_dialog(visit, station_id, Form(visit.query))


@post("/stations/{station_id:str}/upkeep/firmware", opt=CONTROL, status_code=200)
async def update(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Begin an update."""
    station, row = await visit.station(station_id)
    form, who, services = await visit.form(), visit.principal, visit.desk.services
    try:
        image = await services.images.get(who.operator, form.required("image"))
        when = When(
            retrieve_at=_time(visit, form, "retrieve_at"),
            install_at=_time(visit, form, "install_at"),
            retries=form.integer("retries", most=100),
            retry_interval_s=form.integer("retry_interval_s", most=86_400),
            signed=False if form.flag("unsigned") else None,
        )
        operation = await services.firmware.update(
            who.operator,
            row,
            image,
            when,
            location=await _published_at(visit, image, form.text("controller")),
            by=who.name,
        )
    except RequestError as refused:
        return await _update_dialog(
            visit, station_id, form, (refused.field, visit.refusal(refused))
        )
    return _begun(visit, station, operation)


async def _published_at(visit: Visit, image: Image, controller: str) -> str:
    """Where a local controller serves the image; empty: it is fetched from this server."""
    if not controller:
        return ""
    found = await visit.desk.catalogue.station(visit.principal.operator, controller)
    if found is None:
        raise Invalid(N_("There is no such station."), field="controller")
    return await visit.desk.services.publishing.location(
        visit.principal.operator, StationId(int(found.id)), image.id
    )


async def _update_dialog(
    visit: Visit, station_id: str, form: Form, refused: tuple[str, str] | None = None
) -> Response[Any]:
    station, _ = await visit.station(station_id)
    images = await visit.desk.services.images.all(visit.principal.operator)
    fitting = [one for one in images if _fits(one.vendor, station.vendor)]
    return visit.part(
        "upkeep/update.html",
        status=422 if refused else 200,
        station=station,
        images=fitting,
        form=form,
        refused=refused,
    )


def _fits(wanted: str, told: str) -> bool:
    return not wanted or not told or wanted.casefold() == told.casefold()


# --- logs -----------------------------------------------------------------------------------------------------------


@get("/stations/{station_id:str}/upkeep/log", opt=CONTROL)
async def ask_log(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog."""
    return await _log_dialog(visit, station_id, Form(visit.query))


@post("/stations/{station_id:str}/upkeep/log", opt=CONTROL, status_code=200)
async def log(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Ask for a log."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    try:
        wanted = WantedLog(
            log=LogKind(form.choice("log", tuple(LogKind))),
            since=_time(visit, form, "since"),
            until=_time(visit, form, "until"),
            url=form.text("url"),
        )
        operation = await visit.desk.services.logs.get(who.operator, row, wanted, by=who.name)
    except RequestError as refused:
        return await _log_dialog(visit, station_id, form, (refused.field, visit.refusal(refused)))
    return _begun(visit, station, operation)


async def _log_dialog(
    visit: Visit, station_id: str, form: Form, refused: tuple[str, str] | None = None
) -> Response[Any]:
    station, _ = await visit.station(station_id)
    kinds = {
        k: t
        for k, t in LOGS.items()
        if k != LogKind.DATA_COLLECTOR or "2.1" in (station.version or "")
    }
    return visit.part(
        "upkeep/log.html",
        status=422 if refused else 200,
        station=station,
        kinds=kinds,
        form=form,
        refused=refused,
    )


# --- monitors -------------------------------------------------------------------------------------------------------


@post("/stations/{station_id:str}/upkeep/report", opt=CONTROL, status_code=200)
async def report(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Ask the station which monitors it has."""
    _, row = await visit.station(station_id)
    await visit.form()
    who = visit.principal
    operation = await visit.desk.services.monitors.report(who.operator, row, by=who.name)
    return visit.part("upkeep/asked.html", operation=operation)


@get("/stations/{station_id:str}/upkeep/monitor", opt=CONTROL)
async def ask_monitor(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog."""
    return await _monitor_dialog(visit, station_id, Form(visit.query))


@post("/stations/{station_id:str}/upkeep/monitor", opt=CONTROL, status_code=200)
async def set_monitor(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Set one."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    try:
        outcome, results = await visit.desk.services.monitors.set(
            who.operator, row, [_wanted(form)], by=who.name
        )
    except RequestError as refused:
        told = (refused.field, visit.refusal(refused))
        return await _monitor_dialog(visit, station_id, form, told)
    reason = results[0].reason if results else ""
    said = msgspec.structs.replace(outcome, description=outcome.description or reason, details=None)
    return _answered(visit, station, said)


@post("/stations/{station_id:str}/upkeep/monitor/{monitor:str}/clear", opt=CONTROL, status_code=200)
async def clear_monitor(
    visit: Asked, station_id: FromPath[str], monitor: FromPath[str]
) -> Response[Any]:
    """Clear one; the dialog says what the station answered."""
    station, row = await visit.station(station_id)
    await visit.form()
    who = visit.principal
    if not (monitor.isascii() and monitor.isdigit()):
        raise NotFound(N_("There is no such monitor."))
    outcome, _ = await visit.desk.services.monitors.clear(
        who.operator, row, [int(monitor)], by=who.name
    )
    return _answered(visit, station, msgspec.structs.replace(outcome, details=None))


def _wanted(form: Form) -> WantedMonitor:
    text = form.required("value").replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        raise Invalid(N_("This is not a number."), field="value") from None
    kind, stream = MonitorType(form.choice("type", tuple(MONITORS | TARGETS))), stream_of(form)
    if stream is not None and not kind.periodic:
        raise Invalid(N_("Only a periodic monitor can have a stream."), field="interval")
    if kind.periodic and value <= 0:
        raise Invalid(N_("This is not a number of seconds above 0."), field="value")
    return WantedMonitor(
        spot=Spot(
            component=form.required("component"),
            component_instance=form.text("component_instance"),
            evse=form.integer("evse"),
            connector=form.integer("connector"),
            variable=form.required("variable"),
            instance=form.text("instance"),
        ),
        type=kind,
        value=value,
        severity=int(form.choice("severity", tuple(map(str, range(10))))),
        transaction=form.flag("transaction"),
        stream=stream,
    )


async def _monitor_dialog(
    visit: Visit, station_id: str, form: Form, refused: tuple[str, str] | None = None
) -> Response[Any]:
    station, _ = await visit.station(station_id)
    newest = "2.1" in (station.version or "")
    return visit.part(
        "upkeep/monitor.html",
        status=422 if refused else 200,
        station=station,
        kinds=MONITORS | TARGETS if newest else MONITORS,
        newest=newest,
        severities=SEVERITIES,
        form=form,
        refused=refused,
    )


# --- answers --------------------------------------------------------------------------------------------------------


def _begun(visit: Visit, station: StationView, operation: Operation) -> Response[Any]:
    return visit.part("upkeep/begun.html", station=station, operation=operation)


def _answered(visit: Visit, station: StationView, outcome: Outcome) -> Response[Any]:
    return visit.part(
        "upkeep/answered.html",
        station=station,
        outcome=outcome,
        words=words(outcome),
        title=N_("Monitor"),
    )


def _time(visit: Visit, form: Form, name: str) -> datetime | None:
    try:
        return visit.fmt.read(form.text(name))
    except ValueError:
        raise Invalid(N_("This is not a date and time."), field=name) from None


ROUTES = (upkeep, ask_update, update, ask_log, log, report, ask_monitor, set_monitor, clear_monitor)
