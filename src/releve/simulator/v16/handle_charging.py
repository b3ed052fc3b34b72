"""Remote start and stop, unlocking, availability, reservations (1.6, core and reservation profiles)."""

from releve.ocpp.messages import v16
from releve.simulator import remote, reservations, sessions, upkeep
from releve.simulator.dialect import Answer, Registration
from releve.simulator.profiles.model import Profile
from releve.simulator.station import Station
from releve.simulator.transaction import Reason, Trigger
from releve.simulator.v16 import wire
from releve.simulator.v16.registry import answers


@answers
def remote_start(request: v16.RemoteStartTransactionRequest, station: Station) -> Answer:
    """Accepted means that it will be tried; the rest comes by StartTransaction (1.6, 5.11)."""
    evse = remote.choose(station, request.connector_id)
    wanted = request.charging_profile
    refused = evse is None or station.registration is Registration.PENDING  # 1.6, 4.2
    if wanted is not None and (
        wanted.charging_profile_purpose is not v16.ChargingProfilePurposeType.TX_PROFILE
    ):
        refused = True  # 1.6, 5.16.2: MUST be a TxProfile
    if refused or evse is None:
        rejected = v16.RemoteStartStopStatus.REJECTED
        return Answer(v16.RemoteStartTransactionResponse(status=rejected))
    profile: Profile | None = None
    if wanted is not None:
        profile = wire.profile(wanted, evse.id, None, station.now())
    token = wire.token(request.id_tag)
    response = v16.RemoteStartTransactionResponse(status=v16.RemoteStartStopStatus.ACCEPTED)
    return Answer(response, lambda: remote.start(station, evse, token, profile))


@answers
def remote_stop(request: v16.RemoteStopTransactionRequest, station: Station) -> Answer:
    evse = remote.charging(
        station, lambda transaction: transaction.number == request.transaction_id
    )
    if evse is None or station.registration is Registration.PENDING:  # 1.6, 4.2
        rejected = v16.RemoteStartStopStatus.REJECTED
        return Answer(v16.RemoteStopTransactionResponse(status=rejected))
    response = v16.RemoteStopTransactionResponse(status=v16.RemoteStartStopStatus.ACCEPTED)
    return Answer(response, remote.later(lambda: sessions.remote_stop(station, evse)))


@answers
def unlock(request: v16.UnlockConnectorRequest, station: Station) -> Answer:
    """A running transaction is finished first (1.6, 5.18); a fixed cable has nothing to unlock."""
    evse = station.evses.get(request.connector_id)
    if evse is None or station.plan.model.outlets[evse.id - 1].fixed_cable:
        return Answer(v16.UnlockConnectorResponse(status=v16.UnlockStatus.NOT_SUPPORTED))
    sessions.end(station, evse, Reason.UNLOCK_COMMAND, Trigger.UNLOCK_COMMAND)
    station.note("unlocked", f"EVSE {evse.id} lets go of the cable", evse.id)
    return Answer(v16.UnlockConnectorResponse(status=v16.UnlockStatus.UNLOCKED))


@answers
def change_availability(
    request: v16.ChangeAvailabilityRequest, station: Station
) -> v16.ChangeAvailabilityResponse:
    evse = station.evses.get(request.connector_id)
    if evse is None and request.connector_id != 0:
        return v16.ChangeAvailabilityResponse(status=v16.AvailabilityStatus.REJECTED)
    operative = request.type is v16.AvailabilityType.OPERATIVE
    status = upkeep.change_availability(station, evse, operative)
    return v16.ChangeAvailabilityResponse(status=v16.AvailabilityStatus(status))


@answers
def reserve_now(request: v16.ReserveNowRequest, station: Station) -> v16.ReserveNowResponse:
    status = reservations.reserve(
        station,
        request.connector_id,
        request.reservation_id,
        wire.token(request.id_tag),
        request.parent_id_tag,
        request.expiry_date,
    )
    return v16.ReserveNowResponse(status=v16.ReservationStatus(status))


@answers
def cancel_reservation(
    request: v16.CancelReservationRequest, station: Station
) -> v16.CancelReservationResponse:
    known = reservations.cancel(station, request.reservation_id)
    statuses = v16.CancelReservationStatus
    return v16.CancelReservationResponse(status=statuses.ACCEPTED if known else statuses.REJECTED)
