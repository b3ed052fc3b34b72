"""StatusNotification and ChangeAvailability; and which connector of 1.6 is which EVSE."""

from __future__ import annotations

from releve.dialects.outcome import outcome
from releve.dialects.registry import Unsupported
from releve.dialects.v16.version import v16
from releve.domain.commands import ChangeAvailability, Outcome
from releve.domain.station import ChargingState, ConnectorStatus, Evse
from releve.ocpp.messages.v16 import (
    AvailabilityType,
    ChangeAvailabilityRequest,
    ChangeAvailabilityResponse,
    StatusNotificationRequest,
    StatusNotificationResponse,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services

# ChargePointStatus (1.6 7.7) in the words of 2.1: a connector's state and, where there is a car, its charging state.
_STATES: dict[str, tuple[ConnectorStatus, ChargingState | None]] = {
    "Available": (ConnectorStatus.AVAILABLE, None),
    "Preparing": (ConnectorStatus.OCCUPIED, ChargingState.EV_CONNECTED),
    "Charging": (ConnectorStatus.OCCUPIED, ChargingState.CHARGING),
    "SuspendedEV": (ConnectorStatus.OCCUPIED, ChargingState.SUSPENDED_EV),
    "SuspendedEVSE": (ConnectorStatus.OCCUPIED, ChargingState.SUSPENDED_EVSE),
    "Finishing": (ConnectorStatus.OCCUPIED, ChargingState.IDLE),
    "Reserved": (ConnectorStatus.RESERVED, None),
    "Unavailable": (ConnectorStatus.UNAVAILABLE, None),
    "Faulted": (ConnectorStatus.FAULTED, None),
    "Occupied": (ConnectorStatus.OCCUPIED, None),  # 1.5's word, still heard
}
_NO_ERROR = "NoError"


@v16.answers
async def status_notification(
    request: StatusNotificationRequest, inbound: Inbound, services: Services
) -> StatusNotificationResponse:
    status, charging = _STATES.get(request.status, (ConnectorStatus.UNKNOWN, None))
    await services.availability.changed(
        inbound,
        Evse(
            evse=request.connector_id,
            connector=connector_of(request.connector_id),
            status=status,
            charging=charging,
            reported=str(request.status),
            error="" if request.error_code == _NO_ERROR else str(request.error_code),
            info=request.info or "",
            vendor_error=request.vendor_error_code or "",
            reported_at=request.timestamp,
        ),
    )
    return StatusNotificationResponse()


@v16.asks
def change_availability(
    command: ChangeAvailability, station: LiveStation
) -> ChangeAvailabilityRequest:
    return ChangeAvailabilityRequest(
        connector_id=connector_id(command.evse, command.connector),
        type=AvailabilityType.OPERATIVE if command.operative else AvailabilityType.INOPERATIVE,
    )


@v16.hears
def availability_changed(
    command: ChangeAvailability, response: ChangeAvailabilityResponse
) -> Outcome:
    return outcome(response.status)


def connector_of(number: int) -> int:
    """The connector of the EVSE that a 1.6 connector is: its only one; 0 is the station."""
    return 1 if number else 0


def connector_id(evse: int | None, connector: int | None = None) -> int:
    """The 1.6 connector that an EVSE is, 0 for the station; raises Unsupported for an EVSE's second connector."""
    if evse and connector is not None and connector > 1:
        raise Unsupported("an EVSE of OCPP 1.6 has one connector only")
    return evse or 0
