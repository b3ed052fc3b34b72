"""B: BootNotification, Heartbeat and Reset."""

from __future__ import annotations

from releve.dialects.v2.booting import booted
from releve.dialects.v2.outcome import heard
from releve.dialects.v21.version import v21
from releve.domain.commands import Outcome, Reset, ResetKind
from releve.domain.station import BootDecision
from releve.ocpp.messages.v21 import (
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
_RESET = {kind: ResetEnum(kind.value) for kind in ResetKind}


@v21.answers
async def boot_notification(
    request: BootNotificationRequest, inbound: Inbound, services: Services
) -> BootNotificationResponse:
    answer = await services.provisioning.boot(
        inbound, booted(request.charging_station, request.reason)
    )
    return BootNotificationResponse(
        current_time=answer.at, interval=answer.interval_s, status=_REGISTRATION[answer.decision]
    )


@v21.answers
async def heartbeat(
    request: HeartbeatRequest, inbound: Inbound, services: Services
) -> HeartbeatResponse:
    return HeartbeatResponse(current_time=await services.provisioning.heartbeat(inbound))


@v21.asks
def reset(command: Reset, station: LiveStation) -> ResetRequest:
    return ResetRequest(type=_RESET[command.kind], evse_id=command.evse or None)


@v21.hears
def was_reset(command: Reset, response: ResetResponse) -> Outcome:
    return heard(response)
