"""B: reports of the device model, and network profiles."""

from __future__ import annotations

from releve.dialects.v2 import network, reporting
from releve.dialects.v2.outcome import heard
from releve.dialects.v2.variables import reported_variables
from releve.dialects.v21.version import v21
from releve.domain.commands import Outcome
from releve.domain.provisioning import GetBaseReport, GetReport, SetNetworkProfile
from releve.ocpp.messages.v21 import (
    GetBaseReportRequest,
    GetBaseReportResponse,
    GetReportRequest,
    GetReportResponse,
    NotifyReportRequest,
    NotifyReportResponse,
    SetNetworkProfileRequest,
    SetNetworkProfileResponse,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services


@v21.answers
async def notify_report(
    request: NotifyReportRequest, inbound: Inbound, services: Services
) -> NotifyReportResponse:
    await services.device_model.reported(
        inbound,
        reported_variables(request.report_data, inbound.at),
        request_id=request.request_id,
        seq_no=request.seq_no,
        tbc=request.tbc,
    )
    return NotifyReportResponse()


@v21.asks
def get_base_report(command: GetBaseReport, station: LiveStation) -> GetBaseReportRequest:
    return network.convert(reporting.base_report(command), GetBaseReportRequest, "2.1")


@v21.hears
def base_report_promised(command: GetBaseReport, response: GetBaseReportResponse) -> Outcome:
    return reporting.report_heard(response)


@v21.asks
def get_report(command: GetReport, station: LiveStation) -> GetReportRequest:
    return network.convert(reporting.custom_report(command), GetReportRequest, "2.1")


@v21.hears
def report_promised(command: GetReport, response: GetReportResponse) -> Outcome:
    return reporting.report_heard(response)


@v21.asks
def set_network_profile(
    command: SetNetworkProfile, station: LiveStation
) -> SetNetworkProfileRequest:
    payload = network.network_profile(command, "OCPP21")
    return network.convert(payload, SetNetworkProfileRequest, "2.1")


@v21.hears
def network_profile_set(command: SetNetworkProfile, response: SetNetworkProfileResponse) -> Outcome:
    return heard(response)
