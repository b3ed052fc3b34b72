"""Battery swaps that the CSMS asks for (S02)."""

from releve.ocpp.messages import v21
from releve.simulator import battery_swap
from releve.simulator.dialect import Answer
from releve.simulator.station import Station
from releve.simulator.v2 import wire
from releve.simulator.v2.registry import answers


@answers
def request_swap(request: v21.RequestBatterySwapRequest, station: Station) -> Answer:
    """S02.FR.01, S02.FR.04."""
    statuses = v21.GenericStatusEnum
    if not battery_swap.possible(station):
        none = wire.info("NoBatteryAvailable")
        refused = v21.RequestBatterySwapResponse(status=statuses.REJECTED, status_info=none)
        return Answer(refused)
    token = wire.token(request.id_token)
    accepted = v21.RequestBatterySwapResponse(status=statuses.ACCEPTED)
    return Answer(accepted, lambda: battery_swap.swap(station, token, request.request_id))
