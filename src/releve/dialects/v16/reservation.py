"""ReserveNow and CancelReservation. Connector 0 is any connector of the station."""

from __future__ import annotations

from releve.dialects.outcome import outcome
from releve.dialects.registry import Unsupported
from releve.dialects.v16.authorization import ID_TAG_LIMIT, id_tag
from releve.dialects.v16.availability import connector_id
from releve.dialects.v16.version import v16
from releve.domain.commands import Outcome
from releve.domain.reservation_commands import CancelReservation, ReserveNow
from releve.ocpp.messages.v16 import (
    CancelReservationRequest,
    CancelReservationResponse,
    ReserveNowRequest,
    ReserveNowResponse,
)
from releve.services.live import LiveStation


@v16.asks
def reserve_now(command: ReserveNow, station: LiveStation) -> ReserveNowRequest:
    if command.connector_type is not None:
        raise Unsupported("OCPP 1.6 cannot reserve by the type of a connector")
    group = command.group or None
    if group is not None and len(group) > ID_TAG_LIMIT:  # half of it would be another group
        raise Unsupported(f"a group of OCPP 1.6 has at most {ID_TAG_LIMIT} characters")
    return ReserveNowRequest(
        connector_id=connector_id(command.evse),
        expiry_date=command.expires_at,
        id_tag=id_tag(command.token),
        parent_id_tag=group,
        reservation_id=command.number,
    )


@v16.hears
def reserved(command: ReserveNow, response: ReserveNowResponse) -> Outcome:
    return outcome(response.status)


@v16.asks
def cancel_reservation(
    command: CancelReservation, station: LiveStation
) -> CancelReservationRequest:
    return CancelReservationRequest(reservation_id=command.number)


@v16.hears
def reservation_cancelled(
    command: CancelReservation, response: CancelReservationResponse
) -> Outcome:
    return outcome(response.status)
