"""BootNotification, Heartbeat and Reset."""

from __future__ import annotations

from releve.dialects.outcome import outcome
from releve.dialects.registry import Unsupported
from releve.dialects.v16.version import v16
from releve.domain.commands import Outcome, Reset, ResetKind
from releve.domain.station import BootDecision
from releve.ocpp.messages.v16 import (
    BootNotificationRequest,
    BootNotificationResponse,
    HeartbeatRequest,
    HeartbeatResponse,
    RegistrationStatus,
    ResetRequest,
    ResetResponse,
    ResetType,
)
from releve.services.live import Inbound, LiveStation
from releve.services.provisioning import Booted
from releve.services.services import Services

_REGISTRATION = {
    BootDecision.ACCEPTED: RegistrationStatus.ACCEPTED,
    BootDecision.PENDING: RegistrationStatus.PENDING,
    BootDecision.REJECTED: RegistrationStatus.REJECTED,
}
_RESET = {ResetKind.IMMEDIATE: ResetType.HARD, ResetKind.ON_IDLE: ResetType.SOFT}


@v16.answers
async def boot_notification(
    request: BootNotificationRequest, inbound: Inbound, services: Services
) -> BootNotificationResponse:
    details = {
        "chargeBoxSerialNumber": request.charge_box_serial_number,
        "iccid": request.iccid,
        "imsi": request.imsi,
        "meterType": request.meter_type,
        "meterSerialNumber": request.meter_serial_number,
    }
    answer = await services.provisioning.boot(
        inbound,
        Booted(
            vendor=request.charge_point_vendor,
            model=request.charge_point_model,
            serial=request.charge_point_serial_number or request.charge_box_serial_number or "",
            firmware=request.firmware_version or "",
            details={name: value for name, value in details.items() if value},
        ),
    )
    return BootNotificationResponse(
        status=_REGISTRATION[answer.decision], current_time=answer.at, interval=answer.interval_s
    )


@v16.answers
async def heartbeat(
    request: HeartbeatRequest, inbound: Inbound, services: Services
) -> HeartbeatResponse:
    return HeartbeatResponse(current_time=await services.provisioning.heartbeat(inbound))


@v16.asks
def reset(command: Reset, station: LiveStation) -> ResetRequest:
    if command.evse:
        raise Unsupported("OCPP 1.6 resets the whole station, not a single EVSE")
    if command.kind not in _RESET:
        raise Unsupported("a station of OCPP 1.6 cannot resume transactions after a reset")
    return ResetRequest(type=_RESET[command.kind])


@v16.hears
def was_reset(command: Reset, response: ResetResponse) -> Outcome:
    return outcome(response.status)
