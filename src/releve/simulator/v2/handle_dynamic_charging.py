"""Dynamic profiles and priority charging of 2.1 (K21, K22, K28)."""

from releve.ocpp.messages import v21
from releve.simulator import remote
from releve.simulator.dialect import Answer
from releve.simulator.profiles.model import Purpose
from releve.simulator.station import Station
from releve.simulator.transaction import Transaction
from releve.simulator.v2 import dynamic, wire
from releve.simulator.v2.registry import answers


@answers
def update_dynamic_schedule(
    request: v21.UpdateDynamicScheduleRequest, station: Station
) -> v21.UpdateDynamicScheduleResponse:
    """K28: new limits, applied at once."""
    statuses = v21.ChargingProfileStatusEnum
    if dynamic.apply(station, request.charging_profile_id, request.schedule_update):
        return v21.UpdateDynamicScheduleResponse(status=statuses.ACCEPTED)
    return v21.UpdateDynamicScheduleResponse(
        status=statuses.REJECTED, status_info=wire.info("InvalidProfile")
    )


@answers
def use_priority_charging(request: v21.UsePriorityChargingRequest, station: Station) -> Answer:
    """K21: the profile for it must be installed; then the station tells that it is on, or off."""
    statuses = v21.PriorityChargingStatusEnum
    evse = remote.charging(station, lambda t: t.key == request.transaction_id)
    if evse is None or evse.transaction is None:
        refused = v21.UsePriorityChargingResponse(
            status=statuses.REJECTED, status_info=wire.info("TxNotFound")
        )
        return Answer(refused)  # K21.FR.02
    transaction = evse.transaction
    known = station.profiles.touching(evse.id, transaction.key)
    if request.activate and not any(p.purpose is Purpose.PRIORITY for p in known):
        return Answer(v21.UsePriorityChargingResponse(status=statuses.NO_PROFILE))  # K21.FR.01
    changed = transaction.priority is not request.activate
    response = v21.UsePriorityChargingResponse(status=statuses.ACCEPTED)
    if not changed:
        return Answer(response)
    return Answer(response, lambda: switch_priority(station, transaction, request.activate))


async def switch_priority(station: Station, transaction: Transaction, on: bool) -> None:
    """Priority charging begins or ends, and the CSMS is told (K21.FR.05, K21.FR.08, K22.FR.03)."""
    transaction.priority = on
    station.catch_up()
    station.settle()
    station.note("priority", f"priority charging {'on' if on else 'off'}", transaction.evse)
    await station.ask(
        v21.NotifyPriorityChargingRequest(transaction_id=transaction.key, activated=on)
    )
