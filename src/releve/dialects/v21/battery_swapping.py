"""S: battery swap."""

from __future__ import annotations

import msgspec

from releve.dialects.registry import meaning
from releve.dialects.v2.outcome import heard
from releve.dialects.v21.authorization import wire_token
from releve.dialects.v21.version import v21
from releve.domain.battery import Battery, RequestBatterySwap, SwapEvent
from releve.domain.commands import Outcome
from releve.ocpp.messages.v21 import (
    BatterySwapRequest,
    BatterySwapResponse,
    RequestBatterySwapRequest,
    RequestBatterySwapResponse,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services


@v21.asks
def request_swap(command: RequestBatterySwap, station: LiveStation) -> RequestBatterySwapRequest:
    return RequestBatterySwapRequest(
        id_token=wire_token(command.token), request_id=command.request_id
    )


@v21.hears
def swap_requested(command: RequestBatterySwap, response: RequestBatterySwapResponse) -> Outcome:
    return heard(response)


@v21.answers
async def battery_swap(
    request: BatterySwapRequest, inbound: Inbound, services: Services
) -> BatterySwapResponse:
    # The specification's text speaks of a status in this answer; its schema has none.
    with meaning("a battery swap"):
        event = SwapEvent(request.event_type.value)
    await services.batteries.swapped(
        inbound,
        event=event,
        request_id=request.request_id,
        token=request.id_token.id_token,
        batteries=[
            Battery(
                serial=told.serial_number,
                slot=told.evse_id,
                soc=told.soc,
                soh=told.soh,
                produced_at=told.production_date,
                vendor_info=told.vendor_info or "",
            )
            for told in request.battery_data
        ],
        detail=msgspec.to_builtins(request),
    )
    return BatterySwapResponse()
