"""P: DataTransfer, both ways."""

from __future__ import annotations

from releve.dialects.v2.outcome import heard
from releve.dialects.v21.version import v21
from releve.domain.commands import DataTransfer, Outcome
from releve.ocpp.messages.v21 import (
    DataTransferRequest,
    DataTransferResponse,
    DataTransferStatusEnum,
)
from releve.services.data_transfer import Transfer
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services

_STATUS = {str(status): status for status in DataTransferStatusEnum}


@v21.answers
async def data_transfer(
    request: DataTransferRequest, inbound: Inbound, services: Services
) -> DataTransferResponse:
    answer = await services.data_transfer.received(
        inbound,
        Transfer(vendor=request.vendor_id, message=request.message_id, data=request.data),
    )
    return DataTransferResponse(
        status=_STATUS.get(answer.status, DataTransferStatusEnum.REJECTED), data=answer.data
    )


@v21.asks
def transfer_data(command: DataTransfer, station: LiveStation) -> DataTransferRequest:
    return DataTransferRequest(
        vendor_id=command.vendor, message_id=command.message, data=command.data
    )


@v21.hears
def data_transferred(command: DataTransfer, response: DataTransferResponse) -> Outcome:
    return heard(response)
