"""N: monitors and events, some of which tell a connector's state."""

from __future__ import annotations

from releve.dialects.v2 import monitoring as wire
from releve.dialects.v2.building import built
from releve.dialects.v2.outcome import heard
from releve.dialects.v2.status import availability_states
from releve.dialects.v201.version import v201
from releve.domain.commands import Outcome
from releve.domain.monitoring import (
    ClearVariableMonitoring,
    GetMonitoringReport,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetVariableMonitoring,
)
from releve.ocpp.messages.v201 import (
    ClearVariableMonitoringRequest,
    ClearVariableMonitoringResponse,
    GetMonitoringReportRequest,
    GetMonitoringReportResponse,
    MonitoringBaseEnum,
    NotifyEventRequest,
    NotifyEventResponse,
    NotifyMonitoringReportRequest,
    NotifyMonitoringReportResponse,
    SetMonitoringBaseRequest,
    SetMonitoringBaseResponse,
    SetMonitoringLevelRequest,
    SetMonitoringLevelResponse,
    SetVariableMonitoringRequest,
    SetVariableMonitoringResponse,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services


@v201.answers
async def notify_event(
    request: NotifyEventRequest, inbound: Inbound, services: Services
) -> NotifyEventResponse:
    # Connectors' states are told this way by stations without StatusNotification (G01.FR.04).
    for state in availability_states(request.event_data):
        await services.availability.changed(inbound, state)
    await services.station_events.told(inbound, wire.told(request.event_data))
    return NotifyEventResponse()  # N07.FR.03, N08.FR.02


@v201.asks
def set_base(command: SetMonitoringBase, station: LiveStation) -> SetMonitoringBaseRequest:
    return SetMonitoringBaseRequest(monitoring_base=MonitoringBaseEnum(command.base.value))


@v201.hears
def base_set(command: SetMonitoringBase, response: SetMonitoringBaseResponse) -> Outcome:
    return heard(response)


@v201.asks
def set_level(command: SetMonitoringLevel, station: LiveStation) -> SetMonitoringLevelRequest:
    return SetMonitoringLevelRequest(severity=command.severity)


@v201.hears
def level_set(command: SetMonitoringLevel, response: SetMonitoringLevelResponse) -> Outcome:
    return heard(response)


@v201.asks
def set_monitors(
    command: SetVariableMonitoring, station: LiveStation
) -> SetVariableMonitoringRequest:
    return built(SetVariableMonitoringRequest, wire.monitors(command, streams=False))


@v201.hears
def monitors_set(
    command: SetVariableMonitoring, response: SetVariableMonitoringResponse
) -> Outcome:
    return wire.set_outcome(response.set_monitoring_result)


@v201.asks
def clear_monitors(
    command: ClearVariableMonitoring, station: LiveStation
) -> ClearVariableMonitoringRequest:
    return ClearVariableMonitoringRequest(id=list(command.ids))


@v201.hears
def monitors_cleared(
    command: ClearVariableMonitoring, response: ClearVariableMonitoringResponse
) -> Outcome:
    return wire.clear_outcome(response.clear_monitoring_result)


@v201.asks
def get_report(command: GetMonitoringReport, station: LiveStation) -> GetMonitoringReportRequest:
    return built(GetMonitoringReportRequest, wire.report(command))


@v201.hears
def report_promised(command: GetMonitoringReport, response: GetMonitoringReportResponse) -> Outcome:
    return wire.report_outcome(heard(response))


@v201.answers
async def notify_monitoring_report(
    request: NotifyMonitoringReportRequest, inbound: Inbound, services: Services
) -> NotifyMonitoringReportResponse:
    await services.monitors.reported(
        inbound,
        request.request_id,
        request.seq_no,
        request.tbc,
        wire.reported(request.monitor, inbound.at),
    )
    return NotifyMonitoringReportResponse()
