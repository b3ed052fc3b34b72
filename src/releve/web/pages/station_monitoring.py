"""What a station watches as a whole: the set of monitors it goes back to, how grave an event must be, event streams."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.commands import Outcome
from releve.domain.ids import StationId
from releve.domain.monitoring import Monitor, MonitoringBase, Stream, StreamParams, WantedMonitor
from releve.domain.monitoring import MonitorType as Type
from releve.services.errors import Invalid, NotFound, RequestError
from releve.services.views import StationView
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.operation_words import SEVERITIES
from releve.web.pages.station_commands import CONTROL, words
from releve.web.visit import Asked, Visit

SHOWN_VALUES = 200
BASES: dict[str, tuple[str, str]] = {
    MonitoringBase.ALL: (
        N_("All"),
        N_("The maker's monitors are all on again; those set here stay."),
    ),
    MonitoringBase.FACTORY_DEFAULT: (
        N_("As from the factory"),
        N_("The maker's monitors as they were delivered; those set here are removed."),
    ),
    MonitoringBase.HARD_WIRED_ONLY: (
        N_("Only what is built in"),
        N_("All monitors that can be removed are removed."),
    ),
}
Refused = tuple[str, str] | None


# --- base and level -------------------------------------------------------------------------------------------------


@get("/stations/{station_id:str}/upkeep/base", opt=CONTROL)
async def ask_base(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog."""
    return await _base_dialog(visit, station_id, Form(visit.query))


