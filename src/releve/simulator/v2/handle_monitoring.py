"""Monitors of variables, and the streams of their values (block N)."""

from collections.abc import Iterable
from itertools import groupby

from releve.ocpp.messages import v21, v201
from releve.ocpp.version import Version
from releve.simulator.dialect import Answer, Then
from releve.simulator.monitors import MOST_SEVERITY, Kind, Monitor, Stream
from releve.simulator.place import Place
from releve.simulator.station import Station
from releve.simulator.v2 import event_streams, watching, wire
from releve.simulator.v2.device_model import Entry
from releve.simulator.v2.registry import answers
from releve.simulator.v2.variables import ITEMS_PER_MESSAGE, model_of

CRITERIA = {
    Kind.UPPER: v21.MonitoringCriterionEnum.THRESHOLD_MONITORING,
    Kind.LOWER: v21.MonitoringCriterionEnum.THRESHOLD_MONITORING,
    Kind.DELTA: v21.MonitoringCriterionEnum.DELTA_MONITORING,
    Kind.PERIODIC: v21.MonitoringCriterionEnum.PERIODIC_MONITORING,
    Kind.ALIGNED: v21.MonitoringCriterionEnum.PERIODIC_MONITORING,
}
Done = v21.GenericDeviceModelStatusEnum


@answers
def set_variable_monitoring(request: v21.SetVariableMonitoringRequest, station: Station) -> Answer:
    """N04, N11: each by itself; streams are opened once all are answered."""
    results: list[v21.SetMonitoringResult] = []
    later: list[Then] = []
    for asked in request.set_monitoring_data:
        result, monitor = _set(station, asked)
        results.append(result)
        if monitor is None:
            continue
        watching.arm(station, monitor)
        former = station.monitors.stream_of(monitor.id)
        if asked.periodic_event_stream is not None:
            later.append(_opening(station, monitor, asked.periodic_event_stream))
        elif former is not None:
            later.append(_closing(station, former))  # N13.FR.06
    response = v21.SetVariableMonitoringResponse(set_monitoring_result=results)
    return Answer(response, _all(later))


@answers
def clear_variable_monitoring(
    request: v21.ClearVariableMonitoringRequest, station: Station
) -> Answer:
    """N06; a stream of a cleared monitor is closed (N13.FR.05)."""
    results: list[v21.ClearMonitoringResult] = []
    later: list[Then] = []
    for number in request.id:
        status = station.monitors.clear(number)
        stream = station.monitors.stream_of(number)
        if status == "Accepted" and stream is not None:
            later.append(_closing(station, stream))
        results.append(
            v21.ClearMonitoringResult(id=number, status=v21.ClearMonitoringStatusEnum(status))
        )
    response = v21.ClearVariableMonitoringResponse(clear_monitoring_result=results)
    return Answer(response, _all(later))


@answers
def set_monitoring_base(request: v21.SetMonitoringBaseRequest, station: Station) -> Answer:
    """N03; streams of monitors that are gone are closed."""
    station.monitors.rebase(request.monitoring_base.value)
    station.note("monitoring", f"the set of monitors is {request.monitoring_base.value}")
    left = {monitor.id for monitor in station.monitors}
    gone = [s for s in station.monitors.streams.values() if s.monitor not in left]
    later = [_closing(station, stream) for stream in gone]
    return Answer(v21.SetMonitoringBaseResponse(status=Done.ACCEPTED), _all(later))


@answers
def set_monitoring_level(
    request: v21.SetMonitoringLevelRequest, station: Station
) -> v21.SetMonitoringLevelResponse:
    """N05."""
    statuses = v21.GenericStatusEnum
    if request.severity > MOST_SEVERITY:
        return v21.SetMonitoringLevelResponse(status=statuses.REJECTED)  # N05.FR.02
    station.monitors.level = request.severity
    station.note("monitoring", f"events up to severity {request.severity} are told")
    return v21.SetMonitoringLevelResponse(status=statuses.ACCEPTED)


@answers
def get_monitoring_report(request: v21.GetMonitoringReportRequest, station: Station) -> Answer:
    """N02: the monitors follow in NotifyMonitoringReport."""
    found = [each for each in station.monitors if _asked_for(request, each)]
    if not found:
        return Answer(v21.GetMonitoringReportResponse(status=Done.EMPTY_RESULT_SET))  # N02.FR.10
    response = v21.GetMonitoringReportResponse(status=Done.ACCEPTED)
    return Answer(response, lambda: _report(station, request.request_id, found))


@answers
def get_streams(
    request: v21.GetPeriodicEventStreamRequest, station: Station
) -> v21.GetPeriodicEventStreamResponse:
    """N12."""
    streams = [event_streams.constant(each) for each in station.monitors.streams.values()]
    return v21.GetPeriodicEventStreamResponse(constant_stream_data=streams)


@answers
def adjust_stream(
    request: v21.AdjustPeriodicEventStreamRequest, station: Station
) -> v21.AdjustPeriodicEventStreamResponse:
    """N14."""
    statuses, stream = v21.GenericStatusEnum, station.monitors.streams.get(request.id)
    interval, values = request.params.interval, request.params.values
    if stream is None or not (interval or values):
        reason = wire.info("NotFound" if stream is None else "MissingParam")
        return v21.AdjustPeriodicEventStreamResponse(status=statuses.REJECTED, status_info=reason)
    stream.interval_s, stream.values, stream.next_at = interval or 0, values or 0, None
    station.note("stream", f"stream {stream.id}: every {interval} s, {values} values")
    return v21.AdjustPeriodicEventStreamResponse(status=statuses.ACCEPTED)


