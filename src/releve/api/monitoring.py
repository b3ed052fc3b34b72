"""Monitors of a station's variables, what they told, and periodic event streams (2.x)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from releve.api.command_forms import CommandResult, fields_of, result_of
from releve.api.commands import Patience
from releve.api.here import Asker, StationKey, TheDesk, aware, station_id, the_station
from releve.api.monitoring_forms import (
    Adjustment,
    Base,
    Level,
    MonitorsClearing,
    MonitorsResult,
    MonitorView,
    NewMonitors,
    ReportRequest,
    StreamsResult,
    StreamValueView,
    StreamView,
    monitor_view,
    result_view,
    spot_of,
    stream_view,
    wanted_of,
)
from releve.api.operations import operation_view
from releve.api.paging import After, Count, Items, paged
from releve.domain.monitoring import Criterion, MonitoringBase, StreamParams
from releve.services.views import EventFilter, OperationView, Page, StationEventView

TAGS = ["Monitoring"]
Number = Annotated[int, PathParameter(description="As the station numbers it.", ge=0)]
CONTROL = {"scope": "control", "pace": "gentle"}
READ = {"scope": "control", "pace": "gentle"}


@get("/monitor-events", operation_id="listMonitorEvents", summary="What monitors told", tags=TAGS)
async def list_events(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    asker: Asker,
    station: Annotated[
        str | None, QueryParameter(description="A station's id or identity.", max_length=255)
    ] = None,
    severity: Annotated[
        int | None,
        QueryParameter(description="This grave or graver: 0 (danger) to 9 (debug).", ge=0, le=9),
    ] = None,
    search: Annotated[
        str,
        QueryParameter(description="Part of component, variable, value or info.", max_length=200),
    ] = "",
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    after: After = None,
    limit: Count = 50,
) -> Response[Page[StationEventView]]:
    """Events of stations, newest first. (`/events` is the stream of live changes.)"""
    wanted = EventFilter(
        station=(await the_station(desk, asker, station)).id if station else None,
        severity=severity,
        search=search,
        since=aware(since, "since"),
        until=aware(until, "until"),
    )
    found = desk.catalogue.station_events(asker.operator, wanted, after=after, limit=limit)
    return await paged(request, found)


@get(
    "/stations/{station:str}/monitors",
    operation_id="listMonitors",
    summary="A station's monitors",
    tags=TAGS,
)
async def list_monitors(desk: TheDesk, asker: Asker, station: StationKey) -> Items[MonitorView]:
    """As far as known: those that were set here, and those of the last reports."""
    found = await desk.services.monitors.all(asker.operator, await station_id(desk, asker, station))
    return Items(items=[monitor_view(one) for one in found])


@post(
    "/stations/{station:str}/monitors",
    operation_id="setMonitors",
    summary="Set monitors",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def set_monitors(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[NewMonitors],
    timeout: Patience = None,
) -> MonitorsResult:
    """`monitors` has the station's answer for each; accepted only when all are."""
    outcome, results = await desk.services.monitors.set(
        asker.operator,
        await station_id(desk, asker, station),
        [wanted_of(one) for one in data.monitors],
        by=asker.name,
        timeout=timeout,
    )
    return MonitorsResult(**fields_of(outcome), monitors=[result_view(one) for one in results])


