"""B: BootNotification, Heartbeat and Reset."""

from __future__ import annotations

from releve.dialects.registry import Unsupported
from releve.dialects.v2.booting import booted
from releve.dialects.v2.outcome import heard
from releve.dialects.v201.version import v201
from releve.domain.commands import Outcome, Reset, ResetKind
from releve.domain.station import BootDecision
from releve.ocpp.messages.v201 import (
    BootNotificationRequest,
    BootNotificationResponse,
    HeartbeatRequest,
    HeartbeatResponse,
    RegistrationStatusEnum,
    ResetEnum,
    ResetRequest,
    ResetResponse,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services

_REGISTRATION = {decision: RegistrationStatusEnum(decision.value) for decision in BootDecision}
_RESET = {kind: ResetEnum(kind.value) for kind in ResetKind if kind is not ResetKind.RESUME}


@v201.answers
async def boot_notification(
    request: BootNotificationRequest, inbound: Inbound, services: Services
) -> BootNotificationResponse:
    answer = await services.provisioning.boot(
        inbound, booted(request.charging_station, request.reason)
    )
    return BootNotificationResponse(
        current_time=answer.at, interval=answer.interval_s, status=_REGISTRATION[answer.decision]
    )


@v201.answers
async def heartbeat(
    request: HeartbeatRequest, inbound: Inbound, services: Services
) -> HeartbeatResponse:
    return HeartbeatResponse(current_time=await services.provisioning.heartbeat(inbound))


@v201.asks
def reset(command: Reset, station: LiveStation) -> ResetRequest:
    if command.kind not in _RESET:
        raise Unsupported("a station of OCPP 2.0.1 cannot resume transactions after a reset")
    return ResetRequest(type=_RESET[command.kind], evse_id=command.evse or None)


@v201.hears
def was_reset(command: Reset, response: ResetResponse) -> Outcome:
    return heard(response)