def _set(
    station: Station, asked: v21.SetMonitoringData
) -> tuple[v21.SetMonitoringResult, Monitor | None]:
    place = wire.place(asked.component, asked.variable)
    model = model_of(station)
    entry, reason, monitor = model.find(place), "", None
    if entry is None:
        known = model.has_component(place)
        status = "UnknownVariable" if known else "UnknownComponent"
    elif not _supports(entry, asked.type):
        status = "UnsupportedMonitorType"
    elif asked.severity > MOST_SEVERITY:
        status, reason = "Rejected", "ValueTooHigh"
    elif not _within(entry, asked):
        status, reason = "Rejected", "ValueOutOfRange"  # N04.FR.06
    else:
        wanted = Monitor(
            asked.id or 0,
            entry.place,
            Kind(asked.type.value),
            asked.value,
            asked.severity,
            transaction=asked.transaction,
        )
        status, reason = station.monitors.set(wanted)
        monitor = wanted if status == "Accepted" else None
    result = v21.SetMonitoringResult(
        id=asked.id if monitor is None else monitor.id,
        status=v21.SetMonitoringStatusEnum(status),
        status_info=wire.info(reason) if reason else None,
        type=asked.type,
        component=asked.component,
        variable=asked.variable,
        severity=asked.severity,
    )
    return result, monitor


def _supports(entry: Entry, kind: v21.MonitorEnum) -> bool:
    """N04.FR.05: thresholds need numbers; none of these variables has a target."""
    if not entry.monitored or kind.value not in set(Kind):
        return False
    return entry.numeric or Kind(kind.value).trigger != "Alerting"


def _within(entry: Entry, asked: v21.SetMonitoringData) -> bool:
    if Kind(asked.type.value).trigger != "Alerting" or entry.maximum is None:
        return True
    return asked.value <= entry.maximum


def _opening(station: Station, monitor: Monitor, params: v21.PeriodicEventStreamParams) -> Then:
    return lambda: event_streams.open_for(station, monitor, params)


def _closing(station: Station, stream: Stream) -> Then:
    return lambda: event_streams.close(station, stream)


def _all(jobs: list[Then]) -> Then | None:
    async def then() -> None:
        for job in jobs:
            await job()

    return then if jobs else None


def _asked_for(request: v21.GetMonitoringReportRequest, monitor: Monitor) -> bool:
    criteria = request.monitoring_criteria
    if criteria and CRITERIA[monitor.kind] not in criteria:
        return False
    wanted = request.component_variable
    return not wanted or any(_names(each, monitor.place) for each in wanted)


def _names(asked: v21.ComponentVariable, place: Place) -> bool:
    """N02.FR.16 to .19: what is not said matches anything."""
    component, variable, at = asked.component, asked.variable, asked.component.evse
    if component.name.casefold() != place.component.casefold():
        return False
    if at is not None and (at.id != place.evse or at.connector_id not in (None, place.connector)):
        return False
    if variable is None:
        return True
    same = variable.name.casefold() == place.variable.casefold()
    return same and variable.instance in (None, place.instance)


async def _report(station: Station, request_id: int, monitors: Iterable[Monitor]) -> None:
    """In parts, each but the last announcing more (N02.FR.09)."""
    ordered = sorted(monitors, key=lambda m: str(m.place.key))
    groups = [list(group) for _, group in groupby(ordered, key=lambda m: m.place.key)]
    parts = [groups[at : at + ITEMS_PER_MESSAGE] for at in range(0, len(groups), ITEMS_PER_MESSAGE)]
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if station.plan.version is Version.V21:
            await station.ask(
                v21.NotifyMonitoringReportRequest(
                    monitor=[_data_21(group) for group in part],
                    request_id=request_id,
                    tbc=not last,
                    seq_no=number,
                    generated_at=station.now(),
                )
            )
        else:
            await station.ask(
                v201.NotifyMonitoringReportRequest(
                    monitor=[_data_201(group) for group in part],
                    request_id=request_id,
                    tbc=not last,
                    seq_no=number,
                    generated_at=station.now(),
                )
            )


def _data_21(group: list[Monitor]) -> v21.MonitoringData:
    component, variable = wire.named(group[0].place)
    return v21.MonitoringData(
        component=component,
        variable=variable,
        variable_monitoring=[
            v21.VariableMonitoring(
                id=each.id,
                transaction=each.transaction,
                value=each.value,
                type=v21.MonitorEnum(each.kind.value),
                severity=each.severity,
                event_notification_type=v21.EventNotificationEnum(each.origin.value),
            )
            for each in group
        ],
    )


def _data_201(group: list[Monitor]) -> v201.MonitoringData:
    place = group[0].place
    evse = None if place.evse is None else v201.EVSE(id=place.evse, connector_id=place.connector)
    return v201.MonitoringData(
        component=v201.Component(name=place.component, evse=evse),
        variable=v201.Variable(name=place.variable, instance=place.instance),
        variable_monitoring=[
            v201.VariableMonitoring(
                id=each.id,
                transaction=each.transaction,
                value=each.value,
                type=v201.MonitorEnum(each.kind.value),
                severity=each.severity,
            )
            for each in group
        ],
    )
