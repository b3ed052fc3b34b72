"""N: logs and customer information."""

from __future__ import annotations

import msgspec

from releve.dialects.v2 import diagnostics as wire
from releve.dialects.v2.building import built
from releve.dialects.v2.firmware import reason
from releve.dialects.v2.outcome import heard
from releve.dialects.v21.version import v21
from releve.domain.commands import Outcome
from releve.domain.diagnostics import CustomerInformation, GetLog
from releve.ocpp.messages.v21 import (
    CustomerInformationRequest,
    CustomerInformationResponse,
    GetLogRequest,
    GetLogResponse,
    LogStatusNotificationRequest,
    LogStatusNotificationResponse,
    NotifyCustomerInformationRequest,
    NotifyCustomerInformationResponse,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services


@v21.asks
def get_log(command: GetLog, station: LiveStation) -> GetLogRequest:
    return built(GetLogRequest, wire.log(command))


@v21.hears
def log_promised(command: GetLog, response: GetLogResponse) -> Outcome:
    return msgspec.structs.replace(heard(response), payload=msgspec.to_builtins(response))


@v21.answers
async def log_status(
    request: LogStatusNotificationRequest, inbound: Inbound, services: Services
) -> LogStatusNotificationResponse:
    await services.logs.progress(
        inbound, request.request_id, str(request.status), reason(request.status_info)
    )
    return LogStatusNotificationResponse()


@v21.asks
def customer_information(
    command: CustomerInformation, station: LiveStation
) -> CustomerInformationRequest:
    return built(CustomerInformationRequest, wire.customer(command))


@v21.hears
def customer_information_promised(
    command: CustomerInformation, response: CustomerInformationResponse
) -> Outcome:
    return heard(response)


@v21.answers
async def notify_customer_information(
    request: NotifyCustomerInformationRequest, inbound: Inbound, services: Services
) -> NotifyCustomerInformationResponse:
    await services.customers.told(
        inbound, request.request_id, request.seq_no, request.tbc, request.data
    )
    return NotifyCustomerInformationResponse()
