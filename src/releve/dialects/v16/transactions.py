"""StartTransaction and StopTransaction."""

from __future__ import annotations

from releve.dialects.v16.authorization import id_tag_info, presented
from releve.dialects.v16.availability import connector_of
from releve.dialects.v16.metering import samples
from releve.dialects.v16.version import v16
from releve.ocpp.codec import UNKNOWN_METER_WH
from releve.ocpp.messages.v16 import (
    StartTransactionRequest,
    StartTransactionResponse,
    StopTransactionRequest,
    StopTransactionResponse,
)
from releve.services.live import Inbound
from releve.services.services import Services
from releve.services.transactions import Begin, Finish


@v16.answers
async def start_transaction(
    request: StartTransactionRequest, inbound: Inbound, services: Services
) -> StartTransactionResponse:
    reservation = request.reservation_id
    begun = await services.transactions.begin(
        inbound,
        Begin(
            evse=request.connector_id,  # a 1.6 connector is what later versions call an EVSE
            connector=connector_of(request.connector_id),
            token=presented(request.id_tag),
            meter_wh=request.meter_start,
            at=request.timestamp,
            reservation_id=reservation if reservation and reservation > 0 else None,  # or -1, or 0
        ),
    )
    return StartTransactionResponse(
        id_tag_info=id_tag_info(begun.judgement), transaction_id=int(begun.transaction.reference)
    )


@v16.answers
async def stop_transaction(
    request: StopTransactionRequest, inbound: Inbound, services: Services
) -> StopTransactionResponse:
    claimed = request.transaction_id
    judgement = await services.transactions.finish(
        inbound,
        Finish(
            # -1, 0 and a station's own negative numbers: it never learnt the id (errata 3.18).
            reference=claimed if claimed > 0 else None,
            claimed=str(claimed),
            token=None if request.id_tag is None else presented(request.id_tag),
            meter_wh=None if request.meter_stop == UNKNOWN_METER_WH else request.meter_stop,
            at=request.timestamp,
            reason=str(request.reason),
            samples=samples(request.transaction_data),
        ),
    )
    if judgement is None:
        return StopTransactionResponse()
    return StopTransactionResponse(id_tag_info=id_tag_info(judgement))
