"""What a transaction may do, and the grid operator's signal (block Q)."""

from releve.ocpp.messages import v21
from releve.simulator import remote
from releve.simulator.dialect import Answer
from releve.simulator.station import Station
from releve.simulator.v2 import charging_needs
from releve.simulator.v2.registry import answers


@answers
def allowed_energy_transfer(
    request: v21.NotifyAllowedEnergyTransferRequest, station: Station
) -> Answer:
    """Q02.FR.06: the car is asked again, and tells its needs anew."""
    statuses = v21.NotifyAllowedEnergyTransferStatusEnum
    evse = remote.charging(station, lambda t: t.key == request.transaction_id)
    if evse is None or evse.transaction is None:
        return Answer(v21.NotifyAllowedEnergyTransferResponse(status=statuses.REJECTED))
    evse.transaction.allowed = tuple(mode.value for mode in request.allowed_energy_transfer)
    modes = ", ".join(evse.transaction.allowed)
    station.note("v2x", f"the car may now transfer energy by {modes}", evse.id)
    accepted = v21.NotifyAllowedEnergyTransferResponse(status=statuses.ACCEPTED)
    return Answer(accepted, lambda: charging_needs.renegotiate(station, evse))


@answers
def afrr_signal(request: v21.AFRRSignalRequest, station: Station) -> v21.AFRRSignalResponse:
    """Q08: it counts from its time on."""
    side = station.side
    side.afrr = sorted([*side.afrr[-9:], (request.timestamp, request.signal)])
    station.note("afrr", f"the grid operator's signal is {request.signal}")
    return v21.AFRRSignalResponse(status=v21.GenericStatusEnum.ACCEPTED)