@post("/stations/{station_id:str}/upkeep/base", opt=CONTROL, status_code=200)
async def set_base(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Go back to a set of monitors."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    try:
        base = MonitoringBase(form.choice("base", tuple(BASES)))
    except RequestError as refused:
        return await _base_dialog(visit, station_id, form, _told(visit, refused))
    outcome = await visit.desk.services.monitors.set_base(who.operator, row, base, by=who.name)
    return _answered(visit, station, outcome, N_("Set of monitors"))


async def _base_dialog(
    visit: Visit, station_id: str, form: Form, refused: Refused = None
) -> Response[Any]:
    station, row = await visit.station(station_id)
    base, _ = await visit.desk.services.monitors.active(visit.principal.operator, row)
    return visit.part(
        "upkeep/base.html",
        status=422 if refused else 200,
        station=station,
        bases=BASES,
        chosen=form.text("base") or base or MonitoringBase.ALL,
        refused=refused,
    )


@get("/stations/{station_id:str}/upkeep/level", opt=CONTROL)
async def ask_level(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog."""
    return await _level_dialog(visit, station_id, Form(visit.query))


@post("/stations/{station_id:str}/upkeep/level", opt=CONTROL, status_code=200)
async def set_level(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Choose how grave an event must be to be told."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    try:
        level = int(form.choice("severity", tuple(map(str, range(len(SEVERITIES))))))
    except RequestError as refused:
        return await _level_dialog(visit, station_id, form, _told(visit, refused))
    outcome = await visit.desk.services.monitors.set_level(who.operator, row, level, by=who.name)
    return _answered(visit, station, outcome, N_("Which events are told"))


async def _level_dialog(
    visit: Visit, station_id: str, form: Form, refused: Refused = None
) -> Response[Any]:
    station, row = await visit.station(station_id)
    _, level = await visit.desk.services.monitors.active(visit.principal.operator, row)
    known = "" if level is None else str(level)
    return visit.part(
        "upkeep/level.html",
        status=422 if refused else 200,
        station=station,
        severities=SEVERITIES,
        chosen=form.text("severity") or known or str(len(SEVERITIES) - 1),
        refused=refused,
    )


# --- event streams --------------------------------------------------------------------------------------------------


@post("/stations/{station_id:str}/upkeep/streams", opt=CONTROL, status_code=200)
async def refresh(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Ask which streams are open; what the station answers is believed."""
    station, row = await visit.station(station_id)
    await visit.form()
    who = visit.principal
    outcome, _ = await visit.desk.services.streams.refresh(who.operator, row, by=who.name)
    return _answered(visit, station, outcome, N_("Open event streams"))


@get("/stations/{station_id:str}/upkeep/streams/{stream:int}", opt=CONTROL)
async def ask_flush(
    visit: Asked, station_id: FromPath[str], stream: FromPath[int]
) -> Response[Any]:
    """The dialog, with how it is now."""
    _, row = await visit.station(station_id)
    now = (await _stream(visit, row, stream)).params
    form = Form({"interval": str(now.interval_s or ""), "values": str(now.values or "")})
    return await _flush_dialog(visit, station_id, stream, form)


@post("/stations/{station_id:str}/upkeep/streams/{stream:int}", opt=CONTROL, status_code=200)
async def set_flush(
    visit: Asked, station_id: FromPath[str], stream: FromPath[int]
) -> Response[Any]:
    """Change when a stream is flushed."""
    station, row = await visit.station(station_id)
    await _stream(visit, row, stream)
    form, who = await visit.form(), visit.principal
    try:
        wanted = stream_of(form)
        if wanted is None:
            raise Invalid(N_("Give seconds, or a number of values."), field="interval")
        outcome = await visit.desk.services.streams.adjust(
            who.operator, row, stream, wanted, by=who.name
        )
    except RequestError as refused:
        return await _flush_dialog(visit, station_id, stream, form, _told(visit, refused))
    return _answered(visit, station, outcome, N_("Event stream"))


async def _flush_dialog(
    visit: Visit, station_id: str, stream: int, form: Form, refused: Refused = None
) -> Response[Any]:
    station, row = await visit.station(station_id)
    return visit.part(
        "upkeep/stream.html",
        status=422 if refused else 200,
        station=station,
        stream=await _stream(visit, row, stream),
        form=form,
        refused=refused,
    )


@post("/stations/{station_id:str}/upkeep/streams/{stream:int}/close", opt=CONTROL, status_code=200)
async def close(visit: Asked, station_id: FromPath[str], stream: FromPath[int]) -> Response[Any]:
    """Have its monitor tell by events again: set without a stream, the station closes it (N13.FR.06)."""
    station, row = await visit.station(station_id)
    await visit.form()
    who = visit.principal
    monitor = await _monitor(visit, row, (await _stream(visit, row, stream)).monitor)
    wanted = WantedMonitor(
        spot=monitor.spot,
        type=Type(monitor.type),
        value=monitor.value,
        severity=monitor.severity,
        transaction=monitor.transaction,
        id=monitor.id,
    )
    outcome, _ = await visit.desk.services.monitors.set(who.operator, row, [wanted], by=who.name)
    return _answered(visit, station, outcome, N_("Event stream"))


@get("/stations/{station_id:str}/upkeep/monitor/{monitor:int}/values")
async def values(visit: Asked, station_id: FromPath[str], monitor: FromPath[int]) -> Response[Any]:
    """The latest values that came by a stream."""
    station, row = await visit.station(station_id)
    operator = visit.principal.operator
    found = await visit.desk.services.streams.values(operator, row, monitor, limit=SHOWN_VALUES)
    known = await visit.desk.services.monitors.all(operator, row)
    return visit.part(
        "upkeep/values.html",
        station=station,
        number=monitor,
        monitor=next((one for one in known if one.id == monitor), None),
        values=found,
        most=SHOWN_VALUES,
    )


def stream_of(form: Form) -> StreamParams | None:
    """When a stream shall be flushed, out of the fields interval (s) and values; None: both are empty."""
    interval, count = form.integer("interval", least=1), form.integer("values", least=1)
    if interval is None and count is None:
        return None
    return StreamParams(interval_s=interval, values=count)


async def _stream(visit: Visit, row: StationId, number: int) -> Stream:
    known = await visit.desk.services.streams.all(visit.principal.operator, row)
    found = next((one for one in known if one.id == number), None)
    if found is None:
        raise NotFound(N_("No such stream is open."))
    return found


async def _monitor(visit: Visit, row: StationId, number: int) -> Monitor:
    known = await visit.desk.services.monitors.all(visit.principal.operator, row)
    found = next((one for one in known if one.id == number), None)
    if found is None:
        raise NotFound(N_("Its monitor is not known here: ask the station which it has."))
    return found


# --- answers --------------------------------------------------------------------------------------------------------


def _told(visit: Visit, refused: RequestError) -> tuple[str, str]:
    return refused.field, visit.refusal(refused)


def _answered(visit: Visit, station: StationView, outcome: Outcome, title: str) -> Response[Any]:
    said = msgspec.structs.replace(outcome, details=None)
    return visit.part(
        "upkeep/answered.html", station=station, outcome=said, words=words(said), title=title
    )


ROUTES = (
    ask_base,
    set_base,
    ask_level,
    set_level,
    refresh,
    ask_flush,
    set_flush,
    close,
    values,
)
