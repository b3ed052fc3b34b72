"""Remote start and stop, unlocking, availability, reservations (blocks F, G, H)."""

from releve.ocpp.messages import v21
from releve.simulator import remote, reservations, sessions, upkeep
from releve.simulator.dialect import Answer, Registration
from releve.simulator.evse import Evse
from releve.simulator.profiles.model import Profile, Purpose
from releve.simulator.profiles.store import Refusal
from releve.simulator.station import Station
from releve.simulator.v2 import wire
from releve.simulator.v2.registry import answers

StartStop = v21.RequestStartStopStatusEnum


@answers
def request_start(request: v21.RequestStartTransactionRequest, station: Station) -> Answer:
    """F01, F02: Accepted means that it will be tried."""
    evse = remote.choose(station, request.evse_id)
    if station.registration is not Registration.ACCEPTED:
        return _not_started("CSNotAccepted")  # B02.FR.05
    if evse is None:
        known = request.evse_id is None or request.evse_id in station.evses
        return _not_started("TxInProgress" if known else "UnknownEvse")
    profile = _start_profile(request, station, evse)
    if isinstance(profile, Refusal):
        return _not_started(profile)
    token = wire.token(request.id_token)
    running = evse.transaction
    response = v21.RequestStartTransactionResponse(
        status=StartStop.ACCEPTED,
        transaction_id=None if running is None else running.key,  # F02.FR.01
    )
    start_id = request.remote_start_id
    return Answer(response, lambda: remote.start(station, evse, token, profile, start_id))


@answers
def request_stop(request: v21.RequestStopTransactionRequest, station: Station) -> Answer:
    """F03."""
    evse = remote.charging(station, lambda transaction: transaction.key == request.transaction_id)
    if evse is None:
        status_info = wire.info("TxNotFound")
        refused = v21.RequestStopTransactionResponse(
            status=StartStop.REJECTED, status_info=status_info
        )
        return Answer(refused)
    response = v21.RequestStopTransactionResponse(status=StartStop.ACCEPTED)
    return Answer(response, remote.later(lambda: sessions.remote_stop(station, evse)))


@answers
def unlock(request: v21.UnlockConnectorRequest, station: Station) -> v21.UnlockConnectorResponse:
    """F05: not while a driver is charging; a fixed cable cannot be let go."""
    statuses = v21.UnlockStatusEnum
    evse = station.evses.get(request.evse_id)
    if evse is None or not 1 <= request.connector_id <= len(evse.connectors):
        return v21.UnlockConnectorResponse(status=statuses.UNKNOWN_CONNECTOR)  # F05.FR.03
    if evse.transaction is not None and evse.transaction.token is not None:
        ongoing = statuses.ONGOING_AUTHORIZED_TRANSACTION  # F05.FR.02
        return v21.UnlockConnectorResponse(status=ongoing)
    if evse.connectors[request.connector_id - 1].startswith("c"):
        fixed = wire.info("FixedCable")
        return v21.UnlockConnectorResponse(status=statuses.UNLOCK_FAILED, status_info=fixed)
    station.note("unlocked", f"EVSE {evse.id} lets go of the cable", evse.id)
    return v21.UnlockConnectorResponse(status=statuses.UNLOCKED)


@answers
def change_availability(
    request: v21.ChangeAvailabilityRequest, station: Station
) -> v21.ChangeAvailabilityResponse:
    """G03, G04. A connector's availability is that of its EVSE here."""
    evse = None if request.evse is None else station.evses.get(request.evse.id)
    if request.evse is not None and evse is None:
        rejected = v21.ChangeAvailabilityStatusEnum.REJECTED
        status_info = wire.info("UnknownEvse")
        return v21.ChangeAvailabilityResponse(status=rejected, status_info=status_info)
    operative = request.operational_status is v21.OperationalStatusEnum.OPERATIVE
    status = upkeep.change_availability(station, evse, operative)
    return v21.ChangeAvailabilityResponse(status=v21.ChangeAvailabilityStatusEnum(status))


@answers
def reserve_now(request: v21.ReserveNowRequest, station: Station) -> v21.ReserveNowResponse:
    """H01, H03."""
    group = request.group_id_token
    status = reservations.reserve(
        station,
        request.evse_id or 0,
        request.id,
        wire.token(request.id_token),
        None if group is None else group.id_token,
        request.expiry_date_time,
        request.connector_type,
    )
    return v21.ReserveNowResponse(status=v21.ReserveNowStatusEnum(status))


@answers
def cancel_reservation(
    request: v21.CancelReservationRequest, station: Station
) -> v21.CancelReservationResponse:
    """H02."""
    statuses = v21.CancelReservationStatusEnum
    known = reservations.cancel(station, request.reservation_id)
    return v21.CancelReservationResponse(status=statuses.ACCEPTED if known else statuses.REJECTED)


@answers
def get_transaction_status(
    request: v21.GetTransactionStatusRequest, station: Station
) -> v21.GetTransactionStatusResponse:
    """E14: with an id about that transaction, without one about all messages."""
    asked = request.transaction_id
    if asked is None:
        return v21.GetTransactionStatusResponse(messages_in_queue=len(station.outbox) > 0)
    return v21.GetTransactionStatusResponse(
        ongoing_indicator=asked in station.running().values(),
        messages_in_queue=station.outbox.holds(asked),
    )


@answers
def cost_updated(request: v21.CostUpdatedRequest, station: Station) -> v21.CostUpdatedResponse:
    """I02: the display shows what it costs so far."""
    text = f"the display shows a cost of {request.total_cost:.2f}"
    station.note("cost", text, transaction=request.transaction_id, cost=request.total_cost)
    return v21.CostUpdatedResponse()


def _start_profile(
    request: v21.RequestStartTransactionRequest, station: Station, evse: Evse
) -> Profile | Refusal | None:
    if request.charging_profile is None:
        return None
    profile = wire.profile(request.charging_profile, evse.id, None, station.now())
    if isinstance(profile, Profile) and profile.purpose is not Purpose.TX:
        return Refusal.PURPOSE  # K05.FR.02
    return profile


def _not_started(reason: str) -> Answer:
    return Answer(
        v21.RequestStartTransactionResponse(
            status=StartStop.REJECTED, status_info=wire.info(reason)
        )
    )
