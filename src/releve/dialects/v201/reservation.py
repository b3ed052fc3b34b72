"""H: ReserveNow, CancelReservation, ReservationStatusUpdate."""

from __future__ import annotations

from releve.dialects.registry import Unsupported
from releve.dialects.v2.outcome import heard
from releve.dialects.v201.authorization import TOKEN_LIMIT, group_token, wire_token
from releve.dialects.v201.version import v201
from releve.domain.commands import Outcome
from releve.domain.reservation_commands import CancelReservation, ReserveNow
from releve.ocpp.messages.v201 import (
    CancelReservationRequest,
    CancelReservationResponse,
    ConnectorEnum,
    ReservationStatusUpdateRequest,
    ReservationStatusUpdateResponse,
    ReserveNowRequest,
    ReserveNowResponse,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services

_TAKEN_IN = ReservationStatusUpdateResponse()


@v201.answers
async def reservation_status_update(
    request: ReservationStatusUpdateRequest, inbound: Inbound, services: Services
) -> ReservationStatusUpdateResponse:
    await services.reservations.told(
        inbound, request.reservation_id, str(request.reservation_update_status)
    )
    return _TAKEN_IN


@v201.asks
def reserve_now(command: ReserveNow, station: LiveStation) -> ReserveNowRequest:
    if command.group and len(command.group) > TOKEN_LIMIT:  # half of it would be another group
        raise Unsupported(f"a group has at most {TOKEN_LIMIT} characters")
    return ReserveNowRequest(
        id=command.number,
        expiry_date_time=command.expires_at,
        connector_type=_connector_type(command.connector_type),
        id_token=wire_token(command.token),
        evse_id=command.evse,
        group_id_token=group_token(command.group),
    )


@v201.hears
def reserved(command: ReserveNow, response: ReserveNowResponse) -> Outcome:
    return heard(response)


@v201.asks
def cancel_reservation(
    command: CancelReservation, station: LiveStation
) -> CancelReservationRequest:
    return CancelReservationRequest(reservation_id=command.number)


@v201.hears
def reservation_cancelled(
    command: CancelReservation, response: CancelReservationResponse
) -> Outcome:
    return heard(response)


_CONNECTORS = {str(kind): kind for kind in ConnectorEnum}


def _connector_type(name: str | None) -> ConnectorEnum | None:
    if name is None:
        return None
    if name not in _CONNECTORS:
        raise Unsupported(f"OCPP 2.0.1 has no type of connector {name}")
    return _CONNECTORS[name]
