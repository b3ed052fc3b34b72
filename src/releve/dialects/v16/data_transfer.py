"""DataTransfer, both ways. Data is text in 1.6: what is no text travels as JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from releve.dialects.outcome import outcome
from releve.dialects.v16.version import v16
from releve.domain.commands import DataTransfer, Outcome
from releve.ocpp.messages.v16 import (
    DataTransferRequest,
    DataTransferResponse,
    DataTransferStatus,
)
from releve.services.data_transfer import Transfer
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services

_STATUS = {str(status): status for status in DataTransferStatus}


@v16.answers
async def data_transfer(
    request: DataTransferRequest, inbound: Inbound, services: Services
) -> DataTransferResponse:
    answer = await services.data_transfer.received(
        inbound,
        Transfer(vendor=request.vendor_id, message=request.message_id, data=request.data),
    )
    return DataTransferResponse(
        status=_STATUS.get(answer.status, DataTransferStatus.REJECTED), data=_text(answer.data)
    )


@v16.asks
def transfer_data(command: DataTransfer, station: LiveStation) -> DataTransferRequest:
    return DataTransferRequest(
        vendor_id=command.vendor, message_id=command.message, data=_text(command.data)
    )


@v16.hears
def data_transferred(command: DataTransfer, response: DataTransferResponse) -> Outcome:
    return outcome(response.status)


def _text(data: Any) -> str | None:
    if data is None or isinstance(data, str):
        return data
    return msgspec.json.encode(data).decode()