@post(
    "/stations/{station:str}/monitors/clear",
    operation_id="clearMonitors",
    summary="Clear monitors",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def clear_monitors(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[MonitorsClearing],
    timeout: Patience = None,
) -> MonitorsResult:
    """In as many messages as the station's limits ask for. Hard-wired ones cannot be cleared."""
    outcome, results = await desk.services.monitors.clear(
        asker.operator,
        await station_id(desk, asker, station),
        data.ids,
        by=asker.name,
        timeout=timeout,
    )
    return MonitorsResult(**fields_of(outcome), monitors=[result_view(one) for one in results])


@post(
    "/stations/{station:str}/monitors/base",
    operation_id="setMonitoringBase",
    summary="Go back to a set of monitors",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def set_base(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[Base],
    timeout: Patience = None,
) -> CommandResult:
    """FactoryDefault removes what was set, HardWiredOnly all that can be removed."""
    outcome = await desk.services.monitors.set_base(
        asker.operator,
        await station_id(desk, asker, station),
        MonitoringBase(data.base),
        by=asker.name,
        timeout=timeout,
    )
    return result_of(outcome)


@post(
    "/stations/{station:str}/monitors/level",
    operation_id="setMonitoringLevel",
    summary="Choose how grave an event must be to be told",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def set_level(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[Level],
    timeout: Patience = None,
) -> CommandResult:
    """Events of this severity and graver are told."""
    outcome = await desk.services.monitors.set_level(
        asker.operator,
        await station_id(desk, asker, station),
        data.severity,
        by=asker.name,
        timeout=timeout,
    )
    return result_of(outcome)


@post(
    "/stations/{station:str}/monitors/report",
    operation_id="getMonitoringReport",
    summary="Ask for a report of monitors",
    tags=TAGS,
    opt=READ,
)
async def report(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[ReportRequest | None] = None,
    timeout: Patience = None,
) -> OperationView:
    """When it is done, what it named is among the station's monitors."""
    body = data or ReportRequest()
    operation = await desk.services.monitors.report(
        asker.operator,
        await station_id(desk, asker, station),
        criteria=[Criterion(one) for one in body.criteria],
        spots=[spot_of(one) for one in body.variables],
        by=asker.name,
        timeout=timeout,
    )
    return await operation_view(desk, asker.operator, operation)


@get(
    "/stations/{station:str}/event-streams",
    operation_id="listEventStreams",
    summary="Open periodic event streams",
    tags=TAGS,
)
async def list_streams(desk: TheDesk, asker: Asker, station: StationKey) -> Items[StreamView]:
    """As far as known (2.1)."""
    found = await desk.services.streams.all(asker.operator, await station_id(desk, asker, station))
    return Items(items=[stream_view(one) for one in found])


@post(
    "/stations/{station:str}/event-streams/refresh",
    operation_id="refreshEventStreams",
    summary="Ask which streams are open",
    tags=TAGS,
    opt=READ,
    status_code=200,
)
async def refresh_streams(
    desk: TheDesk, asker: Asker, station: StationKey, timeout: Patience = None
) -> StreamsResult:
    """What the station answers is believed."""
    outcome, streams = await desk.services.streams.refresh(
        asker.operator, await station_id(desk, asker, station), by=asker.name, timeout=timeout
    )
    return StreamsResult(**fields_of(outcome), streams=[stream_view(one) for one in streams])


@post(
    "/stations/{station:str}/event-streams/{stream:int}/adjust",
    operation_id="adjustEventStream",
    summary="Change when a stream is flushed",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def adjust_stream(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    stream: Number,
    data: JSONBody[Adjustment],
    timeout: Patience = None,
) -> CommandResult:
    """Every so many seconds, or when so many values have come together; or both."""
    outcome = await desk.services.streams.adjust(
        asker.operator,
        await station_id(desk, asker, station),
        stream,
        StreamParams(interval_s=data.interval_s, values=data.values),
        by=asker.name,
        timeout=timeout,
    )
    return result_of(outcome)


@get(
    "/stations/{station:str}/monitors/{monitor:int}/values",
    operation_id="listStreamValues",
    summary="Values that came by a stream",
    tags=TAGS,
)
async def list_values(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    monitor: Number,
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    limit: Count = 500,
) -> Items[StreamValueView]:
    """Of one monitor, newest first."""
    found = await station_id(desk, asker, station)
    values = await desk.services.streams.values(
        asker.operator,
        found,
        monitor,
        since=aware(since, "since"),
        until=aware(until, "until"),
        limit=limit,
    )
    return Items(items=[StreamValueView(at=one.at, value=one.value) for one in values])


ROUTES = (
    list_events,
    list_monitors,
    set_monitors,
    clear_monitors,
    set_base,
    set_level,
    report,
    list_streams,
    refresh_streams,
    adjust_stream,
    list_values,
)
