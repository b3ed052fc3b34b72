"""G: StatusNotification and ChangeAvailability."""

from __future__ import annotations

from releve.dialects.v2.outcome import heard
from releve.dialects.v2.status import connector_state
from releve.dialects.v21.version import v21
from releve.domain.commands import ChangeAvailability, Outcome
from releve.ocpp.messages.v21 import (
    EVSE,
    ChangeAvailabilityRequest,
    ChangeAvailabilityResponse,
    OperationalStatusEnum,
    StatusNotificationRequest,
    StatusNotificationResponse,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services


@v21.answers
async def status_notification(
    request: StatusNotificationRequest, inbound: Inbound, services: Services
) -> StatusNotificationResponse:
    state = connector_state(
        request.evse_id, request.connector_id, request.connector_status, request.timestamp
    )
    await services.availability.changed(inbound, state)
    return StatusNotificationResponse()


@v21.asks
def change_availability(
    command: ChangeAvailability, station: LiveStation
) -> ChangeAvailabilityRequest:
    return ChangeAvailabilityRequest(
        operational_status=OperationalStatusEnum.OPERATIVE
        if command.operative
        else OperationalStatusEnum.INOPERATIVE,
        evse=wire_evse(command.evse, command.connector),
    )


@v21.hears
def availability_changed(
    command: ChangeAvailability, response: ChangeAvailabilityResponse
) -> Outcome:
    return heard(response)


def wire_evse(evse: int | None, connector: int | None) -> EVSE | None:
    """None for the station as a whole, which has no number on the wire (G03.FR.01, G04)."""
    return EVSE(id=evse, connector_id=connector or None) if evse else None
